/**
 * Judges partitions and topics by what ZooKeeper says of their replicas. The conditions are those of the gauges in
 * kafka.cluster.Partition and kafka.controller.KafkaController, so that the counts agree with Kafka's own.
 */
import { leaderOf, type KnownPartition } from '../observe/cluster-state';
import type { Reason, Verdict } from '../schemas';
import { reason, type PartitionsFact } from './reasons';
import { judge } from './verdict';

export interface PartitionCondition {
  readonly partition: KnownPartition;
  readonly minIsr: number;
  /** The leader, unless there is none or it is not registered. */
  readonly liveLeader: number | null;
  /** Just made: the controller is about to elect its first leader. Counts as nothing else, as in Kafka. */
  readonly isNew: boolean;
  readonly offline: boolean;
  /** Offline, but a replica of the last ISR is there: the controller can elect it. */
  readonly electable: boolean;
  readonly underReplicated: boolean;
  readonly underMinIsr: boolean;
  readonly atMinIsr: boolean;
  readonly leaderNotPreferred: boolean;
}

export interface Surroundings {
  isRegistered(brokerId: number): boolean;
  /** More than there are replicas counts as all of them, as in Kafka. */
  readonly minIsr: number;
  /** How long ago the topic was made or got other replicas; Infinity when left out. */
  readonly ageMs?: number;
  /** Whether the topic is being deleted: then its replicas vanish, and that counts as nothing. */
  readonly deleting?: boolean;
}

/** A first election takes some milliseconds; a partition that is without a leader for longer is not new but offline. */
const NEW_FOR_MS = 10_000;

/** What holds of a partition. */
export function conditionOf(partition: KnownPartition, around: Surroundings): PartitionCondition {
  const leader = leaderOf(partition);
  const liveLeader = leader !== null && around.isRegistered(leader) ? leader : null;
  const isrSize = partition.state?.isr.length ?? 0;
  // A reassignment asks for no more copies than before until it has ended (OngoingReassignmentState).
  const wanted = partition.replicas.filter((id) => !partition.addingReplicas.includes(id)).length;
  const minIsr = Math.min(around.minIsr, Math.max(partition.replicas.length, 1));
  const isNew = partition.state === null && (around.ageMs ?? Infinity) < NEW_FOR_MS;
  const counts = around.deleting !== true && !isNew;
  const online = counts && liveLeader !== null;
  return {
    partition,
    minIsr,
    liveLeader,
    isNew,
    offline: counts && !online,
    electable: counts && !online && (partition.state?.isr ?? []).some((id) => around.isRegistered(id)),
    underReplicated: counts && partition.state !== null && isrSize < wanted,
    underMinIsr: online && isrSize < minIsr,
    atMinIsr: online && isrSize === minIsr,
    leaderNotPreferred: online && liveLeader !== partition.replicas[0],
  };
}

/** @returns unhealthy without a leader or under min ISR, degraded when copies lack */
export function judgePartition(condition: PartitionCondition): Verdict {
  const { topic, partition } = condition.partition;
  const id = `${topic}-${partition}`;
  return judge(reasonsFor([condition], { kind: 'partition', id }, { what: `Partition ${id}`, plural: false }));
}

export interface TopicFacts {
  readonly topic: string;
  readonly deleting: boolean;
  readonly conditions: readonly PartitionCondition[];
  /** Brokers that are registered. */
  readonly brokers: number;
}

/** The judgement of a whole topic: one reason for each kind of finding, however many partitions have it. */
export function judgeTopic({ topic, deleting, conditions, brokers }: TopicFacts): Verdict {
  const subject = { kind: 'topic', id: topic } as const;
  // Its partitions lose their replicas one after the other now, as they should.
  if (deleting) return judge([reason('TOPIC_BEING_DELETED', subject, { topic })]);
  const skew = skewOf(conditions, brokers);
  const reasons = reasonsFor(conditions, subject, null);
  if (skew.leads - skew.fairShare >= 1 && skew.skew >= NOTABLE_SKEW) {
    const { broker, leads } = skew;
    reasons.push(reason('LEADER_SKEW', subject, { topic, broker, leads, of: conditions.length, brokers }));
  }
  return judge(reasons);
}

const NOTABLE_SKEW = 0.5;

/** How unevenly leaders are spread: share of the busiest over an even share, minus one. */
export function skewOf(
  conditions: readonly PartitionCondition[],
  brokers: number,
): { skew: number; broker: number; leads: number; fairShare: number } {
  const leads = new Map<number, number>();
  for (const { liveLeader } of conditions) {
    if (liveLeader !== null) leads.set(liveLeader, (leads.get(liveLeader) ?? 0) + 1);
  }
  const led = [...leads.values()].reduce((sum, each) => sum + each, 0);
  // Three partitions on two brokers cannot be more even than 2 and 1.
  const fairShare = Math.ceil(led / Math.max(1, brokers));
  let busiest: [number, number] = [-1, 0];
  for (const entry of leads) if (entry[1] > busiest[1]) busiest = entry;
  return {
    skew: fairShare === 0 ? 0 : Math.max(0, busiest[1] / fairShare - 1),
    broker: busiest[0],
    leads: busiest[1],
    fairShare,
  };
}

/** @param fixed how the one partition is named; null: by how many of all have the finding */
function reasonsFor(
  all: readonly PartitionCondition[],
  subject: Reason['subject'],
  fixed: PartitionsFact | null,
): Reason[] {
  const reasons: Reason[] = [];
  const found = (
    holds: (condition: PartitionCondition) => boolean,
    add: (what: PartitionsFact, some: readonly PartitionCondition[]) => Reason,
  ): void => {
    const some = all.filter(holds);
    if (some.length > 0) reasons.push(add(fixed ?? describe(some, all.length, subject.id), some));
  };
  found(
    ({ offline }) => offline,
    (what, some) => reason('PARTITION_OFFLINE', subject, { ...what, waitsFor: waitedFor(some) }),
  );
  found(
    ({ isNew }) => isNew,
    (what) => reason('PARTITION_NEW', subject, what),
  );
  found(
    ({ underMinIsr }) => underMinIsr,
    (what, some) => reason('UNDER_MIN_ISR', subject, { ...what, minIsr: some[0]?.minIsr ?? 1 }),
  );
  found(
    ({ underReplicated, offline }) => underReplicated && !offline,
    (what, some) => reason('UNDER_REPLICATED', subject, { ...what, away: outOfSync(some) }),
  );
  // With all replicas in sync it is how the topic was made, and no finding.
  found(
    ({ atMinIsr, underReplicated }) => atMinIsr && underReplicated,
    (what, some) => reason('AT_MIN_ISR', subject, { ...what, minIsr: some[0]?.minIsr ?? 1 }),
  );
  found(
    ({ leaderNotPreferred }) => leaderNotPreferred,
    (what) => reason('LEADER_NOT_PREFERRED', subject, what),
  );
  return reasons;
}

const MOST_NAMED = 5;

function describe(some: readonly PartitionCondition[], total: number, topic: string): PartitionsFact {
  const numbers = some.slice(0, MOST_NAMED).map(({ partition }) => partition.partition);
  const more = some.length > MOST_NAMED ? ', …' : '';
  return {
    what: `${some.length} of ${total} partition${total === 1 ? '' : 's'} of ${topic} (${numbers.join(', ')}${more})`,
    plural: some.length !== 1,
  };
}

/** Only a replica of the last ISR may lead again, unless unclean election is allowed. */
function waitedFor(some: readonly PartitionCondition[]): number[] {
  return distinct(some.flatMap(({ partition, electable }) => (electable ? [] : (partition.state?.isr ?? []))));
}

function outOfSync(some: readonly PartitionCondition[]): number[] {
  return distinct(
    some.flatMap(({ partition }) => partition.replicas.filter((id) => !partition.state?.isr.includes(id))),
  );
}

function distinct(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((one, other) => one - other);
}
