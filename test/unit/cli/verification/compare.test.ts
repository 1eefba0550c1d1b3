import { compareReplicas } from '../../../../cli/verification/compare';
import { buildBatch } from '../../../../protocol/records';

const batchAt = (baseOffset: number, ...values: string[]): Buffer =>
  buildBatch(
    values.map((value) => ({ timestamp: 1n, key: null, value: Buffer.from(value) })),
    { baseOffset },
  );

const replica = (broker: number, highWatermark: number, ...batches: Buffer[]) => ({
  broker,
  highWatermark,
  records: Buffer.concat(batches),
});

describe('replicas of a partition', () => {
  const first = batchAt(5, 'a', 'b');
  const second = batchAt(7, 'c');

  it('agree up to the last batch that all of them have', () => {
    const replicas = [
      replica(1, 8, first, second),
      replica(2, 8, first, second, batchAt(8, 'x')),
      replica(3, 8, first),
    ];
    expect(compareReplicas(replicas.slice(0, 2), 5)).toEqual({ nextOffset: 8, differences: [], diverged: false });
    expect(compareReplicas(replicas, 5)).toEqual({ nextOffset: 7, differences: [], diverged: false });
  });

  it('are not compared beyond the high watermark, nor in the middle of a batch', () => {
    const other = batchAt(7, 'z');
    expect(compareReplicas([replica(1, 7, first, second), replica(2, 7, first, other)], 5).nextOffset).toBe(7);
    expect(
      compareReplicas([replica(1, 8, first, second), replica(2, 8, first, second.subarray(0, 40))], 5).nextOffset,
    ).toBe(7);
  });

  it('that have other records at the same offsets are told', () => {
    const { differences, diverged, nextOffset } = compareReplicas(
      [replica(1, 8, first, second), replica(2, 8, first, batchAt(7, 'z'))],
      5,
    );
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatch(
      /^ has unmatched checksum at offset 7; replica 1's checksum \d+; replica 2's checksum \d+$/,
    );
    expect({ diverged, nextOffset }).toEqual({ diverged: false, nextOffset: 8 });
  });

  it('whose batches end at other offsets have parted', () => {
    expect(compareReplicas([replica(1, 9, first), replica(2, 9, batchAt(5, 'a'))], 5)).toEqual({
      nextOffset: 5,
      differences: [": replica 1's offset 6 doesn't match replica 2's offset 5"],
      diverged: true,
    });
  });

  it('without any are as they were', () => {
    expect(compareReplicas([], 3)).toEqual({ nextOffset: 3, differences: [], diverged: false });
  });
});
