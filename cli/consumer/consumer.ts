/**
 * The consumer behind kafka-console-consumer and kafka-consumer-perf-test: one partition by hand, or topics through a
 * group with automatic commits. Owns the record of what has been processed, which is what gets committed.
 */
import { type ClusterClient, ConnectionError } from '../../client';
import { errorForCode, isInternalTopic, KafkaError, type TopicPartition } from '../../protocol';
import { type Clock, sleep } from '../../runtime/clock';
import { CommandError } from '../command';
import { commitOffsets, fetchCommitted } from '../groups/committed-offsets';
import type { ConsumerConfig } from './config';
import { Fetcher } from './fetcher';
import { GroupMember } from './group-member';
import type { ConsumedRecord } from './records';

const METADATA_PAUSE_MS = 100;
const TROUBLE_PAUSE_MS = 500;
const METADATA_TIMEOUT_MS = 60_000;

export interface Subscription {
  /** Names, or a pattern that names must match as a whole. */
  topics: readonly string[] | RegExp;
}

export class Consumer {
  private readonly fetcher: Fetcher;
  private readonly member: GroupMember | null;
  private subscription: Subscription | null = null;
  private readonly processed = new Map<string, TopicPartition & { offset: number }>();
  private lastCommitMs: number;
  private lastMetadataMs = 0;
  private subscribed: readonly string[] = [];
  private isJoining = false;
  private interrupted = false;
  /** How often the group has given partitions to this member. */
  rebalances = 0;

  /** @param coordination a client whose connections no fetch uses */
  constructor(
    private readonly cluster: ClusterClient,
    private readonly coordination: ClusterClient,
    private readonly config: ConsumerConfig,
    private readonly clock: Clock,
    private readonly onTrouble: (error: Error) => void = () => undefined,
  ) {
    this.fetcher = new Fetcher(cluster, config, clock, onTrouble);
    this.lastCommitMs = clock.monotonicMs();
    const counts = (topics: readonly string[]) => this.partitionCounts(topics);
    this.member = config.groupId === null ? null : new GroupMember(coordination, config.groupId, config, clock, counts);
  }

  get fetchedBytes(): number {
    return this.fetcher.fetchedBytes;
  }

  /** Reads one partition from an offset on; `null` stands for the end that the reset policy names. */
  async assign(partition: TopicPartition, offset: number | null): Promise<void> {
    const count = await this.waitForTopic(partition.topic);
    if (partition.partition < 0 || partition.partition >= count) {
      const range = count === 1 ? 'only partition 0' : `partitions 0 to ${count - 1}`;
      throw new CommandError(`Topic ${partition.topic} has no partition ${partition.partition}; it has ${range}.`);
    }
    this.fetcher.assign([{ ...partition, offset: offset ?? (await this.fetcher.resetOffset(partition)) }]);
  }

  /** Reads topics together with the other members of the group. */
  subscribe(subscription: Subscription): void {
    if (!this.member) throw new Error('a subscription needs a group');
    this.subscription = subscription;
  }

  /** The next records; none when `timeoutMs` passes without any. */
  async poll(timeoutMs: number): Promise<ConsumedRecord[]> {
    if (this.subscription && this.member) {
      try {
        await this.refreshTopics();
        if (!this.member.isJoined) await this.rejoin(this.member);
        await this.commitWhenDue();
      } catch (error) {
        if (!passesByItself(error)) throw error;
        if (this.interrupted) return [];
        // The cluster is not there at the moment: a consumer waits for it to come back.
        this.onTrouble(error as Error);
        await sleep(this.clock, Math.min(timeoutMs, TROUBLE_PAUSE_MS));
        return [];
      }
    }
    return this.fetcher.poll(timeoutMs);
  }

  /** Notes that a record has been processed, so that the next commit includes it. */
  markProcessed(record: ConsumedRecord): void {
    const key = `${record.topic}-${record.partition}`;
    const entry = this.processed.get(key);
    if (entry) entry.offset = record.offset + 1;
    else this.processed.set(key, { topic: record.topic, partition: record.partition, offset: record.offset + 1 });
  }

  /** Makes a `poll` that waits return soon, whatever it waits for. */
  interrupt(): void {
    this.interrupted = true;
    this.fetcher.close();
    // A group may keep those who join waiting for long; only losing the connection ends that.
    if (this.isJoining) void this.coordination.close();
  }

  /** Commits what was processed and leaves the group. */
  async close(): Promise<void> {
    this.fetcher.close();
    if (!this.member) return;
    if (this.config.autoCommit && this.member.isJoined) await this.tryCommit();
    await this.member.leave();
  }

  private async rejoin(member: GroupMember): Promise<void> {
    if (this.config.autoCommit && this.rebalances > 0) await this.tryCommit();
    this.processed.clear();
    this.isJoining = true;
    const assigned = await member.join(this.subscribed);
    this.isJoining = false;
    this.rebalances += 1;
    const groupId = this.config.groupId as string;
    const committed = assigned.length === 0 ? [] : await fetchCommitted(this.coordination, groupId, assigned);
    const positions = await Promise.all(
      assigned.map(async (partition) => {
        const known = committed.find(
          ({ topic, partition: index }) => topic === partition.topic && index === partition.partition,
        );
        const offset = known && known.offset >= 0 ? known.offset : await this.fetcher.resetOffset(partition);
        return { ...partition, offset };
      }),
    );
    if (!member.isJoined) return;
    this.fetcher.assign(positions);
    // Commits name every assigned partition, also those without records, so that whoever joins next goes on from here.
    for (const position of positions) this.processed.set(`${position.topic}-${position.partition}`, { ...position });
  }

  private async commitWhenDue(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (!this.config.autoCommit || nowMs - this.lastCommitMs < this.config.autoCommitIntervalMs) return;
    this.lastCommitMs = nowMs;
    await this.tryCommit();
  }

  /** A refused commit means that the group has moved on; joining again settles it. */
  private async tryCommit(): Promise<void> {
    const offsets = [...this.processed.values()].map((entry) => ({ ...entry }));
    const { membership } = this.member as GroupMember;
    try {
      await commitOffsets(this.coordination, this.config.groupId as string, offsets, membership);
    } catch (error) {
      if (!(error instanceof KafkaError || error instanceof ConnectionError)) throw error;
    }
  }

  /** Finds the topics that the subscription means, now and then; others than before need a rebalance. */
  private async refreshTopics(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (this.lastMetadataMs > 0 && nowMs - this.lastMetadataMs < this.config.metadataMaxAgeMs) return;
    const { topics } = this.subscription as Subscription;
    const names = topics instanceof RegExp ? await this.matching(topics) : [...topics];
    if (!(topics instanceof RegExp)) for (const name of names) await this.waitForTopic(name);
    const changed = names.join() !== this.subscribed.join();
    if (changed && this.lastMetadataMs > 0) this.member?.stopHeartbeats();
    this.subscribed = names;
    this.lastMetadataMs = nowMs;
  }

  private async matching(pattern: RegExp): Promise<string[]> {
    const { topics } = await this.cluster.metadata(null);
    return topics
      .map(({ name }) => name ?? '')
      .filter((name) => pattern.test(name) && !isInternalTopic(name))
      .toSorted();
  }

  private async partitionCounts(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { topics } = await this.cluster.metadata(names);
    return new Map(
      topics.filter(({ errorCode }) => errorCode === 0).map((topic) => [topic.name ?? '', topic.partitions.length]),
    );
  }

  /** Waits until the topic exists, creating it where the cluster allows that; gives the number of partitions. */
  private async waitForTopic(name: string): Promise<number> {
    const deadlineMs = this.clock.monotonicMs() + METADATA_TIMEOUT_MS;
    for (;;) {
      const { topics } = await this.cluster.metadata([name], this.config.allowAutoCreate);
      const topic = topics[0];
      const error = errorForCode(topic?.errorCode ?? 0);
      if (topic && error.name === 'NONE') return topic.partitions.length;
      const giveUp = !error.retriable || this.clock.monotonicMs() + METADATA_PAUSE_MS > deadlineMs;
      if (giveUp) throw new KafkaError(error, `${name}: ${error.meaning}`);
      await sleep(this.clock, METADATA_PAUSE_MS);
    }
  }
}

function passesByItself(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof KafkaError && error.error.retriable);
}
