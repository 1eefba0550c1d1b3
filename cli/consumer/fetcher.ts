/**
 * Fetches assigned partitions from their leaders, one request per broker at a time, and keeps a bounded number of
 * answers ahead of the reader. Owns the fetch positions.
 */
import type { ClusterClient } from '../../client';
import { errorForCode, KafkaError, type TopicPartition } from '../../protocol';
import { fetch, type FetchResponse } from '../../protocol/apis';
import type { Clock } from '../../runtime/clock';
import { findOffsets, MOVED_LEADER, OffsetSpec } from '../offsets/list-offsets';
import type { ConsumerConfig } from './config';
import { type ConsumedRecord, decodeFetch } from './records';

interface Position extends TopicPartition {
  offset: number;
  notBeforeMs: number;
}

type PartitionData = FetchResponse['responses'][number]['partitions'][number];

/** Topic ids come with version 13; names are simpler, and all brokers know them. */
const NEWEST_WITH_NAMES = 12;
const BACKOFF_MS = 100;
/** Answers that may wait for the reader. */
const MAX_QUEUED = 3;

export class Fetcher {
  private positions = new Map<string, Position>();
  private queue: ConsumedRecord[][] = [];
  private readonly busyBrokers = new Set<number>();
  private failure: Error | null = null;
  private waiters: (() => void)[] = [];
  /** Grows with each assignment, so that answers to requests of an earlier one are dropped. */
  private generation = 0;
  private closed = false;
  /** True while leaders are looked up, which may take long when no broker answers. */
  private planning = false;
  /** Bytes of records fetched so far. */
  fetchedBytes = 0;

  constructor(
    private readonly cluster: ClusterClient,
    private readonly config: ConsumerConfig,
    private readonly clock: Clock,
    /** Hears of problems that pass by themselves, such as a lost connection. */
    private readonly onTrouble: (error: Error) => void = () => undefined,
  ) {}

  /** Reads these partitions from now on, from these offsets on. */
  assign(positions: readonly (TopicPartition & { offset: number })[]): void {
    this.generation += 1;
    this.queue = [];
    this.positions = new Map(
      positions.map((position) => [`${position.topic}-${position.partition}`, { ...position, notBeforeMs: 0 }]),
    );
    this.busyBrokers.clear();
    this.wake();
  }

  /** The next records, or none when `timeoutMs` passes without any. @throws KafkaError */
  async poll(timeoutMs: number): Promise<ConsumedRecord[]> {
    const deadlineMs = this.clock.monotonicMs() + timeoutMs;
    for (;;) {
      if (this.failure) throw this.failure;
      const records = this.queue.shift();
      void this.fetchFromIdleBrokers();
      if (records) return records;
      const remainingMs = deadlineMs - this.clock.monotonicMs();
      if (remainingMs <= 0 || this.closed) return [];
      await this.change(Math.min(remainingMs, BACKOFF_MS));
    }
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  private change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(timeoutMs, resolve);
      this.waiters.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  private wake(): void {
    for (const wake of this.waiters.splice(0)) wake();
  }

  private async fetchFromIdleBrokers(): Promise<void> {
    if (this.queue.length >= MAX_QUEUED || this.closed || this.planning) return;
    const { generation } = this;
    this.planning = true;
    const byLeader = await this.idlePositionsByLeader();
    this.planning = false;
    if (generation !== this.generation) return;
    for (const [leader, positions] of byLeader) {
      if (!this.busyBrokers.has(leader)) void this.fetchFrom(leader, positions, generation);
    }
  }

  /** Positions that may be fetched now; none when the leaders cannot be found out. */
  private async idlePositionsByLeader(): Promise<Map<number, Position[]>> {
    const byLeader = new Map<number, Position[]>();
    try {
      for (const position of this.positions.values()) {
        if (position.notBeforeMs > this.clock.monotonicMs()) continue;
        const leader = await this.cluster.leaderOf(position);
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), position]);
      }
      return byLeader;
    } catch (error) {
      this.onProblem(error as Error, [...this.positions.values()]);
      return new Map();
    }
  }

  private async fetchFrom(leader: number, positions: readonly Position[], generation: number): Promise<void> {
    this.busyBrokers.add(leader);
    try {
      const answer = await this.request(leader, positions);
      if (generation === this.generation) await this.accept(answer, generation);
    } catch (error) {
      if (generation === this.generation) this.onProblem(error as Error, positions);
    } finally {
      if (generation === this.generation) this.busyBrokers.delete(leader);
      this.wake();
    }
  }

  private async request(leader: number, positions: readonly Position[]): Promise<FetchResponse> {
    const connection = await this.cluster.broker(leader);
    const topics = [...new Set(positions.map(({ topic }) => topic))];
    const body = {
      maxWaitMs: this.config.fetchMaxWaitMs,
      minBytes: this.config.fetchMinBytes,
      maxBytes: this.config.fetchMaxBytes,
      isolationLevel: this.config.readCommitted ? 1 : 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: topics.map((topic) => ({
        topic,
        partitions: positions
          .filter((position) => position.topic === topic)
          .map(({ partition, offset }) => ({
            partition,
            fetchOffset: offset,
            partitionMaxBytes: this.config.maxPartitionFetchBytes,
          })),
      })),
      forgottenTopicsData: [],
    };
    const answer = await connection.send(fetch, body, { highestVersion: NEWEST_WITH_NAMES });
    if (answer.errorCode !== 0) throw new KafkaError(errorForCode(answer.errorCode));
    return answer;
  }

  private async accept(answer: FetchResponse, generation: number): Promise<void> {
    const records: ConsumedRecord[] = [];
    for (const { topic, partitions } of answer.responses) {
      for (const data of partitions) {
        const position = this.positions.get(`${topic}-${data.partitionIndex}`);
        if (!position) continue;
        if (data.errorCode !== 0) await this.onPartitionError(position, data, generation);
        else this.take(position, data, records);
      }
    }
    if (records.length > 0 && generation === this.generation) this.queue.push(records);
  }

  private take(position: Position, data: PartitionData, records: ConsumedRecord[]): void {
    const bytes = data.records;
    if (!bytes || bytes.length === 0) return;
    const aborted = this.config.readCommitted ? (data.abortedTransactions ?? []) : null;
    const decoded = decodeFetch(bytes, { ...position, fetchOffset: position.offset }, aborted);
    position.offset = decoded.nextOffset;
    this.fetchedBytes += bytes.length;
    for (const record of decoded.records) records.push(record);
  }

  private async onPartitionError(position: Position, data: PartitionData, generation: number): Promise<void> {
    const error = errorForCode(data.errorCode);
    if (error.name === 'OFFSET_OUT_OF_RANGE') {
      const offset = await this.resetOffset(position);
      if (generation === this.generation) position.offset = offset;
    } else if (MOVED_LEADER.has(error.name)) {
      this.cluster.forgetLeader(position);
      position.notBeforeMs = this.clock.monotonicMs() + BACKOFF_MS;
    } else {
      this.failure = new KafkaError(error, `${position.topic}-${position.partition}: ${error.meaning}`);
    }
  }

  /** Where to go on when the offset wanted does not exist. @throws KafkaError when the policy is `none` */
  async resetOffset(partition: TopicPartition): Promise<number> {
    const { autoOffsetReset } = this.config;
    const name = `${partition.topic}-${partition.partition}`;
    if (autoOffsetReset === 'none') {
      throw new KafkaError('OFFSET_OUT_OF_RANGE', `Undefined offset with no reset policy for partitions: [${name}]`);
    }
    const timestamp = autoOffsetReset === 'earliest' ? OffsetSpec.EARLIEST : OffsetSpec.LATEST;
    const [found] = await findOffsets(this.cluster, [{ ...partition, timestamp }], this.config.readCommitted ? 1 : 0);
    if (!found || found.error) throw new KafkaError(found?.error ?? 'UNKNOWN_SERVER_ERROR');
    return found.offset;
  }

  /** A lost connection or a moving leader: look again soon. Anything else ends the reading. */
  private onProblem(error: Error, positions: readonly Position[]): void {
    if (this.closed) return;
    const fatal = error instanceof KafkaError && !error.error.retriable;
    if (fatal) this.failure = error;
    else this.onTrouble(error);
    for (const position of positions) {
      this.cluster.forgetLeader(position);
      position.notBeforeMs = this.clock.monotonicMs() + BACKOFF_MS;
    }
  }
}
