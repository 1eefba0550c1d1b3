/**
 * Copies the partitions that one broker leads (or one share of them) into this broker's logs, by one Fetch request after
 * the other (kafka.server.ReplicaFetcherThread). An error of one partition delays that partition only; an error of the
 * whole request delays all. Owns its partitions; the fetcher manager adds and removes them.
 *
 * The rules: batches are appended as they came; high watermark = min(leader's, own end); where the leader answers with a
 * diverging epoch the log is truncated first (reference: KIP-595); out of range: see truncation.ts.
 */
import { errorForCode, Errors, KafkaError, partitionKey, type TopicPartition } from '../../protocol';
import type { FetchResponse } from '../../protocol/apis';
import { batch, RecordsError, wholeBatchesBytes } from '../../protocol/records';
import type { Clock, TimerHandle } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { FollowedPartition, type FetchAssignment } from './followed-partition';
import { FollowerSession, type SessionRequest } from './follower-session';
import type { LeaderEndpoint } from './leader-endpoint';
import type { ReplicationQuota } from './replication-quota';
import { resetForOutOfRange, truncationForDivergence, type OffsetReset } from './truncation';

export interface FetcherSettings {
  readonly brokerId: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly responseMaxBytes: number;
  readonly partitionMaxBytes: number;
  readonly backoffMs: number;
}

export interface FetcherParts {
  readonly settings: FetcherSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leader: LeaderEndpoint;
  brokerEpoch(): number;
  /** Records or a higher high watermark have come in: requests may wait for them. */
  advanced(topicPartition: TopicPartition): void;
  /** Bytes that were copied, for the metrics and the quota. */
  fetched(topicPartition: TopicPartition, bytes: number): void;
  /** What this broker copies of throttled partitions. */
  readonly quota: Pick<ReplicationQuota, 'isThrottled' | 'isExceeded'>;
}

type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number];

const LATEST = -1n;
const EARLIEST = -2n;
const FIRST_RECONNECT_MS = 50;
const PATIENCE_MS = 20;
const HELD_BACK_MS = 200;
const NO_BYTES = Buffer.alloc(0);

/** Errors that usually pass within moments: both sides learn of a change at slightly different times. */
const TRANSIENT: ReadonlySet<number> = new Set(
  [
    Errors.UNKNOWN_TOPIC_ID,
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    Errors.NOT_LEADER_OR_FOLLOWER,
    Errors.UNKNOWN_LEADER_EPOCH,
    Errors.INCONSISTENT_TOPIC_ID,
  ].map((error) => error.code),
);

export class ReplicaFetcher {
  private readonly partitions = new Map<string, FollowedPartition>();
  private readonly changed = new Set<FollowedPartition>();
  private readonly delayed = new Set<FollowedPartition>();
  private readonly session: FollowerSession;
  private wakeUp: (() => void) | null = null;
  private failedRequests = 0;
  /** The request that is on its way. */
  private waitingFetch: SessionRequest | null = null;
  private hurrying: TimerHandle | null = null;
  private interrupted = false;

  constructor(
    readonly name: string,
    private readonly parts: FetcherParts,
    /** A partition that cannot go on before the next LeaderAndIsr. */
    private readonly onFailed: (partition: FollowedPartition) => void,
  ) {
    this.session = new FollowerSession(parts.settings.partitionMaxBytes);
  }

  get size(): number {
    return this.partitions.size;
  }

  get maxLag(): number {
    let max = 0;
    for (const partition of this.partitions.values()) max = Math.max(max, partition.lag ?? 0);
    return max;
  }

  add(assignment: FetchAssignment): void {
    const key = partitionKey(assignment.topicPartition);
    const current = this.partitions.get(key);
    if (current?.leaderEpoch === assignment.leaderEpoch) return;
    if (current) this.drop(current);
    const partition = new FollowedPartition(assignment);
    this.partitions.set(key, partition);
    this.changed.add(partition);
    this.wake();
    this.hurry();
  }

  /** Stops following: nothing is written to its log any more. */
  remove(topicPartition: TopicPartition): void {
    const partition = this.partitions.get(partitionKey(topicPartition));
    if (!partition) return;
    this.drop(partition);
    this.wake();
  }

  updateTopicId(topicPartition: TopicPartition, topicId: string): void {
    const partition = this.partitions.get(partitionKey(topicPartition));
    if (!partition) return;
    this.session.remove(partition);
    partition.topicId = topicId;
    this.changed.add(partition);
    this.wake();
  }

  /** Fetches until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => {
      this.hurrying?.cancel();
      this.parts.leader.close();
      this.wake();
    });
    while (!signal.aborted) {
      this.truncateToHighWatermark();
      const request = this.nextRequest();
      if (request === null) await this.pause();
      else await this.fetchOnce(request, signal);
    }
  }

  private nextRequest(): SessionRequest | null {
    const nowMs = this.parts.clock.monotonicMs();
    for (const partition of this.delayed) {
      if (partition.delayedUntilMs > nowMs) continue;
      partition.delayedUntilMs = 0;
      this.delayed.delete(partition);
      this.changed.add(partition);
    }
    if (this.parts.quota.isExceeded) this.holdBack(nowMs);
    const request = this.session.build(this.partitions.values(), this.changed);
    this.changed.clear();
    return request;
  }

  /** Throttled partitions that are not in sync wait until the quota allows more. */
  private holdBack(nowMs: number): void {
    for (const partition of this.partitions.values()) {
      const { topic, partition: index } = partition.topicPartition;
      const isInSync = partition.lag !== null && partition.lag <= 0;
      if (isInSync || !partition.isReady || !this.parts.quota.isThrottled(topic, index)) continue;
      partition.delayedUntilMs = nowMs + HELD_BACK_MS;
      this.delayed.add(partition);
      this.changed.add(partition);
    }
  }

  private async fetchOnce(request: SessionRequest, signal: AbortSignal): Promise<void> {
    const { settings, leader } = this.parts;
    const { version, ...session } = request;
    const replica = { replicaId: settings.brokerId, replicaEpoch: this.parts.brokerEpoch() };
    let response: FetchResponse;
    this.waitingFetch = request;
    this.interrupted = false;
    try {
      response = await leader.fetch(version, {
        ...(version >= 15 ? { replicaState: replica } : { replicaId: replica.replicaId }),
        maxWaitMs: settings.maxWaitMs,
        minBytes: settings.minBytes,
        maxBytes: settings.responseMaxBytes,
        isolationLevel: 0,
        ...session,
      });
    } catch (error) {
      this.session.restart(true);
      if (!signal.aborted && !this.interrupted) this.requestFailed(error as Error);
      return;
    } finally {
      this.waitingFetch = null;
    }
    if (!this.session.accept(response)) {
      this.parts.logger.info(`${this.name}: fetch session error ${errorForCode(response.errorCode).name}`);
      if (!isSessionError(response.errorCode)) this.delayAll();
      return;
    }
    this.failedRequests = 0;
    this.process(response);
  }

  private process(response: FetchResponse): void {
    for (const topic of response.responses) {
      for (const answer of topic.partitions) {
        const partition = this.session.partitionOf(topic.topic, topic.topicId, answer.partitionIndex);
        if (!partition?.isReady) continue;
        if (answer.errorCode === Errors.NONE.code) this.guarded(partition, () => this.takeOver(partition, answer));
        else this.partitionError(partition, answer.errorCode);
      }
    }
  }

  /** Runs a step that writes to the log; its failure concerns this partition only. */
  private guarded(partition: FollowedPartition, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.stepFailed(partition, error);
    }
  }

  private takeOver(partition: FollowedPartition, answer: PartitionAnswer): void {
    const { log } = partition;
    const { epoch, endOffset } = answer.divergingEpoch;
    if (epoch >= 0) {
      this.truncate(partition, { epoch, endOffset });
      return;
    }
    if (partition.fetchOffset !== log.logEndOffset) {
      throw new Error(
        `Offset mismatch for partition ${partition.name}: fetched offset = ${partition.fetchOffset}, log end offset = ${log.logEndOffset}.`,
      );
    }
    const records = wholeBatches(answer.records);
    if (records.length === 0) {
      this.tookOver(partition, answer, partition.fetchOffset, 0);
      return;
    }
    moveBackToBatchStart(partition, records, this.parts.logger);
    const { lastOffset } = log.appendAsFollower(records);
    this.tookOver(partition, answer, lastOffset + 1, records.length);
  }

  private tookOver(partition: FollowedPartition, answer: PartitionAnswer, nextOffset: number, bytes: number): void {
    const { log } = partition;
    const previousHighWatermark = log.highWatermark;
    const highWatermark = log.updateHighWatermark(Math.min(answer.highWatermark, log.logEndOffset));
    log.maybeIncrementLogStartOffset(answer.logStartOffset);
    partition.lag = Math.max(0, answer.highWatermark - nextOffset);
    partition.succeeded();
    if (bytes > 0) {
      partition.fetchFrom(nextOffset);
      this.parts.fetched(partition.topicPartition, bytes);
    }
    if (bytes > 0 || log.logStartOffset !== partition.sentLogStartOffset) this.changed.add(partition);
    if (highWatermark !== previousHighWatermark) this.parts.advanced(partition.topicPartition);
  }

  private truncate(partition: FollowedPartition, diverging: { epoch: number; endOffset: number }): void {
    const { log } = partition;
    const { offset, complete } = truncationForDivergence(log, diverging);
    this.parts.logger.info(
      `Truncating partition ${partition.name} to offset ${offset} (completed=${complete}) due to leader epoch ` +
        `${diverging.epoch} ending at offset ${diverging.endOffset}`,
    );
    this.cut(partition, offset);
  }

  private cut(partition: FollowedPartition, offset: number): void {
    const { log } = partition;
    if (offset < log.highWatermark) {
      this.parts.logger.warn(
        `Truncating ${partition.name} to offset ${offset} below high watermark ${log.highWatermark}`,
      );
    }
    log.truncateTo(offset);
    this.goOnFrom(partition, offset);
  }

  private goOnFrom(partition: FollowedPartition, offset: number): void {
    partition.fetchFrom(offset);
    this.changed.add(partition);
  }

  /** Logs without leader epochs, from before Kafka 0.11: nothing beyond the high watermark can be trusted. */
  private truncateToHighWatermark(): void {
    for (const partition of this.changed) {
      if (partition.phase !== 'truncating') continue;
      this.guarded(partition, () => {
        if (partition.log.logEndOffset > partition.fetchOffset) this.cut(partition, partition.fetchOffset);
        else this.goOnFrom(partition, partition.log.logEndOffset);
      });
    }
  }

  private partitionError(partition: FollowedPartition, code: number): void {
    const { logger } = this.parts;
    const error = errorForCode(code);
    if (error === Errors.OFFSET_OUT_OF_RANGE) {
      partition.phase = 'resetting';
      this.changed.add(partition);
      void this.resetOffset(partition);
    } else if (error === Errors.FENCED_LEADER_EPOCH) {
      logger.info(
        `Partition ${partition.name} has an older epoch (${partition.leaderEpoch}) than the current leader. Will await the ` +
          'new LeaderAndIsr state before resuming fetching.',
      );
      this.fail(partition);
    } else {
      const text = `Received ${error.name} from the leader for partition ${partition.name} at offset ${partition.fetchOffset}`;
      if (TRANSIENT.has(code)) logger.debug(text);
      else logger.error(text);
      this.delay(partition, TRANSIENT.has(code));
    }
  }

  private async resetOffset(partition: FollowedPartition): Promise<void> {
    const { leader, logger } = this.parts;
    const { topicPartition, leaderEpoch, log } = partition;
    try {
      const leaderEnd = await leader.offsetAt(LATEST, topicPartition, leaderEpoch);
      const leaderStart =
        leaderEnd < log.logEndOffset ? 0 : await leader.offsetAt(EARLIEST, topicPartition, leaderEpoch);
      if (!this.holds(partition)) return;
      const reset = resetForOutOfRange(log.logEndOffset, leaderStart, leaderEnd);
      logger.warn(
        `Reset fetch offset for partition ${partition.name} from ${log.logEndOffset} to ${reset.offset} (${reset.action})`,
      );
      this.guarded(partition, () => this.applyReset(partition, reset));
    } catch (error) {
      if (!this.holds(partition)) return;
      partition.phase = 'fetching';
      if (error instanceof KafkaError && error.error === Errors.FENCED_LEADER_EPOCH) this.fail(partition);
      else this.delay(partition, false);
    }
    this.wake();
  }

  private applyReset(partition: FollowedPartition, { action, offset }: OffsetReset): void {
    if (action === 'truncate') {
      this.cut(partition, offset);
      return;
    }
    if (action === 'start over') partition.log.truncateFullyAndStartAt(offset);
    this.goOnFrom(partition, offset);
  }

  private stepFailed(partition: FollowedPartition, error: unknown): void {
    if (!this.holds(partition)) return;
    const { logger } = this.parts;
    if (error instanceof RecordsError) {
      // Perhaps the leader's log was just being truncated: the next fetch will tell.
      logger.error(
        `Found invalid records during fetch for partition ${partition.name} offset ${partition.fetchOffset}`,
        error,
      );
      this.delay(partition, false);
      return;
    }
    logger.error(
      `Error while processing data for partition ${partition.name} at offset ${partition.fetchOffset}`,
      error,
    );
    this.fail(partition);
  }

  private fail(partition: FollowedPartition): void {
    this.drop(partition);
    this.parts.logger.warn(`Partition ${partition.name} marked as failed`);
    this.onFailed(partition);
  }

  private delay(partition: FollowedPartition, hopeful: boolean): void {
    if (partition.delayedUntilMs > 0) return;
    partition.delay(this.parts.clock.monotonicMs(), this.parts.settings.backoffMs, hopeful);
    this.delayed.add(partition);
    this.changed.add(partition);
  }

  private requestFailed(error: Error): void {
    const { settings, logger } = this.parts;
    if (this.failedRequests === 0) logger.warn(`${this.name}: error when fetching from the leader: ${error.message}`);
    const waitMs = Math.min(settings.backoffMs, FIRST_RECONNECT_MS * 2 ** Math.min(this.failedRequests, 16));
    this.failedRequests++;
    this.delayAll(waitMs);
  }

  private delayAll(waitMs = this.parts.settings.backoffMs): void {
    const untilMs = this.parts.clock.monotonicMs() + waitMs;
    for (const partition of this.partitions.values()) {
      if (partition.delayedUntilMs > 0) continue;
      partition.delayedUntilMs = untilMs;
      this.delayed.add(partition);
    }
  }

  private drop(partition: FollowedPartition): void {
    this.partitions.delete(partitionKey(partition.topicPartition));
    this.changed.delete(partition);
    this.delayed.delete(partition);
    this.session.remove(partition);
  }

  private holds(partition: FollowedPartition): boolean {
    return this.partitions.get(partitionKey(partition.topicPartition)) === partition;
  }

  private wake(): void {
    this.wakeUp?.();
  }

  /**
   * A new partition, perhaps after its leader died, must not wait until the leader has nothing to say about the others
   * for replica.fetch.wait.max.ms: a fetch that is still not answered after some moments is given up.
   */
  private hurry(): void {
    if (this.waitingFetch === null || this.hurrying !== null) return;
    const waiting = this.waitingFetch;
    this.hurrying = this.parts.clock.after(PATIENCE_MS, () => {
      this.hurrying = null;
      if (this.waitingFetch !== waiting) return;
      this.interrupted = true;
      this.parts.leader.interrupt();
    });
  }

  /** Waits until a partition is added, removed or no longer delayed. */
  private pause(): Promise<void> {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const partition of this.delayed) earliestMs = Math.min(earliestMs, partition.delayedUntilMs);
    return new Promise((resolve) => {
      const delayMs = earliestMs - this.parts.clock.monotonicMs();
      const timer = Number.isFinite(delayMs)
        ? this.parts.clock.after(Math.max(1, delayMs), () => this.wakeUp?.())
        : null;
      this.wakeUp = () => {
        this.wakeUp = null;
        timer?.cancel();
        resolve();
      };
    });
  }
}

/** A leader may cut its answer in the middle of the last batch; what is whole is taken. */
function wholeBatches(records: PartitionAnswer['records']): Buffer {
  if (records === null) return NO_BYTES;
  const whole = wholeBatchesBytes(records);
  return whole === records.length ? records : records.subarray(0, whole);
}

/** An empty log whose start lies inside the first batch (after DeleteRecords) is moved back to that batch's beginning. */
function moveBackToBatchStart(partition: FollowedPartition, records: Buffer, logger: Logger): void {
  const { log } = partition;
  const firstOffset = batch.baseOffset(records);
  const startsInside = firstOffset < log.logEndOffset && log.logEndOffset === log.logStartOffset;
  if (!startsInside || batch.lastOffset(records) < log.logEndOffset) return;
  logger.info(
    `Unexpected offset in append to ${partition.name}. First offset ${firstOffset} is less than log start offset ` +
      `${log.logStartOffset}. Since this is the first record to be appended to the follower's log, will start the log from offset ${firstOffset}.`,
  );
  log.truncateFullyAndStartAt(firstOffset);
}

function isSessionError(code: number): boolean {
  return code === Errors.FETCH_SESSION_ID_NOT_FOUND.code || code === Errors.INVALID_FETCH_SESSION_EPOCH.code;
}
