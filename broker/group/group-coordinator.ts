/**
 * The group coordinator: members and offsets of all groups whose partition of `__consumer_offsets` this broker leads.
 * It owns those groups. Every request, timer and acknowledged append becomes one synchronous step over one group, whose
 * effects it carries out; so a group never changes in the middle of anything.
 * (kafka.coordinator.group.GroupCoordinator, the classic one)
 */
import { Errors, GROUP_METADATA_TOPIC, type TopicPartition, type WireError } from '../../protocol';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { Metrics } from '../../runtime/metrics';
import type { Random } from '../../runtime/random';
import { TaskGroup } from '../../runtime/task-group';
import type { BrokerConfig } from '../../settings';
import type { ClusterChange } from '../cluster/cluster-change';
import type { MetadataCache } from '../metadata/metadata-cache';
import type { ReplicaAppender } from '../replication/types';
import { describeGroup, overviewOf, type GroupDescription, type GroupOverview } from './describe';
import { Group } from './group';
import { groupConfigOf, type GroupConfig } from './group-config';
import { GroupLog } from './group-log';
import type { CommittedOffset } from './group-offsets';
import { GroupState } from './group-state';
import { registerGroupMetrics } from './group-metrics';
import { join, type JoinRequest } from './join';
import type { Ticket } from './member';
import {
  commit,
  die,
  heartbeat,
  leave,
  loaded,
  timerFired,
  unload,
  type LeavingMember,
  type MemberRequest,
} from './members';
import { OwnedPartitions } from './owned-partitions';
import { joinError, Step, syncError, type Effect, type JoinResult, type SyncResult } from './step';
import { stored, sync, type SyncRequest } from './sync';

export interface GroupCoordinatorOptions {
  readonly config: Pick<BrokerConfig, 'brokerId' | 'int' | 'long'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: Random;
  readonly replicas: ReplicaAppender;
  readonly metadata: MetadataCache;
  readonly cluster: Pick<ClusterChange, 'partitionCount'>;
}

export type JoinGroupCall = Omit<JoinRequest, 'ticket' | 'freshMemberId'> & { readonly groupId: string };
export type SyncGroupCall = Omit<SyncRequest, 'ticket'> & { readonly groupId: string };
export type MemberCall = MemberRequest & { readonly groupId: string };

export interface FetchedOffset {
  readonly topicPartition: TopicPartition;
  readonly error: WireError;
  /** Null when nothing is committed. */
  readonly committed: CommittedOffset | null;
}

export interface PartitionError {
  readonly topicPartition: TopicPartition;
  readonly error: WireError;
}

/** The search for expired offsets gives way to other work after so many groups. */
const GROUPS_PER_TURN = 100;

/** APIs that take part in a group need its id; the others also serve groups with the empty id, for old clients. */
type EmptyIdRule = 'may be empty' | 'may not be empty';

export class GroupCoordinator {
  readonly config: GroupConfig;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly tasks: TaskGroup;
  private readonly partitions: OwnedPartitions;
  private readonly log: GroupLog;
  /** Requests that wait for an answer, by ticket. At most one per connection, as connections answer in order. */
  private readonly waiting = new Map<Ticket, (result: never) => void>();
  private lastTicket = 0;
  private active = false;
  private subscriptions: (() => void)[] = [];

  constructor(private readonly options: GroupCoordinatorOptions) {
    this.config = groupConfigOf(options.config);
    this.clock = options.clock;
    const prefix = `[GroupCoordinator ${this.config.brokerId}]: `;
    this.logger = options.logger.for('kafka.coordinator.group.GroupCoordinator', prefix);
    this.tasks = new TaskGroup('group coordinator', this.clock, this.logger);
    this.log = new GroupLog(options.replicas, this.config, this.clock, this.logger);
    this.partitions = new OwnedPartitions({
      replicas: options.replicas,
      clock: this.clock,
      logger: this.logger,
      tasks: this.tasks,
      loadBufferBytes: this.config.loadBufferBytes,
      onLoaded: (group) => this.run(group, loaded),
      onUnloaded: (group) => this.run(group, unload),
    });
  }

  /** Learns the number of partitions, then takes over what this broker is elected for. */
  async startup(): Promise<void> {
    this.logger.info('Starting up.');
    const existing = await this.options.cluster.partitionCount(GROUP_METADATA_TOPIC);
    this.partitions.partitionCount = existing ?? this.config.topicPartitions;
    registerGroupMetrics(this.options.metrics, () => this.partitions.groups());
    this.subscriptions = [
      this.options.replicas.onLeadershipChange((change) => this.partitions.leadershipChanged(change)),
      this.options.metadata.onChange(({ deleted }) => this.forgetPartitions(deleted)),
    ];
    const { retentionCheckIntervalMs } = this.config;
    this.tasks.every('expiry of offsets', retentionCheckIntervalMs, () => this.expireOffsets(), 0);
    this.active = true;
    this.logger.info('Startup complete.');
  }

  /** Lets go of all groups, so that no request waits any more: they get NOT_COORDINATOR. Before the sockets drain. */
  resign(): void {
    this.active = false;
    for (const unsubscribe of this.subscriptions.splice(0)) unsubscribe();
    this.partitions.giveUpAll();
  }

  async shutdown(): Promise<void> {
    this.logger.info('Shutting down.');
    this.resign();
    await this.tasks.stop();
    this.logger.info('Shutdown complete.');
  }

  /** The partition of `__consumer_offsets` that a group belongs to; its leader is the group's coordinator. */
  partitionFor(groupId: string): number {
    return this.partitions.indexFor(groupId);
  }

  joinGroup(call: JoinGroupCall): JoinResult | Promise<JoinResult> {
    const unavailable = this.whyNot(call.groupId, 'may not be empty');
    if (unavailable !== null) return joinError(unavailable, call.memberId);
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.config;
    if (call.sessionTimeoutMs < minSessionTimeoutMs || call.sessionTimeoutMs > maxSessionTimeoutMs) {
      return joinError(Errors.INVALID_SESSION_TIMEOUT, call.memberId);
    }
    const group = call.memberId === '' ? this.groupOrNew(call.groupId) : this.partitions.group(call.groupId);
    if (group === null) return joinError(Errors.UNKNOWN_MEMBER_ID, call.memberId);
    const freshMemberId = call.memberId === '' ? this.newMemberId(call.instanceId ?? call.clientId) : '';
    return this.wait<JoinResult>((ticket) => {
      this.run(group, (step) => join(step, { ...call, ticket, freshMemberId }));
    });
  }

  syncGroup(call: SyncGroupCall): SyncResult | Promise<SyncResult> {
    const unavailable = this.whyNot(call.groupId, 'may not be empty');
    // What a rebalance had come to is lost by a move, so members must join again; old ones do not expect LOAD_IN_PROGRESS.
    if (unavailable === Errors.COORDINATOR_LOAD_IN_PROGRESS) return syncError(Errors.REBALANCE_IN_PROGRESS);
    if (unavailable !== null) return syncError(unavailable);
    const group = this.partitions.group(call.groupId);
    if (group === null) return syncError(Errors.UNKNOWN_MEMBER_ID);
    return this.wait<SyncResult>((ticket) => {
      this.run(group, (step) => sync(step, { ...call, ticket }));
    });
  }

  heartbeat(call: MemberCall): WireError {
    const unavailable = this.whyNot(call.groupId, 'may not be empty');
    // While the group is loading nobody can say that the member is unknown.
    if (unavailable === Errors.COORDINATOR_LOAD_IN_PROGRESS) return Errors.NONE;
    if (unavailable !== null) return unavailable;
    const group = this.partitions.group(call.groupId);
    return group === null ? Errors.UNKNOWN_MEMBER_ID : this.run(group, (step) => heartbeat(step, call));
  }

  /** The error of the whole request, and of each member in order when that is NONE. */
  leaveGroup(groupId: string, leaving: readonly LeavingMember[]): { error: WireError; members: WireError[] } {
    const unavailable = this.whyNot(groupId, 'may not be empty');
    if (unavailable !== null) return { error: unavailable, members: [] };
    const group = this.partitions.group(groupId);
    if (group === null) return { error: Errors.NONE, members: leaving.map(() => Errors.UNKNOWN_MEMBER_ID) };
    if (group.state.is('Dead')) return { error: Errors.COORDINATOR_NOT_AVAILABLE, members: [] };
    return { error: Errors.NONE, members: leaving.map((member) => this.run(group, (step) => leave(step, member))) };
  }

  /**
   * Commits offsets; they are visible, and the promise resolves, when their records are committed.
   * @returns an error for each offset, in order
   */
  async commitOffsets(call: MemberCall, offsets: readonly CommittedOffset[]): Promise<WireError[]> {
    const all = (error: WireError): WireError[] => offsets.map(() => error);
    const unavailable = this.whyNot(call.groupId, 'may be empty');
    if (unavailable !== null) return all(unavailable);
    // A generation below 0 means that the consumer manages its partitions itself: any group will do.
    const group = call.generation < 0 ? this.groupOrNew(call.groupId) : this.partitions.group(call.groupId);
    if (group === null) return all(Errors.ILLEGAL_GENERATION);
    const refusal = this.run(group, (step) => commit(step, call));
    if (refusal !== Errors.NONE) return all(refusal);
    const isTooLong = (offset: CommittedOffset): boolean =>
      offset.metadata.length > this.config.maxOffsetMetadataLength;
    const accepted = offsets.filter((offset) => !isTooLong(offset));
    if (accepted.length === 0) return all(Errors.OFFSET_METADATA_TOO_LARGE);
    const error = await this.storeOffsets(group, accepted);
    return offsets.map((offset) => (isTooLong(offset) ? Errors.OFFSET_METADATA_TOO_LARGE : error));
  }

  /**
   * Committed offsets, whatever state the group is in.
   * @param topicPartitions which ones; null for all that there are
   * @param requireStable offsets that a pending commit may replace get UNSTABLE_OFFSET_COMMIT (KIP-447)
   */
  fetchOffsets(
    groupId: string,
    topicPartitions: readonly TopicPartition[] | null,
    requireStable: boolean,
  ): { error: WireError; offsets: FetchedOffset[] } {
    const unavailable = this.whyNot(groupId, 'may be empty');
    if (unavailable !== null) return { error: unavailable, offsets: [] };
    const offsets = this.partitions.group(groupId)?.offsets ?? null;
    const asked = topicPartitions ?? [...(offsets?.all() ?? [])].map((offset) => offset.topicPartition);
    const answer = (topicPartition: TopicPartition): FetchedOffset => {
      if (requireStable && offsets?.hasPending(topicPartition)) {
        return { topicPartition, error: Errors.UNSTABLE_OFFSET_COMMIT, committed: null };
      }
      return { topicPartition, error: Errors.NONE, committed: offsets?.get(topicPartition) ?? null };
    };
    return { error: Errors.NONE, offsets: asked.map(answer) };
  }

  /**
   * The groups of this coordinator.
   * @param states only groups in these states, written in any case; empty for all
   * @param types only groups of these types; all of ours are `classic`
   */
  listGroups(states: readonly string[], types: readonly string[]): { error: WireError; groups: GroupOverview[] } {
    if (!this.active) return { error: Errors.COORDINATOR_NOT_AVAILABLE, groups: [] };
    const wanted = new Set(states.map((state) => state.toLowerCase()));
    const hasType = types.length === 0 || types.some((type) => type.toLowerCase() === 'classic');
    const groups = hasType ? [...this.partitions.groups()] : [];
    const matching = groups.filter((group) => wanted.size === 0 || wanted.has(group.state.name.toLowerCase()));
    const error = this.partitions.anyLoading ? Errors.COORDINATOR_LOAD_IN_PROGRESS : Errors.NONE;
    return { error, groups: matching.map((group) => overviewOf(group.state)) };
  }

  /** A group that does not exist is Dead. */
  describeGroup(groupId: string): { error: WireError; description: GroupDescription | null } {
    const unavailable = this.whyNot(groupId, 'may be empty');
    if (unavailable !== null) return { error: unavailable, description: null };
    return { error: Errors.NONE, description: describeGroup(this.partitions.group(groupId)?.state ?? null) };
  }

  /** Deletes a group that has no members, with its offsets. */
  async deleteGroup(groupId: string): Promise<WireError> {
    const unavailable = this.whyNot(groupId, 'may be empty');
    if (unavailable !== null) return unavailable;
    const group = this.partitions.group(groupId);
    if (group === null || group.state.is('Dead')) return Errors.GROUP_ID_NOT_FOUND;
    if (!group.state.is('Empty')) return Errors.NON_EMPTY_GROUP;
    this.run(group, die);
    const { size } = group.offsets;
    await this.cleanUp([group], (offsets) => offsets.removeAll());
    this.logger.info(`Group ${groupId} was deleted, with ${size} offsets`);
    return Errors.NONE;
  }

  /** Deletes single offsets of a group; not those of topics that its members read (KIP-496). */
  async deleteOffsets(
    groupId: string,
    topicPartitions: readonly TopicPartition[],
  ): Promise<{ error: WireError; partitions: PartitionError[] }> {
    const unavailable = this.whyNot(groupId, 'may not be empty');
    if (unavailable !== null) return { error: unavailable, partitions: [] };
    const group = this.partitions.group(groupId);
    if (group === null || group.state.is('Dead')) return { error: Errors.GROUP_ID_NOT_FOUND, partitions: [] };
    const { state } = group;
    if (!state.is('Empty') && !state.isConsumerGroup) return { error: Errors.NON_EMPTY_GROUP, partitions: [] };
    const isRead = ({ topic }: TopicPartition): boolean => !state.is('Empty') && state.mayBeSubscribedTo(topic);
    const partitions = topicPartitions.map((topicPartition) => ({
      topicPartition,
      error: isRead(topicPartition) ? Errors.GROUP_SUBSCRIBED_TO_TOPIC : Errors.NONE,
    }));
    const deletable = topicPartitions.filter((topicPartition) => !isRead(topicPartition));
    if (deletable.length > 0) {
      const count = await this.cleanUp([group], (offsets) => offsets.remove(deletable));
      this.logger.info(`${count} offsets of group ${groupId} were deleted`);
    }
    return { error: Errors.NONE, partitions };
  }

  /** A transaction that committed offsets has ended: its marker has been written to these partitions of the topic. */
  transactionEnded(producerId: number, partitions: readonly number[], wasCommitted: boolean): void {
    const ended = new Set(partitions);
    for (const group of this.partitions.groups()) {
      if (ended.has(this.partitionFor(group.id))) group.offsets.transactionEnded(producerId, wasCommitted);
    }
  }

  private whyNot(groupId: string, emptyId: EmptyIdRule): WireError | null {
    if (groupId === '' && emptyId === 'may not be empty') return Errors.INVALID_GROUP_ID;
    return this.active ? this.partitions.whyNot(groupId) : Errors.COORDINATOR_NOT_AVAILABLE;
  }

  /** The group, made as an empty one if need be. Only for partitions that are open. */
  private groupOrNew(groupId: string): Group | null {
    const partition = this.partitions.partitionOf(groupId);
    if (partition === null) return null;
    let group = partition.groups.get(groupId);
    if (!group) {
      group = new Group(groupId, new GroupState(groupId, this.nowMs()));
      partition.groups.set(groupId, group);
    }
    return group;
  }

  private async storeOffsets(group: Group, offsets: readonly CommittedOffset[]): Promise<WireError> {
    group.offsets.prepare(offsets);
    const { error, baseOffset } = await this.log.storeOffsets(this.partitionFor(group.id), group.id, offsets);
    // If the group has moved away meanwhile, this is an object that nobody asks any more.
    if (error !== Errors.NONE) group.offsets.failed(offsets);
    else group.offsets.appended(offsets, baseOffset);
    const help = 'Offsets committed to this group coordinator';
    if (error === Errors.NONE)
      this.options.metrics.add('kafka_server_group_coordinator_metrics_offset_commit_count', help);
    return error;
  }

  private async expireOffsets(): Promise<void> {
    const nowMs = this.nowMs();
    const retentionMs = BigInt(this.config.offsetsRetentionMs);
    const groups = [...this.partitions.groups()];
    let count = 0;
    for (let at = 0; at < groups.length; at += GROUPS_PER_TURN) {
      const some = groups.slice(at, at + GROUPS_PER_TURN);
      count += await this.cleanUp(some, (offsets, state) => offsets.removeExpired(state, nowMs, retentionMs));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (count > 0) this.logger.info(`${count} offsets have expired`);
  }

  private forgetPartitions(deleted: readonly TopicPartition[]): void {
    if (deleted.length === 0) return;
    void this.cleanUp([...this.partitions.groups()], (offsets) => offsets.remove(deleted)).then((count) => {
      if (count > 0) this.logger.info(`${count} offsets went with ${deleted.length} deleted partitions`);
    });
  }

  /**
   * Removes offsets and, when nothing is left, the groups themselves; all groups at once, then writes the tombstones.
   * @returns how many offsets were removed
   */
  private async cleanUp(
    groups: readonly Group[],
    select: (offsets: Group['offsets'], state: GroupState) => CommittedOffset[],
  ): Promise<number> {
    let count = 0;
    const burials: (() => Promise<void>)[] = [];
    for (const group of groups) {
      const { state, id } = group;
      const removed = select(group.offsets, state);
      if (state.is('Empty') && state.pendingMemberIds.size === 0 && group.offsets.isEmpty) this.run(group, die);
      const partition = this.partitions.partitionOf(id);
      const isGone = state.is('Dead') && partition?.groups.get(id) === group;
      if (isGone) partition?.groups.delete(id);
      count += removed.length;
      // In generation 0 the group never had members, and so has no record of its own.
      const hasRecord = isGone && state.generation > 0;
      if (removed.length === 0 && !hasRecord) continue;
      burials.push(() => this.log.bury(this.partitionFor(id), id, removed, hasRecord));
    }
    for (const bury of burials) await bury();
    return count;
  }

  /** One step over a group, and its effects. */
  private run<R>(group: Group, act: (step: Step) => R): R {
    const step = new Step(group.state, this.config, this.nowMs());
    const result = act(step);
    for (const effect of step.effects) this.perform(group, effect);
    return result;
  }

  /** A step that no request waits for: its failure must not take the broker down. */
  private runAside(group: Group, act: (step: Step) => void): void {
    try {
      this.run(group, act);
    } catch (error) {
      this.logger.error(`Group ${group.id} is in a state that should not be: ${group.state.name}`, error);
    }
  }

  private perform(group: Group, effect: Effect): void {
    switch (effect.kind) {
      case 'answer join':
      case 'answer sync':
        this.answer(effect.ticket, effect.result);
        break;
      case 'set timer': {
        const { timer } = effect;
        group.setTimer(this.clock, timer, effect.delayMs, () =>
          this.runAside(group, (step) => timerFired(step, timer)),
        );
        break;
      }
      case 'cancel timer':
        group.cancelTimer(effect.timer);
        break;
      case 'cancel all timers':
        group.cancelAllTimers();
        break;
      case 'store': {
        const { snapshot, purpose } = effect;
        void this.log.storeGroup(this.partitionFor(group.id), group.id, snapshot).then((error) => {
          this.runAside(group, (step) => stored(step, purpose, snapshot, error));
        });
        break;
      }
      case 'rebalance completed': {
        const help = 'Rebalances completed by this group coordinator';
        this.options.metrics.add('kafka_server_group_coordinator_metrics_group_completed_rebalance_count', help);
        break;
      }
      case 'log':
        this.logger[effect.level](effect.text);
        break;
    }
  }

  private wait<R>(begin: (ticket: Ticket) => void): Promise<R> {
    const ticket = ++this.lastTicket;
    return new Promise<R>((resolve, reject) => {
      this.waiting.set(ticket, resolve);
      try {
        begin(ticket);
      } catch (error) {
        this.waiting.delete(ticket);
        reject(error as Error);
      }
    });
  }

  private answer(ticket: Ticket, result: JoinResult | SyncResult): void {
    const resolve = this.waiting.get(ticket);
    this.waiting.delete(ticket);
    resolve?.(result as never);
  }

  private newMemberId(prefix: string): string {
    const hex = this.options.random.uuidBytes().toString('hex');
    const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    return `${prefix}-${uuid}`;
  }

  private nowMs(): bigint {
    return BigInt(this.clock.nowMs());
  }
}
