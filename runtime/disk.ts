/**
 * Files as a dependency. The log and its checkpoints reach the disk only through a Disk, so that tests can make it
 * fail and the simulation can replace it.
 *
 * Writes and metadata operations are synchronous: a write goes into the page cache, which takes microseconds, and
 * the caller's state change stays one uninterrupted step (docs/decisions/0003-synchronous-appends.md). What waits for
 * the device is asynchronous: reading data that may be cold, and fsync.
 *
 * Every error is Node's own, with its `code` (ENOENT, ENOSPC, EIO …).
 */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** An open file. Positions and sizes in bytes. */
export interface DiskFile {
  sizeBytes(): number;
  /** Fills `into` from `position` on as far as the file goes; returns how many bytes. */
  readSync(into: Buffer, position: number): number;
  read(into: Buffer, position: number): Promise<number>;
  /** Writes all of `bytes` at `position`. */
  writeSync(bytes: Buffer, position: number): void;
  truncateSync(sizeBytes: number): void;
  /** Waits until the device has the file's data. */
  sync(): Promise<void>;
  /** As sync, while the whole process waits: for who asked for durability before the answer. */
  syncSync(): void;
  close(): void;
}

export interface FileStat {
  sizeBytes: number;
  modifiedMs: number;
}

export interface DirectoryEntry {
  name: string;
  isDirectory: boolean;
}

export interface Disk {
  /** Opens for reading and writing; creates the file when `create` is set and it is missing. */
  open(path: string, options: { create: boolean }): DiskFile;
  /** Opens for reading only, e.g. to look into a directory that somebody else owns. */
  openReadOnly(path: string): DiskFile;
  list(directory: string): DirectoryEntry[];
  /** Null when there is no such file. */
  stat(path: string): FileStat | null;
  exists(path: string): boolean;
  /** Null when there is no such file. */
  readFile(path: string): Buffer | null;
  /** Makes or overwrites a file in one write: for files that nobody has read yet. */
  writeFile(path: string, content: Buffer | string): void;
  /** Writes beside the file, then renames: readers see the old content or the new, never a part. */
  replaceFile(path: string, content: Buffer | string): void;
  /** As replaceFile, and on the device before it resolves. */
  replaceFileDurably(path: string, content: Buffer | string): Promise<void>;
  rename(from: string, to: string): void;
  /** Nothing happens when there is no such file. */
  removeFile(path: string): void;
  /** With everything in it. */
  removeDirectory(path: string): Promise<void>;
  /** With its parents; nothing happens when it is there already. */
  makeDirectory(path: string): void;
  /** Puts a directory's entries (creations, renames) on the device. */
  syncDirectory(path: string): Promise<void>;
  /** The directory's absolute path without symbolic links. */
  realPath(path: string): string;
}

/** Whether the disk refused something, as opposed to a mistake in the program: such errors name a code and a system call. */
export function isDiskError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
}

const readAsync = promisify(fs.read);
const fdatasyncAsync = promisify(fs.fdatasync);

class NodeFile implements DiskFile {
  constructor(private readonly fd: number) {}

  sizeBytes(): number {
    return fs.fstatSync(this.fd).size;
  }

  readSync(into: Buffer, position: number): number {
    let done = 0;
    while (done < into.length) {
      const count = fs.readSync(this.fd, into, done, into.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async read(into: Buffer, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await readAsync(this.fd, into, done, into.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  writeSync(bytes: Buffer, position: number): void {
    let done = 0;
    while (done < bytes.length) done += fs.writeSync(this.fd, bytes, done, bytes.length - done, position + done);
  }

  truncateSync(sizeBytes: number): void {
    fs.ftruncateSync(this.fd, sizeBytes);
  }

  sync(): Promise<void> {
    return fdatasyncAsync(this.fd);
  }

  syncSync(): void {
    fs.fdatasyncSync(this.fd);
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}

/** Runs `read`; a missing file or directory is null. */
function nullIfMissing<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The machine's file system. */
export const systemDisk: Disk = {
  open(path, { create }) {
    const flags = fs.constants.O_RDWR | (create ? fs.constants.O_CREAT : 0);
    return new NodeFile(fs.openSync(path, flags, 0o644));
  },
  openReadOnly: (path) => new NodeFile(fs.openSync(path, 'r')),
  list: (directory) =>
    fs.readdirSync(directory, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isDirectory: entry.isSymbolicLink() ? isDirectory(join(directory, entry.name)) : entry.isDirectory(),
    })),
  stat(path) {
    const stat = nullIfMissing(() => fs.statSync(path));
    return stat && { sizeBytes: stat.size, modifiedMs: stat.mtimeMs };
  },
  exists: (path) => fs.existsSync(path),
  // Here and below: asking first is much cheaper than the error for the usual case, in which there is no such file.
  readFile: (path) => (fs.existsSync(path) ? nullIfMissing(() => fs.readFileSync(path)) : null),
  writeFile: (path, content) => fs.writeFileSync(path, content),
  replaceFile(path, content) {
    fs.writeFileSync(`${path}.tmp`, content);
    fs.renameSync(`${path}.tmp`, path);
  },
  async replaceFileDurably(path, content) {
    const handle = await fs.promises.open(`${path}.tmp`, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.promises.rename(`${path}.tmp`, path);
  },
  rename: (from, to) => fs.renameSync(from, to),
  removeFile(path) {
    if (fs.existsSync(path)) nullIfMissing(() => fs.unlinkSync(path));
  },
  removeDirectory: (path) => fs.promises.rm(path, { recursive: true, force: true }),
  makeDirectory(path) {
    if (makeOneDirectory(path, true)) return;
    // Not Node's own recursive mkdir: that tries for ever where a file system takes no directories, as /proc (Node 20).
    this.makeDirectory(dirname(path));
    makeOneDirectory(path, false);
  },
  async syncDirectory(path) {
    const handle = await fs.promises.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  realPath: (path) => fs.realpathSync(path),
};

/** True when the directory is there; false when its parent is missing and that is allowed. */
function makeOneDirectory(path: string, parentMayBeMissing: boolean): boolean {
  try {
    fs.mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && parentMayBeMissing && dirname(path) !== path) return false;
    if (code !== 'EEXIST' || !isDirectory(path)) throw error;
  }
  return true;
}

function isDirectory(path: string): boolean {
  return nullIfMissing(() => fs.statSync(path))?.isDirectory() ?? false;
}
