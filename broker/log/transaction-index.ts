/**
 * The aborted transactions that ended in a segment: `<base offset>.txnindex`, entries of 34 bytes in the order of their
 * markers. The file exists only where a transaction was aborted.
 *
 * ```
 * version i16 = 0 | producerId i64 | firstOffset i64 | lastOffset i64 (of the marker) | lastStableOffset i64 (then)
 * ```
 */
import type { PooledFile } from './file-pool';

const ENTRY_BYTES = 34;

export interface AbortedTransactionEntry {
  producerId: number;
  firstOffset: number;
  lastOffset: number;
  lastStableOffset: number;
}

export class TransactionIndex {
  private loaded: AbortedTransactionEntry[] | null = null;

  /** @param entryCount how many entries the file has; 0 when there is no file */
  constructor(
    private readonly file: PooledFile,
    private entryCount: number,
  ) {}

  static entriesIn(sizeBytes: number): number {
    return Math.floor(sizeBytes / ENTRY_BYTES);
  }

  get isEmpty(): boolean {
    return this.entryCount === 0;
  }

  get path(): string {
    return this.file.filePath;
  }

  append(entry: AbortedTransactionEntry): void {
    const bytes = Buffer.alloc(ENTRY_BYTES);
    bytes.writeInt16BE(0, 0);
    bytes.writeBigInt64BE(BigInt(entry.producerId), 2);
    bytes.writeBigInt64BE(BigInt(entry.firstOffset), 10);
    bytes.writeBigInt64BE(BigInt(entry.lastOffset), 18);
    bytes.writeBigInt64BE(BigInt(entry.lastStableOffset), 26);
    this.file.use().writeSync(bytes, this.entryCount * ENTRY_BYTES);
    this.entryCount++;
    this.loaded?.push(entry);
  }

  get all(): readonly AbortedTransactionEntry[] {
    this.loaded ??= this.load();
    return this.loaded;
  }

  private load(): AbortedTransactionEntry[] {
    if (this.entryCount === 0) return [];
    const bytes = Buffer.alloc(this.entryCount * ENTRY_BYTES);
    this.file.use().readSync(bytes, 0);
    const entries: AbortedTransactionEntry[] = [];
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      entries.push({
        producerId: Number(bytes.readBigInt64BE(at + 2)),
        firstOffset: Number(bytes.readBigInt64BE(at + 10)),
        lastOffset: Number(bytes.readBigInt64BE(at + 18)),
        lastStableOffset: Number(bytes.readBigInt64BE(at + 26)),
      });
    }
    return entries;
  }

  /** Drops the transactions that ended at or above `offset`. */
  truncateTo(offset: number): void {
    if (this.entryCount === 0) return;
    const kept = this.all.filter((entry) => entry.lastOffset < offset);
    if (kept.length === this.entryCount) return;
    this.loaded = kept;
    this.entryCount = kept.length;
    this.file.use().truncateSync(kept.length * ENTRY_BYTES);
  }

  reset(): void {
    this.truncateTo(0);
  }

  async sync(): Promise<void> {
    if (this.entryCount > 0) await this.file.sync();
  }

  syncSync(): void {
    if (this.entryCount > 0) this.file.use().syncSync();
  }

  close(): void {
    this.file.close();
  }

  renamed(path: string): void {
    this.file.renamed(path);
  }

  deleted(path: string): void {
    this.file.deleted(path);
  }
}
