/**
 * All that the active controller knows: live brokers, topics, assignments, leaderships, and the states of partitions and
 * replicas. Filled from ZooKeeper at failover, changed only from inside the controller's event queue; empty while
 * another broker is the controller.
 *
 * A partition goes nonExistent → new → online ↔ offline → nonExistent; a replica
 * nonExistent → new → online ↔ offline → deletionStarted → deletionSuccessful → nonExistent, and
 * offline or deletionStarted → deletionIneligible → offline or online.
 */
import { partitionKey, type TopicPartition } from '../../../protocol';
import type { BrokerRegistration } from '../../../zookeeper/znodes';
import { EPOCH_DURING_DELETE, NO_EPOCH, type Leadership } from './leadership';
import { NO_REPLICAS, type ReplicaAssignment } from './replica-assignment';

export type PartitionStateName = 'nonExistent' | 'new' | 'online' | 'offline';

export type ReplicaStateName =
  'nonExistent' | 'new' | 'online' | 'offline' | 'deletionStarted' | 'deletionSuccessful' | 'deletionIneligible';

export interface LiveBrokerEntry {
  registration: BrokerRegistration;
  /** czxid of its registration */
  readonly epoch: number;
}

export interface PartitionEntry {
  readonly topicPartition: TopicPartition;
  readonly key: string;
  assignment: ReplicaAssignment;
  /** Null until the partition has had its first leader. */
  leadership: Leadership | null;
  state: PartitionStateName;
  readonly replicaStates: Map<number, ReplicaStateName>;
}

export interface Replica {
  readonly partition: PartitionEntry;
  readonly brokerId: number;
}

interface TopicEntry {
  id: string | null;
  readonly partitions: Map<number, PartitionEntry>;
}

export class ControllerContext {
  /** 0 while not the controller. */
  epoch = 0;
  /** Data version of /controller_epoch after the election: what every write checks. */
  epochZkVersion = 0;

  readonly brokers = new Map<number, LiveBrokerEntry>();
  readonly shuttingDownBrokerIds = new Set<number>();
  /** By broker: keys of the partitions whose replica is on a failed log directory. */
  readonly replicasOnOfflineDirs = new Map<number, Set<string>>();

  readonly partitionsBeingReassigned = new Map<string, PartitionEntry>();
  readonly topicsToBeDeleted = new Set<string>();
  readonly topicsWithDeletionStarted = new Set<string>();
  readonly topicsIneligibleForDeletion = new Set<string>();

  private readonly topics = new Map<string, TopicEntry>();
  private readonly namesById = new Map<string, string>();

  clear(): void {
    this.epoch = 0;
    this.epochZkVersion = 0;
    this.brokers.clear();
    this.shuttingDownBrokerIds.clear();
    this.replicasOnOfflineDirs.clear();
    this.partitionsBeingReassigned.clear();
    this.topicsToBeDeleted.clear();
    this.topicsWithDeletionStarted.clear();
    this.topicsIneligibleForDeletion.clear();
    this.topics.clear();
    this.namesById.clear();
  }

  // Brokers

  /** Registered and not about to stop. */
  isLive(brokerId: number): boolean {
    return this.brokers.has(brokerId) && !this.shuttingDownBrokerIds.has(brokerId);
  }

  get liveBrokerIds(): number[] {
    return [...this.brokers.keys()].filter((id) => !this.shuttingDownBrokerIds.has(id));
  }

  get liveOrShuttingDownBrokerIds(): number[] {
    return [...this.brokers.keys()];
  }

  isReplicaOnline(brokerId: number, partition: PartitionEntry, includeShuttingDown = false): boolean {
    const brokerOnline = includeShuttingDown ? this.brokers.has(brokerId) : this.isLive(brokerId);
    return brokerOnline && !this.replicasOnOfflineDirs.get(brokerId)?.has(partition.key);
  }

  // Topics

  get topicNames(): string[] {
    return [...this.topics.keys()];
  }

  hasTopic(topic: string): boolean {
    return this.topics.has(topic);
  }

  addTopic(topic: string): void {
    if (!this.topics.has(topic)) this.topics.set(topic, { id: null, partitions: new Map() });
  }

  setTopicId(topic: string, id: string): void {
    this.addTopic(topic);
    const entry = this.topics.get(topic) as TopicEntry;
    if (entry.id !== null && entry.id !== id) {
      throw new Error(`topic ${topic} has id ${entry.id} and cannot take ${id}`);
    }
    entry.id = id;
    this.namesById.set(id, topic);
  }

  topicId(topic: string): string | null {
    return this.topics.get(topic)?.id ?? null;
  }

  topicName(id: string): string | null {
    return this.namesById.get(id) ?? null;
  }

  removeTopic(topic: string): void {
    const entry = this.topics.get(topic);
    if (entry?.id) this.namesById.delete(entry.id);
    for (const partition of entry?.partitions.values() ?? []) this.partitionsBeingReassigned.delete(partition.key);
    this.topics.delete(topic);
    this.topicsToBeDeleted.delete(topic);
    this.topicsWithDeletionStarted.delete(topic);
    this.topicsIneligibleForDeletion.delete(topic);
  }

  isQueuedForDeletion(topic: string): boolean {
    return this.topicsToBeDeleted.has(topic);
  }

  // Partitions

  partition({ topic, partition }: TopicPartition): PartitionEntry | null {
    return this.topics.get(topic)?.partitions.get(partition) ?? null;
  }

  *partitions(): Generator<PartitionEntry> {
    for (const topic of this.topics.values()) yield* topic.partitions.values();
  }

  partitionsOf(topic: string): PartitionEntry[] {
    return [...(this.topics.get(topic)?.partitions.values() ?? [])];
  }

  assignmentOf(topicPartition: TopicPartition): ReplicaAssignment {
    return this.partition(topicPartition)?.assignment ?? NO_REPLICAS;
  }

  setAssignment(topicPartition: TopicPartition, assignment: ReplicaAssignment): PartitionEntry {
    this.addTopic(topicPartition.topic);
    const { partitions } = this.topics.get(topicPartition.topic) as TopicEntry;
    let entry = partitions.get(topicPartition.partition);
    if (entry) {
      entry.assignment = assignment;
    } else {
      const key = partitionKey(topicPartition);
      entry = { topicPartition, key, assignment, leadership: null, state: 'nonExistent', replicaStates: new Map() };
      partitions.set(topicPartition.partition, entry);
    }
    return entry;
  }

  partitionsInStates(...states: readonly PartitionStateName[]): PartitionEntry[] {
    return [...this.partitions()].filter(({ state }) => states.includes(state));
  }

  /** With a leadership, leader or not, and not about to be deleted. */
  partitionsWithLeadership(): PartitionEntry[] {
    return [...this.partitions()].filter(
      ({ leadership, topicPartition }) => leadership !== null && !this.isQueuedForDeletion(topicPartition.topic),
    );
  }

  partitionsWithOfflineLeader(): PartitionEntry[] {
    return this.partitionsWithLeadership().filter(
      (partition) => !this.isReplicaOnline(partition.leadership?.leader ?? -1, partition),
    );
  }

  /** Led by the broker although another replica could. */
  partitionsLedBy(brokerId: number): PartitionEntry[] {
    return this.partitionsWithLeadership().filter(
      ({ leadership, assignment }) => leadership?.leader === brokerId && assignment.replicas.length > 1,
    );
  }

  partitionsOnBroker(brokerId: number): PartitionEntry[] {
    return [...this.partitions()].filter(({ assignment }) => assignment.replicas.includes(brokerId));
  }

  /** What StopReplica has to carry. */
  leaderEpochOf(partition: PartitionEntry): number {
    if (this.isQueuedForDeletion(partition.topicPartition.topic)) return EPOCH_DURING_DELETE;
    return partition.leadership?.leaderEpoch ?? NO_EPOCH;
  }

  // Replicas

  replicaState({ partition, brokerId }: Replica): ReplicaStateName {
    return partition.replicaStates.get(brokerId) ?? 'nonExistent';
  }

  replicasOnBrokers(brokerIds: readonly number[]): Replica[] {
    return brokerIds.flatMap((brokerId) =>
      this.partitionsOnBroker(brokerId).map((partition) => ({ partition, brokerId })),
    );
  }

  replicasOf(partitions: Iterable<PartitionEntry>): Replica[] {
    return [...partitions].flatMap((partition) =>
      partition.assignment.replicas.map((brokerId) => ({ partition, brokerId })),
    );
  }

  replicasOfTopic(topic: string): Replica[] {
    return this.replicasOf(this.partitionsOf(topic));
  }

  replicasInState(topic: string, state: ReplicaStateName): Replica[] {
    return this.replicasOfTopic(topic).filter((replica) => this.replicaState(replica) === state);
  }

  areAllReplicasInState(topic: string, state: ReplicaStateName): boolean {
    return this.replicasOfTopic(topic).every((replica) => this.replicaState(replica) === state);
  }

  isAnyReplicaInState(topic: string, state: ReplicaStateName): boolean {
    return this.replicasOfTopic(topic).some((replica) => this.replicaState(replica) === state);
  }
}
