/** kafka-topics --describe */
import type { ClusterClient } from '../../client';
import { KafkaError, ZERO_UUID } from '../../protocol';
import { listPartitionReassignments, type MetadataResponse } from '../../protocol/apis';
import { ConfigSource } from '../../settings';
import { CommandError } from '../command';
import { describeResources, ResourceType, type DescribedConfig } from '../configs/describe';
import type { TopicsOptions } from './options';
import { describedTopics, ensureFound, matchingTopics } from './names';

type Topic = MetadataResponse['topics'][number];
type Partition = Topic['partitions'][number];
interface Reassignment {
  replicas: readonly number[];
  addingReplicas: readonly number[];
  removingReplicas: readonly number[];
}

export async function describeTopics(
  cluster: ClusterClient,
  given: TopicsOptions,
  print: (line: string) => void,
): Promise<void> {
  const names = await chosenTopics(cluster, given, print);
  const topics = await describedTopics(cluster, names);
  if (topics.length === 0) return;
  const configs = await describeResources(
    cluster,
    topics.map((topic) => ({ resourceType: ResourceType.TOPIC, resourceName: topic.name ?? '' })),
  );
  const liveBrokers = new Set((await cluster.metadata([])).brokers.map(({ nodeId }) => nodeId));
  const reassignments = await allReassignments(cluster, topics);
  for (const [index, topic] of topics.entries()) {
    describeOne(topic, configs[index] ?? [], reassignments, liveBrokers, given, print);
  }
}

async function chosenTopics(
  cluster: ClusterClient,
  given: TopicsOptions,
  print: (line: string) => void,
): Promise<string[]> {
  const id = given.text('topic-id');
  if (given.has('topic') && id !== null) {
    print(
      'Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID',
    );
  }
  if (id !== null && id !== ZERO_UUID) {
    const { topics } = await cluster.metadata(null);
    const found = topics.filter((topic) => topic.topicId === id).map((topic) => topic.name ?? '');
    if (found.length === 0 && !given.has('if-exists'))
      throw new CommandError(`TopicId '${id}' does not exist as expected`);
    return found;
  }
  const names = await matchingTopics(cluster, given.text('topic'), given.has('exclude-internal'));
  ensureFound(names, given.text('topic'), given.has('if-exists'));
  return names;
}

/** Reassignments by `topic-partition`; none when the broker does not tell. */
async function allReassignments(cluster: ClusterClient, topics: readonly Topic[]): Promise<Map<string, Reassignment>> {
  const found = new Map<string, Reassignment>();
  try {
    const answer = await cluster.toController(
      listPartitionReassignments,
      {
        timeoutMs: cluster.timeoutMs,
        topics: topics.map(({ name, partitions }) => ({
          name: name ?? '',
          partitionIndexes: partitions.map(({ partitionIndex }) => partitionIndex),
        })),
      },
      (response) => response.errorCode,
    );
    for (const { name, partitions } of answer.topics) {
      for (const partition of partitions) found.set(`${name}-${partition.partitionIndex}`, partition);
    }
  } catch (error) {
    if (!(error instanceof KafkaError && error.error.name === 'UNSUPPORTED_VERSION')) throw error;
  }
  return found;
}

function replicationFactor(partition: Partition, reassignment: Reassignment | undefined): number {
  if (!reassignment) return partition.replicaNodes.length;
  return reassignment.replicas.length - reassignment.addingReplicas.length;
}

function describeOne(
  topic: Topic,
  configs: readonly DescribedConfig[],
  reassignments: ReadonlyMap<string, Reassignment>,
  liveBrokers: ReadonlySet<number>,
  given: TopicsOptions,
  print: (line: string) => void,
): void {
  const partitions = topic.partitions.toSorted((one, other) => one.partitionIndex - other.partitionIndex);
  const minIsr = Number(configs.find(({ name }) => name === 'min.insync.replicas')?.value ?? 1);
  const reports = chosenReports(given);
  const own = configs.filter(({ configSource }) => configSource !== ConfigSource.DEFAULT_CONFIG);
  const onlyOverridden = given.has('topics-with-overrides');
  const reassignmentOf = (partition: Partition): Reassignment | undefined =>
    reassignments.get(`${topic.name}-${partition.partitionIndex}`);
  if (reports.length === 0 && (!onlyOverridden || own.length > 0)) {
    const first = partitions[0];
    const factor = first ? replicationFactor(first, reassignmentOf(first)) : 0;
    print(topicLine(topic, partitions.length, factor, own));
  }
  if (onlyOverridden) return;
  for (const partition of partitions) {
    const state = { partition, reassignment: reassignmentOf(partition), minIsr, liveBrokers };
    if (reports.length === 0 || reports.some((report) => report(state))) {
      print(partitionLine(topic.name ?? '', partition, state.reassignment));
    }
  }
}

interface PartitionState {
  partition: Partition;
  reassignment: Reassignment | undefined;
  minIsr: number;
  liveBrokers: ReadonlySet<number>;
}

const REPORTS: Readonly<Record<string, (state: PartitionState) => boolean>> = {
  'under-replicated-partitions': ({ partition, reassignment }) =>
    replicationFactor(partition, reassignment) > partition.isrNodes.length,
  'unavailable-partitions': ({ partition, liveBrokers }) => !liveBrokers.has(partition.leaderId),
  'under-min-isr-partitions': ({ partition, minIsr, liveBrokers }) =>
    !liveBrokers.has(partition.leaderId) || partition.isrNodes.length < minIsr,
  'at-min-isr-partitions': ({ partition, minIsr }) => partition.isrNodes.length === minIsr,
};

function chosenReports(given: TopicsOptions): ((state: PartitionState) => boolean)[] {
  return Object.entries(REPORTS)
    .filter(([name]) => given.names.includes(name))
    .map(([, report]) => report);
}

function topicLine(topic: Topic, partitions: number, factor: number, own: readonly DescribedConfig[]): string {
  const id = topic.topicId === ZERO_UUID ? '' : `\tTopicId: ${topic.topicId}`;
  const configs = own.map(({ name, value }) => `${name}=${value}`).join(',');
  return `Topic: ${topic.name}${id}\tPartitionCount: ${partitions}\tReplicationFactor: ${factor}\tConfigs: ${configs}`;
}

function partitionLine(topic: string, partition: Partition, reassignment: Reassignment | undefined): string {
  const leader = partition.leaderId < 0 ? 'none' : String(partition.leaderId);
  const cells = [
    `\tTopic: ${topic}`,
    `Partition: ${partition.partitionIndex}`,
    `Leader: ${leader}`,
    `Replicas: ${partition.replicaNodes.join(',')}`,
    `Isr: ${partition.isrNodes.join(',')}`,
  ];
  if (reassignment) {
    cells.push(`Adding Replicas: ${reassignment.addingReplicas.join(',')}`);
    cells.push(`Removing Replicas: ${reassignment.removingReplicas.join(',')}`);
  }
  return [...cells, 'Elr: N/A', 'LastKnownElr: N/A'].join('\t');
}
