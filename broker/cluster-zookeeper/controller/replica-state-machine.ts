/**
 * Moves replicas through their states and tells their brokers (kafka.controller.ReplicaStateMachine).
 * | target             | from                                    | effect                                                    |
 * | new                | nonExistent                             | LeaderAndIsr(isNew) to the replica, when there is a leader |
 * | online             | new, online, offline, deletionIneligible | LeaderAndIsr to the replica, unless it was new             |
 * | offline            | new, online, offline, deletionIneligible | StopReplica; out of the ISR; LeaderAndIsr to the others    |
 * | deletionStarted    | offline                                 | StopReplica(deletePartition)                               |
 * | deletionSuccessful | deletionStarted                         | none                                                       |
 * | deletionIneligible | offline, deletionStarted                | none                                                       |
 * | nonExistent        | deletionSuccessful                      | the replica leaves the assignment in memory                |
 */
import { Turn } from '../../../runtime/turn';
import { endsControllership } from './guarded-writer';
import type { PartitionEntry, Replica, ReplicaStateName } from './controller-context';
import { withoutReplica, type Leadership } from './leadership';
import type { StateUpdate } from './controller-store';
import type { StateMachineParts } from './partition-state-machine';
import { withoutAssignedReplica } from './replica-assignment';
import type { RequestBatch } from './request-batch';

const VALID_PREVIOUS: Record<ReplicaStateName, readonly ReplicaStateName[]> = {
  new: ['nonExistent'],
  online: ['new', 'online', 'offline', 'deletionIneligible'],
  offline: ['new', 'online', 'offline', 'deletionIneligible'],
  deletionStarted: ['offline'],
  deletionSuccessful: ['deletionStarted'],
  deletionIneligible: ['offline', 'deletionStarted'],
  nonExistent: ['deletionSuccessful'],
};

export class ReplicaStateMachine {
  constructor(private readonly parts: StateMachineParts) {}

  /** At failover: replicas on live brokers go online, then the others offline. */
  async startup(): Promise<void> {
    const { context } = this.parts;
    const online: Replica[] = [];
    const offline: Replica[] = [];
    for (const replica of context.replicasOf(context.partitions())) {
      const isOnline = context.isReplicaOnline(replica.brokerId, replica.partition);
      replica.partition.replicaStates.set(replica.brokerId, isOnline ? 'online' : 'deletionIneligible');
      (isOnline ? online : offline).push(replica);
    }
    await this.handleStateChanges(online, 'online');
    await this.handleStateChanges(offline, 'offline');
  }

  /** Errors are logged. @throws ControllerMovedError, or ZkError when the session has ended */
  async handleStateChanges(replicas: readonly Replica[], target: ReplicaStateName): Promise<void> {
    if (replicas.length === 0) return;
    const batch = this.parts.newBatch();
    const turn = new Turn(this.parts.clock);
    let ended = false;
    try {
      for (const [brokerId, partitions] of byBroker(replicas)) {
        await this.change(brokerId, this.withValidState(brokerId, partitions, target), target, batch);
        if (turn.isOver) await turn.next();
      }
    } catch (error) {
      ended = endsControllership(error);
      if (ended) throw error;
      this.parts.logger.error(`Error while moving some replicas to ${target} state`, error);
    } finally {
      // What has been written to ZooKeeper before an error must still reach the brokers.
      if (!ended) this.parts.send(batch);
    }
  }

  private withValidState(brokerId: number, partitions: PartitionEntry[], target: ReplicaStateName): PartitionEntry[] {
    return partitions.filter((partition) => {
      const state = this.parts.context.replicaState({ partition, brokerId });
      const valid = VALID_PREVIOUS[target].includes(state);
      if (!valid) {
        const wanted = VALID_PREVIOUS[target].join(', ');
        this.logFailure(brokerId, partition, target, `it should be in one of the states ${wanted} but is ${state}`);
      }
      return valid;
    });
  }

  private async change(
    brokerId: number,
    partitions: readonly PartitionEntry[],
    target: ReplicaStateName,
    batch: RequestBatch,
  ): Promise<void> {
    switch (target) {
      case 'new':
        for (const partition of partitions) this.toNew(brokerId, partition, batch);
        return;
      case 'online':
        for (const partition of partitions) this.toOnline(brokerId, partition, batch);
        return;
      case 'offline':
        return this.toOffline(brokerId, partitions, batch);
      case 'deletionStarted':
        for (const partition of partitions) batch.addStopReplica(brokerId, partition, true);
        break;
      case 'nonExistent':
        for (const partition of partitions) {
          partition.assignment = withoutAssignedReplica(partition.assignment, brokerId);
          partition.replicaStates.delete(brokerId);
        }
        return;
      default:
        break;
    }
    for (const partition of partitions) partition.replicaStates.set(brokerId, target);
  }

  private toNew(brokerId: number, partition: PartitionEntry, batch: RequestBatch): void {
    const { leadership } = partition;
    if (leadership?.leader === brokerId) {
      this.logFailure(brokerId, partition, 'new', 'it is asked to become leader');
      return;
    }
    if (leadership) batch.addLeaderAndIsr([brokerId], partition, leadership, true);
    partition.replicaStates.set(brokerId, 'new');
  }

  private toOnline(brokerId: number, partition: PartitionEntry, batch: RequestBatch): void {
    const { leadership, assignment } = partition;
    if (partition.replicaStates.get(brokerId) !== 'new') {
      if (leadership) batch.addLeaderAndIsr([brokerId], partition, leadership, false);
    } else if (!assignment.replicas.includes(brokerId)) {
      partition.assignment = { ...assignment, replicas: [...assignment.replicas, brokerId] };
    }
    partition.replicaStates.set(brokerId, 'online');
  }

  private async toOffline(brokerId: number, partitions: readonly PartitionEntry[], batch: RequestBatch): Promise<void> {
    const { context } = this.parts;
    for (const partition of partitions) batch.addStopReplica(brokerId, partition, false);
    const led = partitions.filter(({ leadership }) => leadership !== null);
    const withoutLeadership = partitions.filter(({ leadership }) => leadership === null);
    for (const [partition, leadership] of await this.removeFromIsr(brokerId, led)) {
      if (!context.isQueuedForDeletion(partition.topicPartition.topic)) {
        const others = partition.assignment.replicas.filter((replica) => replica !== brokerId);
        batch.addLeaderAndIsr(others, partition, leadership, false);
      }
      partition.replicaStates.set(brokerId, 'offline');
    }
    for (const partition of withoutLeadership) {
      batch.addUpdateMetadata(context.liveOrShuttingDownBrokerIds, [partition]);
      partition.replicaStates.set(brokerId, 'offline');
    }
  }

  /** The leaderships afterwards, changed or not, of all partitions for which that did not fail. */
  private async removeFromIsr(
    brokerId: number,
    partitions: readonly PartitionEntry[],
  ): Promise<Map<PartitionEntry, Leadership>> {
    const results = new Map<PartitionEntry, Leadership>();
    for (let remaining = partitions; remaining.length > 0;) {
      const conflicts = await this.removeOnce(brokerId, remaining, results);
      for (const partition of conflicts) {
        partition.leadership = await this.parts.store.leadership(partition.topicPartition);
      }
      remaining = conflicts;
    }
    return results;
  }

  private async removeOnce(
    brokerId: number,
    partitions: readonly PartitionEntry[],
    results: Map<PartitionEntry, Leadership>,
  ): Promise<PartitionEntry[]> {
    const { context, store } = this.parts;
    const updates: StateUpdate[] = [];
    for (const partition of partitions) {
      const { leadership } = partition;
      if (leadership === null) {
        if (!context.isQueuedForDeletion(partition.topicPartition.topic)) {
          this.logFailure(brokerId, partition, 'offline', 'the partition has no state in ZooKeeper');
        }
      } else if (leadership.controllerEpoch > context.epoch) {
        const text = `its state was written by a controller with epoch ${leadership.controllerEpoch}`;
        this.logFailure(brokerId, partition, 'offline', text);
      } else if (leadership.isr.includes(brokerId)) {
        updates.push({ partition, next: { ...withoutReplica(leadership, brokerId), controllerEpoch: context.epoch } });
      } else {
        partition.leadership = { ...leadership, controllerEpoch: context.epoch };
        results.set(partition, partition.leadership);
      }
    }
    const conflicts: PartitionEntry[] = [];
    for (const [index, change] of (await store.updateStates(updates)).entries()) {
      const { partition } = updates[index] as StateUpdate;
      if (change.kind === 'conflict') conflicts.push(partition);
      else if (change.kind === 'failed') this.logFailure(brokerId, partition, 'offline', change.error.message);
      else {
        partition.leadership = change.leadership;
        results.set(partition, change.leadership);
      }
    }
    return conflicts;
  }

  private logFailure(brokerId: number, partition: PartitionEntry, target: ReplicaStateName, why: string): void {
    const { logger, controllerId, context } = this.parts;
    const what = `state change of replica ${brokerId} for partition ${partition.key} to ${target}`;
    logger.error(`Controller ${controllerId} epoch ${context.epoch} could not do the ${what}: ${why}`);
  }
}

function byBroker(replicas: readonly Replica[]): Map<number, PartitionEntry[]> {
  const brokers = new Map<number, PartitionEntry[]>();
  for (const { brokerId, partition } of replicas) {
    const partitions = brokers.get(brokerId);
    if (partitions) partitions.push(partition);
    else brokers.set(brokerId, [partition]);
  }
  return brokers;
}
