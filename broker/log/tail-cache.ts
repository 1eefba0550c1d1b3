/**
 * The newest bytes of all logs of a broker, in memory, so that consumers and followers who keep up are served without
 * reading a file. One budget of bytes for all logs together; the oldest bytes of whichever log go first.
 *
 * TailCache owns the blocks of memory, LogTail the list of what is in them for one log. Appends are copied into the
 * newest block; when the budget is used up, the oldest block is written again. Readers get copies, so nothing outside
 * refers to a block. Copying twice is cheaper than keeping the network buffers that appends lie in: those would become
 * garbage that only full collections find (measured: a quarter of the processor time of a broker that takes 1 KiB records).
 */
import { batch } from '../../protocol/records';

const MOST_BLOCK_BYTES = 1024 * 1024;
/** Into how many blocks a small budget is divided. */
const FEWEST_BLOCKS = 8;

interface Block {
  /** Null once the block was given up; its memory may be another block's then. */
  bytes: Buffer | null;
  usedBytes: number;
  tails: Set<LogTail>;
}

export class TailCache {
  /** Oldest first. */
  private readonly blocks = new Set<Block>();
  private newest: Block | null = null;
  private held = 0;
  private readonly blockBytes: number;

  constructor(private readonly budgetBytes: number) {
    this.blockBytes = Math.min(MOST_BLOCK_BYTES, Math.floor(budgetBytes / FEWEST_BLOCKS));
  }

  get heldBytes(): number {
    return this.held;
  }

  /** Keeps a copy of `records` for `tail`; returns where it is, or null when the budget does not allow even them. */
  keep(tail: LogTail, records: Buffer): { block: Block; start: number } | null {
    if (records.length > this.budgetBytes) return null;
    let block = this.newest;
    if (!block?.bytes || block.bytes.length - block.usedBytes < records.length) block = this.addBlock(records.length);
    const start = block.usedBytes;
    records.copy(block.bytes as Buffer, start);
    block.usedBytes += records.length;
    block.tails.add(tail);
    return { block, start };
  }

  /** @param leastBytes an append larger than a block gets one of its own size */
  private addBlock(leastBytes: number): Block {
    const sizeBytes = Math.max(this.blockBytes, leastBytes);
    let freed: Buffer | null = null;
    for (const oldest of this.blocks) {
      if (this.held + sizeBytes <= this.budgetBytes) break;
      freed = this.drop(oldest);
    }
    const bytes = freed?.length === sizeBytes ? freed : Buffer.allocUnsafeSlow(sizeBytes);
    const block = { bytes, usedBytes: 0, tails: new Set<LogTail>() };
    this.blocks.add(block);
    this.held += sizeBytes;
    this.newest = block;
    return block;
  }

  private drop(block: Block): Buffer {
    const bytes = block.bytes as Buffer;
    this.blocks.delete(block);
    this.held -= bytes.length;
    if (this.newest === block) this.newest = null;
    block.bytes = null;
    for (const tail of block.tails) tail.forgetDropped();
    return bytes;
  }

  /** `tail` needs its blocks no more; those that nobody else needs go at once. */
  forget(tail: LogTail): void {
    for (const block of this.blocks) {
      if (block.tails.delete(tail) && block.tails.size === 0) this.drop(block);
    }
  }
}

interface TailEntry {
  block: Block;
  start: number;
  sizeBytes: number;
  firstOffset: number;
  /** After the last record. */
  nextOffset: number;
  /** Bytes appended to the log since it was opened, before these. */
  bytesBefore: number;
}

export interface TailRead {
  /** A copy, in one buffer; none when nothing was read. */
  records: Buffer[];
  sizeBytes: number;
  /** After the last record read; the offset asked for when nothing was read. */
  nextOffset: number;
}

/** What of one log is in the cache: everything from `startOffset` to the log's end, or nothing. */
export class LogTail {
  private entries: TailEntry[] = [];
  /** The entries before this index are gone. */
  private head = 0;
  private appendedBytes = 0;

  constructor(private readonly cache: TailCache) {}

  /** The first offset that can be read here; Infinity when nothing can. */
  get startOffset(): number {
    return this.entries[this.head]?.firstOffset ?? Infinity;
  }

  /** Takes in what was just appended to the log. */
  append(records: Buffer, firstOffset: number, nextOffset: number): void {
    const place = this.cache.keep(this, records);
    // Larger than the whole budget: what came before is no longer connected with what comes next.
    if (!place) this.clear();
    else {
      this.entries.push({
        block: place.block,
        start: place.start,
        sizeBytes: records.length,
        firstOffset,
        nextOffset,
        bytesBefore: this.appendedBytes,
      });
    }
    this.appendedBytes += records.length;
  }

  /**
   * Whole batches from the one that holds `offset` on, up to `maxOffset` (exclusive) and `maxBytes`.
   * @param minOneBatch whether the first batch is returned even if it is larger than `maxBytes`
   * @returns null when `offset` is no longer, or not yet, in the cache
   */
  read(offset: number, maxBytes: number, maxOffset: number, minOneBatch: boolean): TailRead | null {
    if (offset < this.startOffset) return null;
    const pieces: Piece[] = [];
    let sizeBytes = 0;
    let nextOffset = offset;
    for (let index = this.find(offset); index < this.entries.length; index++) {
      const entry = this.entries[index] as TailEntry;
      if (entry.firstOffset >= maxOffset) break;
      const fromStart = offset <= entry.firstOffset;
      const whole = fromStart && entry.nextOffset <= maxOffset && sizeBytes + entry.sizeBytes <= maxBytes;
      const part = whole
        ? { start: entry.start, end: entry.start + entry.sizeBytes, nextOffset: entry.nextOffset }
        : partOf(entry, offset, maxBytes - sizeBytes, maxOffset, minOneBatch && sizeBytes === 0);
      if (part.end > part.start) {
        addPiece(pieces, entry.block, part.start, part.end);
        sizeBytes += part.end - part.start;
        nextOffset = part.nextOffset;
      }
      if (!whole && part.nextOffset < entry.nextOffset) break;
    }
    return { records: sizeBytes > 0 ? [copyOf(pieces, sizeBytes)] : [], sizeBytes, nextOffset };
  }

  /** Bytes from one offset to another, to the precision of whole appends; null when the first is not in the cache. */
  bytesBetween(fromOffset: number, toOffset: number): number | null {
    if (fromOffset < this.startOffset) return null;
    return Math.max(0, this.bytesBefore(toOffset) - this.bytesBefore(fromOffset));
  }

  private bytesBefore(offset: number): number {
    return this.entries[this.find(offset)]?.bytesBefore ?? this.appendedBytes;
  }

  /** The first entry that ends above `offset`. */
  private find(offset: number): number {
    let low = this.head;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle] as TailEntry).nextOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The log was cut off at `offset`, perhaps between two batches of one append: those before it stay, or a reader would be
   * led from what precedes the append straight to what is appended next.
   */
  truncateTo(offset: number): void {
    let count = this.entries.length;
    for (; count > this.head; count--) {
      const entry = this.entries[count - 1] as TailEntry;
      if (entry.nextOffset > offset) cutOff(entry, offset);
      if (entry.sizeBytes === 0) continue;
      this.appendedBytes = entry.bytesBefore + entry.sizeBytes;
      break;
    }
    this.entries.length = count;
    if (count > this.head) return;
    this.clear();
  }

  clear(): void {
    this.entries = [];
    this.head = 0;
    this.cache.forget(this);
  }

  /** The cache gave up its oldest block, and with it the oldest entries. */
  forgetDropped(): void {
    const { entries } = this;
    while (entries[this.head]?.block.bytes === null) this.head++;
    if (this.head * 2 <= entries.length) return;
    this.entries = entries.slice(this.head);
    this.head = 0;
  }
}

/** Drops the batches of an entry from the first one on that has a record at `offset` or beyond. */
function cutOff(entry: TailEntry, offset: number): void {
  const bytes = entry.block.bytes as Buffer;
  const entryEnd = entry.start + entry.sizeBytes;
  let end = entry.start;
  entry.nextOffset = entry.firstOffset;
  while (end < entryEnd && batch.nextOffset(bytes, end) <= offset) {
    entry.nextOffset = batch.nextOffset(bytes, end);
    end += batch.batchSizeBytes(bytes, end);
  }
  entry.sizeBytes = end - entry.start;
}

/** A stretch of a block that is to be copied out. */
interface Piece {
  block: Block;
  start: number;
  end: number;
}

function addPiece(pieces: Piece[], block: Block, start: number, end: number): void {
  const last = pieces.at(-1);
  if (last?.block === block && last.end === start) last.end = end;
  else pieces.push({ block, start, end });
}

function copyOf(pieces: readonly Piece[], sizeBytes: number): Buffer {
  const copy = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const { block, start, end } of pieces) at += (block.bytes as Buffer).copy(copy, at, start, end);
  return copy;
}

/** The batches of an entry from the one that holds `offset` on, within the limits. */
function partOf(
  entry: TailEntry,
  offset: number,
  maxBytes: number,
  maxOffset: number,
  minOneBatch: boolean,
): { start: number; end: number; nextOffset: number } {
  const bytes = entry.block.bytes as Buffer;
  const entryEnd = entry.start + entry.sizeBytes;
  let start = entry.start;
  while (start < entryEnd && batch.lastOffset(bytes, start) < offset) start += batch.batchSizeBytes(bytes, start);
  let end = start;
  let nextOffset = offset;
  while (end < entryEnd && batch.baseOffset(bytes, end) < maxOffset) {
    const sizeBytes = batch.batchSizeBytes(bytes, end);
    if (end + sizeBytes - start > maxBytes && !(minOneBatch && end === start)) break;
    end += sizeBytes;
    nextOffset = batch.nextOffset(bytes, end - sizeBytes);
  }
  return { start, end, nextOffset };
}
