/**
 * The topic id of a partition's directory, in `partition.metadata`: `version: 0`, a line end, `topic_id: <22 characters>`,
 * and no line end after it.
 */
import { join } from 'node:path';
import type { Disk } from '../../runtime/disk';

export const PARTITION_METADATA_FILE = 'partition.metadata';

/** Written once in a partition's life. A crash of the machine may leave the file empty, which counts as not written. */
export function writePartitionMetadata(disk: Disk, directory: string, topicId: string): void {
  disk.writeFile(join(directory, PARTITION_METADATA_FILE), `version: 0\ntopic_id: ${topicId}`);
}

/** The topic id; null when the file is missing or empty. @throws Error when it makes no sense */
export function readPartitionMetadata(disk: Disk, directory: string): string | null {
  const content = disk.readFile(join(directory, PARTITION_METADATA_FILE));
  if (!content || content.length === 0) return null;
  const match = /^version:\s*0\s*\ntopic_id:\s*(\S{22})\s*$/.exec(content.toString('utf8'));
  if (!match)
    throw new Error(`${join(directory, PARTITION_METADATA_FILE)} makes no sense: ${content.toString('utf8')}`);
  return match[1] as string;
}
