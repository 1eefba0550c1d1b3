/**
 * Opens a partition's directory (Kafka's LogLoader): finishes what a crash interrupted, checks what may be torn, and finds
 * the log's start and end.
 *
 * 1. Files of interrupted deletions go; segments that compaction was replacing are replaced, or the attempt is undone.
 * 2. Segments are found by their `.log` files; one without an offset index is recovered.
 * 3. Unless the log was closed properly, every segment that may hold unflushed batches is recovered: each batch's CRC is
 *    checked, the indexes are rebuilt; at the first batch that is not intact the log ends, later segments go.
 * 4. Leader epochs and producer state are brought to the log's start and end.
 *
 * It is written in steps, since checking gigabytes takes longer than anything else may have to wait.
 */
import { join } from 'node:path';
import type { Disk } from '../../runtime/disk';
import { finishInterruptedWork } from './interrupted-work';
import { LeaderEpochCache } from './leader-epoch-cache';
import { Log } from './log';
import type { LogConfig } from './log-config';
import type { LogEnvironment } from './log-environment';
import {
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  parseOffsetFileName,
  partitionDirectoryName,
  SNAPSHOT_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './log-files';
import { readPartitionMetadata } from './partition-metadata';
import { recallBatches } from './producer-recall';
import { rebuildProducerState } from './producer-rebuild';
import { ProducerState } from './producer-state';
import { Segment } from './segment';
import { SegmentList } from './segment-list';
import { recoverSegment } from './segment-recovery';
import type { Steps } from './steps';
import type { TopicPartition } from './types';

export interface LoadOptions {
  topicPartition: TopicPartition;
  /** The partition's directory; it exists. */
  dir: string;
  config: Readonly<LogConfig>;
  environment: LogEnvironment;
  /** The log directory has the marker of a clean shutdown. */
  cleanShutdown: boolean;
  /** From the checkpoints; 0 when they say nothing. */
  recoveryPoint: number;
  logStartOffset: number;
}

export function* loadLog(options: LoadOptions): Steps<Log> {
  const loader = new LogLoader(options);
  return yield* loader.load();
}

class LogLoader {
  private readonly disk: Disk;
  private readonly segments = new SegmentList();
  private readonly epochs: LeaderEpochCache;
  /** Of the files in the partition's directory. */
  private names: string[];

  constructor(private readonly options: LoadOptions) {
    this.disk = options.environment.pool.disk;
    this.epochs = LeaderEpochCache.load(this.disk, options.dir);
    this.names = this.listFiles();
  }

  *load(): Steps<Log> {
    const { dir, environment, topicPartition, config, cleanShutdown } = this.options;
    if (finishInterruptedWork(dir, this.names, environment.pool, environment.logger)) this.names = this.listFiles();
    const missingIndex = this.findSegments();
    for (const segment of missingIndex) {
      const text = `No offset index beside ${segment.log.filePath}; rebuilding it`;
      // After a crash that is how a segment looks whose index had not been written yet.
      if (cleanShutdown) environment.logger.error(text);
      else environment.logger.debug(text);
      yield* this.recover(segment);
    }
    if (!cleanShutdown) yield* this.recoverUnflushed(missingIndex);
    const logEndOffset = this.findEnd();
    const logStartOffset = Math.max(this.options.logStartOffset, this.segments.first.baseOffset);
    this.epochs.truncateFromEnd(logEndOffset);
    this.epochs.truncateFromStart(this.options.logStartOffset);
    const producers = this.producerState();
    producers.removeStraySnapshots(this.segments.baseOffsets);
    yield* rebuildProducerState(producers, this.segments, {
      logStartOffset,
      endOffset: logEndOffset,
      nowMs: environment.clock.nowMs(),
      afterCleanShutdown: cleanShutdown,
    });
    yield* recallBatches(producers, this.segments, environment.clock.nowMs());
    const log = new Log(topicPartition, dir, config, environment, {
      segments: this.segments,
      epochs: this.epochs,
      producers,
      logStartOffset,
      logEndOffset,
      recoveryPoint: cleanShutdown ? logEndOffset : Math.min(this.options.recoveryPoint, logEndOffset),
      topicId: readPartitionMetadata(this.disk, dir),
    });
    for (const segment of this.segments.all) segment.closeFiles();
    return log;
  }

  /** Lists the segments; returns those that have no offset index. */
  private findSegments(): Segment[] {
    const { dir, environment, config } = this.options;
    const files = this.names.map((name) => ({ name, parsed: parseOffsetFileName(name) }));
    const present = new Set(this.names);
    const bases: number[] = [];
    for (const { name, parsed } of files) {
      if (parsed?.suffix === LOG_SUFFIX) bases.push(parsed.offset);
      else if (parsed && parsed.suffix !== SNAPSHOT_SUFFIX && !present.has(offsetFileName(parsed.offset, LOG_SUFFIX))) {
        environment.logger.warn(`Found an index without a log, ${join(dir, name)}; removing it`);
        this.disk.removeFile(join(dir, name));
      }
    }
    const missingIndex: Segment[] = [];
    for (const baseOffset of bases.toSorted((a, b) => a - b)) {
      const sizes = this.fileSizes(baseOffset, present);
      const segment = new Segment(dir, baseOffset, environment, config, sizes);
      this.segments.add(segment);
      if (sizes.offsetIndexBytes === null) missingIndex.push(segment);
    }
    return missingIndex;
  }

  private fileSizes(
    baseOffset: number,
    present: ReadonlySet<string>,
  ): ConstructorParameters<typeof Segment>[4] & object {
    const stat = (suffix: string): { sizeBytes: number; modifiedMs: number } | null => {
      const name = offsetFileName(baseOffset, suffix);
      return present.has(name) ? this.disk.stat(join(this.options.dir, name)) : null;
    };
    const log = stat(LOG_SUFFIX);
    return {
      logBytes: log?.sizeBytes ?? 0,
      logModifiedMs: log?.modifiedMs ?? 0,
      offsetIndexBytes: stat(OFFSET_INDEX_SUFFIX)?.sizeBytes ?? null,
      timeIndexBytes: stat(TIME_INDEX_SUFFIX)?.sizeBytes ?? null,
      transactionIndexBytes: stat(TRANSACTION_INDEX_SUFFIX)?.sizeBytes ?? null,
    };
  }

  private *recoverUnflushed(recovered: readonly Segment[]): Steps<void> {
    const { logger } = this.options.environment;
    const unflushed = this.segments.between(this.options.recoveryPoint, Infinity);
    for (const [index, segment] of unflushed.entries()) {
      if (recovered.includes(segment)) continue;
      logger.info(
        `Recovering unflushed segment ${segment.baseOffset}. ${index}/${unflushed.length} recovered for ${this.name}.`,
      );
      if ((yield* this.recover(segment)) === 0) continue;
      logger.warn(
        `Corruption found in segment ${segment.baseOffset} of ${this.name}, truncating to offset ${segment.readNextOffset()}`,
      );
      this.removeSegments(unflushed.slice(index + 1));
      return;
    }
  }

  private get name(): string {
    return partitionDirectoryName(this.options.topicPartition);
  }

  /** Returns how many bytes were cut off. */
  private *recover(segment: Segment): Steps<number> {
    const { environment, logStartOffset } = this.options;
    const producers = this.producerState();
    const before = segment.sizeBytes;
    const earlier = new SegmentList();
    for (const other of this.segments.all) if (other.baseOffset < segment.baseOffset) earlier.add(other);
    if (earlier.count > 0 || producers.snapshotOffsets.length > 0) {
      yield* rebuildProducerState(producers, earlier, {
        logStartOffset,
        endOffset: segment.baseOffset,
        nowMs: environment.clock.nowMs(),
        afterCleanShutdown: false,
      });
    }
    const cutBytes = yield* recoverSegment(segment, producers, this.epochs, environment.logger);
    this.segments.sizeChanged(segment.sizeBytes - before);
    if (producers.takeSnapshot() !== null) this.names = this.listFiles();
    return cutBytes;
  }

  private producerState(): ProducerState {
    const { dir, environment } = this.options;
    return new ProducerState(this.name, this.disk, dir, environment.producerExpirationMs, this.names);
  }

  private listFiles(): string[] {
    return this.disk.list(this.options.dir).flatMap((entry) => (entry.isDirectory ? [] : [entry.name]));
  }

  /** The log's end; makes the log's first segment where there is none. */
  private findEnd(): number {
    const { dir, environment, config, logStartOffset } = this.options;
    if (this.segments.count > 0) {
      const logEndOffset = this.segments.active.readNextOffset();
      if (logEndOffset >= logStartOffset) return logEndOffset;
      environment.logger.warn(
        `Removing all segments of ${this.name}: they end at ${logEndOffset}, below the log start offset ${logStartOffset}`,
      );
      this.removeSegments([...this.segments.all]);
      this.epochs.clear();
    }
    this.segments.add(Segment.create(dir, logStartOffset, environment, config));
    return logStartOffset;
  }

  private removeSegments(segments: readonly Segment[]): void {
    const paths: string[] = [];
    for (const segment of segments) {
      paths.push(...segment.markDeleted());
      this.disk.removeFile(join(this.options.dir, offsetFileName(segment.baseOffset, SNAPSHOT_SUFFIX)));
    }
    this.segments.remove(segments);
    this.names = this.listFiles();
    this.options.environment.removeLater(paths, this.options.config.fileDeleteDelayMs);
  }
}
