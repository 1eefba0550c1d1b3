import { decodeFetch } from '../../../../cli/consumer/records';
import { buildBatch, buildEndTransactionMarker, batch } from '../../../../protocol/records';

const PLACE = { topic: 't', partition: 0, fetchOffset: 0 };

/** Batches one after the other, as a leader stores them. */
function stored(...batches: Buffer[]): Buffer {
  let offset = 0;
  for (const bytes of batches) {
    batch.setBaseOffset(bytes, 0, offset);
    offset += batch.recordCount(bytes);
  }
  return Buffer.concat(batches);
}

const records = (...values: string[]) =>
  values.map((value) => ({ timestamp: 1n, key: null, value: Buffer.from(value) }));
const inTransaction = (producerId: number, ...values: string[]) =>
  buildBatch(records(...values), { producerId, producerEpoch: 0, baseSequence: 0, transactional: true });
const marker = (producerId: number, type: 'commit' | 'abort') =>
  buildEndTransactionMarker({ type, coordinatorEpoch: 0, timestamp: 1n, producerId, producerEpoch: 0 });

const values = (decoded: ReturnType<typeof decodeFetch>) => decoded.records.map(({ value }) => value?.toString());

describe('a fetch answer', () => {
  it('begins with whole batches: what lies before the offset asked for is dropped', () => {
    const bytes = stored(buildBatch(records('a', 'b')), buildBatch(records('c')));
    const decoded = decodeFetch(bytes, { ...PLACE, fetchOffset: 1 }, null);
    expect(values(decoded)).toEqual(['b', 'c']);
    expect(decoded.nextOffset).toBe(3);
  });

  it('may end in the middle of a batch, which is fetched again', () => {
    const bytes = stored(buildBatch(records('a')), buildBatch(records('b')));
    const decoded = decodeFetch(bytes.subarray(0, bytes.length - 1), PLACE, null);
    expect(values(decoded)).toEqual(['a']);
    expect(decoded.nextOffset).toBe(1);
  });

  it('never shows markers, but moves beyond them', () => {
    const bytes = stored(inTransaction(7, 'a'), marker(7, 'commit'));
    expect(values(decodeFetch(bytes, PLACE, null))).toEqual(['a']);
    expect(decodeFetch(bytes, PLACE, null).nextOffset).toBe(2);
  });

  it('hides rolled-back transactions from readers of committed records only', () => {
    const bytes = stored(
      inTransaction(7, 'lost'),
      buildBatch(records('plain')),
      inTransaction(8, 'kept'),
      marker(7, 'abort'),
      inTransaction(7, 'second'),
      marker(8, 'commit'),
      marker(7, 'commit'),
    );
    const aborted = [{ producerId: 7, firstOffset: 0 }];
    expect(values(decodeFetch(bytes, PLACE, aborted))).toEqual(['plain', 'kept', 'second']);
    expect(values(decodeFetch(bytes, PLACE, null))).toEqual(['lost', 'plain', 'kept', 'second']);
  });
});
