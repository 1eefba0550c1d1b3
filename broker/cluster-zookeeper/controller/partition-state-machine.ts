/**
 * Moves partitions through their states and elects their leaders (kafka.controller.PartitionStateMachine).
 * Legal transitions: nonExistent → new → online; online, offline → online (an election); new, online, offline → offline;
 * offline → nonExistent. An illegal one is logged and left out.
 *
 * A leadership is decided on what the controller has cached and written on condition of the node's version; only after a
 * conflict is the node read, since every change of an ISR comes by way of the controller anyway.
 */
import type { Clock } from '../../../runtime/clock';
import type { Logger } from '../../../runtime/logger';
import type { ControllerContext, PartitionEntry, PartitionStateName } from './controller-context';
import type { ControllerStore, StateUpdate } from './controller-store';
import { elect, type ElectionStrategy } from './election-strategies';
import { endsControllership } from './guarded-writer';
import { describeLeadership, initialLeadership, type Leadership } from './leadership';
import type { RequestBatch } from './request-batch';

/** A state change that cannot be made as things stand; told to who asked for it. */
export class StateChangeFailed extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'StateChangeFailed';
  }
}

export type ElectionResults = Map<PartitionEntry, Leadership | Error>;

/** Elections of one state change that are logged one by one; a cluster with thousands would do little else. */
const MOST_LINES = 100;

const VALID_PREVIOUS: Record<PartitionStateName, readonly PartitionStateName[]> = {
  new: ['nonExistent'],
  online: ['new', 'online', 'offline'],
  offline: ['new', 'online', 'offline'],
  nonExistent: ['offline'],
};

export interface StateMachineParts {
  readonly context: ControllerContext;
  readonly store: ControllerStore;
  /** kafka's state-change logger */
  readonly logger: Logger;
  readonly controllerId: number;
  newBatch(): RequestBatch;
  /** Hands a batch to the channels. */
  send(batch: RequestBatch): void;
  /** unclean.leader.election.enable of the controller's own configuration */
  uncleanElectionByDefault(): boolean;
  readonly clock: Clock;
}

export class PartitionStateMachine {
  constructor(private readonly parts: StateMachineParts) {}

  /** At failover: the states follow from the leaderships that were read; then leaders are elected where there is none. */
  async startup(): Promise<void> {
    const { context } = this.parts;
    for (const partition of context.partitions()) {
      const { leadership } = partition;
      if (leadership === null) partition.state = 'new';
      else partition.state = context.isReplicaOnline(leadership.leader, partition) ? 'online' : 'offline';
    }
    await this.triggerOnline();
  }

  /** Tries to bring all new and offline partitions online, or those of one topic. */
  triggerOnline(topic?: string): Promise<ElectionResults> {
    const { context } = this.parts;
    const partitions = context
      .partitionsInStates('offline', 'new')
      .filter(({ topicPartition }) => topic === undefined || topicPartition.topic === topic)
      .filter(({ topicPartition }) => !context.isQueuedForDeletion(topicPartition.topic));
    return this.handleStateChanges(partitions, 'online', { kind: 'offline', allowUnclean: false });
  }

  /**
   * @param strategy needed for the target `online`
   * @returns for elections: the new leadership or why there is none
   * @throws ControllerMovedError, or ZkError when the session has ended
   */
  async handleStateChanges(
    partitions: readonly PartitionEntry[],
    target: PartitionStateName,
    strategy?: ElectionStrategy,
  ): Promise<ElectionResults> {
    if (partitions.length === 0) return new Map();
    const batch = this.parts.newBatch();
    let ended = false;
    try {
      return await this.change(this.withValidState(partitions, target), target, strategy, batch);
    } catch (error) {
      ended = endsControllership(error);
      if (ended) throw error;
      this.parts.logger.error(`Error while moving some partitions to ${target} state`, error);
      return new Map(partitions.map((partition) => [partition, error as Error]));
    } finally {
      // What has been written to ZooKeeper before an error must still reach the brokers.
      if (!ended) this.parts.send(batch);
    }
  }

  private withValidState(partitions: readonly PartitionEntry[], target: PartitionStateName): PartitionEntry[] {
    return partitions.filter((partition) => {
      const valid = VALID_PREVIOUS[target].includes(partition.state);
      if (!valid) {
        const wanted = VALID_PREVIOUS[target].join(', ');
        this.logFailure(partition, target, `it should be in one of the states ${wanted} but is ${partition.state}`);
      }
      return valid;
    });
  }

  private async change(
    partitions: readonly PartitionEntry[],
    target: PartitionStateName,
    strategy: ElectionStrategy | undefined,
    batch: RequestBatch,
  ): Promise<ElectionResults> {
    if (target !== 'online') {
      for (const partition of partitions) partition.state = target;
      return new Map();
    }
    const fresh = partitions.filter(({ state }) => state === 'new');
    const others = partitions.filter(({ state }) => state !== 'new');
    if (fresh.length > 0) await this.initialize(fresh, batch);
    if (others.length === 0) return new Map();
    if (!strategy) throw new Error('an election needs a strategy');
    const results = await this.electAll(others, strategy, batch);
    for (const [partition, result] of results) {
      if (!(result instanceof Error)) partition.state = 'online';
    }
    return results;
  }

  private async initialize(partitions: readonly PartitionEntry[], batch: RequestBatch): Promise<void> {
    const { context, store } = this.parts;
    const updates: StateUpdate[] = [];
    for (const partition of partitions) {
      const live = partition.assignment.replicas.filter((replica) => context.isReplicaOnline(replica, partition));
      if (live.length > 0) updates.push({ partition, next: initialLeadership(live, context.epoch) });
      else {
        const assigned = partition.assignment.replicas.join(',');
        const text = `no assigned replica is alive; assigned are [${assigned}], live brokers [${context.liveBrokerIds.join(',')}]`;
        this.logFailure(partition, 'online', text);
      }
    }
    const changes = await store.createStates(updates);
    for (const [index, change] of changes.entries()) {
      const { partition } = updates[index] as StateUpdate;
      if (change.kind !== 'done') {
        this.logFailure(
          partition,
          'online',
          'its state could not be created',
          change.kind === 'failed' ? change.error : undefined,
        );
        continue;
      }
      partition.leadership = change.leadership;
      partition.state = 'online';
      batch.addLeaderAndIsr(change.leadership.isr, partition, change.leadership, true);
    }
    if (changes.length > 0) this.parts.logger.info(this.prefixed(`Brought ${changes.length} new partitions online`));
  }

  private async electAll(
    partitions: readonly PartitionEntry[],
    strategy: ElectionStrategy,
    batch: RequestBatch,
  ): Promise<ElectionResults> {
    const results: ElectionResults = new Map();
    for (let remaining = partitions; remaining.length > 0;) {
      const conflicts = await this.electOnce(remaining, strategy, batch, results);
      if (conflicts.length > 0) {
        this.parts.logger.info(
          this.prefixed(`Retrying the ${strategy.kind} election of ${conflicts.length} partitions`),
        );
        await this.refresh(conflicts);
      }
      remaining = conflicts;
    }
    const failed = [...results].flatMap(([partition, result]) =>
      result instanceof Error ? [{ partition, result }] : [],
    );
    for (const { partition, result } of failed.slice(0, MOST_LINES))
      this.logFailure(partition, 'online', result.message);
    if (results.size > MOST_LINES) {
      const { logger } = this.parts;
      logger.info(
        this.prefixed(`Elected ${results.size - failed.length} leaders; ${failed.length} partitions have none`),
      );
    }
    return results;
  }

  /** Returns the partitions whose node was changed by somebody else meanwhile. */
  private async electOnce(
    partitions: readonly PartitionEntry[],
    strategy: ElectionStrategy,
    batch: RequestBatch,
    results: ElectionResults,
  ): Promise<PartitionEntry[]> {
    const { context, store } = this.parts;
    const unclean = await this.uncleanAllowed(partitions, strategy);
    const updates: StateUpdate[] = [];
    const recipients: (readonly number[])[] = [];
    for (const partition of partitions) {
      const election = this.electFor(partition, strategy, unclean.has(partition));
      if (election instanceof Error) results.set(partition, election);
      else {
        updates.push({ partition, next: { ...election.next, controllerEpoch: context.epoch } });
        recipients.push(election.recipients);
      }
    }
    const conflicts: PartitionEntry[] = [];
    for (const [index, change] of (await store.updateStates(updates)).entries()) {
      const { partition } = updates[index] as StateUpdate;
      if (change.kind === 'conflict') conflicts.push(partition);
      else if (change.kind === 'failed') results.set(partition, change.error);
      else {
        partition.leadership = change.leadership;
        batch.addLeaderAndIsr(recipients[index] ?? [], partition, change.leadership, false);
        results.set(partition, change.leadership);
        const line = this.prefixed(`Elected for ${partition.key}: ${describeLeadership(change.leadership)}`);
        if (results.size <= MOST_LINES) this.parts.logger.info(line);
        else this.parts.logger.debug(line);
      }
    }
    return conflicts;
  }

  private electFor(
    partition: PartitionEntry,
    strategy: ElectionStrategy,
    uncleanAllowed: boolean,
  ): { next: Leadership; recipients: readonly number[] } | StateChangeFailed {
    const { context } = this.parts;
    const { leadership: current, assignment } = partition;
    if (current === null) return new StateChangeFailed(`There is no leader and ISR for partition ${partition.key}`);
    if (current.controllerEpoch > context.epoch) {
      return new StateChangeFailed(
        `Its state was written by a controller with epoch ${current.controllerEpoch}, later than ${context.epoch}`,
      );
    }
    const candidates = {
      current,
      assignment,
      isOnline: (replica: number) => context.isReplicaOnline(replica, partition),
      isOnlineOrShuttingDown: (replica: number) => context.isReplicaOnline(replica, partition, true),
      isShuttingDown: (replica: number) => context.shuttingDownBrokerIds.has(replica),
    };
    const { next, recipients } = elect(strategy.kind, candidates, uncleanAllowed);
    if (next) return { next, recipients };
    return new StateChangeFailed(
      `Failed to elect leader for partition ${partition.key} under strategy ${kafkaNameOf(strategy)}`,
    );
  }

  /** Those without a live replica in the ISR for which one outside it may lead. */
  private async uncleanAllowed(
    partitions: readonly PartitionEntry[],
    strategy: ElectionStrategy,
  ): Promise<ReadonlySet<PartitionEntry>> {
    if (strategy.kind !== 'offline') return new Set();
    const { context, store } = this.parts;
    const stuck = partitions.filter(
      (partition) => !partition.leadership?.isr.some((replica) => context.isReplicaOnline(replica, partition)),
    );
    if (strategy.allowUnclean || stuck.length === 0) return new Set(stuck);
    const overrides = await store.uncleanElectionOverrides([...new Set(stuck.map((p) => p.topicPartition.topic))]);
    const byDefault = this.parts.uncleanElectionByDefault();
    return new Set(stuck.filter(({ topicPartition }) => overrides.get(topicPartition.topic) ?? byDefault));
  }

  private async refresh(partitions: readonly PartitionEntry[]): Promise<void> {
    const read = await Promise.all(partitions.map(({ topicPartition }) => this.parts.store.leadership(topicPartition)));
    for (const [index, partition] of partitions.entries()) partition.leadership = read[index] ?? null;
  }

  private logFailure(partition: PartitionEntry, target: PartitionStateName, why: string, cause?: Error): void {
    const text = `failed to change state for partition ${partition.key} from ${partition.state} to ${target}: ${why}`;
    this.parts.logger.error(`Controller ${this.parts.controllerId} epoch ${this.parts.context.epoch} ${text}`, cause);
  }

  private prefixed(text: string): string {
    return `[Controller id=${this.parts.controllerId} epoch=${this.parts.context.epoch}] ${text}`;
  }
}

/** As administrators know it from Kafka's answers. */
function kafkaNameOf(strategy: ElectionStrategy): string {
  switch (strategy.kind) {
    case 'offline':
      return `OfflinePartitionLeaderElectionStrategy(${strategy.allowUnclean})`;
    case 'reassign':
      return 'ReassignPartitionLeaderElectionStrategy';
    case 'preferred':
      return 'PreferredReplicaPartitionLeaderElectionStrategy';
    case 'controlledShutdown':
      return 'ControlledShutdownPartitionLeaderElectionStrategy';
  }
}
