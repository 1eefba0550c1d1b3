/** What the controller does when brokers come, go, come back before anybody saw them go, or lose a log directory. */
import { errorForCode, Errors, type TopicPartition } from '../../../protocol';
import { brokerPath } from '../../../zookeeper/znodes';
import type { ControlResponse } from './broker-channels';
import type { ControllerCore } from './controller-core';
import type { LiveBrokerEntry, PartitionEntry, Replica } from './controller-context';
import { targetReplicas } from './replica-assignment';

/** How the registered brokers differ from those known. Pure; ids in ascending order. */
export function compareBrokers(
  known: ReadonlyMap<number, Pick<LiveBrokerEntry, 'epoch'>>,
  registered: ReadonlyMap<number, Pick<LiveBrokerEntry, 'epoch'>>,
): { added: number[]; bounced: number[]; dead: number[] } {
  const ascending = (ids: number[]): number[] => ids.sort((a, b) => a - b);
  const current = [...registered.keys()];
  return {
    added: ascending(current.filter((id) => !known.has(id))),
    bounced: ascending(current.filter((id) => (registered.get(id)?.epoch ?? 0) > (known.get(id)?.epoch ?? Infinity))),
    dead: ascending([...known.keys()].filter((id) => !registered.has(id))),
  };
}

export async function onBrokerChange(core: ControllerCore): Promise<void> {
  const { context, channels, logger, store, watches } = core;
  const registered = await store.brokers(watches.brokers);
  const { added, bounced, dead } = compareBrokers(context.brokers, registered);
  const text = `Newly added brokers: ${added.join(',')}, deleted brokers: ${dead.join(',')}, bounced brokers: ${bounced.join(',')}`;
  logger.info(`${text}, all live brokers: ${[...registered.keys()].sort((a, b) => a - b).join(',')}`);
  for (const id of [...bounced, ...dead]) channels.remove(id);
  const join = async (ids: readonly number[]): Promise<void> => {
    for (const id of ids) {
      const entry = registered.get(id) as LiveBrokerEntry;
      channels.add(entry.registration);
      context.brokers.set(id, entry);
    }
    await onBrokerStartup(core, ids);
  };
  if (added.length > 0) await join(added);
  if (bounced.length > 0) {
    for (const id of bounced) context.brokers.delete(id);
    await onBrokerFailure(core, bounced);
    await join(bounced);
  }
  if (dead.length > 0) {
    for (const id of dead) context.brokers.delete(id);
    await onBrokerFailure(core, dead);
  }
}

/** A broker's registration has got other content: listeners that were changed while it runs. */
export async function onBrokerModification(core: ControllerCore, brokerId: number): Promise<void> {
  const { context, store, watches, channels, logger } = core;
  await store.zk.exists(brokerPath(brokerId), watches.broker(brokerId));
  const now = await store.broker(brokerId);
  const known = context.brokers.get(brokerId);
  if (!now || !known) return;
  const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
  const { endpoints, features } = known.registration;
  if (same(endpoints, now.registration.endpoints) && same(features, now.registration.features)) return;
  known.registration = now.registration;
  channels.update(now.registration);
  logger.info(`Broker info update callback for ${brokerId}`);
  core.sendUpdateMetadata([]);
}

async function onBrokerStartup(core: ControllerCore, brokerIds: readonly number[]): Promise<void> {
  const { context, logger, store, watches } = core;
  logger.info(`New broker startup callback for ${brokerIds.join(',')}`);
  for (const id of brokerIds) context.replicasOnOfflineDirs.delete(id);
  const others = context.liveOrShuttingDownBrokerIds.filter((id) => !brokerIds.includes(id));
  core.sendUpdateMetadata([], others);
  // The newcomers have to know everything before they are told what to lead and whom to follow.
  core.sendUpdateMetadata(context.partitionsWithLeadership(), brokerIds);
  const replicas = context.replicasOnBrokers(brokerIds);
  await core.replicas.handleStateChanges(replicas, 'online');
  await core.partitions.triggerOnline();
  await core.reassignment.resume((partition) =>
    targetReplicas(partition.assignment).some((id) => brokerIds.includes(id)),
  );
  await core.deletion.resumeFor(new Set(replicas.map(({ partition }) => partition.topicPartition.topic)));
  await Promise.all(brokerIds.map((id) => store.zk.exists(brokerPath(id), watches.broker(id))));
}

async function onBrokerFailure(core: ControllerCore, brokerIds: readonly number[]): Promise<void> {
  const { context, logger } = core;
  logger.info(`Broker failure callback for ${brokerIds.join(',')}`);
  for (const id of brokerIds) {
    context.replicasOnOfflineDirs.delete(id);
    if (context.shuttingDownBrokerIds.delete(id)) logger.info(`Removed ${id} from list of shutting down brokers.`);
  }
  await onReplicasBecomeOffline(core, context.replicasOnBrokers(brokerIds));
}

async function onReplicasBecomeOffline(core: ControllerCore, replicas: readonly Replica[]): Promise<void> {
  const { context } = core;
  const isDeleted = ({ partition }: Replica): boolean => context.isQueuedForDeletion(partition.topicPartition.topic);
  const kept = replicas.filter((replica) => !isDeleted(replica));
  await core.partitions.handleStateChanges(context.partitionsWithOfflineLeader(), 'offline');
  const elections = await core.partitions.triggerOnline();
  await core.replicas.handleStateChanges(kept, 'offline');
  await core.deletion.failReplicas(replicas.filter(isDeleted));
  // Nothing else would tell the brokers who has gone.
  const changed = kept.length > 0 || [...elections.values()].some((result) => !(result instanceof Error));
  if (!changed) core.sendUpdateMetadata([]);
}

/** Brokers whose log directories failed are asked about all their replicas; they answer KAFKA_STORAGE_ERROR for the lost ones. */
export async function onLogDirEvents(core: ControllerCore): Promise<void> {
  const { store, watches, context, logger } = core;
  const { names, brokerIds } = await store.logDirEvents(watches.logDirEvents);
  try {
    if (brokerIds.length > 0) logger.info(`Handling log directory failure for brokers ${brokerIds.join(',')}`);
    await core.replicas.handleStateChanges(context.replicasOnBrokers(brokerIds), 'online');
  } finally {
    await store.deleteLogDirEvents(names);
  }
}

/** Leaders with an inter-broker protocol before 2.7-IV2 change the ISR in ZooKeeper themselves and leave a note. */
export async function onIsrChanges(core: ControllerCore): Promise<void> {
  const { store, watches, context } = core;
  const { names, partitions } = await store.isrChanges(watches.isrChanges);
  try {
    const known = partitions.flatMap((topicPartition) => context.partition(topicPartition) ?? []);
    for (const partition of known) partition.leadership = await store.leadership(partition.topicPartition);
    if (known.length > 0) core.sendUpdateMetadata(known);
    for (const partition of known) {
      if (context.partitionsBeingReassigned.has(partition.key)) await core.reassignment.maybeComplete(partition);
    }
  } finally {
    await store.deleteIsrChanges(names);
  }
}

type LeaderAndIsrAnswer = Extract<ControlResponse, { kind: 'LeaderAndIsr' }>;
type StopReplicaAnswer = Extract<ControlResponse, { kind: 'StopReplica' }>;

/** Whether an answer changes what the controller knows: only failed log directories do, and their recovery. */
export function concernsLogDirs(core: ControllerCore, { body, brokerId }: LeaderAndIsrAnswer): boolean {
  if (body.errorCode !== 0 || core.context.replicasOnOfflineDirs.has(brokerId)) return true;
  const errors = [...body.partitionErrors, ...body.topics.flatMap((topic) => topic.partitionErrors)];
  return errors.some(({ errorCode }) => errorCode === Errors.KAFKA_STORAGE_ERROR.code);
}

export async function onLeaderAndIsrResponse(core: ControllerCore, answer: LeaderAndIsrAnswer): Promise<void> {
  const { context, logger } = core;
  const { brokerId, body } = answer;
  if (body.errorCode !== 0) {
    logger.error(
      `Received error ${errorForCode(body.errorCode).name} in LeaderAndIsr response from broker ${brokerId}`,
    );
    return;
  }
  const offline = new Set(context.replicasOnOfflineDirs.get(brokerId));
  const before = new Set(offline);
  for (const [partition, code] of partitionErrors(core, answer)) {
    if (code === Errors.KAFKA_STORAGE_ERROR.code) offline.add(partition.key);
    else if (code === 0) offline.delete(partition.key);
  }
  if (offline.size === 0) context.replicasOnOfflineDirs.delete(brokerId);
  else context.replicasOnOfflineDirs.set(brokerId, offline);
  const newlyOffline = context
    .partitionsOnBroker(brokerId)
    .filter(({ key }) => offline.has(key) && !before.has(key))
    .map((partition) => ({ partition, brokerId }));
  if (newlyOffline.length === 0) return;
  logger.info(`Mark ${newlyOffline.length} replicas on broker ${brokerId} as offline`);
  await onReplicasBecomeOffline(core, newlyOffline);
}

function* partitionErrors(
  { context }: ControllerCore,
  { body }: LeaderAndIsrAnswer,
): Generator<[PartitionEntry, number]> {
  for (const { topicName, partitionIndex, errorCode } of body.partitionErrors) {
    const partition = context.partition({ topic: topicName, partition: partitionIndex });
    if (partition) yield [partition, errorCode];
  }
  for (const { topicId, partitionErrors: errors } of body.topics) {
    const topic = context.topicName(topicId);
    if (topic === null) continue;
    for (const { partitionIndex, errorCode } of errors) {
      const partition = context.partition({ topic, partition: partitionIndex });
      if (partition) yield [partition, errorCode];
    }
  }
}

/** A broker has deleted replicas of topics that are being deleted, or failed to. */
export async function onStopReplicaResponse(core: ControllerCore, answer: StopReplicaAnswer): Promise<void> {
  const { context, deletion } = core;
  const { brokerId, body, request } = answer;
  const asked = new Set<string>();
  for (const topic of request.topicStates ?? []) {
    for (const { partitionIndex, deletePartition } of topic.partitionStates ?? []) {
      if (deletePartition) asked.add(`${topic.topicName}-${partitionIndex}`);
    }
  }
  const deleted: Replica[] = [];
  const failed: Replica[] = [];
  for (const { topicName, partitionIndex, errorCode } of body.partitionErrors) {
    const topicPartition: TopicPartition = { topic: topicName, partition: partitionIndex };
    const partition = context.partition(topicPartition);
    if (!partition || !asked.has(partition.key) || !context.topicsWithDeletionStarted.has(topicName)) continue;
    (body.errorCode === 0 && errorCode === 0 ? deleted : failed).push({ partition, brokerId });
  }
  if (failed.length > 0) await deletion.failReplicas(failed);
  if (deleted.length > 0) await deletion.completeReplicas(deleted);
}
