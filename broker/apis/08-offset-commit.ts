/**
 * OffsetCommit, versions 0-9: stores how far a group has read. v0 goes to ZooKeeper, where consumers before 0.8.2 kept
 * their offsets; v1 carries a timestamp of its own, v2 to v4 a retention for these offsets; v6 a leader epoch; v7 static
 * members. Only offsets of partitions that exist are stored; the answer comes when they are committed.
 */
import { Errors, KafkaError, wireErrorOf, type TopicPartition, type WireError } from '../../protocol';
import { offsetCommit, type OffsetCommitRequest } from '../../protocol/apis';
import type { Clock } from '../../runtime/clock';
import type { ClusterChange } from '../cluster/cluster-change';
import type { CommittedOffset, GroupCoordinator } from '../group';
import type { MetadataCache } from '../metadata/metadata-cache';
import { handler, type Handler } from './handler';
import { byTopic } from './partition-errors';

interface Parts {
  readonly groups: GroupCoordinator;
  readonly metadata: MetadataCache;
  readonly clock: Clock;
  readonly cluster: ClusterChange;
}

/** The client leaves retention, or commit time, to the broker. */
const NOT_GIVEN = -1n;

export function offsetCommitHandler(parts: Parts): Handler {
  return handler(
    offsetCommit,
    async (request, { apiVersion }) => {
      const offsets = offsetsOf(request, BigInt(parts.clock.nowMs()));
      const isKnown = ({ topicPartition }: CommittedOffset): boolean =>
        parts.metadata.partition(topicPartition) !== null;
      const known = offsets.filter(isKnown);
      const errors =
        apiVersion === 0 ? await storeInZooKeeper(parts, request, known) : await storeInGroup(parts, request, known);
      const unknown = offsets.filter((offset) => !isKnown(offset));
      return {
        topics: byTopic([
          ...unknown.map(({ topicPartition }) => ({ topicPartition, error: Errors.UNKNOWN_TOPIC_OR_PARTITION })),
          ...known.map(({ topicPartition }, index) => ({ topicPartition, error: errors[index] as WireError })),
        ]),
      };
    },
    (request, error) => ({
      topics: byTopic(partitionsOf(request).map((topicPartition) => ({ topicPartition, error }))),
    }),
  );
}

function storeInGroup(
  parts: Parts,
  request: OffsetCommitRequest,
  offsets: readonly CommittedOffset[],
): Promise<WireError[]> {
  if (offsets.length === 0) return Promise.resolve([]);
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  const member = { groupId, memberId, instanceId: groupInstanceId, generation: generationIdOrMemberEpoch };
  return parts.groups.commitOffsets(member, offsets);
}

async function storeInZooKeeper(
  parts: Parts,
  request: OffsetCommitRequest,
  offsets: readonly CommittedOffset[],
): Promise<WireError[]> {
  const { cluster } = parts;
  const { maxOffsetMetadataLength } = parts.groups.config;
  const errors: WireError[] = [];
  for (const { topicPartition, offset, metadata } of offsets) {
    if (metadata.length > maxOffsetMetadataLength) {
      errors.push(Errors.OFFSET_METADATA_TOO_LARGE);
      continue;
    }
    try {
      if (!cluster.storeConsumerOffset) throw new KafkaError('UNSUPPORTED_VERSION');
      await cluster.storeConsumerOffset(request.groupId, topicPartition, offset);
      errors.push(Errors.NONE);
    } catch (error) {
      errors.push(wireErrorOf(error));
    }
  }
  return errors;
}

function partitionsOf(request: OffsetCommitRequest): TopicPartition[] {
  return request.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
  );
}

/** What is to be stored; of several offsets for one partition the last. */
function offsetsOf(request: OffsetCommitRequest, nowMs: bigint): CommittedOffset[] {
  const { retentionTimeMs } = request;
  const offsets = new Map<string, CommittedOffset>();
  for (const { name, partitions } of request.topics) {
    for (const each of partitions) {
      const topicPartition = { topic: name, partition: each.partitionIndex };
      offsets.set(`${name}-${each.partitionIndex}`, {
        topicPartition,
        offset: each.committedOffset,
        leaderEpoch: each.committedLeaderEpoch,
        metadata: each.committedMetadata ?? '',
        commitTimestampMs: each.commitTimestamp === NOT_GIVEN ? nowMs : each.commitTimestamp,
        expireTimestampMs: retentionTimeMs === NOT_GIVEN ? null : nowMs + retentionTimeMs,
      });
    }
  }
  return [...offsets.values()];
}
