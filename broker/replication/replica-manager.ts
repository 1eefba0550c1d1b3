/**
 * All replicas on this broker: who leads what, appending, fetching, following, and what the controller says about it
 * (kafka.server.ReplicaManager). Requests of the controller are applied one after the other in a serial queue and are
 * fenced by the controller epoch, which LeaderAndIsr, StopReplica and UpdateMetadata share. Owns the partitions; the
 * parts that do the work are in the files beside this one.
 */
import { Errors, KafkaError, type TopicPartition, type WireError } from '../../protocol';
import type { LeaderAndIsrRequest, StopReplicaRequest, UpdateMetadataRequest } from '../../protocol/apis';
import { AnswerMemory } from '../../runtime/answer-memory';
import type { Clock } from '../../runtime/clock';
import { EventQueue } from '../../runtime/event-queue';
import type { Logger } from '../../runtime/logger';
import type { Metrics } from '../../runtime/metrics';
import type { Random } from '../../runtime/random';
import { TaskGroup } from '../../runtime/task-group';
import type { ClusterChange } from '../cluster/cluster-change';
import type { Log } from '../log';
import type { MetadataCache } from '../metadata/metadata-cache';
import { DeadlineTimer } from './deadline-timer';
import type { DeleteRecordsResult } from './delayed-delete-records';
import { FetchSessionCache } from './fetch-session-cache';
import type { FetchEntry } from './fetch-entry';
import type { AnsweredEntry, FetchParams } from './fetch-types';
import { FetcherManager } from './fetcher-manager';
import { HostedPartitions } from './hosted-partitions';
import { applyLeaderAndIsr, statesOf, type PartitionOutcome, type StateChangeParts } from './leader-and-isr';
import { RemoteLeader, type LeaderEndpoint } from './leader-endpoint';
import { Partition, type PartitionEnvironment } from './partition';
import { RecordAppender } from './record-appender';
import { RecordDeleter } from './record-deleter';
import { RecordFetcher } from './record-fetcher';
import { RecordTraces } from './record-trace';
import type { MaybePromise, ReplicaLogs } from './replica-log';
import { replicaSelectorFor } from './replica-selector';
import { registerReplicationMetrics } from './replication-metrics';
import type { ReplicationConfig } from './replication-config';
import { ReplicationQuota } from './replication-quota';
import { applyStopReplica, type StopOutcome } from './stop-replica';
import type { AppendRequest, AppendResult, LeadershipChange, ReplicaAppender } from './types';

export interface ReplicaManagerParts {
  readonly config: ReplicationConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly metadata: MetadataCache;
  readonly logs: ReplicaLogs;
  readonly cluster: Pick<ClusterChange, 'brokerEpoch' | 'alterPartition' | 'topicConfig' | 'reportLogDirFailure'>;
  /** Shared with the listeners, which know what has not been sent; without it answers may be as large as asked for. */
  readonly answerMemory?: AnswerMemory;
  /** Reaches a leader in another way than over the network: for simulations and tests. */
  readonly connectLeader?: (leaderId: number, clientId: string) => LeaderEndpoint;
}

const STATE_CHANGE_DEADLINE_MS = 5_000;

export class ReplicaManager implements ReplicaAppender {
  readonly hosted: HostedPartitions;
  readonly fetchSessions: FetchSessionCache;
  private controllerEpoch = 0;
  private readonly changes = new EventQueue('replica state changes');
  private readonly timer: DeadlineTimer;
  private readonly tasks: TaskGroup;
  private readonly appender: RecordAppender;
  private readonly fetcher: RecordFetcher;
  private readonly deleter: RecordDeleter;
  private readonly followers: FetcherManager;
  private readonly stateChanges: StateChangeParts;
  private readonly listeners = new Set<(change: LeadershipChange) => void>();
  private readonly traces: RecordTraces;
  private readonly leaderQuota: ReplicationQuota;
  private readonly followerQuota: ReplicationQuota;
  private readonly logger: Logger;
  private isCheckpointing = false;
  private stopped: Promise<void> | null = null;
  private stopListening: (() => void) | null = null;

  constructor(private readonly parts: ReplicaManagerParts) {
    const { config, clock, metadata } = parts;
    this.logger = parts.logger.for('kafka.server.ReplicaManager', `[ReplicaManager broker=${config.brokerId}] `);
    this.hosted = new HostedPartitions(metadata);
    this.traces = new RecordTraces(clock);
    this.leaderQuota = new ReplicationQuota(clock, config.quotaWindow);
    this.followerQuota = new ReplicationQuota(clock, config.quotaWindow);
    this.fetchSessions = new FetchSessionCache(config.fetchSessionSlots, clock, parts.random);
    this.timer = new DeadlineTimer(clock);
    this.tasks = new TaskGroup('replica manager', clock, this.logger);
    this.appender = new RecordAppender(this.hosted, this.timer, this.logger);
    const selector = replicaSelectorFor(config.replicaSelectorClass, metadata, config.brokerId);
    this.fetcher = new RecordFetcher(
      this.hosted,
      this.timer,
      selector,
      this.traces,
      this.leaderQuota,
      parts.answerMemory ?? new AnswerMemory(Number.POSITIVE_INFINITY),
      this.logger,
    );
    this.deleter = new RecordDeleter(this.hosted, this.timer, this.logger);
    this.followers = this.createFetchers();
    this.stateChanges = this.createStateChangeParts();
    registerReplicationMetrics(parts.metrics, {
      hosted: this.hosted,
      counters: this.appender.counters,
      fetchers: this.followers,
      fetchSessions: this.fetchSessions,
    });
  }

  /** Starts the periodic look at the ISRs. */
  startup(): Promise<void> {
    this.stopListening = this.parts.logs.onLogDirFailure(({ logDir }) => this.handleLogDirFailure(logDir));
    // A lagging follower leaves the ISR at most 1.5 times replica.lag.time.max.ms after it stopped.
    this.tasks.every('shrink ISRs', this.parts.config.replicaLagTimeMaxMs / 2, () => this.shrinkIsrs());
    return Promise.resolve();
  }

  /** Stops following and all tasks, and writes the high watermarks; safe to call twice. */
  shutdown(): Promise<void> {
    this.stopped ??= this.stop();
    return this.stopped;
  }

  private async stop(): Promise<void> {
    this.logger.info('Shutting down');
    await this.endStateChanges();
    await this.followers.shutdown();
    await this.tasks.stop();
    this.timer.close();
    await this.checkpointHighWatermarks();
    this.stopListening?.();
    this.logger.info('Shut down completely');
  }

  /** A state change that waits for ZooKeeper, which may be gone, must not keep the broker from stopping. */
  private endStateChanges(): Promise<void> {
    const closed = this.changes.close('the broker is shutting down');
    return new Promise((resolve) => {
      const deadline = this.parts.clock.after(STATE_CHANGE_DEADLINE_MS, () => {
        this.logger.warn(
          `${this.changes.current} did not end within ${STATE_CHANGE_DEADLINE_MS} ms; going on without it`,
        );
        resolve();
      });
      void closed.finally(() => {
        deadline.cancel();
        resolve();
      });
    });
  }

  append(request: AppendRequest): MaybePromise<AppendResult[]> {
    return this.appender.append(request);
  }

  /** Reads for a fetch, at once or when there is enough or the time is up. */
  fetch(params: FetchParams, entries: readonly FetchEntry[]): MaybePromise<AnsweredEntry[]> {
    return this.fetcher.fetch(params, entries);
  }

  deleteRecords(
    wishes: readonly { readonly topicPartition: TopicPartition; readonly offset: number }[],
    timeoutMs: number,
  ): MaybePromise<DeleteRecordsResult[]> {
    return this.deleter.delete(wishes, timeoutMs);
  }

  /** The partition, or the error that tells a client why it is not here. */
  find(topic: string, partition: number): Partition | WireError {
    return this.hosted.find(topic, partition);
  }

  logOf({ topic, partition }: TopicPartition): Log | null {
    // The log manager's logs are what its callers want; replication itself needs no more than a ReplicaLog.
    return (this.hosted.get(topic, partition)?.log ?? null) as Log | null;
  }

  leaderEpochOf({ topic, partition }: TopicPartition): number | null {
    const found = this.hosted.get(topic, partition);
    return found?.isLeader ? found.leaderEpoch : null;
  }

  onLeadershipChange(listener: (change: LeadershipChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Applies a LeaderAndIsr request; an outcome for each partition unless the request as a whole is refused. */
  becomeLeaderOrFollower(request: LeaderAndIsrRequest): Promise<{ error: WireError; outcomes: PartitionOutcome[] }> {
    return this.changes.enqueue('LeaderAndIsr', async () => {
      if (this.isFenced('LeaderAndIsr', request)) return { error: Errors.STALE_CONTROLLER_EPOCH, outcomes: [] };
      const count = [...statesOf(request)].length;
      this.logger.info(`Handling LeaderAndIsr request from controller ${request.controllerId} for ${count} partitions`);
      const outcomes = await applyLeaderAndIsr(this.stateChanges, request);
      this.startCheckpointing();
      this.followers.stopIdle();
      return { error: Errors.NONE, outcomes };
    });
  }

  /** Applies a StopReplica request; an outcome for each partition unless the request as a whole is refused. */
  stopReplicas(request: StopReplicaRequest): Promise<{ error: WireError; outcomes: StopOutcome[] }> {
    return this.changes.enqueue('StopReplica', async () => {
      if (this.isFenced('StopReplica', request)) return { error: Errors.STALE_CONTROLLER_EPOCH, outcomes: [] };
      this.logger.info(`Handling StopReplica request from controller ${request.controllerId}`);
      const outcomes = await applyStopReplica(this.stateChanges, request);
      this.followers.stopIdle();
      return { error: Errors.NONE, outcomes };
    });
  }

  /** Applies an UpdateMetadata request to the metadata cache. */
  updateMetadata(request: UpdateMetadataRequest): Promise<WireError> {
    return this.changes.enqueue('UpdateMetadata', () => {
      if (this.isFenced('UpdateMetadata', request)) return Errors.STALE_CONTROLLER_EPOCH;
      this.parts.metadata.apply(request);
      return Errors.NONE;
    });
  }

  /** Takes over which replicas of a topic are throttled, from the topic's own configuration. */
  updateTopicConfig(topic: string, overrides: Readonly<Record<string, string>>): void {
    const { brokerId } = this.parts.config;
    this.leaderQuota.setThrottled(topic, overrides['leader.replication.throttled.replicas'], brokerId);
    this.followerQuota.setThrottled(topic, overrides['follower.replication.throttled.replicas'], brokerId);
  }

  /** Bytes per second for throttled replicas, see throttleRatesOf. */
  updateThrottleRates(rates: { readonly leader: number; readonly follower: number }): void {
    this.leaderQuota.setLimit(rates.leader);
    this.followerQuota.setLimit(rates.follower);
  }

  /** Takes the replicas in a failed log directory offline and tells the controller. */
  handleLogDirFailure(dir: string): void {
    this.logger.warn(`Stopping serving replicas in dir ${dir}`);
    const failed = [...this.hosted.online()].filter((partition) => partition.log?.parentDir === dir);
    this.followers.remove(failed.map((partition) => partition.topicPartition));
    for (const { topicPartition } of failed) this.markOffline(topicPartition);
    this.parts.cluster.reportLogDirFailure().catch((error: unknown) => {
      this.logger.error(`Could not tell the controller that log directory ${dir} failed`, error);
    });
  }

  /** Positions of every replica here and the fate of sampled records, as plain values: what /trace shows. */
  trace(): unknown {
    return { records: this.traces.all, partitions: Array.from(this.hosted.online(), describePartition) };
  }

  /** Writes the replication-offset-checkpoint files. */
  async checkpointHighWatermarks(): Promise<void> {
    const logs = [];
    for (const { log } of this.hosted.online()) if (log !== null) logs.push(log);
    try {
      await this.parts.logs.writeHighWatermarks(logs);
    } catch (error) {
      this.logger.error('Error while writing to highwatermark file', error);
    }
  }

  private shrinkIsrs(): void {
    for (const partition of this.hosted.online()) partition.maybeShrinkIsr();
  }

  private startCheckpointing(): void {
    // Not before the first LeaderAndIsr: until then the checkpoint on disk knows more than we do.
    if (this.isCheckpointing) return;
    this.isCheckpointing = true;
    const { highWatermarkCheckpointIntervalMs } = this.parts.config;
    this.tasks.every('checkpoint high watermarks', highWatermarkCheckpointIntervalMs, () =>
      this.checkpointHighWatermarks(),
    );
  }

  private isFenced(name: string, request: { controllerEpoch: number; controllerId: number }): boolean {
    if (request.controllerEpoch < this.controllerEpoch) {
      this.logger.warn(
        `Ignoring ${name} request from controller ${request.controllerId} since its controller epoch ` +
          `${request.controllerEpoch} is old. Latest known controller epoch is ${this.controllerEpoch}`,
      );
      return true;
    }
    this.controllerEpoch = request.controllerEpoch;
    return false;
  }

  private markOffline(topicPartition: TopicPartition): void {
    const partition = this.hosted.get(topicPartition.topic, topicPartition.partition);
    const leaderEpoch = partition?.leaderEpoch ?? -1;
    this.hosted.markOffline(topicPartition);
    partition?.close();
    this.leadershipChanged({ topicPartition, role: 'none', leaderEpoch });
  }

  private leadershipChanged(change: LeadershipChange): void {
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.logger.error(
          `A listener failed over ${change.topicPartition.topic}-${change.topicPartition.partition}`,
          error,
        );
      }
    }
  }

  private createFetchers(): FetcherManager {
    const { config, clock, logger, metadata, cluster } = this.parts;
    return new FetcherManager({
      settings: {
        brokerId: config.brokerId,
        maxWaitMs: config.fetchWaitMaxMs,
        minBytes: config.fetchMinBytes,
        responseMaxBytes: config.fetchResponseMaxBytes,
        partitionMaxBytes: config.fetchMaxBytes,
        backoffMs: config.fetchBackoffMs,
      },
      fetchersPerLeader: config.fetchersPerLeader,
      clock,
      logger,
      connect:
        this.parts.connectLeader ??
        ((leaderId, clientId) =>
          new RemoteLeader({
            brokerId: config.brokerId,
            leaderId,
            clientId,
            socketTimeoutMs: config.socketTimeoutMs,
            clock,
            endpoint: () => metadata.endpoint(leaderId, config.interBrokerListenerName),
          })),
      brokerEpoch: () => cluster.brokerEpoch,
      quota: this.followerQuota,
      advanced: ({ topic, partition }) => this.hosted.get(topic, partition)?.wake(),
    });
  }

  private createStateChangeParts(): StateChangeParts {
    const { config, logger, metadata, logs, cluster, clock } = this.parts;
    const stateLogger = logger.for('state.change.logger', `[Broker id=${config.brokerId}] `);
    const environment: PartitionEnvironment = {
      brokerId: config.brokerId,
      replicaLagTimeMaxMs: config.replicaLagTimeMaxMs,
      clock,
      logger: stateLogger,
      isAlive: (brokerId) => metadata.isAlive(brokerId),
      // After the stop nobody waits for an answer any more, and none must make the partition try again.
      alterPartition: (proposal) =>
        this.tasks.stopping ? new Promise(() => undefined) : cluster.alterPartition(proposal),
      traces: this.traces,
    };
    return {
      brokerId: config.brokerId,
      clock,
      logger: stateLogger,
      metadata,
      hosted: this.hosted,
      logs,
      fetchers: this.followers,
      newPartition: (topicPartition) => new Partition(topicPartition, environment),
      learnTopicConfig: async (topic) => {
        const overrides = await cluster.topicConfig(topic);
        logs.updateTopicConfig(topic, overrides);
        this.updateTopicConfig(topic, overrides);
      },
      markOffline: (topicPartition) => this.markOffline(topicPartition),
      leadershipChanged: (change) => this.leadershipChanged(change),
    };
  }
}

function describePartition(partition: Partition): object {
  const { log } = partition;
  return {
    ...partition.topicPartition,
    leader: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    replicas: partition.replicas,
    isr: partition.isr,
    logStartOffset: log?.logStartOffset ?? -1,
    highWatermark: log?.highWatermark ?? -1,
    logEndOffset: log?.logEndOffset ?? -1,
    followers: Array.from(partition.followerStates, ({ brokerId, logEndOffset }) => ({ brokerId, logEndOffset })),
  };
}

/** The partition a handler asks for; KafkaError when it is not here. */
export function requirePartition(replicas: ReplicaManager, topic: string, partition: number): Partition {
  const found = replicas.find(topic, partition);
  if ('code' in found) throw new KafkaError(found);
  return found;
}
