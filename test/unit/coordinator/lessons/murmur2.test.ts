import * as fc from 'fast-check';
import { murmur2, partitionOfKey } from '../../../../coordinator/lessons/tools/murmur2';
import { partitionForKey } from '../../../../cli/producer/partitioner';

describe('the hash that the lesson reckons by itself', () => {
  it('is the one that Apache Kafka’s own test of murmur2 names', () => {
    const known: [string, number][] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
      ['abc', 479470107],
    ];
    for (const [key, hash] of known) expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it('leads to the partition that the console producer chooses, for any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
        expect(partitionOfKey(key, partitions)).toBe(partitionForKey(Buffer.from(key), partitions));
      }),
    );
  });
});
