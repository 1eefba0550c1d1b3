import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { LeaderEpochCache } from '../../../../broker/log/leader-epoch-cache';
import { systemDisk } from '../../../../runtime/disk';
import { temporaryDirectory } from './support';

function cacheOf(...entries: [number, number][]): LeaderEpochCache {
  const cache = LeaderEpochCache.load(systemDisk, temporaryDirectory());
  for (const [epoch, startOffset] of entries) cache.assign(epoch, startOffset);
  return cache;
}

const entriesOf = (cache: LeaderEpochCache): [number, number][] =>
  cache.all.map(({ epoch, startOffset }) => [epoch, startOffset]);

it('is a text file like Kafka’s', () => {
  const directory = temporaryDirectory();
  const cache = LeaderEpochCache.load(systemDisk, directory);
  cache.assign(0, 0);
  cache.assign(3, 1500);
  const path = join(directory, 'leader-epoch-checkpoint');
  expect(readFileSync(path, 'utf8')).toBe('0\n2\n0 0\n3 1500\n');
  expect(entriesOf(LeaderEpochCache.load(systemDisk, directory))).toEqual([
    [0, 0],
    [3, 1500],
  ]);
});

it.each(['1\n0\n', '0\n2\n0 0\n', '0\n1\nx y\n'])('refuses a file that makes no sense: %j', (content) => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'leader-epoch-checkpoint'), content);
  expect(() => LeaderEpochCache.load(systemDisk, directory)).toThrow('leader-epoch-checkpoint');
});

it('keeps the first offset of an epoch, and drops what a new epoch contradicts', () => {
  const cache = cacheOf([1, 10], [1, 20], [2, 30], [4, 30]);
  expect(entriesOf(cache)).toEqual([
    [1, 10],
    [4, 30],
  ]);
  cache.assign(3, 40);
  expect(entriesOf(cache)).toEqual([
    [1, 10],
    [3, 40],
  ]);
});

it('knows where an epoch ended, by the rules of KIP-101', () => {
  const cache = cacheOf([2, 10], [4, 20], [7, 30]);
  const end = (epoch: number): unknown => cache.endOffsetFor(epoch, 100);
  expect(end(-1)).toBeNull();
  expect(end(8)).toBeNull();
  expect(end(7)).toEqual({ epoch: 7, endOffset: 100 });
  expect(end(4)).toEqual({ epoch: 4, endOffset: 30 });
  expect(end(5)).toEqual({ epoch: 4, endOffset: 30 });
  expect(end(1)).toEqual({ epoch: 1, endOffset: 10 });
  expect(cacheOf().endOffsetFor(0, 5)).toBeNull();
});

it('follows the log when it is cut at either end', () => {
  const cache = cacheOf([2, 10], [4, 20], [7, 30]);
  cache.truncateFromStart(25);
  expect(entriesOf(cache)).toEqual([
    [4, 25],
    [7, 30],
  ]);
  cache.truncateFromEnd(30);
  expect(entriesOf(cache)).toEqual([[4, 25]]);
  cache.truncateFromEnd(25);
  expect(entriesOf(cache)).toEqual([]);
});

it('always ascends, whatever is assigned, and finds the epoch of every offset', () => {
  const assignment = fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 50 }));
  fc.assert(
    fc.property(fc.array(assignment, { maxLength: 20 }), (assignments) => {
      const cache = cacheOf(...assignments);
      const entries = entriesOf(cache);
      for (let index = 1; index < entries.length; index++) {
        const [before, after] = [entries[index - 1], entries[index]] as [[number, number], [number, number]];
        expect(after[0]).toBeGreaterThan(before[0]);
        expect(after[1]).toBeGreaterThan(before[1]);
      }
      for (let offset = 0; offset < 60; offset++) {
        expect(cache.epochFor(offset)).toBe(entries.findLast((entry) => entry[1] <= offset)?.[0] ?? null);
      }
    }),
    { numRuns: 60 },
  );
});
