/** What one broker, and no other, takes and tells of a topic with one partition: a stale leader must be asked itself. */
import type { Cluster } from '../../embedded';
import { Errors, errorForCode, KafkaError, type ErrorName } from '../../protocol';
import { createTopics, fetch, produce } from '../../protocol/apis';
import { buildBatch, readAllRecords } from '../../protocol/records';
import { onBroker, viewOf } from './cluster-view';
import { eventually } from './eventually';
import { replicaBytes } from './replica-bytes';

const CREATE_TIMEOUT_MS = 20_000;
const EQUAL_TIMEOUT_MS = 60_000;
const FROM_CONSUMER = -1;

/** Makes a topic on the given replicas, of which the first leads, through the broker that is the controller. */
export async function createOn(
  cluster: Cluster,
  controllerId: number,
  name: string,
  brokerIds: readonly number[],
): Promise<void> {
  const assignments = [{ partitionIndex: 0, brokerIds: [...brokerIds] }];
  const topics = [{ name, numPartitions: -1, replicationFactor: -1, assignments }];
  const answer = await onBroker(cluster, controllerId, (connection) =>
    connection.send(createTopics, { topics, timeoutMs: CREATE_TIMEOUT_MS }, { timeoutMs: CREATE_TIMEOUT_MS }),
  );
  const code = answer.topics[0]?.errorCode ?? 0;
  if (code !== 0) throw new KafkaError(errorForCode(code), `creating ${name}: ${errorForCode(code).name}`);
}

/** Gives a record to a broker; the name of the error that it answers. */
export async function appendTo(
  cluster: Cluster,
  brokerId: number,
  topic: string,
  value: string,
  { acks, timeoutMs = 1_000 }: { acks: number; timeoutMs?: number },
): Promise<ErrorName> {
  const records = buildBatch([{ key: null, value: Buffer.from(value), timestamp: 1_700_000_000_000n }]);
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
  const answer = await onBroker(cluster, brokerId, (connection) =>
    connection.send(produce, { acks, timeoutMs, topicData }, { highestVersion: 11 }),
  );
  const error = errorForCode(answer.responses[0]?.partitionResponses[0]?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR.code);
  return error.name as ErrorName;
}

/** The values that a broker gives to a consumer. */
export async function consumedFrom(cluster: Cluster, brokerId: number, topic: string): Promise<string[]> {
  const topics = [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }];
  const request = { replicaId: FROM_CONSUMER, maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20, sessionEpoch: -1, topics };
  const answer = await onBroker(cluster, brokerId, (connection) =>
    connection.send(fetch, request, { highestVersion: 12 }),
  );
  const found = answer.responses[0]?.partitions[0];
  if (found === undefined || found.errorCode !== 0) throw new KafkaError(errorForCode(found?.errorCode ?? -1));
  return Buffer.isBuffer(found.records) ? readAllRecords(found.records).map(({ value }) => String(value)) : [];
}

/** The values in a broker's own log files. */
export function storedAt(cluster: Cluster, brokerId: number, topic: string): string[] {
  const bytes = replicaBytes(cluster.brokers[brokerId]?.directory ?? '', topic);
  return readAllRecords(bytes).map(({ value }) => String(value));
}

/** Waits until all brokers have the same bytes of the topic; gives the values in them. */
export async function equalReplicas(cluster: Cluster, topic: string): Promise<string[]> {
  await eventually(
    `the replicas of ${topic} are equal`,
    () => {
      const [first, ...others] = cluster.brokers.map(({ directory }) => replicaBytes(directory, topic));
      if (others.every((bytes) => bytes.equals(first as Buffer))) return true;
      throw new Error(cluster.brokers.map(({ id }) => `${id}: ${storedAt(cluster, id, topic).join(' ')}`).join('; '));
    },
    EQUAL_TIMEOUT_MS,
  );
  return storedAt(cluster, 0, topic);
}

/** The controller, in the eyes of one broker. */
export async function controllerSeenBy(cluster: Cluster, brokerId: number): Promise<number> {
  return (await viewOf(cluster, brokerId)).controllerId;
}
