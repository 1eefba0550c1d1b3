/** Making, changing and deleting topics. Errors are Kafka's, with what the broker says of them. */
import type { ClusterClient } from '../../client';
import { createPartitions, createTopics, deleteTopics, incrementalAlterConfigs } from '../../protocol/apis';
import { ApiError } from '../http/api-error';
import { checkKafkaError } from '../http/error-answers';
import { INTERNAL_TOPICS } from '../observe/cluster-state';
import type { Done, NewTopic, TopicAlteration } from '../schemas';
import { TOPIC_RESOURCE } from './describe-configs';
import { BROKER_TIMEOUT_MS } from './own-client';

/** The broker's num.partitions and default.replication.factor (KIP-464). */
const BROKER_DEFAULT = -1;
const SET = 0;
const DELETE = 1;

export async function createTopic(cluster: ClusterClient, topic: NewTopic): Promise<Done> {
  const configs = Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }));
  const wanted = {
    name: topic.name,
    numPartitions: topic.partitions ?? BROKER_DEFAULT,
    replicationFactor: topic.replicationFactor ?? BROKER_DEFAULT,
    assignments: [],
    configs,
  };
  const answer = await cluster.toController(
    createTopics,
    { topics: [wanted], timeoutMs: BROKER_TIMEOUT_MS, validateOnly: false },
    (response) => response.topics[0]?.errorCode ?? 0,
  );
  const [result] = answer.topics;
  checkKafkaError(result?.errorCode ?? -1, result?.errorMessage);
  return { done: true, text: `Topic ${topic.name} has been made` };
}

/** @throws ApiError 400 when nothing is to be changed, 403 for more partitions of an internal topic, and with Kafka's names */
export async function alterTopic(cluster: ClusterClient, topic: string, change: TopicAlteration): Promise<Done> {
  const configs = Object.entries(change.configs ?? {});
  if (change.partitions === undefined && configs.length === 0) {
    throw new ApiError(400, 'INVALID_REQUEST', 'The body names no change; possible are partitions and configs');
  }
  if (change.partitions !== undefined) refuseInternal(topic);
  const done: string[] = [];
  // First what is refused more often: a wrong value must not leave the topic with more partitions, which nothing takes back.
  if (configs.length > 0) {
    await alterConfigs(cluster, topic, configs);
    done.push(`${configs.length} configuration value(s)`);
  }
  if (change.partitions !== undefined) {
    await growTo(cluster, topic, change.partitions);
    done.push(`the number of partitions to ${change.partitions}`);
  }
  return { done: true, text: `Changed of topic ${topic}: ${done.join(', ')}` };
}

async function alterConfigs(
  cluster: ClusterClient,
  topic: string,
  configs: readonly (readonly [string, string | null])[],
): Promise<void> {
  const changes = configs.map(([name, value]) => ({ name, configOperation: value === null ? DELETE : SET, value }));
  const resource = { resourceType: TOPIC_RESOURCE, resourceName: topic, configs: changes };
  const answer = await cluster.toController(
    incrementalAlterConfigs,
    { resources: [resource], validateOnly: false },
    (response) => response.responses[0]?.errorCode ?? 0,
  );
  const [result] = answer.responses;
  checkKafkaError(result?.errorCode ?? -1, result?.errorMessage);
}

async function growTo(cluster: ClusterClient, topic: string, count: number): Promise<void> {
  const answer = await cluster.toController(
    createPartitions,
    { topics: [{ name: topic, count, assignments: null }], timeoutMs: BROKER_TIMEOUT_MS, validateOnly: false },
    (response) => response.results[0]?.errorCode ?? 0,
  );
  const [result] = answer.results;
  checkKafkaError(result?.errorCode ?? -1, result?.errorMessage);
}

/** @throws ApiError 403 INTERNAL_TOPIC (as kafka-topics refuses, though a broker would not), and with Kafka's names */
export async function deleteTopic(cluster: ClusterClient, topic: string): Promise<Done> {
  refuseInternal(topic);
  const answer = await cluster.toController(
    deleteTopics,
    { topics: [{ name: topic }], topicNames: [topic], timeoutMs: BROKER_TIMEOUT_MS },
    (response) => response.responses[0]?.errorCode ?? 0,
  );
  const [result] = answer.responses;
  checkKafkaError(result?.errorCode ?? -1, result?.errorMessage);
  return { done: true, text: `Topic ${topic} has been deleted` };
}

/** Without it, or with another number of partitions, every group would lose its offsets. */
function refuseInternal(topic: string): void {
  if (!INTERNAL_TOPICS.has(topic)) return;
  throw new ApiError(403, 'INTERNAL_TOPIC', `${topic} is Kafka's own; groups find their offsets by its partitions`);
}
