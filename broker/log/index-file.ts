/**
 * What offset and time index share: entries of a fixed size, appended in order, searched by halves.
 *
 * The newest entries stay in memory and go to the file in groups, at the latest when the segment is rolled, flushed or
 * closed. Until then the file is shorter than the index, never longer: Kafka counts every entry of a file, zeros
 * included, so nothing is preallocated. A crash loses the entries in memory; recovery rebuilds the index of every
 * segment that was not flushed anyway.
 */
import type { PooledFile } from './file-pool';

/** Entries that gather in memory before they are written. */
const PENDING_ENTRIES = 512;

export abstract class IndexFile {
  private storedEntries: number;
  private exists: boolean;
  private pending: Buffer | null = null;
  private pendingEntries = 0;
  private probe: Buffer | null = null;

  /**
   * @param sizeBytes of the file as it is; null when there is none yet
   * @param maxEntries after which the index counts as full
   */
  constructor(
    protected readonly file: PooledFile,
    private readonly entryBytes: number,
    sizeBytes: number | null,
    public maxEntries: number,
  ) {
    this.storedEntries = Math.floor((sizeBytes ?? 0) / entryBytes);
    this.exists = sizeBytes !== null;
  }

  get entries(): number {
    return this.storedEntries + this.pendingEntries;
  }

  get path(): string {
    return this.file.filePath;
  }

  /** Room for one more entry, to be filled in by the caller before anything else happens. */
  protected addEntry(write: (bytes: Buffer, at: number) => void): void {
    const capacity = this.pending ? this.pending.length / this.entryBytes : 0;
    if (this.pendingEntries === capacity) this.growPending(capacity);
    write(this.pending as Buffer, this.pendingEntries * this.entryBytes);
    this.pendingEntries++;
    if (this.pendingEntries >= PENDING_ENTRIES) this.writePending();
  }

  private growPending(capacity: number): void {
    const larger = Buffer.alloc(Math.max(8, capacity * 2) * this.entryBytes);
    this.pending?.copy(larger);
    this.pending = larger;
  }

  /**
   * How many entries are at or below a target.
   * @param isAtOrBelow whether the entry whose bytes lie at `at` is; true for a front part of the index, false after it
   */
  protected countWhile(isAtOrBelow: (bytes: Buffer, at: number) => boolean): number {
    let low = 0;
    let high = this.entries;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.withEntry(middle, isAtOrBelow)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Reads entry number `index`. */
  protected withEntry<T>(index: number, read: (bytes: Buffer, at: number) => T): T {
    if (index >= this.storedEntries) {
      return read(this.pending as Buffer, (index - this.storedEntries) * this.entryBytes);
    }
    this.probe ??= Buffer.alloc(this.entryBytes);
    this.file.use().readSync(this.probe, index * this.entryBytes);
    return read(this.probe, 0);
  }

  /** Puts the entries that are still in memory into the file. */
  writePending(): void {
    if (this.pendingEntries === 0) return;
    const bytes = (this.pending as Buffer).subarray(0, this.pendingEntries * this.entryBytes);
    this.file.use().writeSync(bytes, this.storedEntries * this.entryBytes);
    this.storedEntries += this.pendingEntries;
    this.pendingEntries = 0;
    this.pending = null;
  }

  /** Keeps the first `count` entries. */
  protected keep(count: number): void {
    if (count >= this.entries) return;
    if (count >= this.storedEntries) {
      this.pendingEntries = count - this.storedEntries;
      return;
    }
    this.pendingEntries = 0;
    this.pending = null;
    this.storedEntries = count;
    this.file.use().truncateSync(count * this.entryBytes);
  }

  /** Writes what is in memory and makes sure that the file exists, even when the index is empty. */
  complete(): void {
    this.writePending();
    if (this.exists) return;
    this.file.use();
    this.exists = true;
  }

  async sync(): Promise<void> {
    this.complete();
    await this.file.sync();
  }

  syncSync(): void {
    this.complete();
    this.file.use().syncSync();
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
