/**
 * Finds a batch's place in a segment: `<base offset>.index`, entries of 8 bytes, ascending.
 *
 * ```
 * relativeOffset i32 (offset of the last record appended - base offset) | position i32 (where that append begins)
 * ```
 */
import type { PooledFile } from './file-pool';
import { IndexFile } from './index-file';

const ENTRY_BYTES = 8;
const MAX_RELATIVE_OFFSET = 0x7fff_ffff;

export class OffsetIndex extends IndexFile {
  private last: number | null = null;

  constructor(
    file: PooledFile,
    private readonly baseOffset: number,
    sizeBytes: number | null,
    maxIndexBytes: number,
  ) {
    super(file, ENTRY_BYTES, sizeBytes, Math.floor(maxIndexBytes / ENTRY_BYTES));
  }

  /** The last entry's offset; the segment's base offset when there is none. */
  get lastOffset(): number {
    this.last ??=
      this.entries === 0
        ? this.baseOffset
        : this.withEntry(this.entries - 1, (bytes, at) => this.baseOffset + bytes.readInt32BE(at));
    return this.last;
  }

  get isFull(): boolean {
    return this.entries >= this.maxEntries;
  }

  /** Whether an offset can be written relative to the base offset. */
  canHold(offset: number): boolean {
    const relative = offset - this.baseOffset;
    return relative >= 0 && relative <= MAX_RELATIVE_OFFSET;
  }

  /** Offsets must come in ascending order. */
  append(offset: number, position: number): void {
    if (this.entries > 0 && offset <= this.lastOffset) {
      throw new RangeError(`Offset ${offset} is not above ${this.lastOffset}, the last in ${this.path}`);
    }
    this.addEntry((bytes, at) => {
      bytes.writeInt32BE(offset - this.baseOffset, at);
      bytes.writeInt32BE(position, at + 4);
    });
    this.last = offset;
  }

  /** The position of the greatest entry at or below `offset`; 0 when there is none. */
  lookup(offset: number): number {
    const count = this.countWhile((bytes, at) => this.baseOffset + bytes.readInt32BE(at) <= offset);
    return count === 0 ? 0 : this.withEntry(count - 1, (bytes, at) => bytes.readInt32BE(at + 4));
  }

  /** The position of the entry so many before the end; 0 when there are not so many. */
  positionFromEnd(count: number): number {
    return count >= this.entries ? 0 : this.withEntry(this.entries - count, (bytes, at) => bytes.readInt32BE(at + 4));
  }

  /** Drops the entries at or above `offset`. */
  truncateTo(offset: number): void {
    this.keep(this.countWhile((bytes, at) => this.baseOffset + bytes.readInt32BE(at) < offset));
    this.last = null;
  }

  reset(): void {
    this.keep(0);
    this.last = null;
  }
}
