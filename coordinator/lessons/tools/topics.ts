/** Topics of lessons: making them, their settings, and who leads and copies their partitions according to ZooKeeper. */
import { errorForCode, Errors, KafkaError } from '../../../protocol';
import {
  createPartitions,
  createTopics,
  deleteTopics,
  describeConfigs,
  incrementalAlterConfigs,
  metadata,
} from '../../../protocol/apis';
import {
  decodePartitionState,
  decodeTopicAssignment,
  partitionStatePath,
  topicPath,
  type PartitionState,
} from '../../../zookeeper/znodes';
import type { KafkaAccess, ZnodeTree } from '../../parts';
import type { Look, StepContext } from '../lesson';
import { registered } from './brokers';

/** For the broker; and a little more for its answer to arrive. */
const CREATE_TIMEOUT_MS = 15_000;
const PATIENT = { timeoutMs: CREATE_TIMEOUT_MS + 1_000 };
const TOPIC_RESOURCE = 2;
const BROKER_RESOURCE = 4;
const SET = 0;

export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Makes a topic that goes with the run. One that an earlier try of the step made is taken as it is. */
export async function makeTopic(context: StepContext, plan: TopicPlan): Promise<void> {
  const { name, partitions, replicationFactor, configs = {} } = plan;
  const wire = context.kafka.wire();
  context.makes(`topic ${name}`, () => removeTopic(context.kafka, name));
  const topic = {
    name,
    numPartitions: partitions,
    replicationFactor,
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  };
  const answer = await context.unlessAborted(
    wire.toController(
      createTopics,
      { topics: [topic], timeoutMs: CREATE_TIMEOUT_MS },
      (each) => each.topics[0]?.errorCode ?? 0,
      PATIENT,
    ),
  );
  const { errorCode = 0, errorMessage = null } = answer.topics[0] ?? {};
  if (errorCode === Errors.TOPIC_ALREADY_EXISTS.code) return;
  if (errorCode !== 0) throw refused(`create the topic ${name}`, errorCode, errorMessage);
  context.observe(
    `Created the topic ${name}: ${count(partitions, 'partition')}, ${count(replicationFactor, 'copy', 'copies')} of each.`,
  );
}

async function removeTopic(kafka: KafkaAccess, name: string): Promise<void> {
  const request = { topics: [{ name }], topicNames: [name], timeoutMs: CREATE_TIMEOUT_MS };
  const errorOf = (answer: { responses: readonly { errorCode: number }[] }): number =>
    answer.responses[0]?.errorCode ?? 0;
  const errorCode = errorOf(await kafka.wire().toController(deleteTopics, request, errorOf, PATIENT));
  const gone: readonly number[] = [0, Errors.UNKNOWN_TOPIC_OR_PARTITION.code];
  if (!gone.includes(errorCode)) throw refused(`delete the topic ${name}`, errorCode, null);
}

/** Gives a topic more partitions; a number that it has already is fine. */
export async function addPartitions({ kafka }: StepContext, name: string, total: number): Promise<void> {
  const request = { topics: [{ name, count: total, assignments: null }], timeoutMs: CREATE_TIMEOUT_MS };
  const answer = await kafka
    .wire()
    .toController(createPartitions, request, (each) => each.results[0]?.errorCode ?? 0, PATIENT);
  const { errorCode = 0, errorMessage = null } = answer.results[0] ?? {};
  const already = errorCode === Errors.INVALID_PARTITIONS.code && (errorMessage ?? '').includes('already');
  if (errorCode !== 0 && !already) throw refused(`give ${name} ${total} partitions`, errorCode, errorMessage);
}

/** Sets one setting of a topic. */
export async function setTopicConfig({ kafka }: StepContext, topic: string, key: string, value: string): Promise<void> {
  const configs = [{ name: key, configOperation: SET, value }];
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configs }];
  const answer = await kafka.wire().toAny(incrementalAlterConfigs, { resources, validateOnly: false });
  const { errorCode = 0, errorMessage = null } = answer.responses[0] ?? {};
  if (errorCode !== 0) throw refused(`set ${key} of ${topic}`, errorCode, errorMessage);
}

/** The value of a setting of a topic, as a broker sees it; null when the broker does not tell it. */
export function topicConfig({ kafka }: StepContext, topic: string, key: string): Promise<string | null> {
  return configOf(kafka, null, TOPIC_RESOURCE, topic, key);
}

/** The value of a setting of a broker, asked of that broker. */
export function brokerConfig({ kafka }: StepContext, brokerId: number, key: string): Promise<string | null> {
  return configOf(kafka, brokerId, BROKER_RESOURCE, String(brokerId), key);
}

async function configOf(
  kafka: KafkaAccess,
  brokerId: number | null,
  resourceType: number,
  resourceName: string,
  key: string,
): Promise<string | null> {
  const request = { resources: [{ resourceType, resourceName, configurationKeys: [key] }] };
  const wire = kafka.wire();
  const answer = await (brokerId === null
    ? wire.toAny(describeConfigs, request)
    : wire.toBroker(brokerId, describeConfigs, request));
  const { errorCode = 0, errorMessage = null, configs = [] } = answer.results[0] ?? {};
  if (errorCode !== 0) throw refused(`read ${key} of ${resourceName}`, errorCode, errorMessage);
  return configs.find(({ name }) => name === key)?.value ?? null;
}

/** Which brokers are to hold each partition, from the topic's own znode; empty while it is not there. */
export function assignmentOf(tree: ZnodeTree, topic: string): ReadonlyMap<number, readonly number[]> {
  const node = tree.get(topicPath(topic));
  if (!node) return new Map();
  const { partitions } = decodeTopicAssignment(topic, node.data);
  return new Map([...partitions].map(([partition, { replicas }]) => [Number(partition), replicas]));
}

/** The state znode of a partition; null while it is not there. */
export function stateOf(tree: ZnodeTree, topic: string, partition: number): PartitionState | null {
  const node = tree.get(partitionStatePath(topic, partition));
  return node ? decodePartitionState(topic, partition, node.data) : null;
}

/** Waits until a new topic is whole: leaders and copies in ZooKeeper, and every broker has been told of it. */
export async function waitForTopic(
  context: StepContext,
  topic: string,
  partitions: number,
  copies: number,
): Promise<void> {
  await context.check('Every partition has a leader, and all its copies are in sync', () =>
    lookAtIsr(context.tree, topic, partitions, copies),
  );
  await context.check('The controller has told every broker', () => lookAtKnowledge(context, topic, partitions));
}

/** Looks whether every registered broker names a leader for each partition. */
async function lookAtKnowledge({ kafka, tree }: StepContext, topic: string, partitions: number): Promise<Look> {
  const request = { topics: [{ name: topic }], allowAutoTopicCreation: false };
  const answers = await Promise.all(
    registered(tree).map(async (brokerId) => {
      const answer = await kafka.wire().toBroker(brokerId, metadata, request);
      const known = answer.topics[0]?.partitions.filter(({ leaderId }) => leaderId >= 0).length ?? 0;
      return { brokerId, known };
    }),
  );
  const saw = answers.map(({ brokerId, known }) => `broker ${brokerId} knows ${count(known, 'leader')}`).join(', ');
  return { held: answers.length > 0 && answers.every(({ known }) => known === partitions), saw: saw || 'no brokers' };
}

/** Looks whether every partition has a leader and all its copies in sync, as the state znodes tell. */
export function lookAtIsr(tree: ZnodeTree, topic: string, partitions: number, copies: number): Look {
  const states = Array.from({ length: partitions }, (_, partition) => stateOf(tree, topic, partition));
  const held = states.every((state) => state !== null && state.leader >= 0 && state.isr.length === copies);
  const saw = states.map((state, partition) => `partition ${partition}: ${sayState(state)}`).join('; ');
  return { held, saw };
}

export function sayState(state: PartitionState | null): string {
  if (!state) return 'no state yet';
  const leader = state.leader < 0 ? 'no leader' : `leader ${state.leader}`;
  return `${leader}, in sync ${state.isr.join(', ') || 'nobody'}`;
}

/** `1 copy`, `3 copies` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** An error that says what was refused, and why, in words. */
export function refused(what: string, errorCode: number, message: string | null): KafkaError {
  const error = errorForCode(errorCode);
  return new KafkaError(error, `The broker refused to ${what}: ${error.name}. ${message ?? error.meaning}`);
}
