/**
 * One replica of a partition on this broker, with what its leader needs: assignment, ISR, followers, high watermark
 * (kafka.cluster.Partition). All state changes are synchronous; who calls has checked the epochs that concern it. The
 * log is given from outside, so nothing in here waits for a disk or for ZooKeeper.
 *
 * none ──makeLeader──▶ leader ◀──makeLeader / makeFollower──▶ follower ──close──▶ none
 *
 * Owns: role and epochs, ISR state, follower states, and the lists of requests that wait for this partition.
 */
import { Errors, KafkaError, ZERO_UUID, type TopicPartition, type WireError } from '../../protocol';
import type { LeaderAndIsrRequest } from '../../protocol/apis';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { IsrDecision, IsrProposal } from '../cluster/cluster-change';
import type { LogAppendInfo } from '../log';
import type { FetchEntry } from './fetch-entry';
import { FollowerState } from './follower-state';
import {
  committedIsr,
  effectiveIsr,
  maximalIsr,
  proposeExpand,
  proposeShrink,
  stepIsr,
  type IsrState,
  type PendingIsr,
} from './isr-state';
import { WatchList } from './purgatory';
import type { RecordTraces } from './record-trace';
import type { ReplicaLog } from './replica-log';
import type { AppendOrigin } from './types';

export type LeaderAndIsrPartition = LeaderAndIsrRequest['ungroupedPartitionStates'][number];

/** What a partition needs of its surroundings. */
export interface PartitionEnvironment {
  readonly brokerId: number;
  readonly replicaLagTimeMaxMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the metadata cache lists the broker as live. */
  isAlive(brokerId: number): boolean;
  alterPartition(proposal: IsrProposal): Promise<IsrDecision>;
  readonly traces?: RecordTraces;
}

const NO_EPOCH = -1;
const ISR_RETRY_MS = 50;
const RECOVERED = 0;

export class Partition {
  /** Produce requests that wait for the high watermark. */
  readonly produceWaiters = new WatchList();
  /** Fetches that wait for records, and for whatever else changes their answer. */
  readonly fetchWaiters = new WatchList();
  /** DeleteRecords requests that wait for the low watermark. */
  readonly deleteWaiters = new WatchList();
  /** Partitions of fetch sessions that want to know when there may be something new. */
  readonly sessionEntries = new Set<FetchEntry>();

  private hostedLog: ReplicaLog | null = null;
  private leader: number | null = null;
  private epoch = NO_EPOCH;
  private version = 0;
  private epochStartOffset: number | null = null;
  private isrState: IsrState = committedIsr([]);
  private assignedReplicas: readonly number[] = [];
  private adding: readonly number[] = [];
  private removing: readonly number[] = [];
  private readonly followers = new Map<number, FollowerState>();
  private knownTopicId: string | null = null;
  private wokenHighWatermark = -1;

  constructor(
    readonly topicPartition: TopicPartition,
    private readonly env: PartitionEnvironment,
  ) {}

  /** Null before the first LeaderAndIsr was applied, and after the replica was deleted or its directory failed. */
  get log(): ReplicaLog | null {
    return this.hostedLog;
  }

  get leaderId(): number | null {
    return this.leader;
  }

  /** -1 before the first LeaderAndIsr. */
  get leaderEpoch(): number {
    return this.epoch;
  }

  /** Version of the partition's state znode. */
  get partitionEpoch(): number {
    return this.version;
  }

  get isLeader(): boolean {
    return this.leader === this.env.brokerId;
  }

  get topicId(): string | null {
    return this.knownTopicId ?? this.hostedLog?.topicId ?? null;
  }

  get isr(): readonly number[] {
    return effectiveIsr(this.isrState);
  }

  get isIsrPending(): boolean {
    return this.isrState.kind === 'pending';
  }

  get replicas(): readonly number[] {
    return this.assignedReplicas;
  }

  get followerStates(): Iterable<FollowerState> {
    return this.followers.values();
  }

  follower(brokerId: number): FollowerState | null {
    return this.followers.get(brokerId) ?? null;
  }

  /** Whether a reassignment is adding this broker to the replicas. */
  isAddingReplica(brokerId: number): boolean {
    return this.adding.includes(brokerId);
  }

  get isReassigning(): boolean {
    return this.adding.length > 0 || this.removing.length > 0;
  }

  get isUnderReplicated(): boolean {
    return this.isLeader && this.isr.length < this.assignedReplicas.length;
  }

  get isUnderMinIsr(): boolean {
    const log = this.leaderLog;
    return log !== null && this.isr.length < this.effectiveMinIsr(log);
  }

  get isAtMinIsr(): boolean {
    const log = this.leaderLog;
    return log !== null && this.isr.length === this.effectiveMinIsr(log);
  }

  /** The log if this broker leads, else null. */
  get leaderLog(): ReplicaLog | null {
    return this.isLeader ? this.hostedLog : null;
  }

  /** The topic id of a request fits: either side may not know one. */
  acceptsTopicId(topicId: string): boolean {
    const own = this.topicId;
    return topicId === ZERO_UUID || own === null || own === topicId;
  }

  assignTopicId(topicId: string): void {
    this.knownTopicId = topicId;
    if (this.hostedLog && this.hostedLog.topicId === null) this.hostedLog.assignTopicId(topicId);
  }

  /**
   * Becomes leader, or takes over a new epoch, ISR or assignment as leader.
   * @returns whether this broker was not the leader before
   */
  makeLeader(state: LeaderAndIsrPartition, log: ReplicaLog): boolean {
    if (state.partitionEpoch < this.version) {
      this.skipped('become-leader', state);
      return false;
    }
    const isNewLeader = !this.isLeader;
    const isNewEpoch = state.leaderEpoch > this.epoch;
    this.assign(state);
    this.keepFollowers(state.replicas.filter((id) => id !== this.env.brokerId));
    this.isrState = committedIsr(state.isr);
    this.hostedLog = log;
    if (isNewEpoch) this.beginEpoch(state, log, isNewLeader);
    this.version = state.partitionEpoch;
    this.leader = this.env.brokerId;
    // The ISR may consist of this broker alone by now.
    if (this.advanceHighWatermark()) this.wake();
    return isNewLeader;
  }

  /**
   * Becomes follower, or takes over a new epoch or leader as follower.
   * @returns whether the leader epoch is new, so that fetching has to start over
   */
  makeFollower(state: LeaderAndIsrPartition, log: ReplicaLog): boolean {
    if (state.partitionEpoch < this.version) {
      this.skipped('become-follower', state);
      return false;
    }
    const isNewEpoch = state.leaderEpoch > this.epoch;
    const previous = { leader: this.leader, epoch: this.epoch };
    this.leader = state.leader;
    this.epoch = state.leaderEpoch;
    this.epochStartOffset = null;
    this.version = state.partitionEpoch;
    this.assign(state);
    this.followers.clear();
    this.isrState = committedIsr([]);
    this.hostedLog = log;
    if (isNewEpoch) {
      this.env.logger.info(
        `Follower ${this.name} starts at leader epoch ${this.epoch} from offset ${log.logEndOffset} with partition ` +
          `epoch ${this.version} and high watermark ${log.highWatermark}. Current leader is ${state.leader}. ` +
          `Previous leader ${optional(previous.leader)} and previous leader epoch was ${previous.epoch}.`,
      );
    }
    return isNewEpoch;
  }

  /** Keeps the log although the partition has no role yet, so that its high watermark is checkpointed. */
  adoptLog(log: ReplicaLog): void {
    this.hostedLog ??= log;
  }

  /** Gives up role and log: the replica is deleted, or its log directory has failed. Whoever waits is answered. */
  close(): void {
    this.followers.clear();
    this.assignedReplicas = [];
    this.adding = [];
    this.removing = [];
    this.hostedLog = null;
    this.isrState = committedIsr([]);
    this.leader = null;
    this.epochStartOffset = null;
    this.wakeAll();
  }

  /**
   * Appends to the log as its leader, and advances the high watermark as far as the followers allow.
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, or what the log refuses
   */
  append(records: Buffer, origin: AppendOrigin, requiredAcks: number): LogAppendInfo {
    const log = this.leaderLog;
    if (log === null) throw new KafkaError('NOT_LEADER_OR_FOLLOWER');
    if (requiredAcks === -1 && this.isr.length < this.effectiveMinIsr(log)) {
      throw new KafkaError(
        'NOT_ENOUGH_REPLICAS',
        `The size of the current ISR ${this.isr.join(',')} is insufficient to satisfy the min.isr requirement of ` +
          `${this.effectiveMinIsr(log)} for partition ${this.name}`,
      );
    }
    const appended = log.appendAsLeader(records, this.epoch, { origin });
    this.env.traces?.appended(this.topicPartition, appended.lastOffset, this.epoch);
    this.advanceHighWatermark();
    return appended;
  }

  /** Checks the requests that wait for this partition, after appends or a higher high watermark. */
  wake(): void {
    const highWatermark = this.hostedLog?.highWatermark ?? -1;
    if (highWatermark !== this.wokenHighWatermark) {
      this.wokenHighWatermark = highWatermark;
      this.produceWaiters.check();
      this.deleteWaiters.check();
    }
    this.fetchWaiters.check();
    for (const entry of this.sessionEntries) entry.changed();
  }

  /** Checks all that wait, because the role has changed. */
  wakeAll(): void {
    this.produceWaiters.check();
    this.fetchWaiters.check();
    this.deleteWaiters.check();
    for (const entry of this.sessionEntries) entry.changed();
  }

  /** What holds a fetch or a look-up back: an epoch that is not this replica's, or a role that cannot serve it. */
  accessError(currentLeaderEpoch: number, onlyLeader: boolean): WireError | null {
    if (currentLeaderEpoch !== NO_EPOCH) {
      if (currentLeaderEpoch < this.epoch) return Errors.FENCED_LEADER_EPOCH;
      if (currentLeaderEpoch > this.epoch) return Errors.UNKNOWN_LEADER_EPOCH;
    }
    if (this.hostedLog === null || (onlyLeader && !this.isLeader)) return Errors.NOT_LEADER_OR_FOLLOWER;
    return null;
  }

  /** The log for a request; KafkaError when `accessError` has something against it. */
  accessibleLog(currentLeaderEpoch: number, onlyLeader: boolean): ReplicaLog {
    const error = this.accessError(currentLeaderEpoch, onlyLeader);
    if (error !== null) throw new KafkaError(error);
    return this.hostedLog as ReplicaLog;
  }

  /**
   * Records a follower's fetch: everything before `fetchOffset` is in its log. May expand the ISR and raise the high
   * watermark.
   * @param leaderEndOffset this log's end when the fetch was read, before anything appended since
   */
  recordFollowerFetch(
    follower: FollowerState,
    fetchOffset: number,
    logStartOffset: number,
    leaderEndOffset: number,
  ): void {
    const previousEndOffset = follower.logEndOffset;
    const watched = this.deleteWaiters.size > 0;
    const previousLowWatermark = watched ? this.lowWatermark() : 0;
    const nowMs = this.env.clock.monotonicMs();
    follower.recordFetch(fetchOffset, logStartOffset, leaderEndOffset, nowMs);
    this.env.traces?.replicated(this.topicPartition, follower.brokerId, fetchOffset);
    this.maybeExpandIsr(follower);
    const raised = previousEndOffset !== follower.logEndOffset && this.advanceHighWatermark();
    if (raised) this.wake();
    else if (watched && this.lowWatermark() > previousLowWatermark) this.deleteWaiters.check();
  }

  /** Proposes an ISR without the followers that have not kept up for replica.lag.time.max.ms. */
  maybeShrinkIsr(): void {
    const log = this.leaderLog;
    if (log === null || this.isrState.kind === 'pending') return;
    const outOfSync = this.outOfSyncFollowers(log.logEndOffset);
    if (outOfSync.length === 0) return;
    const proposal = proposeShrink(this.isrState, outOfSync);
    const behind = outOfSync.map(
      (id) => `(brokerId: ${id}, endOffset: ${this.follower(id)?.logEndOffset ?? 'unknown'})`,
    );
    this.env.logger.info(
      `[Partition ${this.name} broker=${this.env.brokerId}] Shrinking ISR from ${this.isr.join(',')} to ` +
        `${proposal.proposed.join(',')}. Leader: (highWatermark: ${log.highWatermark}, endOffset: ${log.logEndOffset}). ` +
        `Out of sync replicas: ${behind.join(' ')}.`,
    );
    this.propose(proposal);
  }

  /** Whether a write up to `requiredOffset` is acknowledged by all of the ISR; null while it is not. */
  acknowledgement(requiredOffset: number): WireError | null {
    const log = this.leaderLog;
    if (log === null) return Errors.NOT_LEADER_OR_FOLLOWER;
    if (log.highWatermark < requiredOffset) return null;
    const enough = this.effectiveMinIsr(log) <= maximalIsr(this.isrState).length;
    return enough ? Errors.NONE : Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND;
  }

  /** The lowest log start offset among the live replicas; to be asked of a leader only. */
  lowWatermark(): number {
    let lowest = this.hostedLog?.logStartOffset ?? -1;
    for (const follower of this.followers.values()) {
      if (follower.logStartOffset < lowest && this.env.isAlive(follower.brokerId)) lowest = follower.logStartOffset;
    }
    return lowest;
  }

  /** Start of this leader epoch; null unless this broker leads. */
  get leaderEpochStartOffset(): number | null {
    return this.epochStartOffset;
  }

  private get name(): string {
    return `${this.topicPartition.topic}-${this.topicPartition.partition}`;
  }

  /** min.insync.replicas, but not more than there are replicas. */
  private effectiveMinIsr(log: ReplicaLog): number {
    return Math.min(log.config.minInsyncReplicas, this.followers.size + 1);
  }

  private assign(state: LeaderAndIsrPartition): void {
    this.assignedReplicas = state.replicas;
    this.adding = state.addingReplicas;
    this.removing = state.removingReplicas;
  }

  private keepFollowers(brokerIds: readonly number[]): void {
    for (const id of this.followers.keys()) if (!brokerIds.includes(id)) this.followers.delete(id);
    for (const id of brokerIds) if (!this.followers.has(id)) this.followers.set(id, new FollowerState(id));
  }

  private beginEpoch(state: LeaderAndIsrPartition, log: ReplicaLog, isNewLeader: boolean): void {
    const startOffset = log.logEndOffset;
    this.env.logger.info(
      `Leader ${this.name} with topic id ${optional(this.topicId)} starts at leader epoch ${state.leaderEpoch} from ` +
        `offset ${startOffset} with partition epoch ${state.partitionEpoch}, high watermark ${log.highWatermark}, ` +
        `ISR [${state.isr.join(',')}], adding replicas [${state.addingReplicas.join(',')}] and removing replicas ` +
        `[${state.removingReplicas.join(',')}] ${state.isr.length < this.effectiveMinIsr(log) ? '(under-min-isr)' : ''}. ` +
        `Previous leader ${optional(this.leader)} and previous leader epoch was ${this.epoch}.`,
    );
    // Known even if nothing is ever written in this epoch: followers with records of a later, lost epoch must be able
    // to find out where to truncate.
    log.assignEpochStart(state.leaderEpoch, startOffset);
    const nowMs = this.env.clock.monotonicMs();
    for (const follower of this.followers.values()) {
      follower.reset(state.isr.includes(follower.brokerId), isNewLeader, startOffset, nowMs);
    }
    this.epoch = state.leaderEpoch;
    this.epochStartOffset = startOffset;
  }

  /** Raises the high watermark to what all replicas that count have. @returns whether it rose */
  private advanceHighWatermark(): boolean {
    const log = this.leaderLog;
    if (log === null || this.isr.length < this.effectiveMinIsr(log)) return false;
    const endOffset = log.logEndOffset;
    let highWatermark = endOffset;
    const waitFor = maximalIsr(this.isrState);
    for (const follower of this.followers.values()) {
      if (follower.logEndOffset >= highWatermark) continue;
      if (waitFor.includes(follower.brokerId) || this.mayJoinSoon(follower, endOffset)) {
        highWatermark = follower.logEndOffset;
      }
    }
    if (!log.maybeIncrementHighWatermark(highWatermark)) return false;
    this.env.traces?.committed(this.topicPartition, highWatermark);
    return true;
  }

  /** A follower that keeps up is waited for although it is not in the ISR yet, or it could never get in. */
  private mayJoinSoon(follower: FollowerState, leaderEndOffset: number): boolean {
    const { clock, replicaLagTimeMaxMs } = this.env;
    if (!follower.isCaughtUp(leaderEndOffset, clock.monotonicMs(), replicaLagTimeMaxMs)) return false;
    return this.env.isAlive(follower.brokerId);
  }

  private maybeExpandIsr(follower: FollowerState): void {
    const { isrState } = this;
    if (isrState.kind === 'pending' || isrState.isr.includes(follower.brokerId)) return;
    const log = this.leaderLog;
    if (log === null || this.epochStartOffset === null || !this.env.isAlive(follower.brokerId)) return;
    if (follower.logEndOffset < log.highWatermark || follower.logEndOffset < this.epochStartOffset) return;
    this.propose(proposeExpand(isrState, follower.brokerId));
  }

  private outOfSyncFollowers(leaderEndOffset: number): number[] {
    const nowMs = this.env.clock.monotonicMs();
    return this.isr.filter((id) => {
      if (id === this.env.brokerId) return false;
      const follower = this.followers.get(id);
      return !follower?.isCaughtUp(leaderEndOffset, nowMs, this.env.replicaLagTimeMaxMs);
    });
  }

  private propose(proposal: PendingIsr): void {
    this.isrState = proposal;
    this.submit(proposal);
  }

  private submit(proposal: PendingIsr): void {
    const answer = this.env.alterPartition({
      topicPartition: this.topicPartition,
      topicId: this.topicId ?? ZERO_UUID,
      leaderEpoch: this.epoch,
      partitionEpoch: this.version,
      newIsr: proposal.proposed,
      leaderRecoveryState: RECOVERED,
    });
    answer.then(
      (decision) => this.decided(proposal, decision),
      (error: unknown) => this.decided(proposal, { accepted: false, error: Errors.UNKNOWN_SERVER_ERROR }, error),
    );
  }

  private decided(proposal: PendingIsr, decision: IsrDecision, cause?: unknown): void {
    const step = stepIsr(this.isrState, proposal, decision, { leaderEpoch: this.epoch, partitionEpoch: this.version });
    const { logger } = this.env;
    switch (step.action) {
      case 'commit':
        this.isrState = step.state;
        this.version = step.partitionEpoch;
        logger.info(
          `[Partition ${this.name} broker=${this.env.brokerId}] ISR updated to ${this.isr.join(',')} ` +
            `${this.isUnderMinIsr ? '(under-min-isr)' : ''} and version updated to ${this.version}`,
        );
        if (this.advanceHighWatermark()) this.wake();
        return;
      case 'revert':
        this.isrState = step.state;
        logger.info(
          `Failed to alter ${this.name}: the controller rejected the request. ISR is ${this.isr.join(',')} again.`,
        );
        return;
      case 'retry':
        logger.warn(`Failed to update the ISR of ${this.name} to ${proposal.proposed.join(',')}. Retrying.`, cause);
        this.env.clock.after(ISR_RETRY_MS, () => {
          if (this.isrState === proposal) this.submit(proposal);
        });
        return;
      case 'wait':
      case 'ignore':
        logger.debug(`The controller's answer about the ISR of ${this.name} changes nothing here.`);
    }
  }

  private skipped(change: string, state: LeaderAndIsrPartition): void {
    this.env.logger.info(
      `Skipped the ${change} state change for ${this.name} with partition epoch ${state.partitionEpoch} since the ` +
        `partition is already at a newer partition epoch ${this.version}.`,
    );
  }
}

/** An optional value as Kafka's log lines show it. */
function optional(value: string | number | null): string {
  return value === null ? 'None' : `Some(${value})`;
}
