/** Settings of a topic or broker: value, where it comes from, what would hold otherwise. */
import type { ConfigEntry, ConfigList, Done } from '@schemas';
import { useEffect, useState } from 'preact/hooks';
import { perform } from '../notices.js';
import { useResource } from '../resource.js';
import { type Column, DataTable } from './data-table.js';
import { Field, FormDialog } from './dialog.js';
import { Card, Loaded } from './page.js';

interface ConfigProps {
  path: string;
  /** Read again when this changes. */
  version?: string;
  /** Where changes go; settings can only be looked at when left out. */
  alterPath?: string;
  onChanged?(): void;
  /** What a value that was set on the resource itself is called. */
  ownSource: 'topic' | 'broker';
}

/** Kafka's names of sources, as words. */
const sources: Record<string, string> = {
  TOPIC_CONFIG: 'set on this topic',
  DYNAMIC_TOPIC_CONFIG: 'set on this topic',
  DYNAMIC_BROKER_CONFIG: 'set on this broker while running',
  DYNAMIC_DEFAULT_BROKER_CONFIG: 'set for all brokers while running',
  DYNAMIC_BROKER_LOGGER_CONFIG: 'logger, set while running',
  STATIC_BROKER_CONFIG: 'the broker’s properties file',
  DEFAULT_CONFIG: 'default',
};

const isDefault = ({ source }: ConfigEntry) => source === 'DEFAULT_CONFIG';

export function ConfigCard({ path, version = '', alterPath, onChanged, ownSource }: ConfigProps) {
  const configs = useResource<ConfigList>(path, { on: [], everyMs: 60_000 });
  const [all, setAll] = useState(false);
  const [editing, setEditing] = useState<ConfigEntry | null>(null);
  useEffect(() => {
    if (version !== '') void configs.reload();
  }, [version]);
  return (
    <Card title="Settings" label="Settings">
      <Loaded resource={configs}>
        {({ entries }) => {
          const own = entries.filter((entry) => !isDefault(entry));
          return (
            <>
              <label>
                <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} /> Also
                show the {entries.length - own.length} that have their default
              </label>
              <DataTable
                caption={`Settings of this ${ownSource}`}
                columns={columnsFor(alterPath === undefined ? null : setEditing)}
                rows={all ? entries : own}
                rowKey={({ name }) => name}
                text={({ name, value, source, documentation }) =>
                  `${name} ${value ?? ''} ${source} ${documentation ?? ''}`
                }
                filterLabel="Filter by name, value or description"
                empty="All settings have their default values."
              />
            </>
          );
        }}
      </Loaded>
      {editing && alterPath !== undefined ? (
        <EditDialog
          entry={editing}
          alterPath={alterPath}
          onClose={() => setEditing(null)}
          onDone={() => {
            void configs.reload();
            onChanged?.();
          }}
        />
      ) : null}
    </Card>
  );
}

function columnsFor(edit: ((entry: ConfigEntry) => void) | null): readonly Column<ConfigEntry>[] {
  const columns: Column<ConfigEntry>[] = [
    {
      id: 'name',
      title: 'Name',
      sort: ({ name }) => name,
      long: true,
      cell: ({ name, documentation }) => (
        <>
          <code>{name}</code>
          {documentation ? <Explanation text={documentation} /> : null}
        </>
      ),
    },
    { id: 'value', title: 'Value', long: true, cell: valueCell },
    { id: 'source', title: 'Comes from', sort: ({ source }) => source, cell: sourceCell },
  ];
  if (edit) {
    columns.push({
      id: 'edit',
      title: <span class="visually-hidden">Change</span>,
      cell: (entry) =>
        entry.readOnly ? null : (
          <button type="button" class="button plain" aria-label={`Change ${entry.name}`} onClick={() => edit(entry)}>
            Change
          </button>
        ),
    });
  }
  return columns;
}

const LONG = 140;

function Explanation({ text }: { text: string }) {
  if (text.length <= LONG) return <div class="small soft">{text}</div>;
  return (
    <details class="small soft">
      <summary>{text.slice(0, text.lastIndexOf(' ', 70))} …</summary>
      {text}
    </details>
  );
}

function valueCell({ value, sensitive }: ConfigEntry) {
  if (sensitive) return <span class="soft">hidden, as it is a secret</span>;
  if (value === null) return <span class="soft">not set</span>;
  return value === '' ? <span class="soft">empty</span> : <code>{value}</code>;
}

function sourceCell({ name, source, synonyms }: ConfigEntry) {
  const others = synonyms.slice(1);
  return (
    <>
      <span class={source === 'DEFAULT_CONFIG' ? 'soft' : ''}>{sources[source] ?? source}</span>
      {others.map((other, index) => (
        <div class="small soft" key={index}>
          else {other.name === name ? '' : <code>{other.name} </code>}
          {other.value ? <code>{other.value}</code> : 'empty'} ({sources[other.source] ?? other.source})
        </div>
      ))}
    </>
  );
}

interface EditProps {
  entry: ConfigEntry;
  alterPath: string;
  onClose(): void;
  onDone(): void;
}

function EditDialog({ entry, alterPath, onClose, onDone }: EditProps) {
  const [value, setValue] = useState(entry.value ?? '');
  const send = async (next: string | null) => {
    const answer = await perform<Done>('PATCH', alterPath, { configs: { [entry.name]: next } }, ({ text }) => text);
    if (answer) onDone();
    return answer !== null;
  };
  const own = entry.source.includes('TOPIC');
  return (
    <FormDialog title={`Change ${entry.name}`} action="Set" onSubmit={() => send(value)} onClose={onClose}>
      {entry.documentation ? <p class="small soft">{entry.documentation}</p> : null}
      <Field label="Value">
        {(id) => <input id={id} value={value} onInput={(event) => setValue(event.currentTarget.value)} />}
      </Field>
      {own ? (
        <button type="button" class="button" onClick={() => void send(null).then((done) => done && onClose())}>
          Back to the default
        </button>
      ) : null}
    </FormDialog>
  );
}
