/**
 * What a broker does when it has just been elected (kafka.controller.KafkaController.onControllerFailover): read the
 * whole cluster from ZooKeeper, tell every broker who is alive, then bring replicas and partitions to the state in
 * which they should be. The order matters: brokers must know who lives before they are told whom to follow.
 */
import { uuidText } from '../topic-id';
import * as znodes from '../../../zookeeper/znodes';
import type { Random } from '../../../runtime/random';
import { isZkError } from '../../../zookeeper/errors';
import { orNull } from '../zk-reads';
import type { ControllerCore } from './controller-core';
import { isBeingReassigned } from './replica-assignment';

export async function takeOver(core: ControllerCore, random: Random): Promise<void> {
  const { store, watches, logger, context } = core;
  await enableFeatures(core);
  await deleteNotifications(core);
  logger.info('Initializing controller context');
  await initializeContext(core, random);
  logger.info('Fetching topic deletions in progress');
  const deletions = await store.topicDeletions(watches.topicDeletions);
  await core.deletion.init(deletions, ineligibleForDeletion(core));
  logger.info('Sending update metadata request');
  core.sendUpdateMetadata([]);
  await core.replicas.startup();
  await core.partitions.startup();
  logger.info(`Ready to serve as the new controller with epoch ${context.epoch}`);
}

/** /feature says that features are versioned (KIP-584); a ZooKeeper-mode cluster of 3.9 has none. */
async function enableFeatures({ store: { zk } }: ControllerCore): Promise<void> {
  const node = await orNull(zk.getData(znodes.FEATURE_PATH));
  if (node && znodes.decodeFeature(node.data).enabled) return;
  const data = znodes.encodeFeature({ enabled: true, features: {} });
  if (node) {
    await zk.setData(znodes.FEATURE_PATH, data, node.stat.version);
    return;
  }
  try {
    await zk.create(znodes.FEATURE_PATH, data);
  } catch (error) {
    if (!isZkError(error, 'NODE_EXISTS')) throw error;
  }
}

async function deleteNotifications({ store, watches }: ControllerCore): Promise<void> {
  const logDirEvents = await store.logDirEvents(watches.logDirEvents);
  await store.deleteLogDirEvents(logDirEvents.names);
  const isrChanges = await store.isrChanges(watches.isrChanges);
  await store.deleteIsrChanges(isrChanges.names);
}

async function initializeContext(core: ControllerCore, random: Random): Promise<void> {
  const { context, store, watches, channels, logger } = core;
  const brokers = await store.brokers(watches.brokers);
  for (const [id, entry] of brokers) context.brokers.set(id, entry);
  const topics = await store.topics(watches.topics);
  await addTopics(core, topics, random);
  await Promise.all([...brokers.keys()].map((id) => store.zk.exists(znodes.brokerPath(id), watches.broker(id))));
  await Promise.all(
    [...context.partitions()].map(async (partition) => {
      partition.leadership = await store.leadership(partition.topicPartition);
    }),
  );
  for (const { registration } of context.brokers.values()) channels.add(registration);
  logger.info(`Currently active brokers in the cluster: Set(${context.liveBrokerIds.join(', ')})`);
  logger.info(
    `Current list of topics in the cluster: ${topics.length} topics, ${[...context.partitions()].length} partitions`,
  );
}

/**
 * Reads topics into the context, arms their watches and gives an id to those that lack one.
 * @returns the topics that are really there
 */
export async function addTopics(core: ControllerCore, topics: readonly string[], random: Random): Promise<string[]> {
  const { context, store, watches } = core;
  const assignments = await Promise.all(topics.map((topic) => store.assignment(topic, watches.topic(topic))));
  const found: string[] = [];
  for (const [index, topic] of topics.entries()) {
    const assignment = assignments[index];
    if (!assignment) continue;
    found.push(topic);
    context.addTopic(topic);
    const topicId = assignment.topicId ?? uuidText(random);
    if (assignment.topicId === null) await store.setAssignments(topic, topicId, assignment.partitions);
    context.setTopicId(topic, topicId);
    for (const [partition, replicas] of assignment.partitions) {
      const entry = context.setAssignment({ topic, partition }, replicas);
      if (isBeingReassigned(replicas)) context.partitionsBeingReassigned.set(entry.key, entry);
    }
  }
  return found;
}

function ineligibleForDeletion({ context }: ControllerCore): Set<string> {
  const topics = new Set<string>();
  for (const { partition, brokerId } of context.replicasOf(context.partitions())) {
    if (!context.isReplicaOnline(brokerId, partition)) topics.add(partition.topicPartition.topic);
  }
  for (const { topicPartition } of context.partitionsBeingReassigned.values()) topics.add(topicPartition.topic);
  return topics;
}
