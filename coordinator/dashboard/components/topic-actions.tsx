/** What can be done with a topic: produce a record, add partitions, elect preferred leaders, delete. */
import type { Done, ElectionAnswer, TopicDetail } from '@schemas';
import { useState } from 'preact/hooks';
import { plural } from '../logic/format.js';
import { perform } from '../notices.js';
import { go } from '../router.js';
import { Field, FormDialog } from './dialog.js';
import { ProduceDialog } from './produce-dialog.js';
import { Term } from './term.js';

interface ActionsProps {
  name: string;
  detail: TopicDetail | null;
  onChanged(): void;
  produceAtOnce: boolean;
}

type Open = 'produce' | 'partitions' | 'delete' | null;

export function TopicActions({ name, detail, onChanged, produceAtOnce }: ActionsProps) {
  const [open, setOpen] = useState<Open>(produceAtOnce ? 'produce' : null);
  const close = () => setOpen(null);
  const internal = detail?.topic.internal ?? false;
  const elect = async () => {
    await perform<ElectionAnswer>('POST', '/api/elections', { topic: name }, electionText);
    onChanged();
  };
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen('produce')}>
        Produce a record
      </button>
      {internal ? null : (
        <button type="button" class="button" onClick={() => setOpen('partitions')}>
          Add partitions
        </button>
      )}
      <button
        type="button"
        class="button"
        onClick={() => void elect()}
        title="Makes the first replica of each partition the leader"
      >
        Elect preferred leaders
      </button>
      {internal ? null : (
        <button type="button" class="button danger" onClick={() => setOpen('delete')}>
          Delete topic
        </button>
      )}
      {open === 'produce' ? (
        <ProduceDialog topic={name} partitions={detail?.partitions.length ?? 1} onClose={close} onDone={onChanged} />
      ) : null}
      {open === 'partitions' ? (
        <PartitionsDialog name={name} now={detail?.topic.partitions ?? 1} onClose={close} onDone={onChanged} />
      ) : null}
      {open === 'delete' ? <DeleteDialog name={name} onClose={close} /> : null}
    </>
  );
}

function electionText({ elected, failed, unchanged }: ElectionAnswer): string {
  const refused = failed.length === 0 ? '' : `; ${plural(failed.length, 'partition')} could not: ${failed[0]?.message}`;
  return `${plural(elected.length, 'partition')} changed leader, ${unchanged} had the preferred one already${refused}.`;
}

function PartitionsDialog({
  name,
  now,
  onClose,
  onDone,
}: {
  name: string;
  now: number;
  onClose(): void;
  onDone(): void;
}) {
  const [amount, setAmount] = useState(String(now + 1));
  const submit = async () => {
    const body = { partitions: Number(amount) };
    const answer = await perform<Done>('PATCH', `/api/topics/${encodeURIComponent(name)}`, body, ({ text }) => text);
    if (answer) onDone();
    return answer !== null;
  };
  return (
    <FormDialog title={`Add partitions to ${name}`} action="Add partitions" onSubmit={submit} onClose={onClose}>
      <p>
        The number can only grow. New records with a given <Term name="key" /> may from then on go to another partition
        than before.
      </p>
      <Field label="Partitions in all" hint={`There are ${now} now`}>
        {(id) => (
          <input
            id={id}
            type="number"
            required
            min={now + 1}
            max={10_000}
            value={amount}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function DeleteDialog({ name, onClose }: { name: string; onClose(): void }) {
  const [typed, setTyped] = useState('');
  const submit = async () => {
    const answer = await perform<Done>(
      'DELETE',
      `/api/topics/${encodeURIComponent(name)}`,
      undefined,
      ({ text }) => text,
    );
    if (answer) go('#/topics');
    return answer !== null;
  };
  return (
    <FormDialog title={`Delete ${name}?`} action="Delete for good" danger onSubmit={submit} onClose={onClose}>
      <p>All its records go, on all brokers. This cannot be undone.</p>
      <Field label="Type the topic’s name to confirm">
        {(id) => (
          <input
            id={id}
            required
            autoComplete="off"
            pattern={name.replaceAll('.', '\\.')}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
