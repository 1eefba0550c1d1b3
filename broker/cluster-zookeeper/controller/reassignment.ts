/**
 * Moves partitions to other brokers (KIP-455, kafka.controller.KafkaController.onPartitionReassignment). A reassignment
 * lives in the topic's node (adding and removing replicas) until every target replica is in the ISR:
 *   U  the node and the memory take the new assignment; replicas that are no longer wanted are stopped and deleted
 *   A  not yet in sync: the leader epoch is raised so that everybody takes the new list, new replicas start to fetch
 *   B  in sync: a leader among the targets, the others leave the ISR and are deleted, the node takes the targets alone
 * State: the context's assignments and partitionsBeingReassigned.
 */
import { Errors, type TopicPartition, type WireError } from '../../../protocol';
import type { Logger } from '../../../runtime/logger';
import type { ControllerContext, PartitionEntry, Replica } from './controller-context';
import type { ControllerStore } from './controller-store';
import { endsControllership } from './guarded-writer';
import { nextEpoch, type Leadership } from './leadership';
import { StateChangeFailed, type PartitionStateMachine } from './partition-state-machine';
import type { ReplicaStateMachine } from './replica-state-machine';
import {
  assignedTo,
  describeAssignment,
  isBeingReassigned,
  originReplicas,
  reassignTo,
  sameAssignment,
  targetReplicas,
  type ReplicaAssignment,
} from './replica-assignment';
import type { RequestBatch } from './request-batch';
import type { TopicDeletion } from './topic-deletion';

export interface ReassignmentParts {
  readonly context: ControllerContext;
  readonly store: ControllerStore;
  readonly partitions: PartitionStateMachine;
  readonly replicas: ReplicaStateMachine;
  readonly deletion: TopicDeletion;
  readonly logger: Logger;
  newBatch(): RequestBatch;
  send(batch: RequestBatch): void;
  sendUpdateMetadata(partitions: readonly PartitionEntry[]): void;
}

export interface ReassignmentResult {
  readonly error: WireError;
  readonly text: string | null;
}

const DONE: ReassignmentResult = { error: Errors.NONE, text: null };

/** What is wrong with the replicas that somebody asks for; null when nothing is. Pure. */
export function validateTarget(
  current: ReplicaAssignment,
  target: readonly number[],
  liveBrokerIds: readonly number[],
): ReassignmentResult | null {
  const invalid = (text: string): ReassignmentResult => ({ error: Errors.INVALID_REPLICA_ASSIGNMENT, text });
  if (target.length === 0) return invalid('Empty replica list specified in partition reassignment.');
  // Texts as administrators know them, down to the names of Scala's collections.
  const list = `ArrayBuffer(${target.join(', ')})`;
  if (new Set(target).size < target.length) {
    return invalid(`Duplicate replica ids in partition reassignment replica list: ${list}`);
  }
  if (target.some((id) => id < 0)) return invalid(`Invalid broker id in replica list: ${list}`);
  const { addingReplicas } = reassignTo(current, target);
  if (addingReplicas.every((id) => liveBrokerIds.includes(id))) return null;
  const adding = `ArrayBuffer(${addingReplicas.join(', ')})`;
  return invalid(
    `Replica assignment has brokers that are not alive. Replica list: ${adding}, live broker list: Set(${liveBrokerIds.join(', ')})`,
  );
}

/**
 * The assignment that a wish leads to. Pure.
 * @param target null cancels a reassignment that runs
 * @returns null when there is nothing to cancel
 */
export function plannedAssignment(
  current: ReplicaAssignment,
  target: readonly number[] | null,
): ReplicaAssignment | null {
  if (target !== null) return reassignTo(current, target);
  return isBeingReassigned(current) ? reassignTo(current, originReplicas(current)) : null;
}

export class Reassignment {
  constructor(private readonly parts: ReassignmentParts) {}

  /** Starts, replaces or continues reassignments; one result per partition, in order. @throws ControllerMovedError */
  async trigger(
    wishes: readonly { topicPartition: TopicPartition; assignment: ReplicaAssignment }[],
  ): Promise<ReassignmentResult[]> {
    const results: ReassignmentResult[] = [];
    for (const { topicPartition, assignment } of wishes)
      results.push(await this.triggerOne(topicPartition, assignment));
    return results;
  }

  /** Continues those reassignments that `wanted` picks. */
  async resume(wanted: (partition: PartitionEntry) => boolean): Promise<void> {
    for (const partition of this.parts.context.partitionsBeingReassigned.values()) {
      if (wanted(partition)) await this.run(partition, partition.assignment);
    }
  }

  /** After a change of the ISR: completes the reassignment when all target replicas are in it now. */
  async maybeComplete(partition: PartitionEntry): Promise<void> {
    if (await this.isComplete(partition, partition.assignment)) await this.run(partition, partition.assignment);
  }

  /** Takes partitions out of the request that an old tool has put into ZooKeeper, and deletes that with the last. */
  async removeRequested(
    shouldRemove: (topicPartition: TopicPartition, replicas: readonly number[]) => boolean,
  ): Promise<void> {
    const requested = await this.parts.store.requestedReassignments();
    if (requested === null) return;
    const kept = requested.filter(({ topic, partition, replicas }) => !shouldRemove({ topic, partition }, replicas));
    await this.parts.store.setRequestedReassignments(kept);
  }

  private async triggerOne(topicPartition: TopicPartition, assignment: ReplicaAssignment): Promise<ReassignmentResult> {
    const { context, logger } = this.parts;
    const partition = context.partition(topicPartition);
    const missing = partition === null || partition.assignment.replicas.length === 0;
    if (missing || context.isQueuedForDeletion(topicPartition.topic)) {
      return { error: Errors.UNKNOWN_TOPIC_OR_PARTITION, text: 'The partition does not exist.' };
    }
    try {
      await this.run(partition, assignment);
      return DONE;
    } catch (error) {
      if (endsControllership(error)) throw error;
      logger.error(`Error completing reassignment of partition ${partition.key}`, error);
      return { error: Errors.UNKNOWN_SERVER_ERROR, text: null };
    }
  }

  private async run(partition: PartitionEntry, assignment: ReplicaAssignment): Promise<void> {
    const { deletion, replicas } = this.parts;
    const { topic } = partition.topicPartition;
    deletion.markIneligible([topic], 'topic reassignment in progress');
    await this.updateCurrent(partition, assignment);
    if (!(await this.isComplete(partition, assignment))) {
      await this.raiseLeaderEpoch(partition, assignment); // A1
      await replicas.handleStateChanges(on(partition, assignment.addingReplicas), 'new'); // A2
      return;
    }
    await replicas.handleStateChanges(on(partition, assignment.addingReplicas), 'online'); // B1
    const completed = assignedTo(targetReplicas(assignment));
    partition.assignment = completed; // B2
    await this.moveLeader(partition, completed); // B3
    await this.stopAndDelete(partition, assignment.removingReplicas); // B4, B5
    partition.assignment = completed;
    await this.writeAssignment(partition, completed); // B6
    const done = partition.topicPartition;
    await this.removeRequested(
      (other, list) => sameTopicPartition(other, done) && list.join() === completed.replicas.join(),
    ); // B7
    this.parts.context.partitionsBeingReassigned.delete(partition.key);
    this.parts.sendUpdateMetadata([partition]); // B8
    await deletion.resumeFor([topic]);
  }

  private async updateCurrent(partition: PartitionEntry, assignment: ReplicaAssignment): Promise<void> {
    const before = partition.assignment;
    if (!sameAssignment(before, assignment)) {
      await this.writeAssignment(partition, assignment);
      partition.assignment = assignment;
      const unneeded = before.replicas.filter((replica) => !assignment.replicas.includes(replica));
      if (unneeded.length > 0) await this.stopAndDelete(partition, unneeded);
    }
    this.parts.context.partitionsBeingReassigned.set(partition.key, partition);
  }

  /** Whether all target replicas are in the ISR, by what ZooKeeper says. */
  private async isComplete(partition: PartitionEntry, assignment: ReplicaAssignment): Promise<boolean> {
    if (!isBeingReassigned(assignment)) return true;
    const leadership = await this.parts.store.leadership(partition.topicPartition);
    return leadership !== null && targetReplicas(assignment).every((replica) => leadership.isr.includes(replica));
  }

  private async moveLeader(partition: PartitionEntry, assignment: ReplicaAssignment): Promise<void> {
    const leader = partition.leadership?.leader ?? -1;
    const stays = assignment.replicas.includes(leader) && this.parts.context.isReplicaOnline(leader, partition);
    if (stays) await this.raiseLeaderEpoch(partition, assignment);
    else await this.parts.partitions.handleStateChanges([partition], 'online', { kind: 'reassign' });
  }

  private async stopAndDelete(partition: PartitionEntry, brokerIds: readonly number[]): Promise<void> {
    const removed = on(partition, brokerIds);
    for (const state of ['offline', 'deletionStarted', 'deletionSuccessful', 'nonExistent'] as const) {
      await this.parts.replicas.handleStateChanges(removed, state);
    }
  }

  private async writeAssignment(partition: PartitionEntry, assignment: ReplicaAssignment): Promise<void> {
    const { context, store, logger } = this.parts;
    const { topic, partition: index } = partition.topicPartition;
    const all = new Map(context.partitionsOf(topic).map((p) => [p.topicPartition.partition, p.assignment]));
    all.set(index, assignment);
    await store.setAssignments(topic, context.topicId(topic), all);
    logger.info(`Successfully updated assignment of partition ${partition.key} to ${describeAssignment(assignment)}`);
  }

  /** Same leader and ISR in the next epoch: all replicas take over the new list of replicas. */
  private async raiseLeaderEpoch(partition: PartitionEntry, assignment: ReplicaAssignment): Promise<void> {
    const leadership = await this.writeNextEpoch(partition);
    const batch = this.parts.newBatch();
    // isNew keeps a replica from being made anew when its log directory is offline, which is right for origin replicas only.
    batch.addLeaderAndIsr(originReplicas(assignment), partition, leadership, false);
    batch.addLeaderAndIsr(assignment.addingReplicas, partition, leadership, true);
    this.parts.send(batch);
  }

  private async writeNextEpoch(partition: PartitionEntry): Promise<Leadership> {
    const { context, store } = this.parts;
    for (;;) {
      const current = await store.leadership(partition.topicPartition);
      if (current === null) throw new StateChangeFailed(`Partition ${partition.key} has no state in ZooKeeper`);
      if (current.controllerEpoch > context.epoch) {
        throw new StateChangeFailed(`The state of ${partition.key} was written by a later controller`);
      }
      const next = { ...nextEpoch(current), controllerEpoch: context.epoch };
      const [change] = await store.updateStates([{ partition, next }]);
      if (change?.kind === 'failed') throw change.error;
      if (change?.kind === 'done') {
        partition.leadership = change.leadership;
        return change.leadership;
      }
    }
  }
}

function on(partition: PartitionEntry, brokerIds: readonly number[]): Replica[] {
  return brokerIds.map((brokerId) => ({ partition, brokerId }));
}

function sameTopicPartition(one: TopicPartition, other: TopicPartition): boolean {
  return one.topic === other.topic && one.partition === other.partition;
}
