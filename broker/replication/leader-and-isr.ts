/**
 * How LeaderAndIsr requests of the controller change the replicas of this broker (ReplicaManager.becomeLeaderOrFollower).
 * Three phases: judge each partition by its epochs and topic id; create the logs that are missing, with their topics'
 * configuration from ZooKeeper, which is the only wait; then change the partitions, each synchronously. Runs
 * inside the serial queue of controller requests, so nothing else changes a role between the phases.
 */
import { Errors, KafkaError, ZERO_UUID, type TopicPartition, type WireError } from '../../protocol';
import type { LeaderAndIsrRequest } from '../../protocol/apis';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { Turn } from '../../runtime/turn';
import type { MetadataCache } from '../metadata/metadata-cache';
import type { FetchAssignment, FollowerFetchers } from './fetcher-manager';
import type { HostedPartitions } from './hosted-partitions';
import type { LeaderAndIsrPartition, Partition } from './partition';
import type { ReplicaLog, ReplicaLogs } from './replica-log';
import type { LeadershipChange } from './types';

export interface PartitionOutcome {
  readonly topicPartition: TopicPartition;
  /** As in the request, ZERO_UUID when it gave none. */
  readonly topicId: string;
  readonly error: WireError;
}

export interface StateChangeParts {
  readonly brokerId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
  readonly hosted: HostedPartitions;
  readonly logs: ReplicaLogs;
  readonly fetchers: FollowerFetchers;
  newPartition(topicPartition: TopicPartition): Partition;
  /** Reads a topic's configuration from ZooKeeper, for the logs that are about to be created. */
  learnTopicConfig(topic: string): Promise<void>;
  markOffline(topicPartition: TopicPartition): void;
  leadershipChanged(change: LeadershipChange): void;
}

interface Change {
  readonly state: LeaderAndIsrPartition;
  readonly topicPartition: TopicPartition;
  readonly topicId: string;
  readonly partition: Partition;
  log: ReplicaLog | null;
  error: WireError;
}

/** Applies a request whose controller epoch has been checked; gives the outcome of each partition. */
export async function applyLeaderAndIsr(
  parts: StateChangeParts,
  request: LeaderAndIsrRequest,
): Promise<PartitionOutcome[]> {
  const outcomes: PartitionOutcome[] = [];
  const changes: Change[] = [];
  for (const { state, topicPartition, topicId } of statesOf(request)) {
    const judged = judge(parts, state, topicPartition, topicId);
    if ('partition' in judged) changes.push(judged);
    else outcomes.push({ topicPartition, topicId, error: judged });
  }
  await createLogs(
    parts,
    changes.filter((change) => change.log === null),
  );
  await changeAll(parts, changes);
  for (const { topicPartition, topicId, error } of changes) outcomes.push({ topicPartition, topicId, error });
  return outcomes;
}

/** All partitions a request names, whichever version's form it has. */
export function* statesOf(
  request: LeaderAndIsrRequest,
): Generator<{ state: LeaderAndIsrPartition; topicPartition: TopicPartition; topicId: string }> {
  for (const state of request.ungroupedPartitionStates) {
    yield { state, topicPartition: { topic: state.topicName, partition: state.partitionIndex }, topicId: ZERO_UUID };
  }
  for (const { topicName: topic, topicId, partitionStates } of request.topicStates) {
    for (const state of partitionStates) {
      yield { state, topicPartition: { topic, partition: state.partitionIndex }, topicId };
    }
  }
}

/** The change that is to be made, or the error (NONE included) that ends the matter. */
function judge(
  parts: StateChangeParts,
  state: LeaderAndIsrPartition,
  topicPartition: TopicPartition,
  topicId: string,
): Change | WireError {
  const { topic, partition: index } = topicPartition;
  const { hosted, logs, logger } = parts;
  const name = `${topic}-${index}`;
  if (hosted.isOffline(topic, index)) {
    logger.warn(`Ignoring LeaderAndIsr request for partition ${name}: its replica is in an offline log directory`);
    return Errors.KAFKA_STORAGE_ERROR;
  }
  const known = hosted.get(topic, index);
  const knownTopicId = known?.topicId ?? logs.get(topicPartition)?.topicId ?? null;
  if (topicId !== ZERO_UUID && knownTopicId !== null && knownTopicId !== topicId) {
    logger.error(
      `Topic ID in memory: ${knownTopicId} does not match the topic ID for partition ${name} received: ${topicId}.`,
    );
    return Errors.INCONSISTENT_TOPIC_ID;
  }
  const currentEpoch = known?.leaderEpoch ?? -1;
  if (known && state.leaderEpoch <= currentEpoch) return judgeOldEpoch(parts, known, state, topicId);
  if (!state.replicas.includes(parts.brokerId)) {
    logger.warn(
      `Ignoring LeaderAndIsr request for partition ${name} as itself is not in assigned replica list ${state.replicas.join(',')}`,
    );
    return Errors.UNKNOWN_TOPIC_OR_PARTITION;
  }
  const partition = known ?? parts.newPartition(topicPartition);
  if (!known) hosted.put(partition);
  return {
    state,
    topicPartition,
    topicId,
    partition,
    log: partition.log ?? logs.get(topicPartition),
    error: Errors.NONE,
  };
}

function judgeOldEpoch(
  parts: StateChangeParts,
  partition: Partition,
  state: LeaderAndIsrPartition,
  topicId: string,
): WireError {
  const { topic, partition: index } = partition.topicPartition;
  const bringsTopicId =
    state.leaderEpoch === partition.leaderEpoch && topicId !== ZERO_UUID && partition.topicId === null;
  if (bringsTopicId) {
    partition.assignTopicId(topicId);
    parts.fetchers.updateTopicId(partition.topicPartition, topicId);
    return Errors.NONE;
  }
  parts.logger.info(
    `Ignoring LeaderAndIsr request for partition ${topic}-${index} since its associated leader epoch ` +
      `${state.leaderEpoch} is not larger than the current leader epoch ${partition.leaderEpoch}`,
  );
  return Errors.STALE_CONTROLLER_EPOCH;
}

async function createLogs(parts: StateChangeParts, changes: readonly Change[]): Promise<void> {
  const learning = new Map<string, Promise<void>>();
  for (const { topicPartition } of changes) {
    if (learning.has(topicPartition.topic)) continue;
    const learned = parts.learnTopicConfig(topicPartition.topic);
    learned.catch(() => undefined);
    learning.set(topicPartition.topic, learned);
  }
  const turn = new Turn(parts.clock);
  for (const change of changes) {
    await createLog(parts, change, learning.get(change.topicPartition.topic));
    if (turn.isOver) await turn.next();
  }
}

async function createLog(parts: StateChangeParts, change: Change, configLearned?: Promise<void>): Promise<void> {
  const { topicPartition, topicId, state } = change;
  try {
    await configLearned;
    change.log = await parts.logs.getOrCreate(topicPartition, {
      topicId: topicId === ZERO_UUID ? null : topicId,
      isNew: state.isNew,
    });
  } catch (error) {
    const name = `${topicPartition.topic}-${topicPartition.partition}`;
    parts.logger.error(`Skipped the state change for partition ${name} since its log cannot be opened`, error);
    const isStorage = error instanceof KafkaError && error.error === Errors.KAFKA_STORAGE_ERROR;
    if (isStorage) change.error = Errors.KAFKA_STORAGE_ERROR;
  }
}

/** Each partition changes at once; between partitions other work may run. */
async function changeAll(parts: StateChangeParts, changes: readonly Change[]): Promise<void> {
  const turn = new Turn(parts.clock);
  let assignments: FetchAssignment[] = [];
  for (const change of changes) {
    changeOne(parts, change, assignments);
    if (!turn.isOver) continue;
    parts.fetchers.add(assignments);
    assignments = [];
    await turn.next();
  }
  parts.fetchers.add(assignments);
}

function changeOne(parts: StateChangeParts, change: Change, assignments: FetchAssignment[]): void {
  const { topicPartition, log } = change;
  const isOffline = parts.hosted.isOffline(topicPartition.topic, topicPartition.partition);
  if (isOffline || change.error === Errors.KAFKA_STORAGE_ERROR) {
    change.error = Errors.KAFKA_STORAGE_ERROR;
    parts.markOffline(topicPartition);
  } else if (log !== null) {
    adopt(parts, change, log);
    if (change.state.leader === parts.brokerId) becomeLeader(parts, change, log);
    else becomeFollower(parts, change, log, assignments);
  }
}

/** The first time a partition gets its log: the high watermark comes from the checkpoint. */
function adopt(parts: StateChangeParts, change: Change, log: ReplicaLog): void {
  const { partition, topicPartition, topicId } = change;
  if (partition.log === null) {
    const name = `${topicPartition.topic}-${topicPartition.partition}`;
    const checkpointed = parts.logs.checkpointedHighWatermark(log.parentDir, topicPartition);
    if (checkpointed === null) parts.logger.info(`No checkpointed highwatermark is found for partition ${name}`);
    const highWatermark = log.updateHighWatermark(checkpointed ?? 0);
    parts.logger.info(`Log loaded for partition ${name} with initial high watermark ${highWatermark}`);
  }
  partition.adoptLog(log);
  if (topicId !== ZERO_UUID) partition.assignTopicId(topicId);
}

function becomeLeader(parts: StateChangeParts, change: Change, log: ReplicaLog): void {
  const { partition, state, topicPartition } = change;
  parts.fetchers.remove([topicPartition]);
  if (!partition.makeLeader(state, log)) return;
  parts.leadershipChanged({ topicPartition, role: 'leader', leaderEpoch: partition.leaderEpoch });
}

function becomeFollower(
  parts: StateChangeParts,
  change: Change,
  log: ReplicaLog,
  assignments: FetchAssignment[],
): void {
  const { partition, state, topicPartition } = change;
  if (!parts.metadata.isAlive(state.leader)) {
    parts.logger.error(
      `Received LeaderAndIsrRequest for partition ${topicPartition.topic}-${topicPartition.partition} but cannot become ` +
        `follower since the new leader ${state.leader} is unavailable.`,
    );
    return;
  }
  if (!partition.makeFollower(state, log)) return;
  parts.fetchers.remove([topicPartition]);
  partition.wakeAll();
  assignments.push({
    topicPartition,
    topicId: partition.topicId,
    leaderId: state.leader,
    leaderEpoch: partition.leaderEpoch,
    log,
  });
  parts.leadershipChanged({ topicPartition, role: 'follower', leaderEpoch: partition.leaderEpoch });
}
