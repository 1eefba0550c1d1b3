/**
 * Follows ZooKeeper's transaction log on disk, from file to file, while ZooKeeper writes it. Owns the place that it has
 * reached. A half-written entry at the end is waited for; when a newer file exists it is never going to be completed (the
 * server was killed), and the newer file goes on.
 */
import { join } from 'node:path';
import type { Disk, DiskFile } from '../../runtime/disk';
import {
  checkFileHeader,
  ENTRY_HEAD_BYTES,
  FILE_HEADER_BYTES,
  readEntry,
  TransactionLogError,
  zxidOfLogFile,
  type Transaction,
} from '../../zookeeper/transaction-log';

/** Where ZooKeeper keeps its logs, inside the folder that its configuration names. */
const VERSION_FOLDER = 'version-2';
const PIECE_BYTES = 256 * 1024;

export interface TailBatch {
  transactions: Transaction[];
  /** Something that stood in the log could not be read, and was passed over. */
  damages: string[];
  /** Nothing more stands in the log just now. */
  atEnd: boolean;
  /** The file that was followed is gone, and no newer one is there: this is another ZooKeeper's log now. */
  replaced: boolean;
}

interface OpenFile {
  name: string;
  file: DiskFile;
  offset: number;
}

export class TransactionLogTail {
  private current: OpenFile | null = null;
  private piece = Buffer.allocUnsafe(PIECE_BYTES);

  /**
   * @param directory dataLogDir, or its version-2
   * @param fromZxid begins with the file that this transaction is in, or the oldest when null
   */
  constructor(
    private readonly disk: Disk,
    private readonly directory: string,
    private readonly fromZxid: bigint | null,
  ) {}

  /** Zxids of the files' first transactions, rising; empty while there is no log. @throws Node's errors but ENOENT */
  files(): bigint[] {
    return this.logFiles().map(({ zxid }) => zxid);
  }

  /** Reads on, at most some hundred kilobytes. @throws Node's errors */
  async read(): Promise<TailBatch> {
    if (!this.current) this.openNext(this.nextFile());
    const { current } = this;
    const nothing: TailBatch = { transactions: [], damages: [], atEnd: true, replaced: false };
    if (!current) return nothing;
    // Looked at first: what is in the current file now is all that will ever be when there is a newer one already.
    const next = this.nextFile();
    const { transactions, error } = await this.readFrom(current);
    if (transactions.length > 0) return { ...nothing, transactions, atEnd: false };
    if (next === null) return { ...nothing, replaced: !this.logFiles().some(({ name }) => name === current.name) };
    this.close();
    this.openNext(next);
    const damages = error ? [`${current.name} ends with an entry that cannot be read: ${error.message}`] : [];
    return { ...nothing, damages, atEnd: false };
  }

  close(): void {
    this.current?.file.close();
    this.current = null;
  }

  private async readFrom(
    current: OpenFile,
  ): Promise<{ transactions: Transaction[]; error: TransactionLogError | null }> {
    const transactions: Transaction[] = [];
    try {
      if (current.offset === 0 && !(await this.readHeader(current))) return { transactions, error: null };
      // Mostly nothing has been written; the rest of the file, allocated ahead, is not read each time to find that out.
      const head = Buffer.alloc(ENTRY_HEAD_BYTES);
      const there = current.file.readSync(head, current.offset);
      if (readEntry(head.subarray(0, there), 0).kind === 'end') return { transactions, error: null };
      let filled = await current.file.read(this.piece, current.offset);
      let position = 0;
      for (;;) {
        const entry = readEntry(this.piece.subarray(0, filled), position);
        if (entry.kind === 'transaction') {
          transactions.push(entry.transaction);
          current.offset += entry.nextOffset - position;
          position = entry.nextOffset;
        } else if (entry.kind === 'short' && transactions.length === 0 && entry.neededBytes > this.piece.length) {
          if (entry.neededBytes > current.file.sizeBytes() - current.offset) return { transactions, error: null };
          this.piece = Buffer.allocUnsafe(entry.neededBytes);
          filled = await current.file.read(this.piece, current.offset);
          position = 0;
        } else {
          return { transactions, error: null };
        }
      }
    } catch (error) {
      if (!(error instanceof TransactionLogError)) throw error;
      return { transactions, error };
    }
  }

  /** False while it has not been written yet. */
  private async readHeader(current: OpenFile): Promise<boolean> {
    const header = Buffer.alloc(FILE_HEADER_BYTES);
    const count = await current.file.read(header, 0);
    if (count < FILE_HEADER_BYTES || header.readUInt32BE(0) === 0) return false;
    checkFileHeader(header);
    current.offset = FILE_HEADER_BYTES;
    return true;
  }

  /** The one after the current file; without a current one that to begin with. Null when there is no such file. */
  private nextFile(): { name: string; path: string } | null {
    const files = this.logFiles();
    if (!this.current) {
      const { fromZxid } = this;
      const before = fromZxid === null ? undefined : files.findLast(({ zxid }) => zxid <= fromZxid);
      return before ?? files[0] ?? null;
    }
    const { name } = this.current;
    const at = files.findIndex((file) => file.name === name);
    // A file that is being read may have been purged.
    return files.find((file, index) => (at === -1 ? file.zxid > (zxidOfLogFile(name) as bigint) : index > at)) ?? null;
  }

  private openNext(next: { name: string; path: string } | null): void {
    if (next) this.current = { name: next.name, file: this.disk.openReadOnly(next.path), offset: 0 };
  }

  private logFiles(): { name: string; path: string; zxid: bigint }[] {
    const inside = join(this.directory, VERSION_FOLDER);
    const folder = this.disk.exists(inside) ? inside : this.directory;
    if (!this.disk.exists(folder)) return [];
    return this.disk
      .list(folder)
      .flatMap(({ name }) => {
        const zxid = zxidOfLogFile(name);
        return zxid === null ? [] : [{ name, path: join(folder, name), zxid }];
      })
      .sort((one, other) => (one.zxid < other.zxid ? -1 : 1));
  }
}
