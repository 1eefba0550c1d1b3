/** The requests that only the active controller serves; every broker has one of these, at most one is active. */
import type { InputOf, TopicPartition } from '../../../protocol';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  AlterPartitionRequest,
  AlterPartitionResponse,
  ElectLeadersRequest,
  ElectLeadersResponse,
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
} from '../../../protocol/apis';
import type { ProducerIdBlock } from '../../cluster/cluster-change';

export interface Controller {
  /** Whether this broker is the controller, as far as it knows. */
  readonly isActive: boolean;
  /** Id of the active controller according to /controller; -1 when there is none. */
  readonly activeControllerId: number;

  /** Whether the topic is about to be deleted; false while this broker is not the active controller. */
  isTopicQueuedForDeletion(topic: string): boolean;
  /** Name of the topic with that id; null when it is unknown to this controller. */
  topicName(topicId: string): string | null;

  /**
   * Moves leadership off a broker that wants to stop; gives the partitions it still leads.
   * KafkaError STALE_CONTROLLER_EPOCH (this is not the controller), STALE_BROKER_EPOCH, BROKER_NOT_AVAILABLE.
   */
  controlledShutdown(brokerId: number, brokerEpoch: number): Promise<TopicPartition[]>;
  alterPartition(request: AlterPartitionRequest, version: number): Promise<InputOf<AlterPartitionResponse>>;
  allocateProducerIds(brokerId: number, brokerEpoch: number): Promise<ProducerIdBlock>;
  electLeaders(request: ElectLeadersRequest, version: number): Promise<InputOf<ElectLeadersResponse>>;
  alterPartitionReassignments(
    request: AlterPartitionReassignmentsRequest,
  ): Promise<InputOf<AlterPartitionReassignmentsResponse>>;
  listPartitionReassignments(
    request: ListPartitionReassignmentsRequest,
  ): Promise<InputOf<ListPartitionReassignmentsResponse>>;
  updateFeatures(request: UpdateFeaturesRequest, version: number): Promise<InputOf<UpdateFeaturesResponse>>;
}
