/** The partitions that --topic names: `orders`, or `orders:0,1,2`. */
import type { ClusterClient } from '../../client';
import type { TopicPartition } from '../../protocol';
import { UsageError } from '../options';

export interface NamedPartitions {
  known: TopicPartition[];
  unknownTopics: string[];
}

/** @throws UsageError when an argument is neither a topic nor a topic with partitions */
export async function namedPartitions(cluster: ClusterClient, args: readonly string[]): Promise<NamedPartitions> {
  const known = args.filter((arg) => arg.includes(':')).flatMap(parseTopicPartitions);
  const names = args.filter((arg) => !arg.includes(':'));
  const unknownTopics: string[] = [];
  if (names.length > 0) {
    const { topics } = await cluster.metadata(names);
    for (const { name, errorCode, partitions } of topics) {
      if (errorCode !== 0) unknownTopics.push(name ?? '');
      for (const { partitionIndex } of partitions) known.push({ topic: name ?? '', partition: partitionIndex });
    }
  }
  return { known, unknownTopics };
}

export function parseTopicPartitions(arg: string): TopicPartition[] {
  const parts = arg.split(':');
  const [topic, partitions] = parts;
  if (parts.length !== 2 || !topic || !partitions) {
    throw new UsageError(`Invalid topic arg '${arg}', expected topic name and partitions`, 'For example orders:0,1,2.');
  }
  return partitions.split(',').map((text) => {
    if (!/^\d+$/.test(text)) throw new UsageError(`Invalid partition '${text}' specified in topic arg '${arg}''`);
    return { topic, partition: Number(text) };
  });
}
