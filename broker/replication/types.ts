/**
 * What the request handlers and the coordinators see of the replica manager. Coordinators append through it and learn
 * from it when this broker becomes or stops being the leader of their partitions.
 */
import type { TopicPartition, WireError } from '../../protocol';
import type { Log } from '../log';

export type AppendOrigin = 'client' | 'coordinator' | 'replication';

export interface AppendRequest {
  /** 0, 1, or -1 for all of the ISR */
  readonly requiredAcks: number;
  readonly timeoutMs: number;
  readonly origin: AppendOrigin;
  /** Only coordinators and clients with the id `__admin_client` may write to internal topics. */
  readonly internalTopicsAllowed: boolean;
  readonly entries: readonly { readonly topicPartition: TopicPartition; readonly records: Buffer }[];
}

export interface AppendResult {
  readonly topicPartition: TopicPartition;
  readonly error: WireError;
  /** Told to the client from Produce 8 on. */
  readonly errorMessage: string | null;
  readonly recordErrors: readonly { readonly batchIndex: number; readonly batchIndexErrorMessage: string | null }[];
  /** -1 on error */
  readonly baseOffset: number;
  /** -1n unless the topic uses LogAppendTime */
  readonly logAppendTimeMs: bigint;
  /** -1 on error */
  readonly logStartOffset: number;
  /** Offset after the last record appended; -1 on error. */
  readonly nextOffset: number;
}

export interface LeadershipChange {
  readonly topicPartition: TopicPartition;
  /** `none` when the replica was stopped or deleted. */
  readonly role: 'leader' | 'follower' | 'none';
  readonly leaderEpoch: number;
}

export interface ReplicaAppender {
  /**
   * Appends to partitions led by this broker. Results come in the order of the entries, for acks=-1 when the high
   * watermark has passed them or the time is up; a result is given at once, not as a promise, where nothing waits.
   */
  append(request: AppendRequest): AppendResult[] | Promise<AppendResult[]>;

  /** The log of a partition that this broker hosts, leader or not; null when it hosts none. */
  logOf(topicPartition: TopicPartition): Log | null;

  /** Leader epoch when this broker leads the partition, else null. */
  leaderEpochOf(topicPartition: TopicPartition): number | null;

  /** Calls `listener` after this broker's role for a partition has changed; returns a function that ends that. */
  onLeadershipChange(listener: (change: LeadershipChange) => void): () => void;
}
