/** The records of a topic: from an offset, from a time, or the newest; filtered by what key or value contain. */
import type { RecordPage, RecordView } from '@schemas';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CallError, get } from '../api.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Dialog } from '../components/dialog.js';
import { Fact, Heading } from '../components/page.js';
import { PayloadBlock, PayloadInline } from '../components/payload.js';
import { RecordFilters } from '../components/record-filters.js';
import { Term } from '../components/term.js';
import { count, dateTime, plural, timeOfDay } from '../logic/format.js';
import { recordSearch } from '../logic/record-search.js';
import { linkTo } from '../logic/routes.js';
import type { PageProps } from '../page-props.js';

/** A search through many records takes its time. */
const SEARCH_TIMEOUT_MS = 60_000;

interface Found {
  records: RecordView[];
  next: Record<string, number>;
  examined: number;
  ended: RecordPage['searchEnded'];
  unavailable: RecordPage['unavailable'];
}

interface Search {
  found: Found | null;
  error: string | null;
  busy: boolean;
  more(): void;
  again(): void;
}

/** Reads the first page for these parameters, and further pages on demand. */
function useRecords(topic: string, query: Readonly<Record<string, string>>): Search {
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(true);
  const wanted = recordSearch(query, null);
  const running = useRef<AbortController | null>(null);
  const read = async (search: string, before: Found | null) => {
    // An answer that comes late must not replace that of a later question.
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setBusy(true);
    setError(null);
    try {
      const page = await get<RecordPage>(
        `/api/topics/${encodeURIComponent(topic)}/records?${search}`,
        signal,
        SEARCH_TIMEOUT_MS,
      );
      setFound({
        records: [...(before?.records ?? []), ...page.records],
        next: page.next,
        examined: (before?.examined ?? 0) + page.examined,
        ended: page.searchEnded,
        unavailable: page.unavailable,
      });
      setBusy(false);
    } catch (reason) {
      if (signal.aborted) return;
      setError(reason instanceof CallError ? reason.message : String(reason));
      setBusy(false);
    }
  };
  useEffect(() => {
    setFound(null);
    void read(wanted, null);
    return () => running.current?.abort();
  }, [topic, wanted]);
  return {
    found,
    error,
    busy,
    more: () => void read(recordSearch(query, found?.next ?? null), found),
    again: () => void read(wanted, null),
  };
}

const columns = (open: (record: RecordView) => void): readonly Column<RecordView>[] => [
  {
    id: 'offset',
    title: <Term name="offset">Offset</Term>,
    cell: (record) => (
      <button
        type="button"
        class="button plain"
        aria-label={`Record ${record.partition}:${record.offset}`}
        onClick={() => open(record)}
      >
        {count(record.offset)}
      </button>
    ),
  },
  { id: 'partition', title: 'Partition', number: true, cell: ({ partition }) => partition },
  {
    id: 'key',
    title: <Term name="key">Key</Term>,
    cell: ({ key }) => <PayloadInline payload={key} most={60} />,
  },
  {
    id: 'value',
    title: 'Value',
    long: true,
    wide: true,
    cell: ({ value, transaction }) => (
      <>
        <PayloadInline payload={value} most={160} /> <Undelivered transaction={transaction} />
      </>
    ),
  },
  {
    id: 'time',
    title: 'Time',
    cell: ({ timestampMs }) => <span class="nowrap">{dateTime(timestampMs)}</span>,
  },
  {
    id: 'headers',
    title: 'Headers',
    cell: ({ headers }) => (headers.length === 0 ? '' : headers.map(({ key }) => key).join(', ')),
  },
];

export function RecordsPage({ rest, query }: PageProps) {
  const [topic = ''] = rest;
  const search = useRecords(topic, query);
  const [open, setOpen] = useState<RecordView | null>(null);
  return (
    <>
      <Heading
        title={`Records of ${topic}`}
        crumbs={[
          { text: 'Topics', href: '#/topics' },
          { text: topic, href: linkTo(['topics', topic]) },
        ]}
        lead="Looking does not take anything away: records stay until retention removes them, and no group’s offsets move."
      />
      <RecordFilters query={query} onAgain={search.again} />
      {search.error ? (
        <p class="note bad" role="alert">
          {search.error}
        </p>
      ) : null}
      {search.found && search.found.unavailable.length > 0 ? (
        <p class="note bad" role="alert">
          {missingText(search.found.unavailable)}
        </p>
      ) : null}
      <p class="small soft" role="status">
        {search.found ? foundText(search.found) : search.busy ? 'Reading …' : ''}
      </p>
      {search.found ? (
        <DataTable
          caption={`Records of ${topic}`}
          columns={columns(setOpen)}
          rows={search.found.records}
          rowKey={({ partition, offset }) => `${partition}:${offset}`}
          perPage={100}
          empty={search.found.examined === 0 ? 'There are no records here.' : 'No record matches.'}
        />
      ) : null}
      {search.found && search.found.ended !== 'end-of-log' ? (
        <div>
          <button type="button" class="button" disabled={search.busy} onClick={search.more}>
            {search.busy ? 'Reading …' : 'Read on'}
          </button>
        </div>
      ) : null}
      {open ? <RecordDialog record={open} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

const outcomes: Record<NonNullable<RecordView['transaction']>, string> = {
  committed: 'committed',
  aborted: 'aborted: consumers with isolation.level=read_committed never get this record',
  pending: 'not decided: consumers with isolation.level=read_committed do not get this record yet',
};

/** Marks what is in the log and yet kept from some consumers. */
function Undelivered({ transaction }: Pick<RecordView, 'transaction'>) {
  if (transaction === null || transaction === 'committed') return null;
  return (
    <span class={transaction === 'aborted' ? 'badge bad' : 'badge warn'} title={outcomes[transaction]}>
      {transaction}
    </span>
  );
}

const endings: Record<RecordPage['searchEnded'], string> = {
  'end-of-log': 'That is all there is.',
  'page-full': 'There are more.',
  'examined-limit': 'The search stopped after many records; read on to go further.',
  'time-limit': 'The search stopped after some time; read on to go further.',
};

function foundText({ records, examined, ended }: Found): string {
  const looked = examined > records.length ? `, ${count(examined)} looked at` : '';
  return `${plural(records.length, 'record')} found${looked}. ${endings[ended]}`;
}

/** Which partitions are not among what is shown, and why the first of them is not. */
function missingText(unavailable: RecordPage['unavailable']): string {
  const names = unavailable.map(({ partition }) => partition).join(', ');
  const which = unavailable.length === 1 ? `Partition ${names} is` : `Partitions ${names} are`;
  return `${which} missing here, as the leader does not answer: ${unavailable[0]?.message ?? ''}`;
}

function RecordDialog({ record, onClose }: { record: RecordView; onClose(): void }) {
  return (
    <Dialog title={`Partition ${record.partition}, offset ${count(record.offset)}`} onClose={onClose}>
      <div class="form">
        <dl class="facts small">
          <Fact name="Time">
            {dateTime(record.timestampMs)} ({timeOfDay(record.timestampMs).slice(9)} ms),{' '}
            {record.timestampType === 'CreateTime' ? 'set by the producer' : 'set by the broker'}
          </Fact>
          <Fact name={<Term name="leader epoch">Leader epoch</Term>}>{count(record.leaderEpoch)}</Fact>
          {record.transaction === null ? null : <Fact name="Transaction">{outcomes[record.transaction]}</Fact>}
        </dl>
        <h3>Key</h3>
        <PayloadBlock payload={record.key} none="No key (null)" />
        <h3>Value</h3>
        <PayloadBlock payload={record.value} none="No value (null): in a compacted topic this deletes the key" />
        <h3>Headers</h3>
        {record.headers.length === 0 ? <p class="soft">None</p> : null}
        <dl class="facts">
          {record.headers.map(({ key, value }, index) => (
            <Fact name={<code>{key}</code>} key={index}>
              <PayloadInline payload={value} most={2000} />
            </Fact>
          ))}
        </dl>
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}
