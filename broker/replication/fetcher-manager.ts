/**
 * Spreads the partitions that this broker follows over fetchers: one per leader and fetcher number, so that a
 * partition always has the same one (kafka.server.ReplicaFetcherManager). Owns the fetchers.
 */
import type { TopicPartition } from '../../protocol';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { TaskGroup } from '../../runtime/task-group';
import type { FetchAssignment } from './followed-partition';
import type { LeaderEndpoint } from './leader-endpoint';
import type { ReplicationQuota } from './replication-quota';
import { ReplicaFetcher, type FetcherSettings } from './replica-fetcher';

export type { FetchAssignment } from './followed-partition';

/** What state changes do with fetchers. */
export interface FollowerFetchers {
  add(assignments: readonly FetchAssignment[]): void;
  /** Stops following: nothing is written to these logs any more. */
  remove(partitions: readonly TopicPartition[]): void;
  updateTopicId(topicPartition: TopicPartition, topicId: string): void;
}

export interface FetcherManagerParts {
  readonly settings: FetcherSettings;
  /** num.replica.fetchers */
  readonly fetchersPerLeader: number;
  readonly clock: Clock;
  readonly logger: Logger;
  connect(leaderId: number, clientId: string): LeaderEndpoint;
  brokerEpoch(): number;
  advanced(topicPartition: TopicPartition): void;
  readonly quota: ReplicationQuota;
}

interface RunningFetcher {
  readonly fetcher: ReplicaFetcher;
  readonly tasks: TaskGroup;
}

export class FetcherManager implements FollowerFetchers {
  private readonly fetchers = new Map<string, RunningFetcher>();
  private readonly holders = new Map<string, ReplicaFetcher>();
  private readonly failed = new Set<string>();
  private stopped = false;
  private bytesIn = 0;

  constructor(private readonly parts: FetcherManagerParts) {}

  /** Bytes of records that this broker has copied from its leaders. */
  get bytesCopied(): number {
    return this.bytesIn;
  }

  /** Partitions that cannot be followed before the next LeaderAndIsr. */
  get failedCount(): number {
    return this.failed.size;
  }

  get maxLag(): number {
    let max = 0;
    for (const { fetcher } of this.fetchers.values()) max = Math.max(max, fetcher.maxLag);
    return max;
  }

  add(assignments: readonly FetchAssignment[]): void {
    if (this.stopped) return;
    for (const assignment of assignments) {
      const key = keyOf(assignment.topicPartition);
      this.failed.delete(key);
      const fetcher = this.fetcherFor(assignment);
      fetcher.add(assignment);
      this.holders.set(key, fetcher);
    }
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const topicPartition of partitions) {
      const key = keyOf(topicPartition);
      this.failed.delete(key);
      this.holders.get(key)?.remove(topicPartition);
      this.holders.delete(key);
    }
  }

  updateTopicId(topicPartition: TopicPartition, topicId: string): void {
    this.holders.get(keyOf(topicPartition))?.updateTopicId(topicPartition, topicId);
  }

  /** Ends the fetchers that have nothing to fetch any more. */
  stopIdle(): void {
    for (const [key, { fetcher, tasks }] of this.fetchers) {
      if (fetcher.size > 0) continue;
      this.fetchers.delete(key);
      void tasks.stop();
    }
  }

  async shutdown(): Promise<void> {
    this.stopped = true;
    const running = [...this.fetchers.values()];
    this.fetchers.clear();
    this.holders.clear();
    await Promise.all(running.map(({ tasks }) => tasks.stop()));
  }

  private copied({ topic, partition }: TopicPartition, bytes: number): void {
    this.bytesIn += bytes;
    if (this.parts.quota.isThrottled(topic, partition)) this.parts.quota.record(bytes);
  }

  private fetcherFor({ leaderId, topicPartition }: FetchAssignment): ReplicaFetcher {
    const fetcherId = fetcherIdOf(topicPartition, this.parts.fetchersPerLeader);
    const key = `${leaderId}-${fetcherId}`;
    let running = this.fetchers.get(key);
    if (!running) {
      running = this.start(leaderId, fetcherId);
      this.fetchers.set(key, running);
    }
    return running.fetcher;
  }

  private start(leaderId: number, fetcherId: number): RunningFetcher {
    const { parts } = this;
    const { brokerId } = parts.settings;
    const name = `[ReplicaFetcher replicaId=${brokerId}, leaderId=${leaderId}, fetcherId=${fetcherId}]`;
    const logger = parts.logger.for('kafka.server.ReplicaFetcherThread', `${name} `);
    const fetcher = new ReplicaFetcher(
      name,
      {
        settings: parts.settings,
        clock: parts.clock,
        logger,
        leader: parts.connect(leaderId, `broker-${brokerId}-fetcher-${fetcherId}`),
        brokerEpoch: parts.brokerEpoch,
        advanced: parts.advanced,
        fetched: (topicPartition, bytes) => this.copied(topicPartition, bytes),
        quota: parts.quota,
      },
      (partition) => {
        const key = keyOf(partition.topicPartition);
        this.holders.delete(key);
        this.failed.add(key);
      },
    );
    const tasks = new TaskGroup(name, parts.clock, logger);
    tasks.run('fetch', (signal) => fetcher.run(signal));
    return { fetcher, tasks };
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** Which of a leader's fetchers takes a partition: Kafka's formula, with Java's string hash. */
export function fetcherIdOf({ topic, partition }: TopicPartition, fetchers: number): number {
  let hash = 0;
  for (let i = 0; i < topic.length; i++) hash = (Math.imul(31, hash) + topic.charCodeAt(i)) | 0;
  const mixed = (Math.imul(31, hash) + partition) | 0;
  return (mixed === -2_147_483_648 ? 0 : Math.abs(mixed)) % fetchers;
}
