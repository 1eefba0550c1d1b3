/** What a fetch brought: its batches' records, without control records and those of rolled-back transactions. */
import { batch, forEachBatch, type LogRecord, readRecords, wholeBatchesBytes } from '../../protocol/records';

export interface ConsumedRecord extends LogRecord {
  topic: string;
  partition: number;
  /** Stamped by the broker (LogAppendTime), not by the producer (CreateTime). */
  logAppendTime: boolean;
}

export interface AbortedTransaction {
  producerId: number;
  firstOffset: number;
}

export interface DecodedFetch {
  records: ConsumedRecord[];
  /** Where to fetch next. */
  nextOffset: number;
}

/**
 * Decodes fetched bytes; an incomplete batch at their end is left for the next fetch.
 * @param aborted transactions that were rolled back, for readers of committed records only; null for all others
 */
export function decodeFetch(
  bytes: Buffer,
  place: { topic: string; partition: number; fetchOffset: number },
  aborted: readonly AbortedTransaction[] | null,
): DecodedFetch {
  const pending = [...(aborted ?? [])].toSorted((one, other) => one.firstOffset - other.firstOffset);
  const rolledBack = new Set<number>();
  const records: ConsumedRecord[] = [];
  let nextOffset = place.fetchOffset;
  const whole = bytes.subarray(0, wholeBatchesBytes(bytes));
  forEachBatch(whole, (at) => {
    nextOffset = Math.max(nextOffset, batch.lastOffset(bytes, at) + 1);
    const producerId = batch.producerId(bytes, at);
    while (pending[0] && pending[0].firstOffset <= batch.lastOffset(bytes, at)) {
      rolledBack.add((pending.shift() as AbortedTransaction).producerId);
    }
    if (batch.isControl(bytes, at)) {
      // Either marker ends what this producer had under way.
      rolledBack.delete(producerId);
      return;
    }
    if (aborted !== null && batch.isTransactional(bytes, at) && rolledBack.has(producerId)) return;
    const logAppendTime = batch.isLogAppendTime(bytes, at);
    for (const { offset, timestamp, key, value, headers } of readRecords(bytes, at)) {
      if (offset < place.fetchOffset) continue;
      // Written out: copying with a spread takes many times as long, and this runs for each record.
      const { topic, partition } = place;
      records.push({ offset, timestamp, key, value, headers, topic, partition, logAppendTime });
    }
  });
  return { records, nextOffset };
}
