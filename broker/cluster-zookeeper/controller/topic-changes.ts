/** What the controller does when topics appear, grow, or are to be deleted. */
import type { Random } from '../../../runtime/random';
import { partitionsPath } from '../../../zookeeper/znodes';
import { orNull } from '../zk-reads';
import type { ControllerCore } from './controller-core';
import type { PartitionEntry } from './controller-context';
import { addTopics } from './failover';

export async function onTopicChange(core: ControllerCore, random: Random): Promise<void> {
  const { context, store, watches, logger } = core;
  const topics = new Set(await store.topics(watches.topics));
  const added = [...topics].filter((topic) => !context.hasTopic(topic));
  const removed = context.topicNames.filter((topic) => !topics.has(topic));
  for (const topic of removed) context.removeTopic(topic);
  const found = await addTopics(core, added, random);
  logger.info(`New topics: [${found.join(',')}], deleted topics: [${removed.join(',')}]`);
  await onNewPartitions(
    core,
    found.flatMap((topic) => context.partitionsOf(topic)),
  );
}

/** New partitions get their first leader; their replicas are told. */
async function onNewPartitions(core: ControllerCore, created: readonly PartitionEntry[]): Promise<void> {
  if (created.length === 0) return;
  const { context, partitions, replicas, logger } = core;
  const names = created.slice(0, 20).map(({ key }) => key);
  logger.info(`New partition creation callback for ${names.join(',')}${created.length > 20 ? ',…' : ''}`);
  const all = context.replicasOf(created);
  await partitions.handleStateChanges(created, 'new');
  await replicas.handleStateChanges(all, 'new');
  await partitions.handleStateChanges(created, 'online', { kind: 'offline', allowUnclean: false });
  await replicas.handleStateChanges(all, 'online');
}

/** A topic's node was changed: partitions have been added, or a reassignment of our own was written. */
export async function onPartitionModifications(core: ControllerCore, topic: string): Promise<void> {
  const { context, store, watches, logger } = core;
  if (!context.hasTopic(topic)) return;
  const assignment = await store.assignment(topic, watches.topic(topic));
  if (!assignment) return;
  const added = [...assignment.partitions].filter(
    ([partition]) => context.assignmentOf({ topic, partition }).replicas.length === 0,
  );
  if (added.length === 0) return;
  if (context.isQueuedForDeletion(topic)) {
    logger.warn(
      `Skipping adding partitions ${added.map(([index]) => index).join(',')} for topic ${topic} since it is currently being deleted`,
    );
    await restoreAssignment(core, topic);
    return;
  }
  const created = added.map(([partition, replicas]) => context.setAssignment({ topic, partition }, replicas));
  await onNewPartitions(core, created);
}

/** Writes back the partitions that a topic had before it was to be deleted. */
async function restoreAssignment({ context, store }: ControllerCore, topic: string): Promise<void> {
  const existing = await orNull(store.zk.getChildren(partitionsPath(topic)));
  const indexes = new Set((existing?.children ?? []).map(Number));
  const partitions = context.partitionsOf(topic).filter(({ topicPartition }) => indexes.has(topicPartition.partition));
  const assignments = new Map(partitions.map((entry) => [entry.topicPartition.partition, entry.assignment]));
  await store.setAssignments(topic, context.topicId(topic), assignments);
}

export async function onTopicDeletion(core: ControllerCore): Promise<void> {
  const { context, store, watches, deletion, logger, config } = core;
  const wanted = await store.topicDeletions(watches.topicDeletions);
  const unknown = wanted.filter((topic) => !context.hasTopic(topic));
  if (unknown.length > 0) {
    logger.warn(`Ignoring request to delete non-existing topics ${unknown.join(',')}`);
    await store.deleteTopicDeletions(unknown);
  }
  const topics = wanted.filter((topic) => context.hasTopic(topic));
  if (!config.deleteTopicEnable) {
    logger.info(`Removing ${topics.join(',')} since delete topic is disabled`);
    await store.deleteTopicDeletions(topics);
    return;
  }
  if (topics.length === 0) return;
  logger.info(`Starting topic deletion for topics ${topics.join(',')}`);
  const reassigned = new Set([...context.partitionsBeingReassigned.values()].map((p) => p.topicPartition.topic));
  const fresh = topics.filter((topic) => reassigned.has(topic));
  for (const topic of fresh) context.topicsToBeDeleted.add(topic);
  deletion.markIneligible(fresh, 'topic reassignment in progress');
  await deletion.enqueue(topics);
}
