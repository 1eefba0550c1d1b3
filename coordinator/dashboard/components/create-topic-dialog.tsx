/** The form for a new topic. */
import type { Done } from '@schemas';
import { useState } from 'preact/hooks';
import { parseSettings } from '../logic/settings.js';
import { notify, perform } from '../notices.js';
import { Field, FormDialog } from './dialog.js';
import { Term } from './term.js';

export function CreateTopicDialog({ onClose, onDone }: { onClose(): void; onDone(): void }) {
  const [name, setName] = useState('');
  const [partitions, setPartitions] = useState('3');
  const [replicas, setReplicas] = useState('');
  const [settings, setSettings] = useState('');
  const submit = async () => {
    const parsed = parseSettings(settings);
    if (parsed.bad !== null) {
      notify(`“${parsed.bad}” is not of the form key=value`, true);
      return false;
    }
    const body = {
      name: name.trim(),
      ...(partitions === '' ? {} : { partitions: Number(partitions) }),
      ...(replicas === '' ? {} : { replicationFactor: Number(replicas) }),
      ...(Object.keys(parsed.settings).length === 0 ? {} : { configs: parsed.settings }),
    };
    const answer = await perform<Done>('POST', '/api/topics', body, ({ text }) => text);
    if (answer) onDone();
    return answer !== null;
  };
  return (
    <FormDialog title="Create a topic" action="Create" onSubmit={submit} onClose={onClose}>
      <Field label="Name" hint="Letters, digits, dot, underscore and hyphen">
        {(id) => (
          <input
            id={id}
            required
            maxLength={249}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="two">
        <Field label={<Term name="partition">Partitions</Term>} hint="How many can be read in parallel">
          {(id) => (
            <input
              id={id}
              type="number"
              min={1}
              max={10_000}
              value={partitions}
              onInput={(event) => setPartitions(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={<Term name="replica">Replicas of each</Term>} hint="Empty: what the brokers are set to">
          {(id) => (
            <input
              id={id}
              type="number"
              min={1}
              max={100}
              value={replicas}
              onInput={(event) => setReplicas(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <Field label="Settings, one per line" hint="For example retention.ms=3600000">
        {(id) => (
          <textarea id={id} rows={3} value={settings} onInput={(event) => setSettings(event.currentTarget.value)} />
        )}
      </Field>
    </FormDialog>
  );
}
