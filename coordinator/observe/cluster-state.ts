/**
 * The cluster as it stands in ZooKeeper, read out of the tree: brokers, controller, topics, partitions. Pure but for a
 * memory of payloads already decoded, since a cluster of many partitions is looked at several times a second. What cannot
 * be decoded is left out: a broken payload must not blind the coordinator for all else.
 */
import {
  BROKER_IDS_PATH,
  CLUSTER_ID_PATH,
  CONFIG_PATH,
  CONTROLLER_EPOCH_PATH,
  CONTROLLER_PATH,
  DEFAULT_ENTITY,
  NO_LEADER,
  TOPICS_PATH,
  brokerConfigEntity,
  brokerPath,
  configPath,
  decodeBrokerRegistration,
  decodeClusterId,
  decodeController,
  decodeControllerEpoch,
  decodeEntityConfig,
  decodePartitionState,
  decodeTopicAssignment,
  deleteTopicPath,
  partitionStatePath,
  topicConfigEntity,
  topicPath,
  type BrokerRegistration,
  type PartitionState,
  type ReplicaAssignment,
} from '../../zookeeper/znodes';
import type { Stat } from '../../zookeeper';
import type { Znode, ZnodeTree } from '../parts';

export interface KnownBroker {
  readonly brokerId: number;
  readonly registration: BrokerRegistration;
  readonly stat: Stat;
}

export interface KnownPartition extends ReplicaAssignment {
  readonly topic: string;
  readonly partition: number;
  /** Null until the controller has elected a leader for the first time. */
  readonly state: PartitionState | null;
  /** Version of the state's znode. */
  readonly partitionEpoch: number | null;
}

export interface KnownTopic {
  readonly name: string;
  readonly topicId: string | null;
  readonly internal: boolean;
  readonly deleting: boolean;
  readonly partitions: readonly KnownPartition[];
  /** When it was made, or got more partitions or other replicas, by ZooKeeper's clock. */
  readonly assignedAtMs: number;
  readonly overrides: Readonly<Record<string, string>>;
}

export interface KnownController {
  readonly brokerId: number;
  readonly timestampMs: number;
  readonly stat: Stat;
}

export interface ClusterState {
  /** Whether the tree has been read once. */
  readonly ready: boolean;
  readonly clusterId: string | null;
  readonly controller: KnownController | null;
  readonly controllerEpoch: number | null;
  readonly controllerEpochZkVersion: number | null;
  /** Those that are registered, by id. */
  readonly brokers: ReadonlyMap<number, KnownBroker>;
  readonly topics: ReadonlyMap<string, KnownTopic>;
  /** What /config/brokers sets on one broker, or under null on all. */
  readonly brokerOverrides: ReadonlyMap<number | null, Readonly<Record<string, string>>>;
}

/** Kafka's own topics: committed offsets and transactions stand in them. */
export const INTERNAL_TOPICS: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state']);

/** Broker that leads the partition according to its state; null for none. */
export function leaderOf(partition: KnownPartition): number | null {
  const leader = partition.state?.leader ?? NO_LEADER;
  return leader === NO_LEADER ? null : leader;
}

/** Who is in the cluster: the part of the state that brokers are compared with, cheap to read. */
export type Membership = Pick<ClusterState, 'clusterId' | 'controller' | 'brokers'>;

/** Reads the state out of a tree; keeps what it decoded for as long as the tree keeps the payload. */
export class ClusterReader {
  private readonly decoded = new WeakMap<Buffer, { value: unknown }>();

  constructor(private readonly tree: ZnodeTree) {}

  read(): ClusterState {
    const { tree } = this;
    const epoch = tree.get(CONTROLLER_EPOCH_PATH);
    return {
      ready: tree.ready,
      ...this.membership(),
      controllerEpoch: this.decode(epoch, decodeControllerEpoch),
      controllerEpochZkVersion: epoch?.stat.version ?? null,
      topics: this.topics(),
      brokerOverrides: this.brokerOverrides(),
    };
  }

  membership(): Membership {
    return {
      clusterId: this.decode(this.tree.get(CLUSTER_ID_PATH), decodeClusterId),
      controller: this.controller(),
      brokers: this.brokers(),
    };
  }

  private controller(): KnownController | null {
    const node = this.tree.get(CONTROLLER_PATH);
    const controller = this.decode(node, decodeController);
    return node && controller ? { ...controller, stat: node.stat } : null;
  }

  private brokers(): Map<number, KnownBroker> {
    const brokers = new Map<number, KnownBroker>();
    for (const name of this.childrenOf(BROKER_IDS_PATH)) {
      const brokerId = Number(name);
      const node = this.tree.get(brokerPath(brokerId));
      const registration = this.decode(node, (data) => decodeBrokerRegistration(brokerId, data));
      if (node && registration) brokers.set(brokerId, { brokerId, registration, stat: node.stat });
    }
    return brokers;
  }

  private topics(): Map<string, KnownTopic> {
    const topics = new Map<string, KnownTopic>();
    for (const name of this.childrenOf(TOPICS_PATH)) {
      const node = this.tree.get(topicPath(name));
      const assignment = this.decode(node, (data) => decodeTopicAssignment(name, data));
      if (!node || !assignment) continue;
      const partitions = Array.from(assignment.partitions, ([partition, replicas]) =>
        this.partition(name, partition, replicas),
      );
      topics.set(name, {
        name,
        topicId: assignment.topicId,
        internal: INTERNAL_TOPICS.has(name),
        deleting: this.tree.get(deleteTopicPath(name)) !== undefined,
        partitions: partitions.sort((one, other) => one.partition - other.partition),
        assignedAtMs: node.stat.mtimeMs,
        overrides: this.overridesOf(topicConfigEntity(name)),
      });
    }
    return topics;
  }

  private partition(topic: string, partition: number, assignment: ReplicaAssignment): KnownPartition {
    const node = this.tree.get(partitionStatePath(topic, partition));
    const state = this.decode(node, (data) => decodePartitionState(topic, partition, data));
    return { topic, partition, ...assignment, state, partitionEpoch: state && node ? node.stat.version : null };
  }

  private brokerOverrides(): Map<number | null, Readonly<Record<string, string>>> {
    const overrides = new Map<number | null, Readonly<Record<string, string>>>();
    for (const name of this.childrenOf(`${CONFIG_PATH}/brokers`)) {
      const brokerId = name === DEFAULT_ENTITY ? null : Number(name);
      overrides.set(brokerId, this.overridesOf(brokerConfigEntity(brokerId)));
    }
    return overrides;
  }

  private overridesOf(entity: string): Readonly<Record<string, string>> {
    return this.decode(this.tree.get(configPath(entity)), (data) => decodeEntityConfig(entity, data)) ?? {};
  }

  private childrenOf(path: string): Iterable<string> {
    return this.tree.get(path)?.children ?? [];
  }

  /** Null when the node does not exist, holds nothing, or holds what is no such payload. */
  private decode<T>(node: Znode | undefined, decode: (data: Buffer) => T): T | null {
    const data = node?.data;
    if (!data) return null;
    const known = this.decoded.get(data);
    if (known) return known.value as T | null;
    let value: T | null = null;
    try {
      value = decode(data);
    } catch {
      // Shown as it is in the tree of znodes; here it counts as absent.
    }
    this.decoded.set(data, { value });
    return value;
  }
}
