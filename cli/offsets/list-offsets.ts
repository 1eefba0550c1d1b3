/** Offsets by time, asked of the leaders: earliest, latest, or the first record not older than a timestamp. */
import type { ClusterClient } from '../../client';
import { errorForCode, KafkaError, type TopicPartition, type WireError } from '../../protocol';
import { listOffsets } from '../../protocol/apis';

/** The special timestamps of ListOffsets. */
export const OffsetSpec = {
  LATEST: -1n,
  EARLIEST: -2n,
  MAX_TIMESTAMP: -3n,
  EARLIEST_LOCAL: -4n,
  LATEST_TIERED: -5n,
} as const;

export interface OffsetQuery extends TopicPartition {
  timestamp: bigint;
}

export interface FoundOffset extends OffsetQuery {
  /** -1 when no record is that young. */
  offset: number;
  /** Timestamp of the record found; -1 for the special timestamps. */
  foundTimestamp: bigint;
  error: WireError | null;
}

/** Errors after which the leader should be looked up again. */
export const MOVED_LEADER: ReadonlySet<string> = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'LEADER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

/** Answers in the order of the queries; errors of single partitions stand in the answer. */
export async function findOffsets(
  cluster: ClusterClient,
  queries: readonly OffsetQuery[],
  isolationLevel = 0,
): Promise<FoundOffset[]> {
  const found = new Map<OffsetQuery, FoundOffset>();
  await cluster.retrying(async () => {
    const open = queries.filter((query) => !found.has(query));
    const byLeader = await groupByLeader(cluster, open);
    await Promise.all([...byLeader].map(([leader, its]) => askLeader(cluster, leader, its, isolationLevel, found)));
    const missing = queries.find((query) => !found.has(query));
    if (missing)
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `The leader of ${missing.topic}-${missing.partition} moves`);
  });
  return queries.map((query) => found.get(query) as FoundOffset);
}

async function groupByLeader(
  cluster: ClusterClient,
  queries: readonly OffsetQuery[],
): Promise<Map<number, OffsetQuery[]>> {
  const byLeader = new Map<number, OffsetQuery[]>();
  for (const query of queries) {
    const leader = await cluster.leaderOf(query);
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), query]);
  }
  return byLeader;
}

async function askLeader(
  cluster: ClusterClient,
  leader: number,
  queries: readonly OffsetQuery[],
  isolationLevel: number,
  found: Map<OffsetQuery, FoundOffset>,
): Promise<void> {
  const connection = await cluster.broker(leader);
  const topics = [...new Set(queries.map(({ topic }) => topic))];
  const answer = await connection.send(listOffsets, {
    replicaId: -1,
    isolationLevel,
    topics: topics.map((name) => ({
      name,
      partitions: queries
        .filter(({ topic }) => topic === name)
        .map(({ partition, timestamp }) => ({ partitionIndex: partition, timestamp, currentLeaderEpoch: -1 })),
    })),
  });
  for (const query of queries) {
    const result = answer.topics
      .find(({ name }) => name === query.topic)
      ?.partitions.find(({ partitionIndex }) => partitionIndex === query.partition);
    if (!result) continue;
    const error = errorForCode(result.errorCode);
    if (result.errorCode !== 0 && MOVED_LEADER.has(error.name)) {
      cluster.forgetLeader(query);
      continue;
    }
    found.set(query, {
      ...query,
      offset: result.offset,
      foundTimestamp: result.timestamp,
      error: result.errorCode === 0 ? null : error,
    });
  }
}
