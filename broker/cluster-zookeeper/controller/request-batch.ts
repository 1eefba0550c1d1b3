/**
 * Collects what one state change has to tell the brokers into at most one LeaderAndIsr, one UpdateMetadata and one
 * StopReplica per broker, in that order (kafka.controller.ControllerBrokerRequestBatch). A partition that is added twice
 * is told as it was last, its isNew and deletePartition flags or-ed. Lives as long as one state change.
 */
import { ZERO_UUID, type InputOf } from '../../../protocol';
import type { LeaderAndIsrRequest, StopReplicaRequest, UpdateMetadataRequest } from '../../../protocol/apis';
import { isAtLeastVersion } from '../../../settings/metadata-version';
import type { SecurityProtocol } from '../../../settings/listeners';
import type { ControllerContext, PartitionEntry } from './controller-context';
import { LEADER_DURING_DELETE, type Leadership } from './leadership';
import type { ReplicaAssignment } from './replica-assignment';

/** A request to one broker, with the version that the inter-broker protocol asks for. */
export type ControlRequest =
  | { readonly kind: 'LeaderAndIsr'; readonly version: number; readonly body: InputOf<LeaderAndIsrRequest> }
  | { readonly kind: 'UpdateMetadata'; readonly version: number; readonly body: InputOf<UpdateMetadataRequest> }
  | { readonly kind: 'StopReplica'; readonly version: number; readonly body: InputOf<StopReplicaRequest> };

export interface AddressedRequest {
  readonly brokerId: number;
  readonly request: ControlRequest;
}

export interface BatchSettings {
  readonly controllerId: number;
  readonly interBrokerListenerName: string;
  readonly interBrokerProtocolVersion: string;
}

type LeaderAndIsrTopic = NonNullable<InputOf<LeaderAndIsrRequest>['topicStates']>[number];
type LeaderAndIsrState = NonNullable<LeaderAndIsrTopic['partitionStates']>[number];
type UpdateMetadataBody = InputOf<UpdateMetadataRequest>;

interface ToldPartition {
  readonly partition: PartitionEntry;
  readonly leadership: Leadership;
  readonly assignment: ReplicaAssignment;
  readonly isNew: boolean;
}

interface StoppedPartition {
  readonly partition: PartitionEntry;
  readonly leaderEpoch: number;
  readonly deletePartition: boolean;
}

/** First version of LeaderAndIsr that says whether the leader recovers (KIP-704). */
const FIRST_WITH_RECOVERY_STATE = 6;

const SECURITY_PROTOCOL_IDS: Record<SecurityProtocol, number> = {
  PLAINTEXT: 0,
  SSL: 1,
  SASL_PLAINTEXT: 2,
  SASL_SSL: 3,
};

export class RequestBatch {
  private readonly leaderAndIsr = new Map<number, Map<string, ToldPartition>>();
  private readonly stopReplica = new Map<number, Map<string, StoppedPartition>>();
  private readonly metadataBrokers = new Set<number>();
  private readonly metadataPartitions = new Map<string, PartitionEntry>();

  constructor(
    private readonly context: ControllerContext,
    private readonly settings: BatchSettings,
  ) {}

  /** Tells brokers about their replica, and every broker about the partition. */
  addLeaderAndIsr(
    brokerIds: Iterable<number>,
    partition: PartitionEntry,
    leadership: Leadership,
    isNew: boolean,
  ): void {
    for (const brokerId of brokerIds) {
      if (brokerId < 0) continue;
      const told = mapOf(this.leaderAndIsr, brokerId);
      const wasNew = told.get(partition.key)?.isNew ?? false;
      told.set(partition.key, { partition, leadership, assignment: partition.assignment, isNew: isNew || wasNew });
    }
    this.addUpdateMetadata(this.context.liveOrShuttingDownBrokerIds, [partition]);
  }

  addStopReplica(brokerId: number, partition: PartitionEntry, deletePartition: boolean): void {
    if (brokerId < 0) return;
    const stopped = mapOf(this.stopReplica, brokerId);
    const wasDelete = stopped.get(partition.key)?.deletePartition ?? false;
    const leaderEpoch = this.context.leaderEpochOf(partition);
    stopped.set(partition.key, { partition, leaderEpoch, deletePartition: deletePartition || wasDelete });
  }

  /** Partitions without a leadership are passed over. */
  addUpdateMetadata(brokerIds: Iterable<number>, partitions: Iterable<PartitionEntry>): void {
    for (const brokerId of brokerIds) this.metadataBrokers.add(brokerId);
    for (const partition of partitions) this.metadataPartitions.set(partition.key, partition);
  }

  /** The requests, in the order in which they are to be sent. Brokers that are gone get none. */
  build(): AddressedRequest[] {
    return [...this.buildLeaderAndIsr(), ...this.buildUpdateMetadata(), ...this.buildStopReplica()];
  }

  private get header(): { controllerId: number; isKRaftController: false; controllerEpoch: number } {
    return { controllerId: this.settings.controllerId, isKRaftController: false, controllerEpoch: this.context.epoch };
  }

  private *buildLeaderAndIsr(): Generator<AddressedRequest> {
    const version = this.version([7, '3.4-IV0'], [6, '3.2-IV0'], [5, '2.8-IV1']);
    for (const [brokerId, told] of this.leaderAndIsr) {
      const broker = this.context.brokers.get(brokerId);
      if (!broker) continue;
      const topics = groupByTopic(told.values());
      const topicStates = [...topics].map(([topicName, partitions]) => ({
        topicName,
        topicId: this.context.topicId(topicName) ?? ZERO_UUID,
        partitionStates: partitions.map((partition) => leaderAndIsrState(partition, version)),
      }));
      const leaders = new Set([...told.values()].map(({ leadership }) => leadership.leader));
      const body = { ...this.header, brokerEpoch: broker.epoch, topicStates, liveLeaders: this.addresses(leaders) };
      yield { brokerId, request: { kind: 'LeaderAndIsr', version, body } };
    }
  }

  private addresses(brokerIds: ReadonlySet<number>): { brokerId: number; hostName: string; port: number }[] {
    return [...brokerIds].flatMap((brokerId) => {
      const endpoints = this.context.brokers.get(brokerId)?.registration.endpoints ?? [];
      const endpoint = endpoints.find(({ listener }) => listener === this.settings.interBrokerListenerName);
      return endpoint ? [{ brokerId, hostName: endpoint.host, port: endpoint.port }] : [];
    });
  }

  private *buildUpdateMetadata(): Generator<AddressedRequest> {
    if (this.metadataBrokers.size === 0) return;
    const version = this.version([8, '3.4-IV0'], [7, '2.8-IV1'], [6, '2.4-IV1']);
    const told = [...this.metadataPartitions.values()].filter(({ leadership }) => leadership !== null);
    const topicStates = [...groupByTopic(told.map((partition) => ({ partition })))].map(([topicName, partitions]) => ({
      topicName,
      topicId: this.context.topicId(topicName) ?? ZERO_UUID,
      partitionStates: partitions.map(({ partition }) => this.metadataState(partition)),
    }));
    const shared = { ...this.header, topicStates, liveBrokers: this.liveBrokers() };
    for (const brokerId of this.metadataBrokers) {
      const broker = this.context.brokers.get(brokerId);
      if (!broker) continue;
      yield { brokerId, request: { kind: 'UpdateMetadata', version, body: { ...shared, brokerEpoch: broker.epoch } } };
    }
  }

  private metadataState(
    partition: PartitionEntry,
  ): NonNullable<NonNullable<UpdateMetadataBody['topicStates']>[number]['partitionStates']>[number] {
    const leadership = partition.leadership as Leadership;
    const deleted = this.context.isQueuedForDeletion(partition.topicPartition.topic);
    const { replicas } = partition.assignment;
    return {
      partitionIndex: partition.topicPartition.partition,
      controllerEpoch: leadership.controllerEpoch,
      leader: deleted ? LEADER_DURING_DELETE : leadership.leader,
      leaderEpoch: deleted ? 0 : leadership.leaderEpoch,
      isr: leadership.isr,
      zkVersion: deleted ? 0 : leadership.partitionEpoch,
      replicas,
      offlineReplicas: replicas.filter((replica) => !this.context.isReplicaOnline(replica, partition)),
    };
  }

  private liveBrokers(): NonNullable<UpdateMetadataBody['liveBrokers']> {
    return [...this.context.brokers].map(([id, { registration }]) => ({
      id,
      rack: registration.rack,
      endpoints: registration.endpoints.map(({ host, port, listener, securityProtocol }) => ({
        host,
        port,
        listener,
        securityProtocol: SECURITY_PROTOCOL_IDS[securityProtocol as SecurityProtocol] ?? 0,
      })),
    }));
  }

  private *buildStopReplica(): Generator<AddressedRequest> {
    const version = this.version([4, '3.4-IV0'], [3, '2.6-IV0'], [3, '2.6-IV0']);
    for (const [brokerId, stopped] of this.stopReplica) {
      const broker = this.context.brokers.get(brokerId);
      if (!broker) continue;
      const topicStates = [...groupByTopic(stopped.values())].map(([topicName, partitions]) => ({
        topicName,
        partitionStates: partitions.map(({ partition, leaderEpoch, deletePartition }) => ({
          partitionIndex: partition.topicPartition.partition,
          leaderEpoch,
          deletePartition,
        })),
      }));
      const body = { ...this.header, brokerEpoch: broker.epoch, topicStates };
      yield { brokerId, request: { kind: 'StopReplica', version, body } };
    }
  }

  /** The first version whose protocol level is reached; the last when none is. */
  private version(...levels: readonly (readonly [version: number, since: string])[]): number {
    const found = levels.find(([, since]) => isAtLeastVersion(this.settings.interBrokerProtocolVersion, since));
    return (found ?? (levels.at(-1) as readonly [number, string]))[0];
  }
}

function leaderAndIsrState(
  { partition, leadership, assignment, isNew }: ToldPartition,
  version: number,
): LeaderAndIsrState {
  return {
    partitionIndex: partition.topicPartition.partition,
    controllerEpoch: leadership.controllerEpoch,
    leader: leadership.leader,
    leaderEpoch: leadership.leaderEpoch,
    isr: leadership.isr,
    partitionEpoch: leadership.partitionEpoch,
    replicas: assignment.replicas,
    addingReplicas: assignment.addingReplicas,
    removingReplicas: assignment.removingReplicas,
    isNew,
    leaderRecoveryState: version >= FIRST_WITH_RECOVERY_STATE ? leadership.leaderRecoveryState : undefined,
  };
}

function mapOf<V>(maps: Map<number, Map<string, V>>, brokerId: number): Map<string, V> {
  let map = maps.get(brokerId);
  if (!map) {
    map = new Map();
    maps.set(brokerId, map);
  }
  return map;
}

function groupByTopic<T extends { readonly partition: PartitionEntry }>(items: Iterable<T>): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const { topic } = item.partition.topicPartition;
    const group = topics.get(topic);
    if (group) group.push(item);
    else topics.set(topic, [item]);
  }
  return topics;
}
