/**
 * Reads what is no longer in memory from a log's files. Reading is asynchronous; the log may be cut off, roll or lose
 * segments meanwhile, so the caller looks again at the log when the bytes are there.
 */
import { batch } from '../../protocol/records';
import type { Segment } from './segment';

export interface DiskRead {
  /** Whole batches, the first of which holds the offset asked for or the next one that exists. */
  records: Buffer;
  /** After the last record read; the offset asked for when nothing was read. */
  nextOffset: number;
}

export interface DiskReadLimits {
  maxBytes: number;
  /** Exclusive. */
  maxOffset: number;
  minOneBatch: boolean;
}

/** What may lie between the place an index gives and the batch sought: about the span between two index entries. */
const LOOKUP_SLACK_BYTES = 8 * 1024;
const REMEMBERED_POSITIONS = 8;

/** Where sequential readers are: saves them the index lookup. Owned by one log. */
export class ReadPositions {
  private readonly positions = new Map<number, number>();

  /** The position of the batch that begins with `offset`, if a read ended right before it; else undefined. */
  take(offset: number): number | undefined {
    const position = this.positions.get(offset);
    this.positions.delete(offset);
    return position;
  }

  remember(offset: number, position: number): void {
    this.positions.set(offset, position);
    if (this.positions.size <= REMEMBERED_POSITIONS) return;
    const [oldest] = this.positions.keys();
    this.positions.delete(oldest as number);
  }

  clear(): void {
    this.positions.clear();
  }
}

/**
 * Reads from one segment.
 * @param known the position of the batch with `offset`, if the caller knows it
 * @returns null when the segment has no record at or above `offset`; else with the position after the last batch
 */
export async function readSegment(
  segment: Segment,
  offset: number,
  limits: DiskReadLimits,
  known: number | undefined,
): Promise<(DiskRead & { endPosition: number }) | null> {
  const from = known ?? segment.offsetIndex.lookup(offset);
  const fileBytes = segment.sizeBytes;
  const slackBytes = known === undefined ? LOOKUP_SLACK_BYTES : 0;
  const wantedBytes = Math.max(limits.maxBytes, batch.BATCH_HEADER_BYTES) + slackBytes;
  const window = await readBytes(segment, from, Math.min(wantedBytes, fileBytes - from));
  const start = await findStart(segment, window, from, offset, fileBytes);
  if (start === null) return null;
  let bytes = window.subarray(Math.min(window.length, start - from));
  if (needsMore(bytes, limits, fileBytes - start)) {
    const firstBytes = await firstBatchBytes(segment, bytes, start);
    const wanted = limits.minOneBatch ? Math.max(firstBytes, limits.maxBytes) : limits.maxBytes;
    bytes = await readBytes(segment, start, Math.min(wanted, fileBytes - start));
  }
  const { endBytes, nextOffset } = wholeBatches(bytes, offset, limits);
  return { records: bytes.subarray(0, endBytes), nextOffset, endPosition: start + endBytes };
}

async function readBytes(segment: Segment, position: number, lengthBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, lengthBytes));
  const count = await segment.log.read(bytes, position);
  return count === bytes.length ? bytes : bytes.subarray(0, count);
}

/** The position of the first batch that ends at or above `offset`; null when there is none. */
async function findStart(
  segment: Segment,
  window: Buffer,
  from: number,
  offset: number,
  fileBytes: number,
): Promise<number | null> {
  let position = from;
  let bytes = window;
  let bytesFrom = from;
  while (fileBytes - position >= batch.BATCH_HEADER_BYTES) {
    if (position + batch.BATCH_HEADER_BYTES > bytesFrom + bytes.length) {
      bytesFrom = position;
      bytes = await readBytes(segment, position, Math.min(LOOKUP_SLACK_BYTES, fileBytes - position));
      if (bytes.length < batch.BATCH_HEADER_BYTES) return null;
    }
    const at = position - bytesFrom;
    if (batch.lastOffset(bytes, at) >= offset) return position;
    position += Math.max(batch.BATCH_HEADER_BYTES, batch.batchSizeBytes(bytes, at));
  }
  return null;
}

/** Whether the window that was read on suspicion holds less than the caller may have. */
function needsMore(bytes: Buffer, limits: DiskReadLimits, availableBytes: number): boolean {
  if (bytes.length >= availableBytes) return false;
  if (bytes.length < batch.BATCH_HEADER_BYTES) return true;
  const firstBytes = batch.batchSizeBytes(bytes);
  if (firstBytes > bytes.length) return limits.minOneBatch || firstBytes <= limits.maxBytes;
  // A lookup that landed far before its target leaves little of the window: read again what is worth it.
  return bytes.length < limits.maxBytes / 2;
}

async function firstBatchBytes(segment: Segment, bytes: Buffer, start: number): Promise<number> {
  if (bytes.length >= batch.BATCH_HEADER_BYTES) return batch.batchSizeBytes(bytes);
  const header = await readBytes(segment, start, batch.BATCH_HEADER_BYTES);
  return header.length < batch.BATCH_HEADER_BYTES ? 0 : batch.batchSizeBytes(header);
}

/** How much of `bytes` are whole batches within the limits. */
function wholeBatches(bytes: Buffer, offset: number, limits: DiskReadLimits): { endBytes: number; nextOffset: number } {
  let endBytes = 0;
  let nextOffset = offset;
  while (bytes.length - endBytes >= batch.BATCH_HEADER_BYTES) {
    const sizeBytes = batch.batchSizeBytes(bytes, endBytes);
    if (sizeBytes < batch.BATCH_HEADER_BYTES || endBytes + sizeBytes > bytes.length) break;
    if (batch.baseOffset(bytes, endBytes) >= limits.maxOffset) break;
    const isFirst = endBytes === 0;
    if (endBytes + sizeBytes > limits.maxBytes && !(isFirst && limits.minOneBatch)) break;
    nextOffset = batch.nextOffset(bytes, endBytes);
    endBytes += sizeBytes;
  }
  return { endBytes, nextOffset };
}
