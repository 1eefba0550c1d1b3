/**
 * Which leader epoch began at which offset: what followers and consumers use to find where two logs part (KIP-101,
 * KIP-279). Kept in the partition's directory as `leader-epoch-checkpoint`:
 *
 * ```
 * 0                      version
 * 2                      entries
 * 0 0                    epoch, start offset
 * 3 1500
 * ```
 *
 * Epochs and start offsets ascend. The file is written with each change; a change that it lost in a crash of the
 * machine is found again in the batches.
 */
import { join } from 'node:path';
import type { Disk } from '../../runtime/disk';
import type { EpochEndOffset } from './types';

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint';

export interface EpochEntry {
  epoch: number;
  startOffset: number;
}

export class LeaderEpochCache {
  constructor(
    private readonly disk: Disk,
    private directory: string,
    private entries: EpochEntry[],
    private fileExists: boolean,
  ) {}

  /** Reads the file; a missing one has no entries. @throws Error when it makes no sense */
  static load(disk: Disk, directory: string): LeaderEpochCache {
    const content = disk.readFile(join(directory, LEADER_EPOCH_FILE));
    return new LeaderEpochCache(
      disk,
      directory,
      content ? parseEntries(content.toString('latin1')) : [],
      content !== null,
    );
  }

  get latestEpoch(): number | null {
    return this.entries.at(-1)?.epoch ?? null;
  }

  get earliest(): EpochEntry | null {
    return this.entries[0] ?? null;
  }

  get all(): readonly EpochEntry[] {
    return this.entries;
  }

  /** Notes that `epoch` began at `startOffset`, unless that is known; entries that contradict it go. */
  assign(epoch: number, startOffset: number): void {
    const last = this.entries.at(-1);
    if (last && last.epoch === epoch && startOffset >= last.startOffset) return;
    this.entries = this.entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    this.entries.push({ epoch, startOffset });
    this.write();
  }

  /** The epoch that the record at `offset` was written in; null when it is not known. */
  epochFor(offset: number): number | null {
    let epoch: number | null = null;
    for (const entry of this.entries) if (entry.startOffset <= offset) epoch = entry.epoch;
    return epoch;
  }

  /**
   * Where the largest epoch not above `epoch` ended; null when that is not known.
   * @param logEndOffset the end of the latest epoch
   */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEndOffset | null {
    const latest = this.latestEpoch;
    if (epoch < 0 || latest === null || epoch > latest) return null;
    if (epoch === latest) return { epoch, endOffset: logEndOffset };
    const higher = this.entries.findIndex((entry) => entry.epoch > epoch);
    const endOffset = (this.entries[higher] as EpochEntry).startOffset;
    return { epoch: this.entries[higher - 1]?.epoch ?? epoch, endOffset };
  }

  /** Drops the epochs that began at or above `endOffset`. */
  truncateFromEnd(endOffset: number): void {
    if (endOffset < 0 || (this.entries.at(-1)?.startOffset ?? -1) < endOffset) return;
    this.entries = this.entries.filter((entry) => entry.startOffset < endOffset);
    this.write();
  }

  /** Drops the epochs before `startOffset`; the one it lies in begins there from now on. */
  truncateFromStart(startOffset: number): void {
    const before = this.entries.filter((entry) => entry.startOffset <= startOffset);
    const last = before.at(-1);
    if (!last || (before.length === 1 && last.startOffset === startOffset)) return;
    this.entries = [{ epoch: last.epoch, startOffset }, ...this.entries.slice(before.length)];
    this.write();
  }

  clear(): void {
    if (this.entries.length === 0) return;
    this.entries = [];
    this.write();
  }

  directoryRenamed(directory: string): void {
    this.directory = directory;
  }

  private write(): void {
    const lines = this.entries.map((entry) => `${entry.epoch} ${entry.startOffset}\n`);
    const path = join(this.directory, LEADER_EPOCH_FILE);
    const content = `0\n${lines.length}\n${lines.join('')}`;
    if (this.fileExists) this.disk.replaceFile(path, content);
    else this.disk.writeFile(path, content);
    this.fileExists = true;
  }
}

function parseEntries(text: string): EpochEntry[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines[0] !== '0') throw new Error(`${LEADER_EPOCH_FILE} has version ${lines[0]}; 0 is expected`);
  const count = Number(lines[1]);
  const entries = lines.slice(2, 2 + count).map((line) => {
    const match = /^(\d+) (\d+)$/.exec(line);
    if (!match) throw new Error(`${LEADER_EPOCH_FILE} has a line that is no entry: '${line}'`);
    return { epoch: Number(match[1]), startOffset: Number(match[2]) };
  });
  if (!Number.isInteger(count) || entries.length !== count) {
    throw new Error(`${LEADER_EPOCH_FILE} has ${entries.length} entries where ${lines[1]} are expected`);
  }
  return entries;
}
