/**
 * The newest bytes of all logs of a broker, in memory, so that consumers and followers who keep up are served without
 * reading a file. One budget of bytes for all logs together; the oldest bytes of whichever log go first.
 *
 * TailCache owns the chunks of memory, LogTail the list of what is in them for one log. A small append is copied into a
 * shared chunk, since a slice would keep the network buffer around it alive. A larger one stays where it is; its chunk
 * is the whole buffer it lies in, and that is what it costs: what lies beside it in the buffer are mostly the next
 * appends. Chunks are never written twice: an answer on its way to a socket may still refer to one.
 */
import { batch } from '../../protocol/records';

const CHUNK_BYTES = 256 * 1024;
/** Appends from this size on are not copied. */
const KEEP_IN_PLACE_BYTES = 4 * 1024;

interface Chunk {
  /** Null once the chunk was given up. */
  bytes: Buffer | null;
  /** The bytes of a network buffer; null for a chunk that appends are copied into. */
  source: ArrayBufferLike | null;
  usedBytes: number;
  /** What it costs of the budget. */
  heldBytes: number;
  /** Counts up with the chunks: those with smaller numbers are given up first. */
  sequence: number;
  tails: Set<LogTail>;
}

export class TailCache {
  /** Oldest first. */
  private readonly chunks = new Set<Chunk>();
  /** What small appends are copied into. */
  private shared: Chunk | null = null;
  /** The network buffer that was kept last: the next append may lie in it too. */
  private inPlace: Chunk | null = null;
  private held = 0;
  private nextSequence = 0;

  constructor(private readonly budgetBytes: number) {}

  get heldBytes(): number {
    return this.held;
  }

  /** Keeps `records` for `tail`; returns where they are, or null when the budget does not allow even them. */
  keep(tail: LogTail, records: Buffer): { chunk: Chunk; start: number } | null {
    const place = records.length >= KEEP_IN_PLACE_BYTES ? this.keepInPlace(records) : this.copy(records);
    place.chunk.tails.add(tail);
    this.evict();
    return place.chunk.bytes ? place : null;
  }

  private keepInPlace(records: Buffer): { chunk: Chunk; start: number } {
    const source = records.buffer;
    if (this.inPlace?.source !== source) {
      this.inPlace = this.addChunk(Buffer.from(source as ArrayBuffer), source);
    }
    return { chunk: this.inPlace, start: records.byteOffset };
  }

  private copy(records: Buffer): { chunk: Chunk; start: number } {
    let chunk = this.shared;
    if (!chunk?.bytes || chunk.bytes.length - chunk.usedBytes < records.length) {
      chunk = this.addChunk(Buffer.allocUnsafeSlow(CHUNK_BYTES), null);
      this.shared = chunk;
    }
    const start = chunk.usedBytes;
    records.copy(chunk.bytes as Buffer, start);
    chunk.usedBytes += records.length;
    return { chunk, start };
  }

  private addChunk(bytes: Buffer, source: ArrayBufferLike | null): Chunk {
    const chunk = {
      bytes,
      source,
      usedBytes: 0,
      heldBytes: bytes.length,
      sequence: this.nextSequence++,
      tails: new Set<LogTail>(),
    };
    this.chunks.add(chunk);
    this.held += chunk.heldBytes;
    return chunk;
  }

  private evict(): void {
    if (this.held <= this.budgetBytes) return;
    for (const chunk of this.chunks) {
      this.drop(chunk);
      if (this.held <= this.budgetBytes) return;
    }
  }

  private drop(chunk: Chunk): void {
    this.chunks.delete(chunk);
    this.held -= chunk.heldBytes;
    if (this.shared === chunk) this.shared = null;
    if (this.inPlace === chunk) this.inPlace = null;
    chunk.bytes = null;
    chunk.source = null;
    for (const tail of chunk.tails) tail.forgetDropped();
  }

  /** `tail` needs its chunks no more; those that nobody else needs go at once. */
  forget(tail: LogTail): void {
    for (const chunk of this.chunks) {
      if (chunk.tails.delete(tail) && chunk.tails.size === 0) this.drop(chunk);
    }
  }
}

interface TailEntry {
  chunk: Chunk;
  start: number;
  sizeBytes: number;
  firstOffset: number;
  /** After the last record. */
  nextOffset: number;
  /** Bytes appended to the log since it was opened, before these. */
  bytesBefore: number;
}

export interface TailRead {
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
  /** No entry lies in an older chunk than the one before it: then what is given up first comes first. */
  private inOrder = true;
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
    if (!place) this.truncateTo(0);
    else {
      const { chunk, start } = place;
      const last = this.entries.at(-1);
      if (last && chunk.sequence < last.chunk.sequence) this.inOrder = false;
      this.entries.push({
        chunk,
        start,
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
    const result: TailRead = { records: [], sizeBytes: 0, nextOffset: offset };
    let last: { chunk: Chunk; end: number } | null = null;
    for (let index = this.find(offset); index < this.entries.length; index++) {
      const entry = this.entries[index] as TailEntry;
      if (entry.firstOffset >= maxOffset) break;
      const fromStart = offset <= entry.firstOffset;
      const whole = fromStart && entry.nextOffset <= maxOffset && result.sizeBytes + entry.sizeBytes <= maxBytes;
      const part = whole
        ? { start: entry.start, end: entry.start + entry.sizeBytes, nextOffset: entry.nextOffset }
        : partOf(entry, offset, maxBytes - result.sizeBytes, maxOffset, minOneBatch && result.sizeBytes === 0);
      if (part.end > part.start) {
        const bytes = entry.chunk.bytes as Buffer;
        if (last && last.chunk === entry.chunk && last.end === part.start) {
          const previous = result.records.pop() as Buffer;
          result.records.push(bytes.subarray(part.start - previous.length, part.end));
        } else {
          result.records.push(bytes.subarray(part.start, part.end));
        }
        last = { chunk: entry.chunk, end: part.end };
        result.sizeBytes += part.end - part.start;
        result.nextOffset = part.nextOffset;
      }
      if (!whole && part.nextOffset < entry.nextOffset) break;
    }
    return result;
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

  /** The log was cut off at `offset`. */
  truncateTo(offset: number): void {
    let count = this.entries.length;
    while (count > this.head && (this.entries[count - 1] as TailEntry).nextOffset > offset) count--;
    this.entries.length = count;
    if (count > this.head) return;
    this.clear();
  }

  clear(): void {
    this.entries = [];
    this.head = 0;
    this.inOrder = true;
    this.cache.forget(this);
  }

  /** The cache gave up chunks: the oldest entries, and with them all that came before the last one lost. */
  forgetDropped(): void {
    const { entries } = this;
    const isLost = (index: number): boolean => entries[index]?.chunk.bytes === null;
    if (this.inOrder) {
      while (isLost(this.head)) this.head++;
    } else {
      let index = entries.length - 1;
      while (index >= this.head && !isLost(index)) index--;
      this.head = index + 1;
    }
    if (this.head * 2 <= entries.length) return;
    this.entries = entries.slice(this.head);
    this.head = 0;
  }
}

/** The batches of an entry from the one that holds `offset` on, within the limits. */
function partOf(
  entry: TailEntry,
  offset: number,
  maxBytes: number,
  maxOffset: number,
  minOneBatch: boolean,
): { start: number; end: number; nextOffset: number } {
  const bytes = entry.chunk.bytes as Buffer;
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
