/**
 * Names in a log directory and in a partition's directory.
 *
 * A partition's files are named by the offset they begin at, in twenty digits: `00000000000000000042.log`. A directory
 * on its way out is `<topic>-<partition>.<32 hex digits>-delete`; `-future` and `-stray` mark copies that are not served.
 */
import { randomBytes } from 'node:crypto';
import type { TopicPartition } from './types';

export const LOG_SUFFIX = '.log';
export const OFFSET_INDEX_SUFFIX = '.index';
export const TIME_INDEX_SUFFIX = '.timeindex';
export const TRANSACTION_INDEX_SUFFIX = '.txnindex';
export const SNAPSHOT_SUFFIX = '.snapshot';
export const DELETED_SUFFIX = '.deleted';
export const CLEANED_SUFFIX = '.cleaned';
export const SWAP_SUFFIX = '.swap';

const SEGMENT_SUFFIXES = [
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
  SNAPSHOT_SUFFIX,
];
/** Most file systems end a name after so many bytes. */
const MAX_NAME_BYTES = 255;

/** `00000000000000000042.log` */
export function offsetFileName(offset: number, suffix: string): string {
  return String(offset).padStart(20, '0') + suffix;
}

export interface OffsetFile {
  offset: number;
  suffix: string;
}

/** What a file's name says, without `.deleted`, `.cleaned` or `.swap`; null for other files. */
export function parseOffsetFileName(name: string): OffsetFile | null {
  const match = /^(\d+)(\.[a-z]+)$/.exec(name);
  const [, digits, suffix] = match ?? [];
  if (!digits || !suffix || !SEGMENT_SUFFIXES.includes(suffix)) return null;
  return { offset: Number(digits), suffix };
}

export function partitionDirectoryName(topicPartition: TopicPartition): string {
  return `${topicPartition.topic}-${topicPartition.partition}`;
}

/** A name under which a partition's directory waits for its removal. */
export function deletedDirectoryName(topicPartition: TopicPartition): string {
  const tail = `-${topicPartition.partition}.${randomBytes(16).toString('hex')}-delete`;
  return topicPartition.topic.slice(0, MAX_NAME_BYTES - tail.length) + tail;
}

export type DirectoryKind = 'current' | 'delete' | 'future' | 'stray';

export interface PartitionDirectory {
  kind: DirectoryKind;
  topicPartition: TopicPartition;
}

/** Which partition a directory holds; null when its name is none of those above. */
export function parsePartitionDirectory(name: string): PartitionDirectory | null {
  const marked = /^(\S+)-(\d+)\.[0-9a-f]{32}-(delete|future|stray)$/.exec(name);
  const match = marked ?? /^(\S+)-(\d+)$/.exec(name);
  const [, topic, partition, kind] = match ?? [];
  if (!topic || !partition) return null;
  return {
    kind: (kind as DirectoryKind | undefined) ?? 'current',
    topicPartition: { topic, partition: Number(partition) },
  };
}
