/**
 * OffsetFetch, versions 0-9: the offsets that groups have committed. v0 reads from ZooKeeper; v1 has no error for the
 * whole request, so it stands in each partition; from v2 on topics may be null for all; v5 has leader epochs; v7 can
 * ask for stable offsets only (KIP-447); from v8 on for several groups at once (KIP-709).
 */
import { Errors, wireErrorOf, KafkaError, type TopicPartition, type WireError } from '../../protocol';
import { offsetFetch, type OffsetFetchRequest } from '../../protocol/apis';
import type { ClusterChange } from '../cluster/cluster-change';
import type { FetchedOffset, GroupCoordinator } from '../group';
import type { MetadataCache } from '../metadata/metadata-cache';
import { handler, type Handler } from './handler';

interface Parts {
  readonly groups: GroupCoordinator;
  readonly metadata: MetadataCache;
  readonly cluster: ClusterChange;
}

interface AskedTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

interface PartitionAnswer {
  partitionIndex: number;
  committedOffset: number;
  committedLeaderEpoch: number;
  metadata: string;
  errorCode: number;
}

interface TopicAnswer {
  name: string;
  partitions: PartitionAnswer[];
}

const FIRST_VERSION_WITH_REQUEST_ERROR = 2;
const FIRST_VERSION_WITH_SEVERAL_GROUPS = 8;
const NOTHING_COMMITTED = -1;
const NO_LEADER_EPOCH = -1;

export function offsetFetchHandler(parts: Parts): Handler {
  return handler(
    offsetFetch,
    async (request, { apiVersion }) => {
      if (apiVersion >= FIRST_VERSION_WITH_SEVERAL_GROUPS) {
        return { groups: request.groups.map((group) => fetchGroup(parts, group.groupId, group.topics, request)) };
      }
      if (apiVersion === 0) return { topics: await readFromZooKeeper(parts, request) };
      const { errorCode, topics } = fetchGroup(parts, request.groupId, request.topics, request);
      if (errorCode === Errors.NONE.code || apiVersion >= FIRST_VERSION_WITH_REQUEST_ERROR)
        return { errorCode, topics };
      return { topics: everywhere(request.topics ?? [], errorCode) };
    },
    (request, error, { apiVersion }) => failed(request, error, apiVersion),
  );
}

function fetchGroup(
  parts: Parts,
  groupId: string,
  topics: readonly AskedTopic[] | null,
  request: OffsetFetchRequest,
): { groupId: string; errorCode: number; topics: TopicAnswer[] } {
  const asked = topics === null ? null : partitionsOf(topics);
  const { error, offsets } = parts.groups.fetchOffsets(groupId, asked, request.requireStable);
  return { groupId, errorCode: error.code, topics: byTopic(offsets) };
}

async function readFromZooKeeper({ cluster, metadata }: Parts, request: OffsetFetchRequest): Promise<TopicAnswer[]> {
  const answers: FetchedOffset[] = [];
  for (const topicPartition of partitionsOf(request.topics ?? [])) {
    const unknown = { topicPartition, error: Errors.UNKNOWN_TOPIC_OR_PARTITION, committed: null };
    if (metadata.partition(topicPartition) === null) {
      answers.push(unknown);
      continue;
    }
    try {
      if (!cluster.consumerOffset) throw new KafkaError('UNSUPPORTED_VERSION');
      const offset = await cluster.consumerOffset(request.groupId, topicPartition);
      if (offset === null) answers.push(unknown);
      else answers.push({ topicPartition, error: Errors.NONE, committed: plainOffset(topicPartition, offset) });
    } catch (error) {
      answers.push({ topicPartition, error: wireErrorOf(error), committed: null });
    }
  }
  return byTopic(answers);
}

function plainOffset(topicPartition: TopicPartition, offset: number): NonNullable<FetchedOffset['committed']> {
  const rest = { leaderEpoch: NO_LEADER_EPOCH, metadata: '', commitTimestampMs: -1n, expireTimestampMs: null };
  return { topicPartition, offset, ...rest };
}

function partitionsOf(topics: readonly AskedTopic[]): TopicPartition[] {
  return topics.flatMap(({ name, partitionIndexes }) =>
    partitionIndexes.map((partition) => ({ topic: name, partition })),
  );
}

function byTopic(offsets: readonly FetchedOffset[]): TopicAnswer[] {
  const topics = new Map<string, TopicAnswer>();
  for (const { topicPartition, error, committed } of offsets) {
    const { topic, partition } = topicPartition;
    let answer = topics.get(topic);
    if (!answer) {
      answer = { name: topic, partitions: [] };
      topics.set(topic, answer);
    }
    answer.partitions.push({
      partitionIndex: partition,
      committedOffset: committed?.offset ?? NOTHING_COMMITTED,
      committedLeaderEpoch: committed?.leaderEpoch ?? NO_LEADER_EPOCH,
      metadata: committed?.metadata ?? '',
      errorCode: error.code,
    });
  }
  return [...topics.values()];
}

function everywhere(topics: readonly AskedTopic[], errorCode: number): TopicAnswer[] {
  const nothing = { committedOffset: NOTHING_COMMITTED, committedLeaderEpoch: NO_LEADER_EPOCH, metadata: '' };
  return topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...nothing, errorCode })),
  }));
}

function failed(
  request: OffsetFetchRequest,
  error: WireError,
  apiVersion: number,
): { errorCode?: number; topics?: TopicAnswer[]; groups?: { groupId: string; errorCode: number }[] } {
  const errorCode = error.code;
  if (apiVersion >= FIRST_VERSION_WITH_SEVERAL_GROUPS) {
    return { groups: request.groups.map(({ groupId }) => ({ groupId, errorCode })) };
  }
  if (apiVersion >= FIRST_VERSION_WITH_REQUEST_ERROR) return { errorCode };
  return { topics: everywhere(request.topics ?? [], errorCode) };
}
