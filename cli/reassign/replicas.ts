/** The replicas that partitions have now. */
import type { ClusterClient } from '../../client';
import { Errors, type TopicPartition } from '../../protocol';
import { CommandError } from '../command';
import { kafkaError } from '../topics/names';
import { partitionName, type PartitionReplicas } from './assignment';

/** Partitions of the topics; a topic that does not exist is left out. @throws KafkaError for other problems */
export async function replicasOfTopics(
  cluster: ClusterClient,
  topics: readonly string[],
): Promise<PartitionReplicas[]> {
  if (topics.length === 0) return [];
  const answer = await cluster.metadata([...new Set(topics)]);
  return answer.topics.flatMap(({ name, errorCode, partitions }) => {
    if (errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION.code) return [];
    if (errorCode !== 0) throw kafkaError(errorCode, null, name ?? '');
    return partitions.map(({ partitionIndex, replicaNodes }) => ({
      topic: name ?? '',
      partition: partitionIndex,
      replicas: replicaNodes,
    }));
  });
}

/** Partitions of the topics. @throws CommandError when a topic does not exist */
export async function replicasOfExistingTopics(
  cluster: ClusterClient,
  topics: readonly string[],
): Promise<PartitionReplicas[]> {
  const found = await replicasOfTopics(cluster, topics);
  const missing = topics.find((name) => !found.some(({ topic }) => topic === name));
  if (missing !== undefined) throw new CommandError(`Topic ${missing} not found.`);
  return found;
}

/** Exactly these partitions. @throws CommandError when one does not exist */
export async function replicasOfPartitions(
  cluster: ClusterClient,
  partitions: readonly TopicPartition[],
): Promise<PartitionReplicas[]> {
  const found = await replicasOfExistingTopics(
    cluster,
    partitions.map(({ topic }) => topic),
  );
  const names = new Set(partitions.map(partitionName));
  const wanted = found.filter((entry) => names.has(partitionName(entry)));
  const missing = [...names].filter((name) => !wanted.some((entry) => partitionName(entry) === name));
  if (missing.length > 0) throw new CommandError(`Unable to find partition: ${missing.join(', ')}`);
  return wanted;
}
