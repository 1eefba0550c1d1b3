/** How StopReplica requests of the controller end the replicas of this broker (ReplicaManager.stopReplicas). */
import { Errors, KafkaError, type TopicPartition, type WireError } from '../../protocol';
import type { StopReplicaRequest } from '../../protocol/apis';
import type { StateChangeParts } from './leader-and-isr';

/** Leader epoch in the requests for a topic that is being deleted: overrides every other. */
const EPOCH_DURING_DELETE = -2;
/** Leader epoch in requests of versions that do not carry one. */
const NO_EPOCH = -1;

export interface StopOutcome {
  readonly topicPartition: TopicPartition;
  readonly error: WireError;
}

interface Stop {
  readonly topicPartition: TopicPartition;
  readonly leaderEpoch: number;
  readonly deletes: boolean;
}

/** Applies a request whose controller epoch has been checked. */
export async function applyStopReplica(parts: StateChangeParts, request: StopReplicaRequest): Promise<StopOutcome[]> {
  const outcomes: StopOutcome[] = [];
  const stops: Stop[] = [];
  for (const stop of stopsOf(request)) {
    const error = judge(parts, stop);
    if (error === null) stops.push(stop);
    else outcomes.push({ topicPartition: stop.topicPartition, error });
  }
  parts.fetchers.remove(stops.map((stop) => stop.topicPartition));
  for (const stop of stops) outcomes.push({ topicPartition: stop.topicPartition, error: await end(parts, stop) });
  return outcomes;
}

function* stopsOf(request: StopReplicaRequest): Generator<Stop> {
  const { deletePartitions: deletes } = request;
  for (const { topicName: topic, partitionIndex: partition } of request.ungroupedPartitions) {
    yield { topicPartition: { topic, partition }, leaderEpoch: NO_EPOCH, deletes };
  }
  for (const { name: topic, partitionIndexes } of request.topics) {
    for (const partition of partitionIndexes)
      yield { topicPartition: { topic, partition }, leaderEpoch: NO_EPOCH, deletes };
  }
  for (const { topicName: topic, partitionStates } of request.topicStates) {
    for (const { partitionIndex: partition, leaderEpoch, deletePartition } of partitionStates) {
      yield { topicPartition: { topic, partition }, leaderEpoch, deletes: deletePartition };
    }
  }
}

/** Null when the replica is to be stopped. A replica that is not hosted may still have left files behind. */
function judge(parts: StateChangeParts, { topicPartition, leaderEpoch, deletes }: Stop): WireError | null {
  const { topic, partition: index } = topicPartition;
  if (parts.hosted.isOffline(topic, index)) {
    parts.logger.warn(
      `Ignoring StopReplica request (delete=${deletes}) for partition ${topic}-${index} as the local replica for the ` +
        'partition is in an offline log directory',
    );
    return Errors.KAFKA_STORAGE_ERROR;
  }
  const currentEpoch = parts.hosted.get(topic, index)?.leaderEpoch ?? NO_EPOCH;
  if (leaderEpoch === EPOCH_DURING_DELETE || leaderEpoch === NO_EPOCH || leaderEpoch >= currentEpoch) return null;
  parts.logger.warn(
    `Ignoring StopReplica request (delete=${deletes}) for partition ${topic}-${index} since its associated leader epoch ` +
      `${leaderEpoch} is smaller than the current leader epoch ${currentEpoch}`,
  );
  return Errors.FENCED_LEADER_EPOCH;
}

async function end(parts: StateChangeParts, { topicPartition, leaderEpoch, deletes }: Stop): Promise<WireError> {
  const partition = parts.hosted.get(topicPartition.topic, topicPartition.partition);
  if (!deletes) {
    partition?.wakeAll();
    return Errors.NONE;
  }
  parts.hosted.delete(topicPartition);
  partition?.close();
  parts.leadershipChanged({ topicPartition, role: 'none', leaderEpoch });
  try {
    await parts.logs.delete(topicPartition);
    return Errors.NONE;
  } catch (error) {
    const { topic, partition: index } = topicPartition;
    parts.logger.error(`Ignoring StopReplica request (delete=true) for partition ${topic}-${index}`, error);
    return error instanceof KafkaError ? error.error : Errors.UNKNOWN_SERVER_ERROR;
  }
}
