import { murmur2, partitionForKey, StickyPartition } from '../../../../cli/producer/partitioner';
import { seededRandom } from '../../../../runtime/random';

describe('murmur2', () => {
  // Values of org.apache.kafka.common.utils.Utils.murmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('of %s is what Kafka computes', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('never gives a negative partition', () => {
    for (let index = 0; index < 1000; index += 1) {
      const partition = partitionForKey(Buffer.from(`key-${index}`), 7);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(7);
    }
  });
});

describe('records without a key', () => {
  it('stay on a partition until a batch is full, and then move on', () => {
    const sticky = new StickyPartition(seededRandom(7), 100);
    const partitions = Array.from({ length: 400 }, () => sticky.next([0, 1, 2], 10));
    for (let at = 0; at < partitions.length; at += 10) {
      expect(new Set(partitions.slice(at, at + 10)).size).toBe(1);
    }
    expect(new Set(partitions)).toEqual(new Set([0, 1, 2]));
  });

  it('leave a partition that has lost its leader', () => {
    const sticky = new StickyPartition(seededRandom(1), 1_000_000);
    const first = sticky.next([0, 1], 10);
    const other = 1 - first;
    expect(sticky.next([other], 10)).toBe(other);
  });
});
