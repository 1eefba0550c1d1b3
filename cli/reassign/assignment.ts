/**
 * Which brokers shall have which partition, as JSON files say it:
 *
 * ```
 * {"version": 1, "partitions": [{"topic": "orders", "partition": 0, "replicas": [1, 2], "log_dirs": ["any", "/data"]}]}
 * ```
 */
import type { TopicPartition } from '../../protocol';
import { CommandError } from '../command';
import { JsonFields } from '../json-input';

/** A partition and its replicas, the preferred leader first. */
export interface PartitionReplicas extends TopicPartition {
  replicas: readonly number[];
}

/** A replica that shall lie in a certain log directory of its broker. */
export interface ReplicaDirectory extends TopicPartition {
  broker: number;
  directory: string;
}

export interface Assignment {
  partitions: PartitionReplicas[];
  directories: ReplicaDirectory[];
}

const ANY_DIRECTORY = 'any';

export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** By topic, then by number. */
export function byPartition(one: TopicPartition, other: TopicPartition): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return one.partition - other.partition;
}

/** @throws CommandError when the text is not what it should be; duplicates are let be */
export function parseAssignment(text: string): Assignment {
  const json = JsonFields.parse(text);
  json.checkVersion();
  const assignment: Assignment = { partitions: [], directories: [] };
  for (const entry of json.has('partitions') ? json.objects('partitions') : []) {
    const place = { topic: entry.text('topic'), partition: entry.integer('partition') };
    const replicas = entry.integers('replicas');
    const directories = entry.has('log_dirs') ? entry.texts('log_dirs') : replicas.map(() => ANY_DIRECTORY);
    if (directories.length !== replicas.length) {
      throw new CommandError(
        `Size of replicas list [${replicas.join(', ')}] is different from size of log dirs list [${directories.join(', ')}] for partition ${partitionName(place)}`,
      );
    }
    assignment.partitions.push({ ...place, replicas });
    for (const [index, directory] of directories.entries()) {
      const broker = replicas[index] as number;
      if (directory !== ANY_DIRECTORY) assignment.directories.push({ ...place, broker, directory });
    }
  }
  return assignment;
}

/** @throws CommandError for an assignment that cannot be carried out, whatever the cluster */
export function checkAssignment({ partitions }: Assignment): void {
  if (partitions.length === 0) throw new CommandError('Partition reassignment list cannot be empty');
  if (partitions.some(({ replicas }) => replicas.length === 0)) {
    throw new CommandError('Partition replica list cannot be empty');
  }
  const twice = duplicates(partitions.map(partitionName));
  if (twice.length > 0) {
    throw new CommandError(`Partition reassignment contains duplicate topic partitions: ${twice.join(',')}`);
  }
  const repeated = partitions
    .map((entry) => ({ entry, brokers: duplicates(entry.replicas) }))
    .filter(({ brokers }) => brokers.length > 0)
    .map(({ entry, brokers }) => `${partitionName(entry)} contains multiple entries for ${brokers.join(',')}`);
  if (repeated.length > 0) {
    throw new CommandError(`Partition replica lists may not contain duplicate entries: ${repeated.join('. ')}`);
  }
}

/** Each value that is there more than once. */
export function duplicates<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/** The topics of `{"version": 1, "topics": [{"topic": "orders"}]}`. @throws CommandError */
export function parseTopics(text: string): string[] {
  const json = JsonFields.parse(text);
  json.checkVersion();
  return json.has('topics') ? json.objects('topics').map((entry) => entry.text('topic')) : [];
}

/** One line of JSON, sorted; any log directory. */
export function assignmentJson(partitions: readonly PartitionReplicas[]): string {
  return JSON.stringify({
    version: 1,
    partitions: partitions.toSorted(byPartition).map(({ topic, partition, replicas }) => ({
      topic,
      partition,
      replicas,
      log_dirs: replicas.map(() => ANY_DIRECTORY),
    })),
  });
}
