/**
 * The offsets that a group has committed. An offset is pending from the moment its record is appended until the record
 * is committed, and only then visible. Changed synchronously, by the coordinator only.
 *
 * Each offset remembers the log offset of its record: of two commits for a partition the one further back in the log
 * counts, however their acknowledgements, and the ends of transactions, are ordered (KAFKA-5600).
 */
import { partitionKey, type TopicPartition } from '../../protocol';
import type { GroupState } from './group-state';

/** What was committed for one partition. Replaced, never changed: its identity tells one commit from another. */
export interface CommittedOffset {
  readonly topicPartition: TopicPartition;
  readonly offset: number;
  /** -1 when the client gave none. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestampMs: bigint;
  /** Only from OffsetCommit 2 to 4, where the client chose the retention itself. */
  readonly expireTimestampMs: bigint | null;
}

/** A committed offset, and the log offset of the batch that holds its record. */
export interface AppendedOffset {
  readonly committed: CommittedOffset;
  readonly recordOffset: number;
}

interface PendingTransactionalOffset {
  readonly committed: CommittedOffset;
  /** Null until its record has been appended. */
  recordOffset: number | null;
}

export class GroupOffsets {
  /** By partitionKey, as all maps here. */
  private readonly offsets = new Map<string, AppendedOffset>();
  private readonly pending = new Map<string, CommittedOffset>();
  /** By producer id, then by partition: visible when their transaction is committed. */
  private readonly transactional = new Map<number, Map<string, PendingTransactionalOffset>>();

  get size(): number {
    return this.offsets.size;
  }

  /** Whether anything is committed or about to be. */
  get isEmpty(): boolean {
    return this.offsets.size === 0 && this.pending.size === 0 && this.transactional.size === 0;
  }

  get(topicPartition: TopicPartition): CommittedOffset | null {
    return this.offsets.get(partitionKey(topicPartition))?.committed ?? null;
  }

  *all(): Generator<CommittedOffset> {
    for (const { committed } of this.offsets.values()) yield committed;
  }

  /** Whether a newer offset than the visible one may turn up soon (KIP-447: such an offset is not stable). */
  hasPending(topicPartition: TopicPartition): boolean {
    const key = partitionKey(topicPartition);
    if (this.pending.has(key)) return true;
    for (const offsets of this.transactional.values()) if (offsets.has(key)) return true;
    return false;
  }

  /** Takes over what was read from the log. */
  load(offset: AppendedOffset): void {
    this.offsets.set(partitionKey(offset.committed.topicPartition), offset);
  }

  loadTransactional(producerId: number, offset: AppendedOffset): void {
    const key = partitionKey(offset.committed.topicPartition);
    this.transactionalOf(producerId).set(key, { ...offset });
  }

  /** Marks offsets as pending: their records are being appended. */
  prepare(offsets: readonly CommittedOffset[]): void {
    for (const offset of offsets) this.pending.set(partitionKey(offset.topicPartition), offset);
  }

  /** Records of pending offsets have been committed, in the batch at `recordOffset`. */
  appended(offsets: readonly CommittedOffset[], recordOffset: number): void {
    for (const committed of offsets) {
      const key = partitionKey(committed.topicPartition);
      const pending = this.pending.get(key);
      // Not pending any more: its topic has been deleted meanwhile.
      if (pending === undefined) continue;
      this.makeVisible(key, { committed, recordOffset });
      if (pending === committed) this.pending.delete(key);
    }
  }

  /** Records of pending offsets could not be appended. */
  failed(offsets: readonly CommittedOffset[]): void {
    for (const committed of offsets) {
      const key = partitionKey(committed.topicPartition);
      if (this.pending.get(key) === committed) this.pending.delete(key);
    }
  }

  /** A producer's transaction has ended: what it committed becomes visible, or is forgotten. */
  transactionEnded(producerId: number, wasCommitted: boolean): void {
    const offsets = this.transactional.get(producerId);
    this.transactional.delete(producerId);
    if (!offsets || !wasCommitted) return;
    for (const [key, { committed, recordOffset }] of offsets) {
      if (recordOffset !== null) this.makeVisible(key, { committed, recordOffset });
    }
  }

  /** Removes the given partitions' offsets; returns those that there were. */
  remove(topicPartitions: readonly TopicPartition[]): CommittedOffset[] {
    const removed: CommittedOffset[] = [];
    for (const topicPartition of topicPartitions) {
      const key = partitionKey(topicPartition);
      this.pending.delete(key);
      for (const [producerId, offsets] of this.transactional) {
        offsets.delete(key);
        if (offsets.size === 0) this.transactional.delete(producerId);
      }
      const offset = this.offsets.get(key);
      if (!offset) continue;
      this.offsets.delete(key);
      removed.push(offset.committed);
    }
    return removed;
  }

  removeAll(): CommittedOffset[] {
    return this.remove([...this.all()].map((offset) => offset.topicPartition));
  }

  /**
   * Removes what has expired (KIP-211): offsets of a group without members, counted from when its last member went;
   * in a stable consumer group offsets of topics that nobody reads any more, and of consumers without group
   * management all offsets, counted from their commit. Offsets with an expiry of their own follow that.
   */
  removeExpired(state: GroupState, nowMs: bigint, retentionMs: bigint): CommittedOffset[] {
    const baseOf = expiryBase(state);
    if (baseOf === null) return [];
    const expired: CommittedOffset[] = [];
    for (const [key, { committed }] of this.offsets) {
      if (this.pending.has(key)) continue;
      const base = baseOf(committed);
      if (base === null) continue;
      const { expireTimestampMs } = committed;
      const isExpired = expireTimestampMs === null ? nowMs - base >= retentionMs : nowMs >= expireTimestampMs;
      if (isExpired) expired.push(committed);
    }
    for (const { topicPartition } of expired) this.offsets.delete(partitionKey(topicPartition));
    return expired;
  }

  private makeVisible(key: string, offset: AppendedOffset): void {
    const present = this.offsets.get(key);
    if (!present || present.recordOffset < offset.recordOffset) this.offsets.set(key, offset);
  }

  private transactionalOf(producerId: number): Map<string, PendingTransactionalOffset> {
    let offsets = this.transactional.get(producerId);
    if (!offsets) {
      offsets = new Map();
      this.transactional.set(producerId, offsets);
    }
    return offsets;
  }
}

/** From when an offset's retention counts, null where it does not expire; null for groups of which nothing expires. */
function expiryBase(state: GroupState): ((offset: CommittedOffset) => bigint | null) | null {
  if (state.protocolType === null) return (offset) => offset.commitTimestampMs;
  if (state.is('Empty')) return (offset) => state.stateSinceMs ?? offset.commitTimestampMs;
  const { subscribedTopics } = state;
  if (!state.isConsumerGroup || !state.is('Stable') || subscribedTopics === null) return null;
  return ({ topicPartition, commitTimestampMs }) =>
    subscribedTopics.has(topicPartition.topic) ? null : commitTimestampMs;
}
