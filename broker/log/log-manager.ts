/**
 * All logs of a broker (Kafka's LogManager): finds and opens them at start, creates and deletes them, and does what is
 * periodic: retention, flushing, checkpoints. There are no timers per partition.
 *
 * It owns the log directories and the table of logs. A log directory whose disk fails goes offline: its logs are closed
 * and leave the table, its lock is released, and whoever listens is told. The broker goes on with the others.
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { KafkaError } from '../../protocol/errors';
import { prepareZstd } from '../../protocol/records';
import type { Clock } from '../../runtime/clock';
import { lockDirectory } from '../../runtime/directory-lock';
import { type Disk, isDiskError, systemDisk } from '../../runtime/disk';
import type { Logger } from '../../runtime/logger';
import type { Metrics } from '../../runtime/metrics';
import { systemRandom, type Random } from '../../runtime/random';
import { TaskGroup } from '../../runtime/task-group';
import { FilePool } from './file-pool';
import type { Log } from './log';
import { LONG_MAX, withTopicOverrides, type LogConfig } from './log-config';
import { LOCK_FILE, LogDirectory } from './log-directory';
import type { LogEnvironment } from './log-environment';
import { deletedDirectoryName, parsePartitionDirectory, partitionDirectoryName } from './log-files';
import { loadLog } from './log-loader';
import { defaultLogManagerSettings, type LogManagerSettings } from './log-manager-settings';
import { readMetaProperties, writeMetaProperties, type StoredIdentity } from './meta-properties';
import { runInTurns, runNow, type Steps } from './steps';
import { TailCache } from './tail-cache';
import type { TopicPartition } from './types';

type TopicConfigs = ReadonlyMap<string, Readonly<Record<string, string>>>;

export interface LogManagerOptions {
  /** log.dirs; made when missing. */
  logDirs: readonly string[];
  clock: Clock;
  logger: Logger;
  /** Configuration of topics that have none of their own; Kafka's defaults are in defaultLogConfig. */
  defaults: Readonly<LogConfig>;
  /** Overrides of topics that have some. */
  topicConfigs?: TopicConfigs;
  settings?: Partial<LogManagerSettings>;
  /** Written into the meta.properties of directories that have none; left out where that is not wanted. */
  brokerId?: number;
  clusterId?: string;
  disk?: Disk;
  random?: Random;
  metrics?: Metrics;
  /** False only where directories are not shared with other processes by their nature, as in a simulation. */
  lock?: boolean;
}

export interface CreateLogOptions {
  topicId?: string | null;
  /** The partition is new in the cluster: it may be created though a log directory is offline, which could hold it. */
  isNew?: boolean;
  config?: Readonly<LogConfig>;
}

export interface LogDirectoryFailure {
  logDir: string;
  /** The partitions that were in it. */
  topicPartitions: TopicPartition[];
  /** Log directories that still work; without any, a broker cannot go on. */
  liveLogDirs: readonly string[];
}

export class LogManager {
  private readonly logs = new Map<string, Log>();
  private readonly live = new Map<string, LogDirectory>();
  private readonly offline = new Set<string>();
  private readonly offlinePartitions = new Set<string>();
  private readonly topicConfigs = new Map<string, Readonly<Record<string, string>>>();
  private readonly failureListeners = new Set<(failure: LogDirectoryFailure) => void>();
  private readonly tasks: TaskGroup;
  private readonly disk: Disk;
  private readonly settings: LogManagerSettings;
  private readonly environment: LogEnvironment;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private defaults: Readonly<LogConfig>;
  private closed = false;

  private constructor(private readonly options: LogManagerOptions) {
    this.disk = options.disk ?? systemDisk;
    this.settings = { ...defaultLogManagerSettings, ...options.settings };
    this.clock = options.clock;
    this.logger = options.logger.for('kafka.log.LogManager');
    this.defaults = options.defaults;
    for (const [topic, overrides] of options.topicConfigs ?? []) this.topicConfigs.set(topic, overrides);
    this.tasks = new TaskGroup('LogManager', this.clock, this.logger);
    const random = options.random ?? systemRandom;
    this.environment = {
      pool: new FilePool(this.disk, this.settings.maxOpenFiles),
      clock: this.clock,
      random: () => random.below(1_000_000) / 1_000_000,
      logger: options.logger.for('kafka.log.UnifiedLog'),
      tailCache: new TailCache(this.settings.tailCacheBytes),
      producerExpirationMs: this.settings.producerExpirationMs,
      storageFailed: (logDir, text, cause) => this.fail(logDir, text, cause),
      removeLater: (paths, delayMs) => this.removeLater(paths, delayMs),
      recoveryPointLowered: (log) => this.checkpointSoon(log),
    };
  }

  /** What the log directories remember of who wrote them; directories that remember nothing are left out. */
  static readIdentities(logDirs: readonly string[], disk: Disk = systemDisk): StoredIdentity[] {
    return logDirs.flatMap((logDir) => readMetaProperties(disk, resolve(logDir)) ?? []);
  }

  /**
   * Locks the directories, opens every log in them (recovering what a crash may have torn) and starts the periodic work.
   * @throws DirectoryLockedError when another broker uses one of the directories; Error when a directory holds what is
   *   not a log, when two hold the same partition, or when none of them can be used
   */
  static async load(options: LogManagerOptions): Promise<LogManager> {
    const manager = new LogManager(options);
    try {
      await manager.openDirectories();
      await manager.loadLogs();
    } catch (error) {
      await manager.shutdown({ clean: false });
      throw error;
    }
    manager.startTasks();
    if (options.metrics) manager.registerMetrics(options.metrics);
    return manager;
  }

  private registerMetrics(metrics: Metrics): void {
    const prefix = 'kafka_log_logmanager';
    metrics.gauge(`${prefix}_offlinelogdirectorycount`, 'Log directories that have failed', () => this.offline.size);
    metrics.gauge('gregor_log_tail_cache_bytes', 'Newest bytes of all logs kept in memory', () => this.tailCacheBytes);
    metrics.gauge('gregor_log_open_files', 'Open files of segments', () => this.openFiles);
  }

  // ---- the table of logs -----------------------------------------------------------------------

  get defaultConfig(): Readonly<LogConfig> {
    return this.defaults;
  }

  get(topicPartition: TopicPartition): Log | null {
    return this.logs.get(partitionDirectoryName(topicPartition)) ?? null;
  }

  allLogs(): Log[] {
    return [...this.logs.values()];
  }

  get liveLogDirs(): readonly string[] {
    return [...this.live.keys()];
  }

  get offlineLogDirs(): readonly string[] {
    return [...this.offline];
  }

  /** The log directory of a partition; null when this broker has no such log. */
  logDirOf(topicPartition: TopicPartition): string | null {
    return this.get(topicPartition)?.parentDir ?? null;
  }

  /** Whether the partition's log was in a directory that has failed since the start. */
  isOffline(topicPartition: TopicPartition): boolean {
    return this.offlinePartitions.has(partitionDirectoryName(topicPartition));
  }

  /** Bytes that the memory tails of all logs hold. */
  get tailCacheBytes(): number {
    return this.environment.tailCache.heldBytes;
  }

  get openFiles(): number {
    return this.environment.pool.openFiles;
  }

  /**
   * The partition's log, made when there is none: in the live directory that has the fewest logs.
   * @throws KafkaError KAFKA_STORAGE_ERROR when it may be in a directory that is offline, or cannot be made
   */
  getOrCreate(topicPartition: TopicPartition, options: CreateLogOptions = {}): Log {
    const existing = this.get(topicPartition);
    if (existing) {
      if (options.topicId && existing.topicId === null) existing.assignTopicId(options.topicId);
      return existing;
    }
    const name = partitionDirectoryName(topicPartition);
    if (!options.isNew && this.offline.size > 0) {
      throw new KafkaError(
        'KAFKA_STORAGE_ERROR',
        `${name} may be in a log directory that is offline: ${this.offlineLogDirs.join(', ')}`,
      );
    }
    const directory = this.emptiestDirectory();
    const config = options.config ?? this.configOf(topicPartition.topic);
    const log = this.create(topicPartition, directory, config, options.topicId ?? null);
    this.logs.set(name, log);
    directory.logCount++;
    this.offlinePartitions.delete(name);
    this.logger.info(`Created log for partition ${name} in ${log.dir}`);
    return log;
  }

  private create(
    topicPartition: TopicPartition,
    directory: LogDirectory,
    config: Readonly<LogConfig>,
    topicId: string | null,
  ): Log {
    const dir = join(directory.path, partitionDirectoryName(topicPartition));
    try {
      this.disk.makeDirectory(dir);
      directory.forget(topicPartition);
      const place = { cleanShutdown: true, recoveryPoint: 0, logStartOffset: 0 };
      const log = runNow(loadLog({ topicPartition, dir, config, environment: this.environment, ...place }));
      if (topicId) log.assignTopicId(topicId);
      return log;
    } catch (error) {
      if (error instanceof KafkaError) throw error;
      this.fail(directory.path, `Error while creating log for ${partitionDirectoryName(topicPartition)}`, error);
      throw new KafkaError('KAFKA_STORAGE_ERROR', `Cannot create ${dir}`);
    }
  }

  private emptiestDirectory(): LogDirectory {
    let emptiest: LogDirectory | null = null;
    for (const directory of this.live.values()) {
      if (!emptiest || directory.logCount < emptiest.logCount) emptiest = directory;
    }
    if (!emptiest) throw new KafkaError('KAFKA_STORAGE_ERROR', 'No log directory works');
    return emptiest;
  }

  /** Takes a log away at once; its files go after file.delete.delay.ms. Nothing happens when there is none. */
  delete(topicPartition: TopicPartition): void {
    const name = partitionDirectoryName(topicPartition);
    const log = this.logs.get(name);
    if (!log) return;
    const directory = this.live.get(log.parentDir);
    const target = join(log.parentDir, deletedDirectoryName(topicPartition));
    log.renameDirectory(target);
    this.logs.delete(name);
    log.closeFiles('deleted');
    if (directory) {
      directory.forget(topicPartition);
      directory.logCount--;
    }
    this.logger.info(`Log for partition ${name} is renamed to ${target} and is scheduled for deletion`);
    this.removeDirectoryLater(target, log.config.fileDeleteDelayMs);
  }

  // ---- configuration ---------------------------------------------------------------------------

  private configOf(topic: string): Readonly<LogConfig> {
    const overrides = this.topicConfigs.get(topic);
    const config = overrides ? withTopicOverrides(this.defaults, overrides) : this.defaults;
    if (config.compressionType === 'zstd') void prepareZstd();
    return config;
  }

  /** The topic's own configuration is now this and nothing else. */
  updateTopicConfig(topic: string, overrides: Readonly<Record<string, string>>): void {
    if (Object.keys(overrides).length === 0) this.topicConfigs.delete(topic);
    else this.topicConfigs.set(topic, overrides);
    const config = this.configOf(topic);
    for (const log of this.logs.values()) if (log.topicPartition.topic === topic) log.updateConfig(config);
  }

  /** The broker's defaults changed. */
  updateDefaults(defaults: Readonly<LogConfig>): void {
    this.defaults = defaults;
    for (const log of this.logs.values()) log.updateConfig(this.configOf(log.topicPartition.topic));
  }

  // ---- starting --------------------------------------------------------------------------------

  private async openDirectories(): Promise<void> {
    const seen = new Set<string>();
    for (const logDir of this.options.logDirs) {
      const path = resolve(logDir);
      const directory = new LogDirectory(path, this.disk, this.logger);
      try {
        if (!this.disk.exists(path)) this.logger.info(`Log directory ${path} not found, creating it.`);
        this.disk.makeDirectory(path);
        const realPath = this.disk.realPath(path);
        if (seen.has(realPath)) throw new Error(`Duplicate log directory found: ${this.options.logDirs.join(', ')}`);
        seen.add(realPath);
        if (this.options.lock !== false) directory.lock = await lockDirectory(join(path, LOCK_FILE));
        this.live.set(path, directory);
        await this.writeIdentity(path);
        directory.open();
      } catch (error) {
        if (!isDiskError(error)) throw error;
        this.fail(path, `Failed to create or validate data directory ${path}`, error);
      }
    }
    if (this.live.size === 0)
      throw new Error(`None of the log directories can be used: ${this.options.logDirs.join(', ')}`);
  }

  private async writeIdentity(logDir: string): Promise<void> {
    const { brokerId, clusterId } = this.options;
    if (brokerId === undefined || clusterId === undefined) return;
    const stored = readMetaProperties(this.disk, logDir);
    if (stored?.brokerId === brokerId && stored.clusterId === clusterId) return;
    this.logger.info(`Rewriting ${logDir}/meta.properties`);
    await writeMetaProperties(this.disk, logDir, { brokerId, clusterId }, this.clock.nowMs());
  }

  private async loadLogs(): Promise<void> {
    const startMs = this.clock.monotonicMs();
    this.logger.info(`Loading logs from log dirs ${this.liveLogDirs.join(', ')}`);
    await Promise.all([...this.live.values()].map((directory) => this.loadDirectory(directory)));
    if (this.live.size === 0) throw new Error('None of the log directories can be read');
    const elapsedMs = Math.round(this.clock.monotonicMs() - startMs);
    this.logger.info(`Loaded ${this.logs.size} logs in ${elapsedMs}ms`);
  }

  private async loadDirectory(directory: LogDirectory): Promise<void> {
    try {
      await runInTurns(this.loadSteps(directory), this.clock);
    } catch (error) {
      if (!isDiskError(error) && !(error instanceof KafkaError)) throw error;
      this.fail(directory.path, `Error while loading log dir ${directory.path}`, error);
    }
  }

  private *loadSteps(directory: LogDirectory): Steps<void> {
    const found = this.disk.list(directory.path).filter((entry) => entry.isDirectory);
    if (found.length === 0) this.logger.info(`No logs found to be loaded in ${directory.path}`);
    else if (directory.cleanShutdown) {
      this.logger.info(
        `Skipping recovery of ${found.length} logs from ${directory.path} since clean shutdown file was found`,
      );
    } else {
      this.logger.info(`Recovering ${found.length} logs from ${directory.path} since no clean shutdown file was found`);
    }
    for (const { name } of found) {
      yield* this.loadPartition(directory, name);
      yield;
    }
  }

  private *loadPartition(directory: LogDirectory, name: string): Steps<void> {
    const dir = join(directory.path, name);
    const parsed = parsePartitionDirectory(name);
    if (!parsed) {
      throw new Error(
        `Found directory ${dir}, '${name}' is not in the form of topic-partition or topic-partition.uniqueId-delete ` +
          '(if marked for deletion). log.dirs must hold nothing but logs: remove or move the directory',
      );
    }
    const { topicPartition, kind } = parsed;
    if (kind === 'delete') return this.removeDirectoryLater(dir, this.configOf(topicPartition.topic).fileDeleteDelayMs);
    if (kind !== 'current') return this.logger.warn(`Leaving ${dir} alone: a ${kind} log is not served`);
    const existing = this.get(topicPartition);
    if (existing)
      throw new Error(
        `Duplicate log directories for ${name} are found in both ${dir} and ${existing.dir}; remove one of them`,
      );
    const log = yield* loadLog({
      topicPartition,
      dir,
      config: this.configOf(topicPartition.topic),
      environment: this.environment,
      cleanShutdown: directory.cleanShutdown,
      recoveryPoint: directory.recoveryPoint(topicPartition),
      logStartOffset: directory.logStartOffset(topicPartition),
    });
    log.updateHighWatermark(directory.highWatermark(topicPartition) ?? 0);
    this.logs.set(name, log);
    directory.logCount++;
  }

  // ---- periodic work ---------------------------------------------------------------------------

  private startTasks(): void {
    const { settings, tasks } = this;
    const { initialTaskDelayMs: delayMs } = settings;
    const every = (name: string, periodMs: number, task: () => Promise<void>): void => {
      if (periodMs < LONG_MAX) tasks.every(name, periodMs, task, delayMs);
    };
    every('kafka-log-retention', settings.retentionCheckMs, () => this.cleanupLogs());
    every('kafka-log-flusher', settings.flushCheckMs, () => this.flushDirtyLogs());
    every('kafka-recovery-point-checkpoint', settings.recoveryPointCheckpointMs, () => this.checkpointRecoveryPoints());
    every('kafka-log-start-offset-checkpoint', settings.logStartOffsetCheckpointMs, () =>
      this.checkpointLogStartOffsets(),
    );
    every('producer-expiration', settings.producerExpirationCheckMs, () => this.expireProducers());
  }

  /** Calls `work` for each log, letting other work in between; a log whose disk fails does not keep the others from it. */
  private forEachLog(work: (log: Log) => void): Promise<void> {
    const { logs, logger } = this;
    function* steps(): Steps<void> {
      for (const log of logs.values()) {
        if (!log.isUsable) continue;
        try {
          work(log);
        } catch (error) {
          logger.error(`Periodic work on ${log.name} failed`, error);
        }
        yield;
      }
    }
    return runInTurns(steps(), this.clock);
  }

  /** Applies retention to every log now; done by itself every log.retention.check.interval.ms. */
  cleanupLogs(): Promise<void> {
    return this.forEachLog((log) => void log.deleteOldSegments());
  }

  private expireProducers(): Promise<void> {
    return this.forEachLog((log) => log.removeExpiredProducers());
  }

  private async flushDirtyLogs(): Promise<void> {
    for (const log of this.allLogs()) {
      const unflushedMs = this.clock.nowMs() - log.lastFlushMs;
      if (log.isUsable && unflushedMs >= log.config.flushMs) await log.flush().catch(() => undefined);
    }
  }

  checkpointRecoveryPoints(): Promise<void> {
    return this.checkpoint((directory, logs) => directory.writeRecoveryPoints(logs));
  }

  checkpointLogStartOffsets(): Promise<void> {
    return this.checkpoint((directory, logs) => directory.writeLogStartOffsets(logs));
  }

  /** What the replication-offset-checkpoint of a directory said at the start; null when it said nothing. */
  checkpointedHighWatermark(logDir: string, topicPartition: TopicPartition): number | null {
    return this.live.get(logDir)?.highWatermark(topicPartition) ?? null;
  }

  /** Writes the replication-offset-checkpoint of every directory that one of the logs is in. */
  writeHighWatermarks(
    logs: Iterable<{ topicPartition: TopicPartition; parentDir: string; highWatermark: number }> = this.logs.values(),
  ): Promise<void> {
    const byDirectory = new Map<string, { topicPartition: TopicPartition; highWatermark: number }[]>();
    for (const log of logs) {
      const others = byDirectory.get(log.parentDir);
      if (others) others.push(log);
      else byDirectory.set(log.parentDir, [log]);
    }
    return this.checkpoint((directory) => {
      const here = byDirectory.get(directory.path) ?? [];
      return directory.writeHighWatermarks(() => here.map((log) => [log.topicPartition, log.highWatermark]));
    });
  }

  private async checkpoint(write: (directory: LogDirectory, logs: Log[]) => Promise<void>): Promise<void> {
    for (const directory of this.live.values()) {
      try {
        await write(directory, this.logsIn(directory.path));
      } catch (error) {
        this.fail(directory.path, `Disk error while writing to a checkpoint in directory ${directory.path}`, error);
      }
    }
  }

  private checkpointSoon(log: Log): void {
    const directory = this.live.get(log.parentDir);
    if (!directory) return;
    directory.writeRecoveryPoints(this.logsIn(directory.path)).catch((error: unknown) => {
      this.fail(directory.path, `Disk error while writing to a checkpoint in directory ${directory.path}`, error);
    });
  }

  private logsIn(logDir: string): Log[] {
    return this.allLogs().filter((log) => log.parentDir === logDir);
  }

  // ---- removing files --------------------------------------------------------------------------

  private removeLater(paths: readonly string[], delayMs: number): void {
    if (paths.length === 0) return;
    this.tasks.after(delayMs, () => {
      try {
        for (const path of paths) this.disk.removeFile(path);
      } catch (error) {
        this.logger.error(`Cannot remove ${paths.join(', ')}`, error);
      }
    });
  }

  private removeDirectoryLater(directory: string, delayMs: number): void {
    this.tasks.after(delayMs, () => {
      this.tasks.run('kafka-delete-logs', async () => {
        await this.disk.removeDirectory(directory);
        this.logger.info(`Deleted log in ${directory}.`);
      });
    });
  }

  // ---- failures and the end --------------------------------------------------------------------

  /** Calls `listener` after a log directory has failed; returns a function that ends that. */
  onLogDirFailure(listener: (failure: LogDirectoryFailure) => void): () => void {
    this.failureListeners.add(listener);
    return () => this.failureListeners.delete(listener);
  }

  /** Takes a log directory offline. */
  private fail(logDir: string, text: string, cause: unknown): void {
    if (this.offline.has(logDir)) return;
    this.logger.error(text, cause);
    this.logger.warn(`Stopping serving logs in dir ${logDir}`);
    this.offline.add(logDir);
    const directory = this.live.get(logDir);
    this.live.delete(logDir);
    const logs = this.logsIn(logDir);
    for (const log of logs) {
      const name = partitionDirectoryName(log.topicPartition);
      this.logs.delete(name);
      this.offlinePartitions.add(name);
      log.closeFiles('offline');
    }
    directory?.release();
    const failure = { logDir, topicPartitions: logs.map((log) => log.topicPartition), liveLogDirs: this.liveLogDirs };
    // Not in the middle of whatever found the failure.
    queueMicrotask(() => {
      for (const listener of this.failureListeners) listener(failure);
    });
  }

  /**
   * Stops the periodic work and gives up the directories.
   * @param clean whether to close every log first and mark the directories, so that the next start needs no recovery
   */
  async shutdown({ clean }: { clean: boolean } = { clean: true }): Promise<void> {
    // A second call must not mark directories that the first one left unclean.
    if (this.closed) return;
    this.closed = true;
    await this.tasks.stop();
    await Promise.all([...this.live.values()].map((directory) => this.closeDirectory(directory, clean)));
    for (const log of this.logs.values()) log.closeFiles('closed');
  }

  private async closeDirectory(directory: LogDirectory, clean: boolean): Promise<void> {
    const logs = this.logsIn(directory.path);
    try {
      if (clean) {
        await closeAll(logs);
        await directory.writeRecoveryPoints(logs);
        await directory.writeLogStartOffsets(logs);
        await directory.markCleanShutdown();
      }
    } catch (error) {
      this.logger.error(
        `Cannot close the logs in ${directory.path} properly; they will be recovered at the next start`,
        error,
      );
    }
    directory.release();
  }
}

/** Closes several logs at a time: most of the time is spent waiting for the device. */
async function closeAll(logs: readonly Log[]): Promise<void> {
  const waiting = logs.values();
  const closers = Array.from({ length: Math.max(4, availableParallelism()) }, async () => {
    for (const log of waiting) await log.close();
  });
  await Promise.all(closers);
}
