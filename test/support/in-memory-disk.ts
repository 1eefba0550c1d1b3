/**
 * A file system in memory that outlives the processes using it: what was written stays when a process is killed, as the
 * page cache does. A machine that loses power is not modelled. Owns the files; each process gets a view of its own, which
 * ends with it.
 */
import { basename, dirname } from 'node:path';
import type { Disk, DiskFile, FileStat } from '../../runtime/disk';

interface FileNode {
  /** Grows by doubling; the first `size` bytes count. */
  bytes: Buffer;
  size: number;
  modifiedMs: number;
}

export class InMemoryDisk {
  private readonly files = new Map<string, FileNode>();
  private readonly directories = new Set<string>(['/']);

  constructor(private readonly nowMs: () => number) {}

  /** The disk as one process sees it; every operation fails once `isAlive` is false. */
  view(isAlive: () => boolean): Disk {
    const check = (): void => {
      if (!isAlive()) throw errorOf('EIO', 'the process was killed');
    };
    const guarded =
      <A extends unknown[], R>(act: (...args: A) => R) =>
      (...args: A): R => {
        check();
        return act(...args);
      };
    return {
      open: guarded(
        (path: string, { create }: { create: boolean }) => new MemoryFile(this.fileAt(path, create), this.nowMs, check),
      ),
      openReadOnly: guarded((path: string) => new MemoryFile(this.fileAt(path, false), this.nowMs, check)),
      list: guarded((directory: string) => this.list(directory)),
      stat: guarded((path: string) => this.stat(path)),
      exists: guarded((path: string) => this.files.has(path) || this.directories.has(path)),
      readFile: guarded((path: string) => this.contentOf(path)),
      writeFile: guarded((path: string, content: Buffer | string) => this.write(path, content)),
      replaceFile: guarded((path: string, content: Buffer | string) => this.write(path, content)),
      replaceFileDurably: guarded((path: string, content: Buffer | string) =>
        Promise.resolve(this.write(path, content)),
      ),
      rename: guarded((from: string, to: string) => this.rename(from, to)),
      removeFile: guarded((path: string) => void this.files.delete(path)),
      removeDirectory: guarded((path: string) => Promise.resolve(this.removeDirectory(path))),
      makeDirectory: guarded((path: string) => this.makeDirectory(path)),
      syncDirectory: guarded(() => Promise.resolve()),
      realPath: (path) => path,
    };
  }

  /** A copy of a file's bytes; null when there is no such file. */
  contentOf(path: string): Buffer | null {
    const node = this.files.get(path);
    return node ? Buffer.from(node.bytes.subarray(0, node.size)) : null;
  }

  /** Names in a directory, sorted. */
  list(directory: string): { name: string; isDirectory: boolean }[] {
    if (!this.directories.has(directory)) throw errorOf('ENOENT', directory);
    const inside = (path: string): boolean => path !== '/' && dirname(path) === directory;
    const files = [...this.files.keys()].filter(inside).map((path) => ({ name: basename(path), isDirectory: false }));
    const folders = [...this.directories].filter(inside).map((path) => ({ name: basename(path), isDirectory: true }));
    return [...files, ...folders].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  private fileAt(path: string, create: boolean): FileNode {
    const existing = this.files.get(path);
    if (existing) return existing;
    if (!create || !this.directories.has(dirname(path))) throw errorOf('ENOENT', path);
    return this.put(path, Buffer.alloc(0));
  }

  private put(path: string, content: Buffer): FileNode {
    const node = { bytes: content, size: content.length, modifiedMs: this.nowMs() };
    this.files.set(path, node);
    return node;
  }

  private stat(path: string): FileStat | null {
    const node = this.files.get(path);
    if (node) return { sizeBytes: node.size, modifiedMs: node.modifiedMs };
    return this.directories.has(path) ? { sizeBytes: 0, modifiedMs: 0 } : null;
  }

  private write(path: string, content: Buffer | string): void {
    if (!this.directories.has(dirname(path))) throw errorOf('ENOENT', path);
    this.put(path, Buffer.from(content as Buffer));
  }

  private makeDirectory(path: string): void {
    for (let at = path; !this.directories.has(at); at = dirname(at)) this.directories.add(at);
  }

  private rename(from: string, to: string): void {
    const node = this.files.get(from);
    if (node) {
      this.files.delete(from);
      this.files.set(to, node);
      return;
    }
    if (!this.directories.has(from)) throw errorOf('ENOENT', from);
    const moved = (path: string): string => to + path.slice(from.length);
    const isInside = (path: string): boolean => path === from || path.startsWith(`${from}/`);
    for (const path of [...this.directories].filter(isInside)) {
      this.directories.delete(path);
      this.directories.add(moved(path));
    }
    for (const [path, file] of [...this.files].filter(([name]) => isInside(name))) {
      this.files.delete(path);
      this.files.set(moved(path), file);
    }
  }

  private removeDirectory(path: string): void {
    const isInside = (name: string): boolean => name === path || name.startsWith(`${path}/`);
    for (const name of [...this.directories].filter(isInside)) this.directories.delete(name);
    for (const name of [...this.files.keys()].filter(isInside)) this.files.delete(name);
  }
}

class MemoryFile implements DiskFile {
  constructor(
    private readonly node: FileNode,
    private readonly nowMs: () => number,
    private readonly check: () => void,
  ) {}

  sizeBytes(): number {
    this.check();
    return this.node.size;
  }

  readSync(into: Buffer, position: number): number {
    this.check();
    const { bytes, size } = this.node;
    return position >= size ? 0 : bytes.copy(into, 0, position, Math.min(size, position + into.length));
  }

  read(into: Buffer, position: number): Promise<number> {
    return Promise.resolve(this.readSync(into, position));
  }

  writeSync(bytes: Buffer, position: number): void {
    this.check();
    const { node } = this;
    this.reserve(position + bytes.length);
    bytes.copy(node.bytes, position);
    node.size = Math.max(node.size, position + bytes.length);
    node.modifiedMs = this.nowMs();
  }

  truncateSync(sizeBytes: number): void {
    this.check();
    const { node } = this;
    this.reserve(sizeBytes);
    if (sizeBytes < node.size) node.bytes.fill(0, sizeBytes, node.size);
    node.size = sizeBytes;
  }

  sync(): Promise<void> {
    this.check();
    return Promise.resolve();
  }

  syncSync(): void {
    this.check();
  }

  close(): void {
    // Nothing is held.
  }

  private reserve(size: number): void {
    const { node } = this;
    if (node.bytes.length >= size) return;
    const larger = Buffer.alloc(Math.max(1024, size, node.bytes.length * 2));
    node.bytes.copy(larger, 0, 0, node.size);
    node.bytes = larger;
  }
}

/** An error in the form of Node's, so that it counts as one of the disk. */
function errorOf(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code, syscall: 'memory' });
}
