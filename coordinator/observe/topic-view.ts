/** Topics and partitions as they are shown, from all that is known. Pure. */
import { conditionOf, judgePartition, judgeTopic, skewOf, type PartitionCondition } from '../health/topic';
import type { PartitionView, TopicSummary } from '../schemas';
import { leaderOf, type KnownTopic } from './cluster-state';
import type { Knowledge } from './knowledge';
import { minIsrOf } from './min-isr';

export interface TopicPicture {
  readonly summary: TopicSummary;
  readonly conditions: readonly PartitionCondition[];
  readonly known: KnownTopic;
}

export function topicPicture(known: KnownTopic, knowledge: Knowledge): TopicPicture {
  const { state, readOf } = knowledge;
  const isRegistered = (brokerId: number): boolean => state.brokers.has(brokerId);
  const toldBy = (brokerId: number): number | null => readOf(brokerId).minIsr;
  const ageMs = knowledge.nowMs - known.assignedAtMs;
  const conditions = known.partitions.map((partition) => {
    const responsible = leaderOf(partition) ?? partition.replicas[0];
    const minIsr = minIsrOf(known, responsible, state, toldBy);
    return conditionOf(partition, { isRegistered, minIsr, ageMs, deleting: known.deleting });
  });
  return { known, conditions, summary: summaryOf(known, conditions, knowledge) };
}

function summaryOf(known: KnownTopic, conditions: readonly PartitionCondition[], knowledge: Knowledge): TopicSummary {
  const brokers = knowledge.state.brokers.size;
  const count = (holds: (condition: PartitionCondition) => boolean): number => conditions.filter(holds).length;
  const sums = sumsOf(known, knowledge);
  return {
    name: known.name,
    topicId: known.topicId,
    internal: known.internal,
    deleting: known.deleting,
    partitions: known.partitions.length,
    replicationFactor: Math.max(0, ...known.partitions.map(({ replicas }) => replicas.length)),
    offline: count(({ offline }) => offline),
    underReplicated: count(({ underReplicated }) => underReplicated),
    underMinIsr: count(({ underMinIsr }) => underMinIsr),
    atMinIsr: count(({ atMinIsr }) => atMinIsr),
    leaderNotPreferred: count(({ leaderNotPreferred }) => leaderNotPreferred),
    leaderSkew: skewOf(conditions, brokers).skew,
    ...sums,
    verdict: judgeTopic({ topic: known.name, deleting: known.deleting, conditions, brokers }),
  };
}

/** Records and bytes of a topic: null as long as they are not known of every partition, since a part would mislead. */
function sumsOf({ name, partitions }: KnownTopic, { offsets }: Knowledge): Pick<TopicSummary, 'records' | 'sizeBytes'> {
  let records: number | null = 0;
  let sizeBytes: number | null = 0;
  for (const { partition, replicas } of partitions) {
    const known = offsets.of(name, partition);
    if (records !== null) {
      const { highWatermark = null, logStartOffset = null } = known ?? {};
      records = highWatermark === null || logStartOffset === null ? null : records + highWatermark - logStartOffset;
    }
    for (const brokerId of replicas) {
      const bytes: number | undefined = offsets.sizeOf(brokerId, name, partition)?.bytes;
      if (bytes !== undefined) sizeBytes = (sizeBytes ?? 0) + bytes;
      else if (offsets.bytesOf(brokerId) === null) sizeBytes = null;
    }
    if (records === null && sizeBytes === null) break;
  }
  return { records, sizeBytes };
}

export function partitionView(condition: PartitionCondition, { offsets, state }: Knowledge): PartitionView {
  const { partition: known, minIsr } = condition;
  const { topic, partition, replicas, addingReplicas, removingReplicas, partitionEpoch } = known;
  const read = offsets.of(topic, partition);
  const sizes = replicas.flatMap((brokerId) => {
    const size = offsets.sizeOf(brokerId, topic, partition);
    return size ? [{ brokerId, ...size }] : [];
  });
  return {
    topic,
    partition,
    leader: leaderOf(known),
    preferredLeader: replicas[0] ?? null,
    replicas: [...replicas],
    isr: [...(known.state?.isr ?? [])],
    offlineReplicas: replicas.filter((brokerId) => !state.brokers.has(brokerId)),
    addingReplicas: [...addingReplicas],
    removingReplicas: [...removingReplicas],
    leaderEpoch: known.state?.leaderEpoch ?? null,
    controllerEpoch: known.state?.controllerEpoch ?? null,
    partitionEpoch,
    minInsyncReplicas: minIsr,
    logStartOffset: read?.logStartOffset ?? null,
    highWatermark: read?.highWatermark ?? null,
    sizeBytes: Object.fromEntries(sizes.map(({ brokerId, bytes }) => [String(brokerId), bytes])),
    offsetLag: Object.fromEntries(sizes.map(({ brokerId, offsetLag }) => [String(brokerId), offsetLag])),
    verdict: judgePartition(condition),
  };
}
