/**
 * Walks over the batches in a buffer by their headers. What is found here about a batch holds for everything
 * after it: sizes are checked before any field is read, so no accessor of batch-header.ts reads out of bounds.
 */
import * as header from './batch-header';
import { RecordsError } from './records-error';

/**
 * Checks that a complete batch v2 begins at `at`, by its sizes and magic (not its CRC).
 * @returns the batch's size in bytes
 * @throws RecordsError CORRUPT_MESSAGE when sizes make no sense or the buffer ends early,
 *   UNSUPPORTED_FOR_MESSAGE_FORMAT for the message sets of magic 0 and 1
 */
export function checkBatchBounds(bytes: Buffer, at: number): number {
  const availableBytes = bytes.length - at;
  if (availableBytes < header.HEADER_BYTES_UP_TO_MAGIC) {
    throw new RecordsError('CORRUPT_MESSAGE', `${availableBytes} bytes are too few for the start of a record batch`);
  }
  const sizeBytes = header.batchSizeBytes(bytes, at);
  const magic = header.magic(bytes, at);
  if (magic === 0 || magic === 1) {
    throw new RecordsError('UNSUPPORTED_FOR_MESSAGE_FORMAT', `Message format v${magic} is not supported; only v2 is`);
  }
  if (magic !== header.MAGIC_V2) throw new RecordsError('CORRUPT_MESSAGE', `Unknown magic ${magic} of a record batch`);
  if (sizeBytes < header.BATCH_HEADER_BYTES) {
    throw new RecordsError('CORRUPT_MESSAGE', `A record batch of ${sizeBytes} bytes is shorter than its header`);
  }
  if (sizeBytes > availableBytes) {
    throw new RecordsError(
      'CORRUPT_MESSAGE',
      `A record batch of ${sizeBytes} bytes is cut off after ${availableBytes} bytes`,
    );
  }
  return sizeBytes;
}

/**
 * Calls `visit` with the position and size of each batch, front to back.
 * @throws RecordsError as checkBatchBounds; batches before the bad one have been visited then
 */
export function forEachBatch(bytes: Buffer, visit: (at: number, sizeBytes: number) => void): void {
  for (let at = 0; at < bytes.length;) {
    const sizeBytes = checkBatchBounds(bytes, at);
    visit(at, sizeBytes);
    at += sizeBytes;
  }
}

/** The batches in `bytes`, as slices of it (no copies). */
export function splitBatches(bytes: Buffer): Buffer[] {
  const batches: Buffer[] = [];
  forEachBatch(bytes, (at, sizeBytes) => batches.push(bytes.subarray(at, at + sizeBytes)));
  return batches;
}

/**
 * How many bytes at the front of `bytes` are whole batches. A fetch answer may end in the middle of a batch;
 * so may a log file after a crash.
 * @throws RecordsError for bytes that are not a batch's beginning at all
 */
export function wholeBatchesBytes(bytes: Buffer): number {
  let at = 0;
  while (bytes.length - at >= header.HEADER_BYTES_UP_TO_MAGIC) {
    const sizeBytes = header.batchSizeBytes(bytes, at);
    if (sizeBytes > bytes.length - at && header.magic(bytes, at) === header.MAGIC_V2) break;
    at += checkBatchBounds(bytes, at);
  }
  return at;
}
