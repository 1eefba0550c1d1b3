/**
 * The broker's view of the cluster: live brokers, the controller, and every partition's leader and replicas.
 * Filled by the controller's UpdateMetadata requests only; never from ZooKeeper (kafka.server.metadata.ZkMetadataCache).
 * Owns its state; readers get plain values that are replaced, never changed.
 */
import { ZERO_UUID, type TopicPartition } from '../../protocol';
import type { UpdateMetadataRequest } from '../../protocol/apis';

export interface Endpoint {
  readonly listener: string;
  readonly host: string;
  readonly port: number;
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL */
  readonly securityProtocol: number;
}

export interface LiveBroker {
  readonly id: number;
  readonly rack: string | null;
  readonly endpoints: readonly Endpoint[];
}

export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  readonly controllerEpoch: number;
  /** -1: no leader */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  readonly partitionEpoch: number;
  readonly replicas: readonly number[];
  readonly offlineReplicas: readonly number[];
}

/** What one UpdateMetadata changed. */
export interface MetadataChange {
  readonly updated: readonly PartitionState[];
  readonly deleted: readonly TopicPartition[];
}

/** Leader of a partition that is being deleted (LeaderAndIsr.LeaderDuringDelete). */
const LEADER_DURING_DELETE = -2;

export class MetadataCache {
  private controller: number | null = null;
  private brokers: ReadonlyMap<number, LiveBroker> = new Map();
  private readonly topics = new Map<string, Map<number, PartitionState>>();
  private readonly idsByName = new Map<string, string>();
  private readonly namesById = new Map<string, string>();
  private readonly listeners = new Set<(change: MetadataChange) => void>();

  /** Id of the controller that sent the last UpdateMetadata; null before the first. */
  get controllerId(): number | null {
    return this.controller;
  }

  get liveBrokers(): ReadonlyMap<number, LiveBroker> {
    return this.brokers;
  }

  isAlive(brokerId: number): boolean {
    return this.brokers.has(brokerId);
  }

  /** Where a broker is reached on a listener; null when it is not live or lacks the listener. */
  endpoint(brokerId: number, listenerName: string): Endpoint | null {
    return this.brokers.get(brokerId)?.endpoints.find((endpoint) => endpoint.listener === listenerName) ?? null;
  }

  topicNames(): string[] {
    return [...this.topics.keys()];
  }

  /** A topic's partitions by index; null for an unknown topic. */
  partitions(topic: string): ReadonlyMap<number, PartitionState> | null {
    return this.topics.get(topic) ?? null;
  }

  partition(topicPartition: TopicPartition): PartitionState | null {
    return this.topics.get(topicPartition.topic)?.get(topicPartition.partition) ?? null;
  }

  topicId(topic: string): string | null {
    return this.idsByName.get(topic) ?? null;
  }

  topicName(topicId: string): string | null {
    return this.namesById.get(topicId) ?? null;
  }

  /** Calls `listener` after every change; returns a function that ends that. */
  onChange(listener: (change: MetadataChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Takes over what the controller says. Epochs have been checked by the caller. */
  apply(request: UpdateMetadataRequest): MetadataChange {
    this.controller = request.controllerId;
    this.brokers = new Map(request.liveBrokers.map((broker) => [broker.id, toLiveBroker(broker)]));
    const updated: PartitionState[] = [];
    const deleted: TopicPartition[] = [];
    for (const state of statesOf(request)) {
      if (state.leader === LEADER_DURING_DELETE) {
        this.remove(state.topic, state.partition);
        deleted.push({ topic: state.topic, partition: state.partition });
      } else {
        this.upsert(state);
        updated.push(state);
      }
    }
    for (const topic of request.topicStates) this.learnTopicId(topic.topicName, topic.topicId);
    const change = { updated, deleted };
    for (const listener of this.listeners) listener(change);
    return change;
  }

  private upsert(state: PartitionState): void {
    let partitions = this.topics.get(state.topic);
    if (!partitions) {
      partitions = new Map();
      this.topics.set(state.topic, partitions);
    }
    partitions.set(state.partition, state);
  }

  private remove(topic: string, partition: number): void {
    const partitions = this.topics.get(topic);
    partitions?.delete(partition);
    if (partitions?.size !== 0) return;
    this.topics.delete(topic);
    this.forgetTopicId(topic);
  }

  private learnTopicId(topic: string, topicId: string): void {
    if (topicId === ZERO_UUID || !this.topics.has(topic) || this.idsByName.get(topic) === topicId) return;
    this.forgetTopicId(topic);
    this.idsByName.set(topic, topicId);
    this.namesById.set(topicId, topic);
  }

  private forgetTopicId(topic: string): void {
    const id = this.idsByName.get(topic);
    if (id === undefined) return;
    this.idsByName.delete(topic);
    this.namesById.delete(id);
  }
}

function toLiveBroker(broker: UpdateMetadataRequest['liveBrokers'][number]): LiveBroker {
  // Version 0 carries one address, which is that of the PLAINTEXT listener.
  const old = { port: broker.v0Port, host: broker.v0Host, listener: 'PLAINTEXT', securityProtocol: 0 };
  const endpoints = broker.endpoints.length === 0 ? [old] : broker.endpoints.map(namedEndpoint);
  return { id: broker.id, rack: broker.rack, endpoints };
}

const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/** Before version 3 an endpoint has no listener name: it is called after its security protocol. */
function namedEndpoint(endpoint: UpdateMetadataRequest['liveBrokers'][number]['endpoints'][number]): Endpoint {
  const { port, host, listener, securityProtocol } = endpoint;
  return { port, host, securityProtocol, listener: listener || (SECURITY_PROTOCOLS[securityProtocol] ?? '') };
}

function* statesOf(request: UpdateMetadataRequest): Generator<PartitionState> {
  for (const state of request.ungroupedPartitionStates) yield toPartitionState(state.topicName, state);
  for (const topic of request.topicStates) {
    for (const state of topic.partitionStates) yield toPartitionState(topic.topicName, state);
  }
}

function toPartitionState(
  topic: string,
  state: UpdateMetadataRequest['ungroupedPartitionStates'][number],
): PartitionState {
  return {
    topic,
    partition: state.partitionIndex,
    controllerEpoch: state.controllerEpoch,
    leader: state.leader,
    leaderEpoch: state.leaderEpoch,
    isr: state.isr,
    partitionEpoch: state.zkVersion,
    replicas: state.replicas,
    offlineReplicas: state.offlineReplicas,
  };
}
