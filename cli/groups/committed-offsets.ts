/** Committed offsets of consumer groups: reading and writing them. */
import type { ClusterClient } from '../../client';
import { errorForCode, Errors, KafkaError, type TopicPartition } from '../../protocol';
import { offsetCommit, offsetFetch } from '../../protocol/apis';

export interface CommittedOffset extends TopicPartition {
  /** -1 when the group has committed none. */
  offset: number;
  leaderEpoch: number;
  metadata: string;
}

/** @param partitions null for all that the group has committed */
export async function fetchCommitted(
  cluster: ClusterClient,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
): Promise<CommittedOffset[]> {
  const topics =
    partitions === null
      ? null
      : groupByTopic(partitions).map(([name, indexes]) => ({ name, partitionIndexes: indexes }));
  const answer = await cluster.toCoordinator(
    groupId,
    offsetFetch,
    { groups: [{ groupId, topics }], requireStable: false },
    (response) => response.groups[0]?.errorCode ?? response.errorCode,
  );
  const group = answer.groups[0];
  if (!group) return [];
  if (group.errorCode !== 0) throw new KafkaError(errorForCode(group.errorCode));
  return group.topics.flatMap(({ name, partitions: its }) =>
    its.map((partition) => {
      if (partition.errorCode !== 0) throw new KafkaError(errorForCode(partition.errorCode));
      return {
        topic: name,
        partition: partition.partitionIndex,
        offset: partition.committedOffset,
        leaderEpoch: partition.committedLeaderEpoch,
        metadata: partition.metadata ?? '',
      };
    }),
  );
}

export interface Membership {
  memberId: string;
  generationId: number;
  groupInstanceId: string | null;
}

/** Who commits from outside of the group: a tool, while the group has no members. */
export const NO_MEMBER: Membership = { memberId: '', generationId: -1, groupInstanceId: null };

/** @throws KafkaError when the coordinator refuses one of the offsets */
export async function commitOffsets(
  cluster: ClusterClient,
  groupId: string,
  offsets: readonly { topic: string; partition: number; offset: number }[],
  member: Membership = NO_MEMBER,
): Promise<void> {
  if (offsets.length === 0) return;
  const topics = [...new Set(offsets.map(({ topic }) => topic))].map((name) => ({
    name,
    partitions: offsets
      .filter(({ topic }) => topic === name)
      .map(({ partition, offset }) => ({ partitionIndex: partition, committedOffset: offset, committedMetadata: '' })),
  }));
  const answer = await cluster.toCoordinator(
    groupId,
    offsetCommit,
    {
      groupId,
      generationIdOrMemberEpoch: member.generationId,
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      topics,
    },
    (response) => response.topics[0]?.partitions[0]?.errorCode ?? 0,
  );
  for (const { partitions } of answer.topics) {
    const failed = partitions.find(({ errorCode }) => errorCode !== Errors.NONE.code);
    if (failed) throw new KafkaError(errorForCode(failed.errorCode));
  }
}

/** Partition numbers by topic. */
export function groupByTopic(partitions: readonly TopicPartition[]): [string, number[]][] {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  return [...byTopic];
}
