/**
 * One of log.dirs: its lock, its marker of a clean shutdown, its checkpoints. It owns those files; the partitions'
 * directories in it belong to their logs.
 */
import { join } from 'node:path';
import type { Disk } from '../../runtime/disk';
import type { DirectoryLock } from '../../runtime/directory-lock';
import type { Logger } from '../../runtime/logger';
import type { Log } from './log';
import { partitionDirectoryName } from './log-files';
import {
  HIGH_WATERMARK_FILE,
  LOG_START_OFFSET_FILE,
  readCheckpoint,
  RECOVERY_POINT_FILE,
  writeCheckpoint,
  type CheckpointEntry,
} from './offset-checkpoint';
import type { TopicPartition } from './types';

export const LOCK_FILE = '.lock';
const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown';
/** What Kafka 3.9 writes in ZooKeeper mode; readers go by the file's existence. */
const CLEAN_SHUTDOWN_CONTENT = '{"version":0,"brokerEpoch":-1}';

export class LogDirectory {
  lock: DirectoryLock | null = null;
  /** How many logs live here; kept by the log manager. */
  logCount = 0;
  /** Whether the last run ended by closing every log; read by open(). */
  cleanShutdown = false;
  private recoveryPoints: Map<string, number> = new Map();
  private logStartOffsets: Map<string, number> = new Map();
  private highWatermarks: Map<string, number> = new Map();
  /** Checkpoints are written one after the other: two writers of one file would disturb each other. */
  private writing: Promise<void> = Promise.resolve();

  constructor(
    readonly path: string,
    private readonly disk: Disk,
    private readonly logger: Logger,
  ) {}

  /** Reads what the last run left, and takes its clean shutdown marker away: from now on a crash is possible. */
  open(): void {
    const marker = join(this.path, CLEAN_SHUTDOWN_FILE);
    this.cleanShutdown = this.disk.exists(marker);
    this.disk.removeFile(marker);
    this.recoveryPoints = this.readOrForget(RECOVERY_POINT_FILE);
    this.logStartOffsets = this.readOrForget(LOG_START_OFFSET_FILE);
    this.highWatermarks = this.readOrForget(HIGH_WATERMARK_FILE);
  }

  /** A checkpoint that makes no sense counts as empty: then more is recovered, and less taken as replicated. */
  private readOrForget(name: string): Map<string, number> {
    try {
      return readCheckpoint(this.disk, join(this.path, name));
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) throw error;
      this.logger.warn(`Cannot use ${name} of ${this.path}; it counts as empty`, error);
      return new Map();
    }
  }

  recoveryPoint(topicPartition: TopicPartition): number {
    return this.recoveryPoints.get(partitionDirectoryName(topicPartition)) ?? 0;
  }

  logStartOffset(topicPartition: TopicPartition): number {
    return this.logStartOffsets.get(partitionDirectoryName(topicPartition)) ?? 0;
  }

  highWatermark(topicPartition: TopicPartition): number | null {
    return this.highWatermarks.get(partitionDirectoryName(topicPartition)) ?? null;
  }

  /** A partition has left the directory: what the checkpoints say of it must not be taken for one of the same name. */
  forget(topicPartition: TopicPartition): void {
    const name = partitionDirectoryName(topicPartition);
    this.recoveryPoints.delete(name);
    this.logStartOffsets.delete(name);
    this.highWatermarks.delete(name);
  }

  writeRecoveryPoints(logs: readonly Log[]): Promise<void> {
    return this.write(RECOVERY_POINT_FILE, () => logs.map((log) => [log.topicPartition, log.recoveryPoint]));
  }

  /** Only where the log starts within its first segment: otherwise the segment's name says it. */
  writeLogStartOffsets(logs: readonly Log[]): Promise<void> {
    return this.write(LOG_START_OFFSET_FILE, () =>
      logs
        .filter((log) => log.logStartOffset > log.firstSegmentBaseOffset)
        .map((log) => [log.topicPartition, log.logStartOffset]),
    );
  }

  writeHighWatermarks(entries: () => CheckpointEntry[]): Promise<void> {
    return this.write(HIGH_WATERMARK_FILE, entries);
  }

  private write(name: string, entries: () => CheckpointEntry[]): Promise<void> {
    const write = (): Promise<void> => writeCheckpoint(this.disk, join(this.path, name), entries());
    const result = this.writing.then(write);
    this.writing = result.catch(() => undefined);
    return result;
  }

  /** Says that every log was closed: the next start needs no recovery. */
  async markCleanShutdown(): Promise<void> {
    await this.writing;
    await this.disk.replaceFileDurably(join(this.path, CLEAN_SHUTDOWN_FILE), CLEAN_SHUTDOWN_CONTENT);
  }

  release(): void {
    this.lock?.release();
    this.lock = null;
  }
}
