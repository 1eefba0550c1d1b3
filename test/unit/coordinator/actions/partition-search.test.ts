/** The search for a page of records in one partition, over a log in memory. */
import {
  BackwardSearch,
  Budget,
  ForwardSearch,
  type SearchOptions,
} from '../../../../coordinator/actions/partition-search';
import { recordFilter, recordViewOf } from '../../../../coordinator/actions/record-view';
import type { LogRecord } from '../../../../protocol/records';
import { ManualClock } from '../../../../runtime/manual-clock';

const PIECE = 7;

function recordAt(offset: number, value = `value ${offset}`): LogRecord {
  return { offset, timestamp: BigInt(1_000 + offset), key: null, value: Buffer.from(value), headers: [] };
}

interface Log {
  clock: ManualClock;
  reads: number[];
  options: SearchOptions;
}

/** @param offsets those of the records that compaction left; pieces hold a few of them, as a fetch does */
function logOf(offsets: readonly number[], given: Partial<SearchOptions> & { signal?: AbortSignal } = {}): Log {
  const clock = new ManualClock();
  const reads: number[] = [];
  const end = (offsets.at(-1) ?? -1) + 1;
  const options: SearchOptions = {
    partition: 0,
    start: 0,
    end,
    limit: 5,
    budget: new Budget(clock, given.signal ?? new AbortController().signal),
    filter: null,
    read: (fromOffset) => {
      reads.push(fromOffset);
      // A fetch begins with the whole batch that holds the offset.
      const left = offsets.filter((offset) => offset >= fromOffset).slice(0, PIECE);
      const records = left.map((offset) => ({
        record: recordAt(offset),
        leaderEpoch: 3,
        isLogAppendTime: false,
        transaction: null,
      }));
      return Promise.resolve({ records, nextOffset: left.length === 0 ? fromOffset : (left.at(-1) as number) + 1 });
    },
    view: ({ record, ...place }) => recordViewOf(record, { topic: 't', partition: 0, ...place }, 100),
    ...given,
  };
  return { clock, reads, options };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const offsetsOf = (search: { found: readonly { offset: number }[] }) => search.found.map(({ offset }) => offset);

describe('a search forwards', () => {
  it('finds a page and knows where the next one begins', async () => {
    const { options } = logOf(range(0, 20));
    const search = new ForwardSearch(options, 3);
    await search.run();
    expect(offsetsOf(search)).toEqual([3, 4, 5, 6, 7]);
    expect([search.next(5), search.next(2), search.atEnd]).toEqual([8, 5, false]);
  });

  it('reads on where a page ended, until the end of the log', async () => {
    const { options } = logOf(range(0, 23));
    const seen: number[] = [];
    let from = 0;
    for (let pages = 0; pages < 10; pages++) {
      const search = new ForwardSearch(options, from);
      await search.run();
      seen.push(...offsetsOf(search));
      from = search.next(search.found.length);
      if (search.atEnd) break;
    }
    expect(seen).toEqual(range(0, 23));
    expect(from).toBe(23);
  });

  it('begins at the log start offset when it is asked for an earlier one', async () => {
    const { options } = logOf(range(10, 20), { start: 10 });
    const search = new ForwardSearch(options, 0);
    await search.run();
    expect(offsetsOf(search)).toEqual([10, 11, 12, 13, 14]);
  });

  it('gets over gaps that compaction left, also at the end', async () => {
    const { options } = logOf([2, 50, 51, 900], { end: 1_000, limit: 10 });
    const search = new ForwardSearch(options, 0);
    await search.run();
    expect([offsetsOf(search), search.atEnd, search.next(4)]).toEqual([[2, 50, 51, 900], true, 1_000]);
  });

  it('counts what it looked at, not only what matched', async () => {
    const { options } = logOf(range(0, 40), { filter: recordFilter(undefined, '9') });
    const search = new ForwardSearch(options, 0);
    await search.run();
    expect(offsetsOf(search)).toEqual([9, 19, 29, 39]);
    expect(options.budget.examined).toBe(40);
  });

  it('ends when the time is over, and says where to go on', async () => {
    const { options, clock } = logOf(range(0, 1_000), { filter: recordFilter('no such key', undefined) });
    const { read } = options;
    const slow = { ...options, read: (from: number) => (clock.advance(1_000), read(from)) };
    const search = new ForwardSearch(slow, 0);
    await search.run();
    expect([offsetsOf(search), search.atEnd, search.next(0)]).toEqual([[], false, 5 * PIECE]);
    expect(options.budget.exhausted()).toBe('time-limit');
  });

  it('ends when who asked has gone', async () => {
    const gone = new AbortController();
    const { options, reads } = logOf(range(0, 1_000), { signal: gone.signal, limit: 500 });
    gone.abort();
    await new ForwardSearch(options, 0).run();
    expect(reads).toEqual([]);
  });

  it('ends a page of large records before its number is reached', async () => {
    const { options } = logOf(range(0, 40), {
      limit: 40,
      view: ({ record }) =>
        recordViewOf(
          recordAt(record.offset, 'x'.repeat(1_000_000)),
          { topic: 't', partition: 0, leaderEpoch: -1, isLogAppendTime: false, transaction: null },
          1_000_000,
        ),
    });
    const search = new ForwardSearch(options, 0);
    await search.run();
    expect([offsetsOf(search), search.next(5)]).toEqual([range(0, 5), 5]);
  });
});

describe('a search backwards', () => {
  it('finds the newest first', async () => {
    const { options } = logOf(range(0, 20));
    const search = new BackwardSearch(options, 20);
    await search.run();
    expect(offsetsOf(search).slice(0, 5)).toEqual([19, 18, 17, 16, 15]);
    expect(search.next(5)).toBe(15);
  });

  it('gives every record once over all pages, however many each takes of what was found', async () => {
    for (const taken of [1, 3, 5]) {
      const { options } = logOf(range(0, 333));
      const seen: number[] = [];
      for (let before: number | null = 333; before !== null;) {
        const search: BackwardSearch = new BackwardSearch(options, before);
        await search.run();
        const page = offsetsOf(search).slice(0, taken);
        seen.push(...page);
        before = search.next(page.length);
      }
      expect(seen).toEqual(range(0, 333).reverse());
    }
  });

  it('finds what matches far behind, and ends at the log start offset', async () => {
    const { options } = logOf(range(0, 3_000), { filter: recordFilter(undefined, 'value 12'), start: 5 });
    const search = new BackwardSearch(options, 3_000);
    await search.run();
    expect(offsetsOf(search).slice(0, 5)).toEqual([1_299, 1_298, 1_297, 1_296, 1_295]);
    const all = new BackwardSearch({ ...options, limit: 500 }, 3_000);
    await all.run();
    expect(offsetsOf(all)).toHaveLength(1 + 10 + 100);
    expect([all.atEnd, all.next(111)]).toEqual([true, null]);
  });

  it('gets over gaps that compaction left', async () => {
    const { options } = logOf([2, 50, 51, 90_000], { end: 100_000, limit: 10 });
    const search = new BackwardSearch(options, 100_000);
    await search.run();
    expect([offsetsOf(search), search.next(4)]).toEqual([[90_000, 51, 50, 2], null]);
  });

  it('leaves out nothing when time runs out in the middle', async () => {
    const { options, clock } = logOf(range(0, 5_000), { filter: recordFilter(undefined, 'value 1') });
    const { read } = options;
    const slow = { ...options, limit: 5_000, read: (from: number) => (clock.advance(100), read(from)) };
    const seen: number[] = [];
    let pages = 0;
    for (let before: number | null = 5_000; before !== null; pages++) {
      const budget = new Budget(clock, new AbortController().signal);
      const search: BackwardSearch = new BackwardSearch({ ...slow, limit: 60, budget }, before);
      await search.run();
      seen.push(...offsetsOf(search).slice(0, 60));
      const next = search.next(Math.min(60, search.found.length));
      expect(next === null || next < before).toBe(true);
      before = next;
    }
    expect(seen).toEqual(
      range(0, 5_000)
        .filter((offset) => `value ${offset}`.includes('value 1'))
        .reverse(),
    );
    expect(pages).toBeGreaterThan(2);
  });
});

describe('a filter of records', () => {
  const record = (key: string | null, value: string | null): LogRecord => ({
    ...recordAt(0),
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  });

  it('looks for the bytes of a text in key and value', () => {
    const filter = recordFilter('ä', 'x');
    expect(filter?.(record('Bär', 'axb'))).toBe(true);
    expect(filter?.(record('Bär', 'a'))).toBe(false);
    expect(filter?.(record(null, 'x'))).toBe(false);
    expect(recordFilter('', undefined)).toBeNull();
  });

  it('finds nothing in what is null', () => {
    expect(recordFilter(undefined, 'null')?.(record('k', null))).toBe(false);
  });
});
