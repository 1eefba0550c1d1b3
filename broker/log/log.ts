/**
 * One partition's log: record batches in order of their offsets, in segments on disk (Kafka's UnifiedLog).
 *
 * The log owns its segments, leader epochs, producer state and memory tail, and these offsets:
 * `logStartOffset <= lastStableOffset <= highWatermark <= logEndOffset`. It has one writer. Appending is synchronous
 * (docs/decisions/0003-synchronous-appends.md): checks, offsets, the write into the page cache and the new log end are one
 * step that nothing can come between. Reading is synchronous from the tail, asynchronous from the files.
 *
 * Whoever replicates moves the high watermark, and tells waiting fetches of appends: the log does neither.
 */
import { dirname } from 'node:path';
import { batch } from '../../protocol/records';
import { KafkaError } from '../../protocol/errors';
import { isDiskError } from '../../runtime/disk';
import { outlineOf, UnexpectedAppendOffsetError, type AppendOutline } from './follower-append';
import type { LeaderEpochCache } from './leader-epoch-cache';
import { prepareLeaderBatch } from './leader-append';
import type { LogConfig } from './log-config';
import type { LogEnvironment } from './log-environment';
import { partitionDirectoryName } from './log-files';
import { readLog } from './log-fetch';
import { ReadPositions } from './log-reader';
import { truncateFully, truncateTo } from './log-truncation';
import { writePartitionMetadata } from './partition-metadata';
import type { ProducerEntry } from './producer-entry';
import type { ProducerState } from './producer-state';
import { deleteOldSegments } from './retention';
import { Segment } from './segment';
import type { SegmentList } from './segment-list';
import { runInTurns } from './steps';
import { LogTail } from './tail-cache';
import { fetchOffsetByTimestamp } from './timestamp-search';
import type {
  EpochEndOffset,
  FetchData,
  LeaderAppendOptions,
  LogAppendInfo,
  ReadOptions,
  TimestampOffset,
  TopicPartition,
} from './types';

/** What loading a partition's directory yields. */
export interface LogState {
  segments: SegmentList;
  epochs: LeaderEpochCache;
  producers: ProducerState;
  logStartOffset: number;
  logEndOffset: number;
  recoveryPoint: number;
  topicId: string | null;
}

export class Log {
  readonly name: string;
  /** The partition's directory. */
  dir: string;
  config: Readonly<LogConfig>;
  topicId: string | null;
  logStartOffset: number;
  /** Offset of the next record. */
  logEndOffset: number;
  /** First offset that is not known to be on the device. */
  recoveryPoint: number;
  lastFlushMs: number;

  // The parts of a log, for the other files of this folder only.
  readonly segments: SegmentList;
  readonly epochs: LeaderEpochCache;
  readonly producers: ProducerState;
  readonly tail: LogTail;
  readonly readPositions = new ReadPositions();
  /** Counts truncations, so that what waited for the disk sees that the log changed under it. */
  truncations = 0;

  private watermark: number;
  private unflushedRecords = 0;
  private flushing: Promise<void> | null = null;
  /** No more appends and reads: the log is closed, deleted, or its disk failed. */
  private unusable: string | null = null;

  constructor(
    readonly topicPartition: TopicPartition,
    dir: string,
    config: Readonly<LogConfig>,
    readonly environment: LogEnvironment,
    state: LogState,
  ) {
    this.name = partitionDirectoryName(topicPartition);
    this.dir = dir;
    this.config = config;
    this.topicId = state.topicId;
    this.segments = state.segments;
    this.epochs = state.epochs;
    this.producers = state.producers;
    this.logStartOffset = state.logStartOffset;
    this.logEndOffset = state.logEndOffset;
    this.recoveryPoint = state.recoveryPoint;
    this.watermark = state.logStartOffset;
    this.lastFlushMs = environment.clock.nowMs();
    this.tail = new LogTail(environment.tailCache);
  }

  // ---- what the log is -------------------------------------------------------------------------

  /** The log directory (one of log.dirs) that this log lives in. */
  get parentDir(): string {
    return dirname(this.dir);
  }

  get highWatermark(): number {
    return this.watermark;
  }

  /** First offset of a transaction that is undecided, or decided above the high watermark; null when there is none. */
  get firstUnstableOffset(): number | null {
    const first = this.producers.transactions.firstUnstableOffset;
    return first === null ? null : Math.max(first, this.logStartOffset);
  }

  /** How far read_committed consumers may read. */
  get lastStableOffset(): number {
    return Math.min(this.firstUnstableOffset ?? Infinity, this.watermark);
  }

  get sizeBytes(): number {
    return this.segments.sizeBytes;
  }

  get segmentCount(): number {
    return this.segments.count;
  }

  get activeSegmentBaseOffset(): number {
    return this.segments.active.baseOffset;
  }

  get firstSegmentBaseOffset(): number {
    return this.segments.first.baseOffset;
  }

  get latestEpoch(): number | null {
    return this.epochs.latestEpoch;
  }

  /** What is known of the producers of this partition (DescribeProducers). */
  get activeProducers(): ReadonlyMap<number, ProducerEntry> {
    return this.producers.entries;
  }

  hasOngoingTransaction(producerId: number): boolean {
    return (this.producers.entries.get(producerId)?.currentTransactionFirstOffset ?? -1) >= 0;
  }

  // ---- appending -------------------------------------------------------------------------------

  /**
   * Appends one batch, giving it the next offsets and the leader's epoch. Changes `records` in place, and may keep it
   * in memory: the caller must not change it afterwards.
   * @throws KafkaError: CORRUPT_MESSAGE, INVALID_RECORD and INVALID_TIMESTAMP (see RejectedRecordsError), MESSAGE_TOO_LARGE,
   *   RECORD_LIST_TOO_LARGE, UNSUPPORTED_FOR_MESSAGE_FORMAT, UNSUPPORTED_COMPRESSION_TYPE, OUT_OF_ORDER_SEQUENCE_NUMBER,
   *   INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, TRANSACTION_COORDINATOR_FENCED, KAFKA_STORAGE_ERROR
   */
  appendAsLeader(records: Buffer, leaderEpoch: number, options: LeaderAppendOptions = {}): LogAppendInfo {
    this.checkUsable();
    const origin = options.origin ?? 'client';
    const firstOffset = this.logEndOffset;
    const prepared = prepareLeaderBatch(records, this.config, {
      baseOffset: firstOffset,
      leaderEpoch,
      origin,
      nowMs: this.environment.clock.nowMs(),
      partitionName: this.name,
    });
    const { bytes, logAppendTimeMs } = prepared;
    this.checkFitsSegment(bytes.length);
    if (batch.hasProducerId(bytes)) {
      const duplicate = origin === 'client' ? this.producers.findDuplicate(bytes, 0) : null;
      if (duplicate) {
        return {
          firstOffset: duplicate.lastOffset - duplicate.offsetDelta,
          lastOffset: duplicate.lastOffset,
          maxTimestamp: duplicate.timestamp,
          logAppendTimeMs: duplicate.timestamp,
          logStartOffset: this.logStartOffset,
          duplicate: true,
        };
      }
      this.producers.check(bytes, 0, firstOffset, origin);
    }
    const lastOffset = batch.lastOffset(bytes);
    const maxTimestamp = batch.maxTimestamp(bytes);
    this.write(bytes, { firstOffset, lastOffset, maxTimestamp, offsetOfMaxTimestamp: lastOffset });
    return {
      firstOffset,
      lastOffset,
      maxTimestamp,
      logAppendTimeMs,
      logStartOffset: this.logStartOffset,
      duplicate: false,
    };
  }

  /**
   * Appends a leader's batches as they are. Keeps `records` as appendAsLeader does.
   * @throws RecordsError for damaged bytes; UnexpectedAppendOffsetError when they do not follow the log's end;
   *   KafkaError KAFKA_STORAGE_ERROR
   */
  appendAsFollower(records: Buffer): LogAppendInfo {
    this.checkUsable();
    const outline = outlineOf(records, this.name);
    if (outline.validBytes > 0 && outline.firstOffset < this.logEndOffset) {
      if (this.beginsInside(outline)) return this.appendFirstBatchOf(records, outline.firstOffset);
      throw new UnexpectedAppendOffsetError(
        outline.firstOffset,
        outline.lastOffset,
        `${this.name} ends at offset ${this.logEndOffset}; batches from offset ${outline.firstOffset} do not follow`,
      );
    }
    if (outline.validBytes <= this.config.segmentBytes) this.write(records.subarray(0, outline.validBytes), outline);
    else this.writeOneByOne(records.subarray(0, outline.validBytes));
    return {
      firstOffset: outline.firstOffset,
      lastOffset: outline.lastOffset,
      maxTimestamp: outline.maxTimestamp,
      logAppendTimeMs: -1n,
      logStartOffset: this.logStartOffset,
      duplicate: false,
    };
  }

  /** A leader's log may start inside of a batch, after records were deleted: an empty log has to take it whole. */
  private beginsInside(outline: AppendOutline): boolean {
    return this.logEndOffset === this.logStartOffset && outline.lastOffset >= this.logEndOffset;
  }

  private appendFirstBatchOf(records: Buffer, firstOffset: number): LogAppendInfo {
    this.truncateFullyAndStartAt(firstOffset, this.logStartOffset);
    const info = this.appendAsFollower(records);
    this.updateHighWatermark(this.watermark);
    return info;
  }

  private writeOneByOne(records: Buffer): void {
    for (let at = 0; at < records.length;) {
      const one = records.subarray(at, at + batch.batchSizeBytes(records, at));
      this.checkFitsSegment(one.length);
      const lastOffset = batch.lastOffset(one);
      const maxTimestamp = batch.maxTimestamp(one);
      const firstOffset = batch.baseOffset(one);
      this.write(one, { firstOffset, lastOffset, maxTimestamp, offsetOfMaxTimestamp: lastOffset });
      at += one.length;
    }
  }

  private checkFitsSegment(sizeBytes: number): void {
    if (sizeBytes <= this.config.segmentBytes) return;
    throw new KafkaError(
      'RECORD_LIST_TOO_LARGE',
      `An append of ${sizeBytes} bytes to ${this.name} exceeds segment.bytes (${this.config.segmentBytes})`,
    );
  }

  /** The step that nothing comes between: everything is checked, now it becomes part of the log. */
  private write(records: Buffer, outline: AppendOutline): void {
    if (records.length === 0) return;
    this.guard('appending', () => {
      for (let at = 0; at < records.length; at += batch.batchSizeBytes(records, at)) {
        const epoch = batch.partitionLeaderEpoch(records, at);
        if (epoch >= 0) this.epochs.assign(epoch, batch.baseOffset(records, at));
      }
      const { firstOffset, lastOffset, maxTimestamp, offsetOfMaxTimestamp } = outline;
      if (this.segments.active.shouldRoll(this.config, records.length, lastOffset, maxTimestamp))
        this.roll(firstOffset);
      const segment = this.segments.active;
      segment.append(records, lastOffset, maxTimestamp, offsetOfMaxTimestamp);
      this.segments.sizeChanged(records.length);
      this.tail.append(records, firstOffset, lastOffset + 1);
      this.unflushedRecords += lastOffset + 1 - this.logEndOffset;
      this.logEndOffset = lastOffset + 1;
      this.noteProducers(records, segment);
      if (this.unflushedRecords >= this.config.flushRecords) this.flushNow();
    });
  }

  private noteProducers(records: Buffer, segment: Segment): void {
    for (let at = 0; at < records.length; at += batch.batchSizeBytes(records, at)) {
      if (!batch.hasProducerId(records, at)) continue;
      const completed = this.producers.update(records, at);
      if (!completed) continue;
      const lastStableOffset = this.producers.transactions.lastStableOffsetAfter(completed);
      if (completed.aborted) segment.transactionIndex.append({ ...completed, lastStableOffset });
      this.producers.transactions.complete(completed);
    }
    this.producers.updateMapEndOffset(this.logEndOffset);
  }

  /** Begins a new segment; the old one goes to the device in the background. */
  roll(expectedNextOffset = 0): void {
    const baseOffset = Math.max(expectedNextOffset, this.logEndOffset);
    const old = this.segments.active;
    if (old.baseOffset === baseOffset) return;
    old.becomeInactive();
    this.segments.add(Segment.create(this.dir, baseOffset, this.environment, this.config));
    this.producers.updateMapEndOffset(baseOffset);
    this.producers.takeSnapshot();
    this.environment.logger.info(`Rolled new log segment at offset ${baseOffset}`);
    this.flush(baseOffset).catch(() => undefined);
  }

  /** Notes that `epoch` begins at `startOffset`: a leader does so when it is elected, before it appends. */
  assignEpochStart(epoch: number, startOffset: number): void {
    this.guard('writing the leader epochs', () => this.epochs.assign(epoch, startOffset));
  }

  // ---- offsets that others move ----------------------------------------------------------------

  /** Sets the high watermark, kept within the log. Returns what it is now. */
  updateHighWatermark(offset: number): number {
    this.watermark = Math.min(Math.max(offset, this.logStartOffset), this.logEndOffset);
    this.producers.transactions.forgetDecidedBelow(this.watermark);
    return this.watermark;
  }

  /** Raises the high watermark; returns whether it changed. */
  maybeIncrementHighWatermark(offset: number): boolean {
    const before = this.watermark;
    return offset > before && this.updateHighWatermark(offset) > before;
  }

  /**
   * Raises the log start offset; records below it are gone for readers at once, for the disk with their segments.
   * @returns whether it changed
   * @throws KafkaError OFFSET_OUT_OF_RANGE when `offset` lies above the high watermark
   */
  maybeIncrementLogStartOffset(offset: number): boolean {
    if (offset > this.watermark) {
      throw new KafkaError(
        'OFFSET_OUT_OF_RANGE',
        `The log start offset of ${this.name} cannot be raised to ${offset}, above the high watermark ${this.watermark}`,
      );
    }
    if (offset <= this.logStartOffset) return false;
    this.guard('raising the log start offset', () => {
      this.logStartOffset = offset;
      this.epochs.truncateFromStart(offset);
      this.producers.logStartOffsetIncremented(offset);
    });
    return true;
  }

  /** Where the largest epoch not above `epoch` ended; null when that is not known. */
  endOffsetForEpoch(epoch: number): EpochEndOffset | null {
    return this.epochs.endOffsetFor(epoch, this.logEndOffset);
  }

  /** The epoch of the record at `offset`; null when it is not known. */
  epochForOffset(offset: number): number | null {
    return this.epochs.epochFor(offset);
  }

  // ---- reading ---------------------------------------------------------------------------------

  /**
   * Reads whole batches from the one that holds `startOffset` on: at once when they are still in memory, otherwise by a
   * promise. After it the caller looks again whether it still leads or follows.
   * @throws KafkaError OFFSET_OUT_OF_RANGE below the log start or above the log end, KAFKA_STORAGE_ERROR
   */
  read(startOffset: number, maxBytes: number, options: ReadOptions): FetchData | Promise<FetchData> {
    return readLog(this, startOffset, maxBytes, options);
  }

  /**
   * The first record at or after a time, or what one of ListOffsets' special timestamps stands for: -1 the log's end, -2
   * and -4 its start, -3 the record with the largest timestamp, -5 nothing, since nothing is tiered.
   * @returns null when there is no such record
   */
  fetchOffsetByTimestamp(timestamp: bigint): Promise<TimestampOffset | null> {
    return this.guardAsync('looking up a timestamp', () =>
      runInTurns(fetchOffsetByTimestamp(this, timestamp), this.environment.clock),
    );
  }

  /** Bytes between two offsets when both lie in the newest segment and in memory, else null. */
  bytesBetween(fromOffset: number, toOffset: number): number | null {
    return fromOffset < this.activeSegmentBaseOffset ? null : this.tail.bytesBetween(fromOffset, toOffset);
  }

  // ---- cutting off -----------------------------------------------------------------------------

  /** Drops all records from `offset` on. Returns false when there were none. */
  truncateTo(offset: number): boolean {
    this.checkUsable();
    return this.guard('truncating', () => truncateTo(this, offset));
  }

  /** Drops all records; the next one gets `offset`. The log starts there, or at `logStartOffset`. */
  truncateFullyAndStartAt(offset: number, logStartOffset = offset): void {
    this.checkUsable();
    this.guard('truncating', () => truncateFully(this, offset, logStartOffset));
  }

  /** Everything from `offset` on is gone: for log-truncation.ts. */
  endAt(offset: number): void {
    this.truncations++;
    this.readPositions.clear();
    this.tail.truncateTo(offset);
    this.logEndOffset = offset;
    if (this.recoveryPoint <= offset) return;
    this.recoveryPoint = offset;
    this.environment.recoveryPointLowered(this);
  }

  /** Removes the segments that retention no longer keeps; returns how many. */
  deleteOldSegments(): number {
    this.checkUsable();
    return this.guard('deleting old segments', () => deleteOldSegments(this));
  }

  removeExpiredProducers(): void {
    this.producers.removeExpired(this.environment.clock.nowMs());
  }

  // ---- lifecycle -------------------------------------------------------------------------------

  updateConfig(config: Readonly<LogConfig>): void {
    this.config = config;
  }

  /** Writes partition.metadata. @throws Error when the log belongs to another topic id already */
  assignTopicId(topicId: string): void {
    if (this.topicId === topicId) return;
    if (this.topicId !== null) throw new Error(`${this.name} has topic id ${this.topicId}, not ${topicId}`);
    this.guard('writing partition.metadata', () =>
      writePartitionMetadata(this.environment.pool.disk, this.dir, topicId),
    );
    this.topicId = topicId;
  }

  /** Puts everything below `offset` on the device. */
  async flush(offset = this.logEndOffset): Promise<void> {
    while (this.flushing) await this.flushing;
    if (offset <= this.recoveryPoint || this.unusable !== null) return;
    this.flushing = this.guardAsync('flushing', () => this.sync(offset)).finally(() => (this.flushing = null));
    await this.flushing;
  }

  private async sync(offset: number): Promise<void> {
    const { truncations } = this;
    const endOffset = this.logEndOffset;
    for (const segment of this.segments.between(this.recoveryPoint, offset)) await this.syncSegment(segment);
    await this.environment.pool.disk.syncDirectory(this.dir);
    if (this.truncations === truncations) this.markFlushed(Math.min(offset, endOffset));
  }

  /** Retention or truncation may remove the segment before the device is done with it. */
  private async syncSegment(segment: Segment): Promise<void> {
    if (!this.segments.has(segment)) return;
    try {
      await segment.sync();
    } catch (error) {
      if (this.segments.has(segment)) throw error;
    }
  }

  /** As flush, while everything waits: flush.messages asks for it before the answer. */
  private flushNow(): void {
    for (const segment of this.segments.between(this.recoveryPoint, this.logEndOffset)) segment.syncSync();
    this.markFlushed(this.logEndOffset);
  }

  private markFlushed(offset: number): void {
    this.recoveryPoint = Math.max(this.recoveryPoint, offset);
    if (offset >= this.logEndOffset) this.unflushedRecords = 0;
    this.lastFlushMs = this.environment.clock.nowMs();
  }

  /** Flushes, writes a producer snapshot and closes all files: what a clean shutdown does. */
  async close(): Promise<void> {
    if (this.unusable !== null) return;
    await this.guardAsync('closing', async () => {
      this.producers.takeSnapshot();
      this.segments.active.becomeInactive();
      await this.flush();
    });
    this.closeFiles('closed');
  }

  /**
   * Ends all use of the log without writing anything.
   * @param reason why: for the errors of those who still try
   */
  closeFiles(reason: string): void {
    this.unusable ??= reason;
    this.truncations++;
    for (const segment of this.segments.all) segment.closeFiles();
    this.tail.clear();
  }

  /** Renames the partition's directory. The log's files stay open. */
  renameDirectory(directory: string): void {
    this.guard('renaming the directory', () => {
      this.environment.pool.disk.rename(this.dir, directory);
      this.dir = directory;
      for (const segment of this.segments.all) segment.directoryRenamed(directory);
      this.epochs.directoryRenamed(directory);
      this.producers.directoryRenamed(directory);
    });
  }

  // ---- failures --------------------------------------------------------------------------------

  checkUsable(): void {
    if (this.unusable !== null) throw this.unusableError();
  }

  get isUsable(): boolean {
    return this.unusable === null;
  }

  private unusableError(): KafkaError {
    return new KafkaError('KAFKA_STORAGE_ERROR', `The log of ${this.name} in ${this.parentDir} is ${this.unusable}`);
  }

  /** Does `act`; a failing disk takes the log directory offline. */
  private guard<T>(what: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.asStorageError(what, error);
    }
  }

  async guardAsync<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw this.asStorageError(what, error);
    }
  }

  /** What to throw for `error`: the disk's own errors become KAFKA_STORAGE_ERROR, others stay what they are. */
  private asStorageError(what: string, error: unknown): unknown {
    if (!isDiskError(error)) return error;
    if (this.unusable === null) {
      this.environment.storageFailed(
        this.parentDir,
        `Error while ${what} for ${this.name} in ${this.parentDir}`,
        error,
      );
      this.unusable ??= 'offline';
    }
    return this.unusableError();
  }
}
