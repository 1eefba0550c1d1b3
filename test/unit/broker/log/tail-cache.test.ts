import fc from 'fast-check';
import { LogTail, TailCache } from '../../../../broker/log/tail-cache';
import { batch, readAllRecords } from '../../../../protocol/records';
import { batchOf } from './support';

function appended(tail: LogTail, firstOffset: number, values: readonly string[]): void {
  const bytes = batchOf(values, { baseOffset: firstOffset });
  tail.append(bytes, firstOffset, batch.nextOffset(bytes));
}

const valuesOf = (records: readonly Buffer[]): string[] =>
  readAllRecords(Buffer.concat(records)).map((record) => String(record.value));

it('holds nothing at first', () => {
  expect(new LogTail(new TailCache(1_000_000)).read(0, 1000, 10, true)).toBeNull();
});

it('gives what lies in several places in one buffer', () => {
  const tail = new LogTail(new TailCache(1_000_000));
  for (let offset = 0; offset < 10; offset++) appended(tail, offset, [`v${offset}`]);
  const read = tail.read(3, 100_000, 10, true);
  expect(read?.records).toHaveLength(1);
  expect(valuesOf(read?.records ?? [])).toEqual(['v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9']);
  expect(read?.nextOffset).toBe(10);
});

it('keeps a copy, so that neither the bytes it was given nor those it gives stay connected with it', () => {
  const tail = new LogTail(new TailCache(10_000_000));
  const given = batchOf(['mine']);
  tail.append(given, 0, 1);
  given.fill(0);
  const first = tail.read(0, 1_000_000, 1, true)?.records ?? [];
  for (const bytes of first) bytes.fill(0);
  expect(valuesOf(tail.read(0, 1_000_000, 1, true)?.records ?? [])).toEqual(['mine']);
});

it('writes its oldest memory again when the budget is used up, while what was read before stays as it was', () => {
  const budget = 1_000_000;
  const cache = new TailCache(budget);
  const tail = new LogTail(cache);
  appended(tail, 0, ['first']);
  const first = tail.read(0, 1_000_000, 1, true)?.records ?? [];
  for (let offset = 1; offset < 100; offset++) appended(tail, offset, [`${offset}${'x'.repeat(50_000)}`]);
  expect(cache.heldBytes).toBeLessThanOrEqual(budget);
  expect(tail.read(0, 1_000_000, 100, true)).toBeNull();
  expect(valuesOf(first)).toEqual(['first']);
  const last = tail.read(99, 1_000_000, 100, true)?.records ?? [];
  expect(valuesOf(last)).toEqual([`99${'x'.repeat(50_000)}`]);
});

it('takes an append that is larger than a block, and none that is larger than the budget', () => {
  const tail = new LogTail(new TailCache(1_000_000));
  appended(tail, 0, ['x'.repeat(900_000)]);
  expect(tail.read(0, 1, 1, true)?.nextOffset).toBe(1);
  appended(tail, 1, ['x'.repeat(1_100_000)]);
  expect(tail.startOffset).toBe(Infinity);
});

describe('when its log is cut off between two batches that were appended at once', () => {
  function cutAt(offset: number): LogTail {
    const tail = new LogTail(new TailCache(1_000_000));
    appended(tail, 0, ['a']);
    const batches = ['b', 'c', 'd'].map((value, index) => batchOf([value], { baseOffset: 1 + index }));
    tail.append(Buffer.concat(batches), 1, 4);
    tail.truncateTo(offset);
    return tail;
  }
  const read = (tail: LogTail, offset: number): string[] =>
    valuesOf(tail.read(offset, 100_000, 9, true)?.records ?? []);

  it.each([
    [4, ['a', 'b', 'c', 'd']],
    [3, ['a', 'b', 'c']],
    [2, ['a', 'b']],
    [1, ['a']],
  ])('keeps those before the cut at %i, and leads nobody past them', (offset, kept) => {
    const tail = cutAt(offset);
    expect(read(tail, 0)).toEqual(kept);
    appended(tail, offset, ['new']);
    expect(read(tail, 0)).toEqual([...kept, 'new']);
    expect(read(tail, offset - 1)).toEqual([kept.at(-1), 'new']);
    expect(read(tail, offset)).toEqual(['new']);
  });

  it('no longer counts the bytes of those that are gone', () => {
    const tail = cutAt(3);
    const batchBytes = batchOf(['b']).length;
    expect(tail.bytesBetween(0, 3)).toBe(3 * batchBytes);
  });
});

it('gives memory back when its log goes', () => {
  const cache = new TailCache(10_000_000);
  const tails = [new LogTail(cache), new LogTail(cache)];
  for (let offset = 0; offset < 10; offset++) for (const tail of tails) appended(tail, offset, ['x'.repeat(50_000)]);
  for (const tail of tails) tail.clear();
  expect(cache.heldBytes).toBe(0);
});

it('tells how many bytes lie between two offsets', () => {
  const tail = new LogTail(new TailCache(1_000_000));
  for (let offset = 0; offset < 4; offset++) appended(tail, offset, ['same']);
  const bytes = batchOf(['same']).length;
  expect(tail.bytesBetween(1, 3)).toBe(2 * bytes);
  expect(tail.bytesBetween(0, 4)).toBe(4 * bytes);
  expect(tail.bytesBetween(4, 4)).toBe(0);
});

it('gives, of whatever several logs append and cut off, what a list would give, or says that it does not know', () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        log: fc.nat({ max: 2 }),
        size: fc.constantFrom(1, 1000, 4000, 40_000, 300_000),
        count: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ log: fc.nat({ max: 2 }), cutBack: fc.nat({ max: 5 }) }) },
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 1_500_000 }),
      fc.nat({ max: 200_000 }),
      (steps, budget, maxBytes) => {
        const cache = new TailCache(budget);
        const logs = Array.from({ length: 3 }, () => ({
          tail: new LogTail(cache),
          batches: [] as { first: number; values: string[] }[],
        }));
        for (const one of steps) {
          const { tail, batches } = logs[one.log] as (typeof logs)[number];
          const last = batches.at(-1);
          const end = last ? last.first + last.values.length : 0;
          if ('cutBack' in one) {
            const cut = batches.at(-1 - one.cutBack)?.first ?? 0;
            tail.truncateTo(cut);
            while (batches.length > 0 && (batches.at(-1)?.first as number) >= cut) batches.pop();
          } else {
            const values = Array.from({ length: one.count }, (_, index) => `${end + index}${'x'.repeat(one.size)}`);
            appended(tail, end, values);
            batches.push({ first: end, values });
          }
          expect(cache.heldBytes).toBeLessThanOrEqual(budget);
        }
        for (const { tail, batches } of logs) {
          const last = batches.at(-1);
          const end = last ? last.first + last.values.length : 0;
          for (let from = Math.max(0, end - 6); from < end; from++) {
            const read = tail.read(from, maxBytes, end, true);
            const rest = batches
              .filter((some) => some.first + some.values.length > from)
              .flatMap((some) => some.values);
            const seen = read ? valuesOf(read.records) : [];
            expect(seen).toEqual(rest.slice(0, seen.length));
            expect(read === null || seen.length > 0).toBe(true);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
