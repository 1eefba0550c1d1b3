/** The form that writes one record. */
import type { ProducedRecord } from '@schemas';
import { useState } from 'preact/hooks';
import { parseSettings } from '../logic/settings.js';
import { notify, perform } from '../notices.js';
import { Field, FormDialog, InputField } from './dialog.js';
import { Term } from './term.js';

interface ProduceProps {
  topic: string;
  partitions: number;
  onClose(): void;
  onDone(): void;
}

interface Draft {
  key: string;
  value: string;
  tombstone: boolean;
  partition: string;
  headers: string;
}

const empty: Draft = { key: '', value: '', tombstone: false, partition: '', headers: '' };

export function ProduceDialog({ topic, partitions, onClose, onDone }: ProduceProps) {
  const [draft, setDraft] = useState(empty);
  const set = (changes: Partial<Draft>) => setDraft((last) => ({ ...last, ...changes }));
  const submit = async () => {
    const headers = parseSettings(draft.headers);
    if (headers.bad !== null) {
      notify(`The header “${headers.bad}” is not of the form name=value`, true);
      return false;
    }
    const answer = await perform<ProducedRecord>(
      'POST',
      `/api/topics/${encodeURIComponent(topic)}/records`,
      bodyOf(draft, headers.settings),
      ({ partition, offset }) => `Written: partition ${partition}, offset ${offset}.`,
    );
    if (answer) onDone();
    return answer !== null;
  };
  return (
    <FormDialog title={`Produce a record to ${topic}`} action="Produce" onSubmit={submit} onClose={onClose}>
      <InputField
        label={<KeyLabel />}
        hint="Records with the same key stay in order among themselves"
        value={draft.key}
        onText={(key) => set({ key })}
      />
      <Field label="Value">
        {(id) => (
          <textarea
            id={id}
            rows={4}
            disabled={draft.tombstone}
            value={draft.value}
            onInput={(event) => set({ value: event.currentTarget.value })}
          />
        )}
      </Field>
      <label>
        <input
          type="checkbox"
          checked={draft.tombstone}
          onChange={(event) => set({ tombstone: event.currentTarget.checked })}
        />{' '}
        No value at all (null): in a compacted topic this deletes the key
      </label>
      <div class="two">
        <InputField
          label="Partition"
          hint="Empty: by the key, or any"
          type="number"
          min={0}
          max={partitions - 1}
          value={draft.partition}
          onText={(partition) => set({ partition })}
        />
        <Field label="Headers" hint="name=value, one per line">
          {(id) => (
            <textarea
              id={id}
              rows={2}
              value={draft.headers}
              onInput={(event) => set({ headers: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
    </FormDialog>
  );
}

function KeyLabel() {
  return (
    <>
      <Term name="key">Key</Term> (may be empty)
    </>
  );
}

function bodyOf({ key, value, tombstone, partition }: Draft, headers: Record<string, string>) {
  return {
    value: tombstone ? null : value,
    ...(key === '' ? {} : { key }),
    ...(partition === '' ? {} : { partition: Number(partition) }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}
