/**
 * One offset for each partition of a log directory, in a text file:
 *
 * ```
 * 0                      version
 * 2                      entries
 * orders 0 1500          topic, partition, offset
 * orders 1 12
 * ```
 *
 * Used for recovery points, high watermarks, log start offsets and the cleaner's progress.
 */
import type { Disk } from '../../runtime/disk';
import { partitionDirectoryName } from './log-files';
import type { TopicPartition } from './types';

export const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint';
export const HIGH_WATERMARK_FILE = 'replication-offset-checkpoint';
export const LOG_START_OFFSET_FILE = 'log-start-offset-checkpoint';

/** Offsets by `<topic>-<partition>`, which names one partition and no other. */
export type Offsets = ReadonlyMap<string, number>;

export type CheckpointEntry = readonly [TopicPartition, number];

/** Reads a checkpoint; a missing or empty file has no entries. @throws Error when it makes no sense */
export function readCheckpoint(disk: Disk, path: string): Map<string, number> {
  const offsets = new Map<string, number>();
  const text = disk.readFile(path)?.toString('utf8') ?? '';
  if (text === '') return offsets;
  const lines = text.split('\n');
  if (lines[0]?.trim() !== '0') throw new Error(`${path} has version ${lines[0]}; 0 is expected`);
  const count = Number(lines[1]);
  for (const line of lines.slice(2)) {
    if (line.trim() === '') continue;
    const [topic, partition, offset] = line.trim().split(/\s+/);
    if (!topic || !/^\d+$/.test(partition ?? '') || !/^\d+$/.test(offset ?? '')) {
      throw new Error(`${path} has a line that is no entry: '${line}'`);
    }
    offsets.set(partitionDirectoryName({ topic, partition: Number(partition) }), Number(offset));
  }
  if (offsets.size !== count) throw new Error(`${path} has ${offsets.size} entries where ${lines[1]} are expected`);
  return offsets;
}

/** Replaces a checkpoint; what was written is on the device when this resolves. */
export function writeCheckpoint(disk: Disk, path: string, entries: readonly CheckpointEntry[]): Promise<void> {
  const lines = entries.map(([{ topic, partition }, offset]) => `${topic} ${partition} ${offset}\n`);
  return disk.replaceFileDurably(path, `0\n${entries.length}\n${lines.join('')}`);
}
