/** Which records are looked at. The choices stand in the address, so that a view can be passed on. */
import { useEffect, useState } from 'preact/hooks';
import { parseLocalTime } from '../logic/format.js';
import { recordSearch, type Start, startOf } from '../logic/record-search.js';
import { setQuery } from '../router.js';
import { Field, InputField } from './dialog.js';

interface FiltersProps {
  query: Readonly<Record<string, string>>;
  onAgain(): void;
}

export function RecordFilters({ query, onAgain }: FiltersProps) {
  const [draft, setDraft] = useState(() => ({ ...query }));
  const [time, setTime] = useState('');
  useEffect(() => setDraft({ ...query }), [query]);
  const field = (name: string) => ({
    value: draft[name] ?? '',
    onText: (text: string) => setDraft({ ...draft, [name]: text }),
  });
  const start = startOf(draft);
  const submit = (event: Event) => {
    event.preventDefault();
    const timeMs = start === 'time' ? String(parseLocalTime(time) ?? draft['timeMs'] ?? '') : '';
    const next = {
      from: start,
      partition: draft['partition'] ?? '',
      offset: start === 'offset' ? (draft['offset'] ?? '0') : '',
      timeMs,
      key: draft['key'] ?? '',
      value: draft['value'] ?? '',
    };
    setQuery(next);
    // Another search begins by itself.
    if (recordSearch(next, null) === recordSearch(query, null)) onAgain();
  };
  return (
    <form class="card" onSubmit={submit} aria-label="Which records">
      <div class="filters">
        <Field label="Begin with">
          {(id) => (
            <select
              id={id}
              value={start}
              onChange={(event) => setDraft({ ...draft, from: event.currentTarget.value as Start })}
            >
              <option value="newest">the newest</option>
              <option value="oldest">the oldest</option>
              <option value="offset">an offset</option>
              <option value="time">a time</option>
            </select>
          )}
        </Field>
        {start === 'offset' ? (
          <InputField label="Offset" className="narrow" type="number" min={0} {...field('offset')} />
        ) : null}
        {start === 'time' ? (
          <InputField label="From this time on" type="datetime-local" step={1} value={time} onText={setTime} />
        ) : null}
        <InputField
          label="Partition"
          className="narrow"
          type="number"
          min={0}
          placeholder="all"
          {...field('partition')}
        />
        <InputField label="Key contains" className="grow" type="search" {...field('key')} />
        <InputField label="Value contains" className="grow" type="search" {...field('value')} />
        <button type="submit" class="button primary">
          Read
        </button>
      </div>
    </form>
  );
}
