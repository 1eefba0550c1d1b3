/** Reads a segment's batches one after the other, without holding more than one of them (FileLogInputStream in Kafka). */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { batch } from '../../protocol/records';
import { CommandError } from '../command';

export interface StoredBatch {
  /** Of the batch's first byte in the file. */
  position: number;
  bytes: Buffer;
}

/** The smallest that a batch's length field can say: of a record of the oldest format. */
const SMALLEST_BATCH_BYTES = 14;
const CHUNK_BYTES = 1 << 20;

export class SegmentReader {
  private readonly descriptor: number;
  private readonly endPosition: number;
  private chunk: Buffer = Buffer.alloc(0);
  private chunkAt = 0;

  /** @throws CommandError when there is no such file */
  constructor(
    readonly file: string,
    maxBytes = Infinity,
  ) {
    this.descriptor = openFile(file);
    this.endPosition = Math.min(fstatSync(this.descriptor).size, maxBytes);
  }

  /** Bytes of the file, up to the limit. */
  get sizeBytes(): number {
    return this.endPosition;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Whole batches from `position` on; ends before one that is cut off. @throws CommandError when no batch can begin there */
  *batches(position = 0): Generator<StoredBatch> {
    let at = position;
    for (let found = this.batchAt(at); found; found = this.batchAt(at)) {
      yield found;
      at += found.bytes.length;
    }
  }

  /** The batch that begins at `position`; null when the file ends before it does. */
  batchAt(position: number, maxBytes = Infinity): StoredBatch | null {
    const end = Math.min(this.endPosition, position + maxBytes);
    if (position + batch.HEADER_BYTES_UP_TO_MAGIC > end) return null;
    const sizeBytes = batch.batchSizeBytes(this.read(position, batch.HEADER_BYTES_UP_TO_MAGIC));
    if (sizeBytes < SMALLEST_BATCH_BYTES + batch.LOG_OVERHEAD_BYTES) {
      throw new CommandError(
        `Found record size ${sizeBytes - batch.LOG_OVERHEAD_BYTES} smaller than minimum record overhead (${SMALLEST_BATCH_BYTES}) in file ${this.file}.`,
      );
    }
    if (position + sizeBytes > end) return null;
    const bytes = this.read(position, sizeBytes);
    const magic = batch.magic(bytes);
    if (magic !== batch.MAGIC_V2) {
      throw new CommandError(
        `The batch at position ${position} of ${this.file} has magic ${magic}; only ${batch.MAGIC_V2} is supported so far.`,
      );
    }
    return { position, bytes };
  }

  private read(position: number, length: number): Buffer {
    if (position < this.chunkAt || position + length > this.chunkAt + this.chunk.length) {
      const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, length));
      this.chunk = chunk.subarray(0, readSync(this.descriptor, chunk, 0, chunk.length, position));
      this.chunkAt = position;
    }
    return this.chunk.subarray(position - this.chunkAt, position - this.chunkAt + length);
  }
}

/** @throws CommandError when the file cannot be opened */
function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(code === 'ENOENT' ? `There is no file ${file}` : `Cannot read ${file}: ${message}`);
  }
}

/** A small file's bytes. @throws CommandError when it cannot be opened */
export function readWholeFile(file: string): Buffer {
  const descriptor = openFile(file);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
