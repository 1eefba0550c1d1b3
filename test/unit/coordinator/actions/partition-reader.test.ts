/** Pieces of a partition: what of a fetch answer is shown. */
import type { ClusterClient } from '../../../../client';
import { readPiece } from '../../../../coordinator/actions/partition-reader';
import { buildBatch, buildEndTransactionMarker, prepareZstd, type CompressionName } from '../../../../protocol/records';

const codecs: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** A leader that answers fetches with these bytes. */
function leaderWith(
  records: Buffer | null,
  errorCode = 0,
  abortedTransactions: { producerId: number; firstOffset: number }[] | null = null,
): ClusterClient {
  const answer = { errorCode: 0, responses: [{ partitions: [{ errorCode, records, abortedTransactions }] }] };
  return {
    retrying: (attempt: () => unknown) => attempt(),
    leaderOf: () => Promise.resolve(0),
    toBroker: () => Promise.resolve(answer),
  } as unknown as ClusterClient;
}

const recordsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    timestamp: BigInt(5_000 + index),
    key: Buffer.from(`k${index}`),
    value: Buffer.from(`v${index}`),
  }));

describe('a piece of a partition', () => {
  it.each(codecs)(
    'has the records of batches written with %s, from the offset on that was asked for',
    async (codec) => {
      await prepareZstd();
      const bytes = buildBatch(recordsOf(4), { baseOffset: 10, compression: codec, partitionLeaderEpoch: 7 });
      const piece = await readPiece(leaderWith(bytes), 't', 0, 12);
      expect(piece.nextOffset).toBe(14);
      expect(piece.records.map(({ record }) => [record.offset, String(record.key), String(record.value)])).toEqual([
        [12, 'k2', 'v2'],
        [13, 'k3', 'v3'],
      ]);
      expect(piece.records[0]).toMatchObject({ leaderEpoch: 7, isLogAppendTime: false });
    },
  );

  it('leaves out the ends of transactions, but goes on behind them', async () => {
    const batch = buildBatch(recordsOf(1), { baseOffset: 3 });
    const marker = buildEndTransactionMarker({
      producerId: 1,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      type: 'commit',
      timestamp: 5_000n,
    });
    marker.writeBigInt64BE(4n, 0);
    const piece = await readPiece(leaderWith(Buffer.concat([batch, marker])), 't', 0, 3);
    expect(piece.records.map(({ record }) => record.offset)).toEqual([3]);
    expect(piece.nextOffset).toBe(5);
  });

  it('says of each record what became of its transaction', async () => {
    let offset = 0;
    const written = (producerId: number, transactional = true): Buffer =>
      buildBatch(recordsOf(1), { baseOffset: offset++, producerId, producerEpoch: 0, baseSequence: 0, transactional });
    const ended = (producerId: number, type: 'commit' | 'abort'): Buffer => {
      const marker = buildEndTransactionMarker({
        producerId,
        producerEpoch: 0,
        coordinatorEpoch: 0,
        type,
        timestamp: 5n,
      });
      marker.writeBigInt64BE(BigInt(offset++), 0);
      return marker;
    };
    const decided = [
      written(1), // 0
      written(2),
      written(9, false),
      ended(1, 'abort'), // 3
      written(1), // 4: of its next transaction
      ended(2, 'commit'),
      ended(1, 'commit'), // 6
      written(2), // 7
      ended(2, 'abort'),
    ];
    const aborted = [
      { producerId: 2, firstOffset: 7 },
      { producerId: 1, firstOffset: 0 },
    ];
    const piece = await readPiece(leaderWith(Buffer.concat(decided), 0, aborted), 't', 0, 0);
    expect(piece.records.map(({ record, transaction }) => [record.offset, transaction])).toEqual([
      [0, 'aborted'],
      [1, 'committed'],
      [2, null],
      [4, 'committed'],
      [7, 'aborted'],
    ]);
  });

  it('goes on beyond what is decided, and says so', async () => {
    const options = { producerId: 1, producerEpoch: 0, baseSequence: 0, transactional: true };
    const bytes = Buffer.concat([
      buildBatch(recordsOf(1), { baseOffset: 5, ...options }),
      buildBatch(recordsOf(1), { baseOffset: 6 }),
    ]);
    const asked: number[] = [];
    const answers = (isolationLevel: number) => (isolationLevel === 1 ? Buffer.alloc(0) : bytes);
    const leader = leaderWith(null);
    leader.toBroker = (async (_id: number, _api: unknown, { isolationLevel }: { isolationLevel: number }) => {
      asked.push(isolationLevel);
      return { errorCode: 0, responses: [{ partitions: [{ errorCode: 0, records: answers(isolationLevel) }] }] };
    }) as never;
    const piece = await readPiece(leader, 't', 0, 5);
    expect(piece.records.map(({ record, transaction }) => [record.offset, transaction])).toEqual([
      [5, 'pending'],
      [6, null],
    ]);
    expect(asked).toEqual([1, 0]);
  });

  it('ends before a batch that was cut off', async () => {
    const batch = buildBatch(recordsOf(2), { baseOffset: 0 });
    const cut = buildBatch(recordsOf(2), { baseOffset: 2 }).subarray(0, 40);
    const piece = await readPiece(leaderWith(Buffer.concat([batch, cut])), 't', 0, 0);
    expect([piece.records.length, piece.nextOffset]).toEqual([2, 2]);
  });

  it('is empty where there is nothing', async () => {
    for (const bytes of [null, Buffer.alloc(0)]) {
      expect(await readPiece(leaderWith(bytes), 't', 0, 5)).toEqual({ records: [], nextOffset: 5 });
    }
  });

  it('tells of an error of Kafka, and of bytes that are no records', async () => {
    await expect(readPiece(leaderWith(null, 1), 't', 0, 5)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    const damaged = buildBatch(recordsOf(2), { baseOffset: 0, compression: 'gzip' });
    damaged.fill(0xff, 61);
    await expect(readPiece(leaderWith(damaged), 't', 0, 0)).rejects.toMatchObject({ name: 'RecordsError' });
    const noise = Buffer.alloc(100, 3);
    await expect(readPiece(leaderWith(noise), 't', 0, 0)).rejects.toMatchObject({ name: 'RecordsError' });
  });
});
