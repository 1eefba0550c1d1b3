/** The requests that only the active controller serves, as the handlers call them: each waits its turn in the queue. */
import type { Clock } from '../../../runtime/clock';
import { Errors, KafkaError, type InputOf, type TopicPartition, type WireError } from '../../../protocol';
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
import type { MetadataCache } from '../../metadata/metadata-cache';
import { waitForMetadata } from '../metadata-wait';
import { prepareShutdown } from './controlled-shutdown';
import { refuseFeatureUpdates } from './features';
import type { Controller } from './index';
import { alterIsr } from './isr-changes';
import { electOnRequest, type ElectionOutcome, type ElectionType } from './leader-elections';
import { allocateProducerIds } from './producer-ids';
import { reassignOnRequest, runningReassignments } from './reassignment-requests';
import type { ZooKeeperController } from './zookeeper-controller';

const UNCLEAN_ELECTION = 1;

interface PartitionResult {
  readonly topicPartition: TopicPartition;
  readonly error: WireError;
  readonly text: string | null;
}

export class ControllerRequests implements Controller {
  constructor(
    private readonly controller: ZooKeeperController,
    private readonly metadata: MetadataCache,
    private readonly clock: Clock,
  ) {}

  get isActive(): boolean {
    return this.controller.isActive;
  }

  get activeControllerId(): number {
    return this.controller.activeControllerId;
  }

  /** Whether the topic is about to be deleted; false while this broker is not the active controller. */
  isTopicQueuedForDeletion(topic: string): boolean {
    return this.controller.core.context.isQueuedForDeletion(topic);
  }

  /** Name of the topic with that id; null when it is unknown to this controller. */
  topicName(topicId: string): string | null {
    return this.controller.core.context.topicName(topicId);
  }

  controlledShutdown(brokerId: number, brokerEpoch: number): Promise<TopicPartition[]> {
    const { core } = this.controller;
    return this.controller.request(
      'ControlledShutdown',
      () => prepareShutdown(core, brokerId, brokerEpoch),
      // What a ControllerMovedException becomes on the wire.
      () => refuse(new KafkaError('STALE_CONTROLLER_EPOCH')),
    );
  }

  alterPartition(request: AlterPartitionRequest, version: number): Promise<InputOf<AlterPartitionResponse>> {
    const { core } = this.controller;
    const notController = { errorCode: Errors.NOT_CONTROLLER.code };
    return new Promise((resolve, reject) => {
      // The leader gets its answer before reassignments that this completes are carried out.
      this.controller
        .request(
          'AlterPartitionReceived',
          async () => {
            const { response, successful } = await alterIsr(core, request, version);
            resolve(response);
            for (const partition of successful) {
              if (core.context.partitionsBeingReassigned.has(partition.key)) {
                await core.reassignment.maybeComplete(partition);
              }
            }
            return response;
          },
          () => notController,
        )
        .then(resolve, reject);
    });
  }

  allocateProducerIds(brokerId: number, brokerEpoch: number): Promise<ProducerIdBlock> {
    return this.controller.request(
      'AllocateProducerIds',
      () => allocateProducerIds(this.controller.core, brokerId, brokerEpoch),
      () => refuse(new KafkaError('NOT_CONTROLLER')),
    );
  }

  async electLeaders(request: ElectLeadersRequest, version: number): Promise<InputOf<ElectLeadersResponse>> {
    const startMs = this.clock.monotonicMs();
    const type: ElectionType = version >= 1 && request.electionType === UNCLEAN_ELECTION ? 'unclean' : 'preferred';
    const wanted = request.topicPartitions === null ? this.allPartitions() : named(request.topicPartitions);
    const outcomes = await this.controller.request<ElectionOutcome[]>(
      'ReplicaLeaderElection',
      () => electOnRequest(this.controller.core, wanted, type),
      () => wanted.map((topicPartition) => ({ topicPartition, error: Errors.NOT_CONTROLLER, text: null })),
    );
    const elected = outcomes.flatMap((outcome) => ('leader' in outcome ? [outcome] : []));
    const isKnown = (outcome: { topicPartition: TopicPartition; leader: number }): boolean =>
      this.metadata.partition(outcome.topicPartition)?.leader === outcome.leader;
    const leftMs = request.timeoutMs - (this.clock.monotonicMs() - startMs);
    await waitForMetadata(this.metadata, this.clock, leftMs, () => elected.every(isKnown));
    const results = outcomes.map((outcome): PartitionResult => {
      if (!('leader' in outcome)) return outcome;
      const error = isKnown(outcome) ? Errors.NONE : Errors.REQUEST_TIMED_OUT;
      return { topicPartition: outcome.topicPartition, error, text: null };
    });
    // Asked about all partitions, only those are told for which something happened.
    const told =
      request.topicPartitions === null ? results.filter(({ error }) => error !== Errors.ELECTION_NOT_NEEDED) : results;
    const replicaElectionResults = groupByTopic(told).map(([topic, partitions]) => ({
      topic,
      partitionResult: partitions.map(({ topicPartition, error, text }) => ({
        partitionId: topicPartition.partition,
        errorCode: error.code,
        errorMessage: text,
      })),
    }));
    return { errorCode: 0, replicaElectionResults };
  }

  async alterPartitionReassignments(
    request: AlterPartitionReassignmentsRequest,
  ): Promise<InputOf<AlterPartitionReassignmentsResponse>> {
    const wishes = request.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex, replicas }) => ({
        topicPartition: { topic, partition: partitionIndex },
        target: replicas,
      })),
    );
    const results = await this.controller.request(
      'ApiPartitionReassignment',
      () => reassignOnRequest(this.controller.core, wishes),
      () => null,
    );
    if (results === null) return { errorCode: Errors.NOT_CONTROLLER.code, errorMessage: Errors.NOT_CONTROLLER.meaning };
    const told = wishes.flatMap(({ topicPartition }, index) => {
      const result = results[index];
      return result ? [{ topicPartition, ...result }] : [];
    });
    const responses = groupByTopic(told).map(([name, partitions]) => ({
      name,
      partitions: partitions.map(({ topicPartition, error, text }) => ({
        partitionIndex: topicPartition.partition,
        errorCode: error.code,
        errorMessage: text,
      })),
    }));
    return { errorCode: 0, errorMessage: '', responses };
  }

  async listPartitionReassignments(
    request: ListPartitionReassignmentsRequest,
  ): Promise<InputOf<ListPartitionReassignmentsResponse>> {
    const wanted =
      request.topics?.flatMap(({ name: topic, partitionIndexes }) =>
        partitionIndexes.map((partition) => ({ topic, partition })),
      ) ?? null;
    const running = await this.controller.request(
      'ListPartitionReassignments',
      () => Promise.resolve(runningReassignments(this.controller.core, wanted)),
      () => null,
    );
    if (running === null) return { errorCode: Errors.NOT_CONTROLLER.code, errorMessage: Errors.NOT_CONTROLLER.meaning };
    const topics = groupByTopic(running).map(([name, partitions]) => ({
      name,
      partitions: partitions.map(({ topicPartition, assignment }) => ({
        partitionIndex: topicPartition.partition,
        ...assignment,
      })),
    }));
    return { errorCode: 0, errorMessage: '', topics };
  }

  async updateFeatures(request: UpdateFeaturesRequest, version: number): Promise<InputOf<UpdateFeaturesResponse>> {
    const results = await this.controller.request(
      'UpdateFeatures',
      () => Promise.resolve(refuseFeatureUpdates(request, version)),
      () => null,
    );
    if (results === null) return { errorCode: Errors.NOT_CONTROLLER.code, errorMessage: Errors.NOT_CONTROLLER.meaning };
    return {
      errorCode: 0,
      errorMessage: null,
      results: results.map(({ feature, error, text }) => ({ feature, errorCode: error.code, errorMessage: text })),
    };
  }

  private allPartitions(): TopicPartition[] {
    return this.metadata
      .topicNames()
      .flatMap((topic) =>
        [...(this.metadata.partitions(topic)?.keys() ?? [])].map((partition) => ({ topic, partition })),
      );
  }
}

function refuse(error: KafkaError): never {
  throw error;
}

function named(topics: NonNullable<ElectLeadersRequest['topicPartitions']>): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}

function groupByTopic<T extends { readonly topicPartition: TopicPartition }>(items: readonly T[]): [string, T[]][] {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const group = topics.get(item.topicPartition.topic);
    if (group) group.push(item);
    else topics.set(item.topicPartition.topic, [item]);
  }
  return [...topics];
}
