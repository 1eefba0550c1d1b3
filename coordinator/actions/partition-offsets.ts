/** Offsets of partitions, from their leaders (ListOffsets). */
import type { ClusterClient } from '../../client';
import { errorForCode, Errors, KafkaError } from '../../protocol';
import { listOffsets } from '../../protocol/apis';
import { checkKafkaError } from '../http/error-answers';

/** Kafka's special times. */
export const LATEST = -1n;
export const EARLIEST = -2n;
const NO_REPLICA = -1;
const NOT_FOUND = -1;

/** All partitions of a topic. @throws ApiError UNKNOWN_TOPIC_OR_PARTITION */
export async function partitionsOf(cluster: ClusterClient, topic: string): Promise<number[]> {
  const [known] = (await cluster.metadata([topic])).topics;
  checkKafkaError(known?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  return (known?.partitions ?? []).map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
}

const isMoved = (name: string): boolean => name === 'NOT_LEADER_OR_FOLLOWER' || name === 'FENCED_LEADER_EPOCH';

/** Runs `ask` with the leader's id; an error of Kafka's that means another leader is thrown so that it is tried again. */
export async function fromLeader<T extends { errorCode: number }>(
  cluster: ClusterClient,
  place: { topic: string; partition: number },
  ask: (leader: number) => Promise<T | undefined>,
): Promise<T> {
  return cluster.retrying(async () => {
    const answer = await ask(await cluster.leaderOf(place));
    const error = errorForCode(answer?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    if (isMoved(error.name)) {
      cluster.forgetLeader(place);
      throw new KafkaError(error);
    }
    checkKafkaError(error.code);
    return answer as T;
  });
}

/**
 * The offset at a time: that of the first record with this timestamp or a later one, or LATEST (the high watermark) or EARLIEST
 * (the log start offset).
 * @returns null when no record is that young
 */
export async function offsetAt(
  cluster: ClusterClient,
  topic: string,
  partition: number,
  timestamp: bigint,
): Promise<number | null> {
  const found = await fromLeader(cluster, { topic, partition }, async (leader) => {
    const partitions = [{ partitionIndex: partition, timestamp }];
    const body = { replicaId: NO_REPLICA, isolationLevel: 0, topics: [{ name: topic, partitions }] };
    return (await cluster.toBroker(leader, listOffsets, body)).topics[0]?.partitions[0];
  });
  return found.offset === NOT_FOUND ? null : found.offset;
}
