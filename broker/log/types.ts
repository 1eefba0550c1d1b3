/** What a log takes and gives: shared by the log and those who call it. */

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Who wrote a batch; decides which checks an append as leader makes (Kafka's AppendOrigin). */
export type AppendOrigin = 'client' | 'coordinator' | 'replication';

export interface LeaderAppendOptions {
  /** `client` when left out. */
  origin?: AppendOrigin;
}

/** What became of an append. */
export interface LogAppendInfo {
  /** Offset of the first record; for a duplicate, the one it got when it was appended first. */
  firstOffset: number;
  /** Offset of the last record. */
  lastOffset: number;
  /** Largest timestamp of all records appended. */
  maxTimestamp: bigint;
  /** The time the log stamped on the records, or -1 when they keep their producer's. */
  logAppendTimeMs: bigint;
  logStartOffset: number;
  /** An idempotent producer sent this batch before; nothing was written. */
  duplicate: boolean;
}

/** One record of a refused batch, for ProduceResponse.RecordErrors (KIP-467). */
export interface RecordErrorDetail {
  batchIndex: number;
  message: string | null;
}

/** How far a read may go. */
export type FetchIsolation = 'log_end' | 'high_watermark' | 'last_stable';

export interface ReadOptions {
  isolation: FetchIsolation;
  /** Return the first batch even if it alone is larger than `maxBytes`. */
  minOneBatch: boolean;
}

export interface AbortedTransaction {
  producerId: number;
  firstOffset: number;
}

/** The answer to a read. */
export interface FetchData {
  /** Whole batches in order of offset; the first may begin before the offset asked for. */
  records: Buffer[];
  /** Bytes in `records`. */
  sizeBytes: number;
  /** These four are as of the moment of the call, not of the moment at which the disk answered. */
  logStartOffset: number;
  logEndOffset: number;
  highWatermark: number;
  lastStableOffset: number;
  /** For isolation last_stable: the aborted transactions that overlap what was read; otherwise null. */
  abortedTransactions: AbortedTransaction[] | null;
}

/** A position in time, as ListOffsets answers it. */
export interface TimestampOffset {
  /** -1 where no timestamp belongs to the answer. */
  timestamp: bigint;
  offset: number;
  leaderEpoch: number | null;
}

export interface EpochEndOffset {
  epoch: number;
  endOffset: number;
}
