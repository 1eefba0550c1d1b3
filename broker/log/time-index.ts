/**
 * Finds the first batch of a time in a segment: `<base offset>.timeindex`, entries of 12 bytes, both ascending.
 *
 * ```
 * timestamp i64 (largest so far) | relativeOffset i32 (last offset of the batch that has it - base offset)
 * ```
 */
import type { PooledFile } from './file-pool';
import { IndexFile } from './index-file';

const ENTRY_BYTES = 12;

export interface TimeIndexEntry {
  timestamp: bigint;
  offset: number;
}

export class TimeIndex extends IndexFile {
  private last: TimeIndexEntry | null = null;

  constructor(
    file: PooledFile,
    private readonly baseOffset: number,
    sizeBytes: number | null,
    maxIndexBytes: number,
  ) {
    super(file, ENTRY_BYTES, sizeBytes, Math.floor(maxIndexBytes / ENTRY_BYTES));
  }

  /** One entry stays free for the one that the roll adds. */
  get isFull(): boolean {
    return this.entries >= this.maxEntries - 1;
  }

  /** The last entry; timestamp -1 at the base offset when there is none. */
  get lastEntry(): TimeIndexEntry {
    this.last ??= this.entryBefore(this.entries);
    return this.last;
  }

  private entryBefore(count: number): TimeIndexEntry {
    if (count === 0) return { timestamp: -1n, offset: this.baseOffset };
    return this.withEntry(count - 1, (bytes, at) => ({
      timestamp: bytes.readBigInt64BE(at),
      offset: this.baseOffset + bytes.readInt32BE(at + 8),
    }));
  }

  /** Adds an entry if its timestamp is larger than the last one's. */
  maybeAppend(timestamp: bigint, offset: number): void {
    if (timestamp <= this.lastEntry.timestamp || offset < this.lastEntry.offset) return;
    if (this.entries >= this.maxEntries) return;
    this.addEntry((bytes, at) => {
      bytes.writeBigInt64BE(timestamp, at);
      bytes.writeInt32BE(offset - this.baseOffset, at + 8);
    });
    this.last = { timestamp, offset };
  }

  /** The greatest entry whose timestamp is at or below `timestamp`. */
  lookup(timestamp: bigint): TimeIndexEntry {
    return this.entryBefore(this.countWhile((bytes, at) => bytes.readBigInt64BE(at) <= timestamp));
  }

  /** Drops the entries for offsets at or above `offset`. */
  truncateTo(offset: number): void {
    this.keep(this.countWhile((bytes, at) => this.baseOffset + bytes.readInt32BE(at + 8) < offset));
    this.last = null;
  }

  reset(): void {
    this.keep(0);
    this.last = null;
  }
}
