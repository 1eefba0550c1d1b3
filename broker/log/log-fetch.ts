/** Serves reads of a log: from its memory tail where that reaches, else from its files. */
import { KafkaError } from '../../protocol/errors';
import type { Log } from './log';
import { readSegment } from './log-reader';
import type { AbortedTransaction, FetchData, FetchIsolation, ReadOptions } from './types';

export function readLog(
  log: Log,
  startOffset: number,
  maxBytes: number,
  options: ReadOptions,
): FetchData | Promise<FetchData> {
  checkReadable(log, startOffset);
  const maxOffset = readLimit(log, options.isolation);
  if (startOffset >= maxOffset || (maxBytes <= 0 && !options.minOneBatch)) {
    return fetchData(log, { records: [], sizeBytes: 0, nextOffset: startOffset }, startOffset, options);
  }
  const read = log.tail.read(startOffset, maxBytes, maxOffset, options.minOneBatch);
  if (read) return fetchData(log, read, startOffset, options);
  return log.guardAsync('reading', () => readFromDisk(log, startOffset, maxBytes, maxOffset, options));
}

function checkReadable(log: Log, startOffset: number): void {
  log.checkUsable();
  if (startOffset >= log.logStartOffset && startOffset <= log.logEndOffset) return;
  throw new KafkaError(
    'OFFSET_OUT_OF_RANGE',
    `Offset ${startOffset} is not in ${log.name}, which goes from ${log.logStartOffset} to ${log.logEndOffset}`,
  );
}

function readLimit(log: Log, isolation: FetchIsolation): number {
  if (isolation === 'log_end') return log.logEndOffset;
  return isolation === 'high_watermark' ? log.highWatermark : log.lastStableOffset;
}

async function readFromDisk(
  log: Log,
  startOffset: number,
  maxBytes: number,
  maxOffset: number,
  options: ReadOptions,
): Promise<FetchData> {
  const { truncations } = log;
  const limits = { maxBytes, maxOffset, minOneBatch: options.minOneBatch };
  let segment = log.segments.floor(startOffset) ?? log.segments.first;
  let known = log.readPositions.take(startOffset);
  for (;;) {
    const read = await readUnlessRemoved(log, segment, startOffset, limits, known);
    if (read === 'removed') return await readLog(log, startOffset, maxBytes, options);
    // Cut off, or closed, while the disk was asked: what was read may be gone or replaced.
    if (log.truncations !== truncations) return await readLog(log, startOffset, maxBytes, options);
    const next = log.segments.after(segment);
    if (read !== null && (read.records.length > 0 || next === null)) {
      if (read.endPosition < segment.sizeBytes) log.readPositions.remember(read.nextOffset, read.endPosition);
      const records = read.records.length > 0 ? [read.records] : [];
      const found = { records, sizeBytes: read.records.length, nextOffset: read.nextOffset };
      return fetchData(log, found, startOffset, options);
    }
    if (read !== null || next === null || next.baseOffset >= maxOffset) {
      return fetchData(log, { records: [], sizeBytes: 0, nextOffset: startOffset }, startOffset, options);
    }
    // The segment ends below the offset: compaction removed what was there, so the next segment has what follows.
    segment = next;
    known = 0;
  }
}

/** Retention may remove a segment, and in the end its files, while it is read. */
async function readUnlessRemoved(
  log: Log,
  ...read: Parameters<typeof readSegment>
): Promise<Awaited<ReturnType<typeof readSegment>> | 'removed'> {
  try {
    return await readSegment(...read);
  } catch (error) {
    if (log.segments.has(read[0])) throw error;
    return 'removed';
  }
}

function fetchData(
  log: Log,
  read: { records: Buffer[]; sizeBytes: number; nextOffset: number },
  startOffset: number,
  options: ReadOptions,
): FetchData {
  return {
    records: read.records,
    sizeBytes: read.sizeBytes,
    logStartOffset: log.logStartOffset,
    logEndOffset: log.logEndOffset,
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    abortedTransactions:
      options.isolation === 'last_stable' ? abortedTransactions(log, startOffset, read.nextOffset) : null,
  };
}

/** The aborted transactions that have records from `startOffset` up to `endOffset` (exclusive). */
function abortedTransactions(log: Log, startOffset: number, endOffset: number): AbortedTransaction[] {
  const aborted: AbortedTransaction[] = [];
  if (endOffset <= startOffset) return aborted;
  const first = Math.max(0, log.segments.floorIndex(startOffset));
  for (const { transactionIndex } of log.segments.all.slice(first)) {
    if (transactionIndex.isEmpty) continue;
    for (const entry of transactionIndex.all) {
      if (entry.lastOffset >= startOffset && entry.firstOffset < endOffset) {
        aborted.push({ producerId: entry.producerId, firstOffset: entry.firstOffset });
      }
      // Whatever was aborted after this one began above what was read.
      if (entry.lastStableOffset >= endOffset) return aborted;
    }
  }
  return aborted;
}
