/**
 * Walks over the batches of a log file by their headers, reading the file through a window. Nothing is allocated per
 * batch. Where the file stops making sense the walk ends, and `problem` says why.
 */
import { batch } from '../../protocol/records';
import type { PooledFile } from './file-pool';

/** Enough for the span between two index entries; whoever reads whole batches asks for more. */
const DEFAULT_WINDOW_BYTES = 8 * 1024;

/** Offset, size, CRC, magic, attributes, and two lengths: a message of format 0 without key and value. */
const SMALLEST_LEGACY_BYTES = 26;

export class BatchScanner {
  /** Holds the current batch's header at `at`, and perhaps more of it. */
  bytes: Buffer;
  at = 0;
  /** Of the current batch, in the file. */
  position: number;
  /** Of the current batch; 0 before the first one. */
  sizeBytes = 0;
  /** Why the walk ended before `end`; null when it did not. */
  problem: string | null = null;
  /** The bytes are a message set of Kafka before 0.11, which is intact but not readable here. */
  isLegacyFormat = false;

  private windowStart = 0;
  private windowBytes = 0;

  /** Walks from the batch at position `start` to the position `end`. */
  constructor(
    private readonly file: PooledFile,
    start: number,
    private readonly end: number,
    windowBytes = DEFAULT_WINDOW_BYTES,
  ) {
    this.position = start;
    this.bytes = Buffer.allocUnsafe(Math.max(batch.BATCH_HEADER_BYTES, Math.min(windowBytes, end - start)));
  }

  /** Moves to the next batch; false when there is none. */
  next(): boolean {
    const position = this.position + this.sizeBytes;
    const remainingBytes = this.end - position;
    if (remainingBytes <= 0 || this.problem !== null) return false;
    if (remainingBytes < batch.HEADER_BYTES_UP_TO_MAGIC || !this.load(position, batch.HEADER_BYTES_UP_TO_MAGIC)) {
      return this.fail(position, `${remainingBytes} bytes are left over`);
    }
    const sizeBytes = batch.batchSizeBytes(this.bytes, this.at);
    const magic = batch.magic(this.bytes, this.at);
    if (magic !== batch.MAGIC_V2) {
      const couldBeLegacy = (magic === 0 || magic === 1) && sizeBytes >= SMALLEST_LEGACY_BYTES;
      this.isLegacyFormat = couldBeLegacy && sizeBytes <= remainingBytes;
      return this.fail(position, `unknown magic ${magic}`);
    }
    if (sizeBytes < batch.BATCH_HEADER_BYTES || sizeBytes > remainingBytes) {
      return this.fail(position, `a batch of ${sizeBytes} bytes where ${remainingBytes} are left`);
    }
    if (!this.load(position, batch.BATCH_HEADER_BYTES)) return this.fail(position, 'the file is shorter than expected');
    this.position = position;
    this.sizeBytes = sizeBytes;
    return true;
  }

  /** Reads the whole current batch into `bytes` at `at`; false when the file ends before it. */
  loadWhole(): boolean {
    return this.load(this.position, this.sizeBytes);
  }

  private fail(position: number, problem: string): false {
    this.problem = `${problem} at position ${position} of ${this.file.filePath}`;
    return false;
  }

  private load(position: number, lengthBytes: number): boolean {
    const windowEnd = this.windowStart + this.windowBytes;
    if (position >= this.windowStart && position + lengthBytes <= windowEnd) {
      this.at = position - this.windowStart;
      return true;
    }
    if (lengthBytes > this.bytes.length) this.bytes = Buffer.allocUnsafe(lengthBytes);
    const wanted = Math.min(this.bytes.length, this.end - position);
    this.windowBytes = this.file.use().readSync(this.bytes.subarray(0, wanted), position);
    this.windowStart = position;
    this.at = 0;
    return this.windowBytes >= lengthBytes;
  }
}
