/** A partition that this broker follows, as its fetcher sees it. Owned by the fetcher that holds it. */
import type { TopicPartition } from '../../protocol';
import type { ReplicaLog } from './replica-log';

export interface FetchAssignment {
  readonly topicPartition: TopicPartition;
  readonly topicId: string | null;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly log: ReplicaLog;
}

/**
 * - fetching: part of the next request unless it is delayed
 * - truncating: the log has no leader epochs, so it is cut at its high watermark first
 * - resetting: the leader is being asked where its log begins and ends
 */
export type FollowerPhase = 'fetching' | 'truncating' | 'resetting';

const FIRST_RETRY_MS = 25;

export class FollowedPartition {
  readonly topicPartition: TopicPartition;
  readonly log: ReplicaLog;
  readonly leaderEpoch: number;
  topicId: string | null;
  phase: FollowerPhase;
  fetchOffset: number;
  /** Epoch of the last record in the log, -1 when there is none. */
  lastFetchedEpoch: number;
  /** Records between our end and the leader's high watermark; null before the first answer. */
  lag: number | null = null;
  /** Monotonic milliseconds before which it is left alone; 0 when it is not delayed. */
  delayedUntilMs = 0;
  /** Log start offset that the leader was told last. */
  sentLogStartOffset = -1;
  /** The fetch session on the leader holds it. */
  inSession = false;
  private failures = 0;

  constructor(assignment: FetchAssignment) {
    const { log } = assignment;
    this.topicPartition = assignment.topicPartition;
    this.topicId = assignment.topicId;
    this.leaderEpoch = assignment.leaderEpoch;
    this.log = log;
    const hasEpochs = log.latestEpoch !== null;
    this.phase = hasEpochs ? 'fetching' : 'truncating';
    this.fetchOffset = hasEpochs ? log.logEndOffset : log.highWatermark;
    this.lastFetchedEpoch = log.latestEpoch ?? -1;
  }

  get name(): string {
    return `${this.topicPartition.topic}-${this.topicPartition.partition}`;
  }

  get isReady(): boolean {
    return this.phase === 'fetching' && this.delayedUntilMs === 0;
  }

  /** Goes on fetching at `offset`. */
  fetchFrom(offset: number): void {
    this.fetchOffset = offset;
    this.lastFetchedEpoch = this.log.latestEpoch ?? -1;
    this.phase = 'fetching';
  }

  /**
   * Leaves the partition alone for a while.
   * @param hopeful the error is likely to pass soon, as right after a topic's creation: the first waits are short
   */
  delay(nowMs: number, backoffMs: number, hopeful: boolean): void {
    const waitMs = hopeful ? Math.min(backoffMs, FIRST_RETRY_MS * 2 ** Math.min(this.failures, 16)) : backoffMs;
    this.failures++;
    this.delayedUntilMs = nowMs + waitMs;
  }

  succeeded(): void {
    this.failures = 0;
  }
}
