/**
 * A stretch of a log: one `.log` file of record batches, and the indexes into it. All but the last segment of a log
 * never change, except by compaction and by being cut off.
 *
 * A segment owns its files and the sizes and timestamps it remembers of them. It knows nothing of the log around it.
 */
import { join } from 'node:path';
import { batch } from '../../protocol/records';
import type { Clock } from '../../runtime/clock';
import { BatchScanner } from './batch-scanner';
import { PooledFile, type FilePool } from './file-pool';
import type { LogConfig } from './log-config';
import {
  DELETED_SUFFIX,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './log-files';
import { OffsetIndex } from './offset-index';
import { TimeIndex, type TimeIndexEntry } from './time-index';
import { TransactionIndex } from './transaction-index';

/** Sizes of a segment's files as found in its directory; null for a file that is missing. */
export interface SegmentFileSizes {
  logBytes: number;
  logModifiedMs: number;
  offsetIndexBytes: number | null;
  timeIndexBytes: number | null;
  transactionIndexBytes: number | null;
}

export interface SegmentEnvironment {
  pool: FilePool;
  clock: Clock;
  /** Between 0 and 1; spreads the time-based rolls of segments that begin together. */
  random: () => number;
}

export class Segment {
  readonly log: PooledFile;
  readonly offsetIndex: OffsetIndex;
  readonly timeIndex: TimeIndex;
  readonly transactionIndex: TransactionIndex;
  sizeBytes: number;
  /** When the log file last changed, in milliseconds since the Unix epoch. */
  lastModifiedMs: number;
  private createdMs: number;
  private readonly rollJitterMs: number;
  private readonly indexIntervalBytes: number;
  private bytesSinceLastIndexEntry = 0;
  /** The first batch's maximum timestamp, from which the segment's age counts; null until it is known. */
  private firstBatchTimestamp: bigint | null = null;
  private maxTimestamp: TimeIndexEntry | null = null;

  /** @param sizes of the files that exist; null for a new segment */
  constructor(
    private readonly directory: string,
    readonly baseOffset: number,
    private readonly environment: SegmentEnvironment,
    config: Readonly<LogConfig>,
    sizes: SegmentFileSizes | null,
  ) {
    const file = (suffix: string): PooledFile => new PooledFile(environment.pool, this.pathOf(suffix));
    const indexBytes = config.segmentIndexBytes;
    this.log = file(LOG_SUFFIX);
    this.offsetIndex = new OffsetIndex(
      file(OFFSET_INDEX_SUFFIX),
      baseOffset,
      sizes?.offsetIndexBytes ?? null,
      indexBytes,
    );
    this.timeIndex = new TimeIndex(file(TIME_INDEX_SUFFIX), baseOffset, sizes?.timeIndexBytes ?? null, indexBytes);
    const abortedTransactions = TransactionIndex.entriesIn(sizes?.transactionIndexBytes ?? 0);
    this.transactionIndex = new TransactionIndex(file(TRANSACTION_INDEX_SUFFIX), abortedTransactions);
    this.sizeBytes = sizes?.logBytes ?? 0;
    this.createdMs = environment.clock.nowMs();
    this.lastModifiedMs = sizes?.logModifiedMs ?? this.createdMs;
    this.indexIntervalBytes = config.indexIntervalBytes;
    const jitterMs = Math.min(config.segmentJitterMs, config.segmentMs);
    this.rollJitterMs = jitterMs > 0 ? Math.floor(environment.random() * jitterMs) : 0;
  }

  /** A new, empty segment; its log file exists from now on. */
  static create(
    directory: string,
    baseOffset: number,
    environment: SegmentEnvironment,
    config: Readonly<LogConfig>,
  ): Segment {
    const segment = new Segment(directory, baseOffset, environment, config, null);
    // What an interrupted deletion may have left must not show through.
    const file = segment.log.use();
    if (file.sizeBytes() > 0) file.truncateSync(0);
    for (const suffix of [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]) {
      environment.pool.disk.removeFile(segment.pathOf(suffix));
    }
    return segment;
  }

  /** What rolls and lookups by time go by: the largest timestamp, and the last offset of the batch that has it. */
  get maxTimestampSoFar(): TimeIndexEntry {
    this.maxTimestamp ??= this.timeIndex.lastEntry;
    return this.maxTimestamp;
  }

  /** The largest timestamp of the segment's records, or of its file when they have none. Retention goes by this. */
  get largestTimestampMs(): number {
    const timestamp = this.maxTimestampSoFar.timestamp;
    return timestamp >= 0n ? Number(timestamp) : this.lastModifiedMs;
  }

  /**
   * Adds whole batches at the end.
   * @param lastOffset of the last record in `records`
   * @param maxTimestamp the largest timestamp in `records`, of the batch that ends at `offsetOfMaxTimestamp`
   */
  append(records: Buffer, lastOffset: number, maxTimestamp: bigint, offsetOfMaxTimestamp: number): void {
    const position = this.sizeBytes;
    if (position === 0) this.firstBatchTimestamp = maxTimestamp;
    this.write(records, position);
    this.sizeBytes += records.length;
    this.lastModifiedMs = this.environment.clock.nowMs();
    this.index(lastOffset, position, records.length, maxTimestamp, offsetOfMaxTimestamp);
  }

  /** A write that fails half-way (a full disk) leaves nothing of itself behind, if the disk still lets us. */
  private write(records: Buffer, position: number): void {
    try {
      this.log.use().writeSync(records, position);
    } catch (error) {
      try {
        this.log.use().truncateSync(position);
      } catch {
        // The first error says what is wrong; recovery cuts off what it left.
      }
      throw error;
    }
  }

  /** Kafka's rule: an entry for the append that finds more than the interval's bytes written since the last entry. */
  private index(offset: number, position: number, sizeBytes: number, timestamp: bigint, timestampOffset: number): void {
    if (timestamp > this.maxTimestampSoFar.timestamp) this.maxTimestamp = { timestamp, offset: timestampOffset };
    if (this.bytesSinceLastIndexEntry > this.indexIntervalBytes) {
      this.offsetIndex.append(offset, position);
      this.timeIndex.maybeAppend(this.maxTimestampSoFar.timestamp, this.maxTimestampSoFar.offset);
      this.bytesSinceLastIndexEntry = 0;
    }
    this.bytesSinceLastIndexEntry += sizeBytes;
  }

  /** Whether `sizeBytes` more, up to `lastOffset` and with this largest timestamp, belong into a new segment. */
  shouldRoll(config: Readonly<LogConfig>, sizeBytes: number, lastOffset: number, maxTimestamp: bigint): boolean {
    return (
      this.sizeBytes > config.segmentBytes - sizeBytes ||
      (this.sizeBytes > 0 && this.ageMs(maxTimestamp) > config.segmentMs - this.rollJitterMs) ||
      this.offsetIndex.isFull ||
      this.timeIndex.isFull ||
      !this.offsetIndex.canHold(lastOffset)
    );
  }

  /** By the records' own time when they have one, else by the clock. */
  private ageMs(maxTimestamp: bigint): number {
    if (this.firstBatchTimestamp === null && this.sizeBytes > 0) {
      const scanner = this.scan(0);
      if (scanner.next()) this.firstBatchTimestamp = batch.maxTimestamp(scanner.bytes, scanner.at);
    }
    const first = this.firstBatchTimestamp;
    if (first !== null && first >= 0n) return Number(maxTimestamp - first);
    return this.environment.clock.nowMs() - this.createdMs;
  }

  /** A walk over the batches from a position on. */
  scan(position: number, windowBytes?: number): BatchScanner {
    return new BatchScanner(this.log, position, this.sizeBytes, windowBytes);
  }

  /** The position of the first batch that ends at or above `offset`; null when there is none. */
  positionOf(offset: number): number | null {
    const scanner = this.scan(this.offsetIndex.lookup(offset));
    while (scanner.next()) {
      if (batch.lastOffset(scanner.bytes, scanner.at) >= offset) return scanner.position;
    }
    return null;
  }

  /** The offset after the last record, read from the file; the base offset when it is empty. */
  readNextOffset(): number {
    const scanner = this.scan(this.offsetIndex.lookup(this.offsetIndex.lastOffset));
    let nextOffset = this.baseOffset;
    while (scanner.next()) nextOffset = batch.nextOffset(scanner.bytes, scanner.at);
    return nextOffset;
  }

  /** Cuts off every batch that ends at or above `offset`; returns how many bytes went. */
  truncateTo(offset: number): number {
    const position = this.positionOf(offset);
    this.offsetIndex.truncateTo(offset);
    this.timeIndex.truncateTo(offset);
    this.transactionIndex.truncateTo(offset);
    const removedBytes = position === null ? 0 : this.sizeBytes - position;
    if (position !== null) this.cutLogTo(position);
    this.bytesSinceLastIndexEntry = 0;
    if (this.maxTimestampSoFar.timestamp >= 0n) this.maxTimestamp = this.readMaxTimestamp();
    return removedBytes;
  }

  private cutLogTo(position: number): void {
    this.log.use().truncateSync(position);
    this.sizeBytes = position;
    if (position > 0) return;
    this.createdMs = this.environment.clock.nowMs();
    this.firstBatchTimestamp = null;
  }

  /** The largest timestamp, from the last time index entry and the batches after it. */
  private readMaxTimestamp(): TimeIndexEntry {
    let largest = this.timeIndex.lastEntry;
    const scanner = this.scan(this.offsetIndex.lookup(largest.offset));
    while (scanner.next()) {
      const timestamp = batch.maxTimestamp(scanner.bytes, scanner.at);
      if (timestamp > largest.timestamp) {
        largest = { timestamp, offset: batch.lastOffset(scanner.bytes, scanner.at) };
      }
    }
    return largest;
  }

  /** Forgets both indexes, to rebuild them batch by batch with indexRecovered. */
  beginRecovery(): void {
    this.offsetIndex.reset();
    this.timeIndex.reset();
    this.transactionIndex.reset();
    this.maxTimestamp = { timestamp: -1n, offset: this.baseOffset };
    this.bytesSinceLastIndexEntry = 0;
  }

  /** Takes one batch that recovery found intact into the indexes. */
  indexRecovered(scanner: BatchScanner): void {
    const { bytes, at } = scanner;
    const offset = batch.lastOffset(bytes, at);
    this.index(offset, scanner.position, scanner.sizeBytes, batch.maxTimestamp(bytes, at), offset);
  }

  /** Ends recovery: cuts the log after its last intact batch and completes the indexes. */
  endRecovery(validBytes: number): void {
    if (validBytes < this.sizeBytes) this.cutLogTo(validBytes);
    this.becomeInactive();
  }

  /** Adds the final time index entry and writes what the indexes still hold in memory. */
  becomeInactive(): void {
    this.timeIndex.maybeAppend(this.maxTimestampSoFar.timestamp, this.maxTimestampSoFar.offset);
    this.offsetIndex.complete();
    this.timeIndex.complete();
  }

  /** Puts log and indexes on the device. */
  async sync(): Promise<void> {
    await this.log.sync();
    await this.offsetIndex.sync();
    await this.timeIndex.sync();
    await this.transactionIndex.sync();
  }

  syncSync(): void {
    this.log.use().syncSync();
    this.offsetIndex.syncSync();
    this.timeIndex.syncSync();
    this.transactionIndex.syncSync();
  }

  closeFiles(): void {
    this.log.close();
    this.offsetIndex.close();
    this.timeIndex.close();
    this.transactionIndex.close();
  }

  /** Renames the files so that they count as deleted; returns their new paths. Reads under way go on. */
  markDeleted(): string[] {
    const { disk } = this.environment.pool;
    const paths: string[] = [];
    for (const [suffix, file] of this.files()) {
      const path = this.pathOf(suffix);
      if (!disk.exists(path)) {
        file.deleted(path);
        continue;
      }
      disk.rename(path, path + DELETED_SUFFIX);
      file.deleted(path + DELETED_SUFFIX);
      paths.push(path + DELETED_SUFFIX);
    }
    return paths;
  }

  /** The partition's directory has a new name. */
  directoryRenamed(directory: string): void {
    for (const [suffix, file] of this.files()) file.renamed(join(directory, offsetFileName(this.baseOffset, suffix)));
  }

  private files(): [string, { renamed(path: string): void; deleted(path: string): void }][] {
    return [
      [LOG_SUFFIX, this.log],
      [OFFSET_INDEX_SUFFIX, this.offsetIndex],
      [TIME_INDEX_SUFFIX, this.timeIndex],
      [TRANSACTION_INDEX_SUFFIX, this.transactionIndex],
    ];
  }

  private pathOf(suffix: string): string {
    return join(this.directory, offsetFileName(this.baseOffset, suffix));
  }
}
