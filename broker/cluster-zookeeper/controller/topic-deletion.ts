/**
 * Deletes topics (kafka.controller.TopicDeletionManager). A topic that is to be deleted stays queued until every replica
 * has confirmed that its files are gone; then its nodes are removed. It is halted (ineligible) while a broker that holds
 * one of its replicas is down or a reassignment of it runs, and resumed when that has passed.
 * All state lives in the controller's context.
 */
import type { Logger } from '../../../runtime/logger';
import type { ControllerContext, PartitionEntry, Replica } from './controller-context';
import type { ControllerStore } from './controller-store';
import type { PartitionStateMachine } from './partition-state-machine';
import type { ReplicaStateMachine } from './replica-state-machine';

export interface TopicDeletionParts {
  readonly context: ControllerContext;
  readonly store: ControllerStore;
  readonly partitions: PartitionStateMachine;
  readonly replicas: ReplicaStateMachine;
  readonly logger: Logger;
  /** delete.topic.enable */
  enabled(): boolean;
  /** Tells all live brokers about partitions, without a change of their state. */
  sendUpdateMetadata(partitions: readonly PartitionEntry[]): void;
}

export class TopicDeletion {
  constructor(private readonly parts: TopicDeletionParts) {}

  /** At failover. */
  async init(topics: readonly string[], ineligible: ReadonlySet<string>): Promise<void> {
    const { context, store } = this.parts;
    if (!this.parts.enabled()) {
      await store.deleteTopicDeletions(topics);
      return;
    }
    for (const topic of topics) {
      context.topicsToBeDeleted.add(topic);
      if (ineligible.has(topic)) context.topicsIneligibleForDeletion.add(topic);
    }
  }

  async enqueue(topics: readonly string[]): Promise<void> {
    if (!this.parts.enabled()) return;
    for (const topic of topics) this.parts.context.topicsToBeDeleted.add(topic);
    await this.resume();
  }

  /** Whatever halted these topics has passed. */
  async resumeFor(topics: Iterable<string>): Promise<void> {
    const { context } = this.parts;
    const queued = [...topics].filter((topic) => context.isQueuedForDeletion(topic));
    if (queued.length === 0) return;
    for (const topic of queued) context.topicsIneligibleForDeletion.delete(topic);
    await this.resume();
  }

  /** Has no effect on topics that are not queued. */
  markIneligible(topics: Iterable<string>, reason: string): void {
    const { context, logger } = this.parts;
    const halted = [...new Set(topics)].filter((topic) => context.isQueuedForDeletion(topic));
    for (const topic of halted) context.topicsIneligibleForDeletion.add(topic);
    if (halted.length > 0) logger.info(`Halted deletion of topics ${halted.join(',')} due to ${reason}`);
  }

  /** The broker of these replicas died, or could not delete them. */
  async failReplicas(replicas: readonly Replica[]): Promise<void> {
    const failed = this.queued(replicas);
    if (failed.length === 0) return;
    await this.parts.replicas.handleStateChanges(failed, 'deletionIneligible');
    this.markIneligible(topicsOf(failed), 'replica deletion failure');
    await this.resume();
  }

  /** A broker has deleted these replicas. */
  async completeReplicas(replicas: readonly Replica[]): Promise<void> {
    await this.parts.replicas.handleStateChanges(this.queued(replicas), 'deletionSuccessful');
    await this.resume();
  }

  /** Goes on with every queued topic as far as it can. */
  async resume(): Promise<void> {
    if (!this.parts.enabled()) return;
    const { context, logger } = this.parts;
    const retried: string[] = [];
    const started: string[] = [];
    for (const topic of context.topicsToBeDeleted) {
      if (context.areAllReplicasInState(topic, 'deletionSuccessful')) {
        await this.complete(topic);
        logger.info(`Deletion of topic ${topic} successfully completed`);
        continue;
      }
      if (context.isAnyReplicaInState(topic, 'deletionStarted')) continue;
      if (context.isAnyReplicaInState(topic, 'deletionIneligible')) retried.push(topic);
      if (!context.topicsIneligibleForDeletion.has(topic)) {
        logger.info(`Deletion of topic ${topic} (re)started`);
        started.push(topic);
      }
    }
    const ineligible = retried.flatMap((topic) => context.replicasInState(topic, 'deletionIneligible'));
    await this.parts.replicas.handleStateChanges(ineligible, 'offline');
    if (started.length > 0) await this.start(started);
  }

  private async start(topics: readonly string[]): Promise<void> {
    const { context, partitions } = this.parts;
    const unseen = topics.filter((topic) => !context.topicsWithDeletionStarted.has(topic));
    const unseenPartitions = unseen.flatMap((topic) => context.partitionsOf(topic));
    await partitions.handleStateChanges(unseenPartitions, 'offline');
    await partitions.handleStateChanges(unseenPartitions, 'nonExistent');
    for (const topic of unseen) context.topicsWithDeletionStarted.add(topic);
    // Leader -2: brokers stop serving the topics and forget them.
    this.parts.sendUpdateMetadata(topics.flatMap((topic) => context.partitionsOf(topic)));
    await this.deleteReplicas(topics);
  }

  private async deleteReplicas(topics: readonly string[]): Promise<void> {
    const { context, replicas } = this.parts;
    const all = topics.flatMap((topic) => context.replicasOfTopic(topic));
    const isOnline = ({ brokerId, partition }: Replica): boolean => context.isReplicaOnline(brokerId, partition);
    const dead = all.filter((replica) => !isOnline(replica));
    const toDelete = all.filter(
      (replica) => isOnline(replica) && context.replicaState(replica) !== 'deletionSuccessful',
    );
    await replicas.handleStateChanges(dead, 'deletionIneligible');
    await replicas.handleStateChanges(toDelete, 'offline');
    await replicas.handleStateChanges(toDelete, 'deletionStarted');
    this.markIneligible(topicsOf(dead), 'offline replicas');
  }

  private async complete(topic: string): Promise<void> {
    const { context, replicas, store } = this.parts;
    await replicas.handleStateChanges(context.replicasInState(topic, 'deletionSuccessful'), 'nonExistent');
    await store.deleteTopic(topic);
    context.removeTopic(topic);
  }

  private queued(replicas: readonly Replica[]): Replica[] {
    if (!this.parts.enabled()) return [];
    return replicas.filter(({ partition }) => this.parts.context.isQueuedForDeletion(partition.topicPartition.topic));
  }
}

function topicsOf(replicas: readonly Replica[]): Set<string> {
  return new Set(replicas.map(({ partition }) => partition.topicPartition.topic));
}
