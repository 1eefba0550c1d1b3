/**
 * Open files, shared by all logs of a broker: a file is opened when it is used and stays open until so many others
 * were used after it. A thousand idle partitions hold no file open.
 *
 * FilePool owns the order of use; PooledFile is what a segment keeps.
 */
import type { Disk, DiskFile } from '../../runtime/disk';

export class FilePool {
  /** In the order of last use, the longest unused first. */
  private readonly open = new Set<PooledFile>();

  constructor(
    readonly disk: Disk,
    private readonly maxOpenFiles: number,
  ) {}

  get openFiles(): number {
    return this.open.size;
  }

  touch(file: PooledFile): void {
    this.open.delete(file);
    this.open.add(file);
    if (this.open.size <= this.maxOpenFiles) return;
    for (const oldest of this.open) {
      if (this.open.size <= this.maxOpenFiles) return;
      if (oldest !== file) oldest.close();
    }
  }

  forget(file: PooledFile): void {
    this.open.delete(file);
  }
}

export class PooledFile {
  private handle: DiskFile | null = null;
  private readers = 0;
  private closeWhenRead = false;
  private usesSinceTouch = 0;
  private create = true;

  constructor(
    private readonly pool: FilePool,
    private path: string,
  ) {}

  get filePath(): string {
    return this.path;
  }

  /** The open file; created when missing, unless it was deleted. Valid until control goes back to the event loop. */
  use(): DiskFile {
    if (this.handle === null) {
      this.handle = this.pool.disk.open(this.path, { create: this.create });
      this.pool.touch(this);
    } else if (this.closeWhenRead || ++this.usesSinceTouch >= 16) {
      this.closeWhenRead = false;
      this.usesSinceTouch = 0;
      this.pool.touch(this);
    }
    return this.handle;
  }

  /** Fills `into` from `position` on; the file stays open until that is done. Returns how many bytes. */
  async read(into: Buffer, position: number): Promise<number> {
    return this.whileOpen((handle) => handle.read(into, position));
  }

  sync(): Promise<void> {
    return this.whileOpen((handle) => handle.sync());
  }

  /** The file was renamed. */
  renamed(path: string): void {
    this.path = path;
  }

  /** The file was renamed on its way out: who still reads it may go on, but nobody makes it again. */
  deleted(path: string): void {
    this.path = path;
    this.create = false;
    this.close();
  }

  /** Closes the file now, or as soon as the reads under way are done. It may be used again. */
  close(): void {
    if (this.handle === null) return;
    this.pool.forget(this);
    if (this.readers > 0) {
      this.closeWhenRead = true;
      return;
    }
    this.handle.close();
    this.handle = null;
  }

  private async whileOpen<T>(work: (handle: DiskFile) => Promise<T>): Promise<T> {
    const handle = this.use();
    this.readers++;
    try {
      return await work(handle);
    } finally {
      this.readers--;
      if (this.readers === 0 && this.closeWhenRead) {
        this.closeWhenRead = false;
        this.handle = null;
        handle.close();
      }
    }
  }
}
