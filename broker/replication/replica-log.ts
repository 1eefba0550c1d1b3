/**
 * What replication needs of a log and of the log manager. The real ones are in broker/log/; unit tests may bring their
 * own. Reading gives either a value or, when it has to wait for the disk, a promise of it, so that whoever asks stays
 * synchronous when nothing waits. Writing never waits (docs/decisions/0003-synchronous-appends.md).
 */
import type { TopicPartition } from '../../protocol';
import type {
  EpochEndOffset,
  FetchData,
  LeaderAppendOptions,
  LogAppendInfo,
  LogConfig,
  ReadOptions,
  TimestampOffset,
} from '../log';

export type MaybePromise<T> = T | Promise<T>;

/** One replica's log on this broker. */
export interface ReplicaLog {
  readonly topicPartition: TopicPartition;
  /** From partition.metadata; null in a log that was made before topic ids. */
  readonly topicId: string | null;
  /** The log directory (an entry of log.dirs) that holds it. */
  readonly parentDir: string;
  readonly config: Readonly<LogConfig>;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  /** Newest epoch in the leader epoch cache; null when it is empty. */
  readonly latestEpoch: number | null;
  readonly sizeBytes: number;

  /** Notes down a topic id that the log did not know yet. */
  assignTopicId(topicId: string): void;

  /** KafkaError or RecordsError when the batches are refused. */
  appendAsLeader(records: Buffer, leaderEpoch: number, options?: LeaderAppendOptions): LogAppendInfo;

  /** Appends batches as they came from the leader; the first may not begin before the log's end. */
  appendAsFollower(records: Buffer): LogAppendInfo;

  /** KafkaError OFFSET_OUT_OF_RANGE when `offset` is outside [log start, log end]. */
  read(offset: number, maxBytes: number, options: ReadOptions): MaybePromise<FetchData>;

  /** Sets the high watermark, kept within [log start, log end]; returns what it became. */
  updateHighWatermark(offset: number): number;

  /** Raises the high watermark; returns whether it changed. */
  maybeIncrementHighWatermark(offset: number): boolean;

  /** Raises the log start offset, at most to the high watermark; OFFSET_OUT_OF_RANGE beyond it. */
  maybeIncrementLogStartOffset(offset: number): boolean;

  /** Where an epoch ends in this log (Kafka's endOffsetForEpoch); null when that is not known. */
  endOffsetForEpoch(epoch: number): EpochEndOffset | null;

  /** Adds (epoch, log end offset) to the leader epoch cache: done by a new leader before its first append. */
  assignEpochStart(epoch: number, startOffset: number): void;

  /** Drops everything from `offset` on; returns whether there was anything. */
  truncateTo(offset: number): boolean;

  /** Drops everything; the log then begins and ends at `offset`. */
  truncateFullyAndStartAt(offset: number): void;

  /** The special timestamps -2 to -5 of ListOffsets, or the first record at or after a time; null when there is none. */
  fetchOffsetByTimestamp(timestamp: bigint): Promise<TimestampOffset | null>;

  /** Bytes between two offsets when both lie in the newest segment, else null. */
  bytesBetween?(fromOffset: number, toOffset: number): number | null;
}

export interface CreateLogOptions {
  readonly topicId: string | null;
  /** The controller says that the partition was never written to: it may be created although a log directory is offline. */
  readonly isNew: boolean;
}

/** The log manager as replication uses it. */
export interface ReplicaLogs {
  get(topicPartition: TopicPartition): ReplicaLog | null;

  /** What the topic's logs, those to come included, are configured with besides the broker's defaults. */
  updateTopicConfig(topic: string, overrides: Readonly<Record<string, string>>): void;

  /** Calls `listener` after a log directory has failed and its logs were closed. */
  onLogDirFailure(listener: (failure: { readonly logDir: string }) => void): () => void;

  /** The log, created if it does not exist. KafkaError KAFKA_STORAGE_ERROR when no log directory can take it. */
  getOrCreate(topicPartition: TopicPartition, options: CreateLogOptions): MaybePromise<ReplicaLog>;

  /** Takes a log away at once; its files go after file.delete.delay.ms. Nothing happens when there is none. */
  delete(topicPartition: TopicPartition): MaybePromise<void>;

  /** What replication-offset-checkpoint of a log directory says about a partition; null when it says nothing. */
  checkpointedHighWatermark(parentDir: string, topicPartition: TopicPartition): number | null;

  /** Writes the replication-offset-checkpoint of each log directory. */
  writeHighWatermarks(logs: Iterable<ReplicaLog>): MaybePromise<void>;
}
