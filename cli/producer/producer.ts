/**
 * A small producer for the command line tools: batches per partition, one batch of a partition in flight at a time (so
 * that order survives retries), idempotent by default. Owns its queues, its producer id and the sequence numbers.
 */
import { ConnectionError, type ClusterClient } from '../../client';
import { errorForCode, Errors, KafkaError } from '../../protocol';
import { buildBatch, type NewRecord, prepareZstd } from '../../protocol/records';
import type { Clock, TimerHandle } from '../../runtime/clock';
import type { Random } from '../../runtime/random';
import { Batch, type OnDone, recordBytes } from './batch';
import type { ProducerConfig } from './config';
import { partitionForKey, StickyPartition } from './partitioner';
import {
  newProducerId,
  type PartitionResponse,
  produceError,
  sendBatches,
  sequenceAfter,
  waitForTopic,
} from './produce-request';

interface Queue {
  topic: string;
  partition: number;
  leader: number;
  batches: Batch[];
  inFlight: Batch | null;
  notBeforeMs: number;
  nextSequence: number;
}

interface Topic {
  queues: Queue[];
  sticky: StickyPartition;
}

const MAX_IN_FLIGHT_PER_BROKER = 5;

export class Producer {
  private readonly topics = new Map<string, Topic>();
  private readonly inFlightByBroker = new Map<number, number>();
  private producerId = -1;
  private producerEpoch = -1;
  private bufferedBytes = 0;
  private unfinished = 0;
  private flushing = 0;
  private timer: TimerHandle | null = null;
  private pumpScheduled = false;
  private waiters: (() => void)[] = [];

  constructor(
    private readonly cluster: ClusterClient,
    private readonly config: ProducerConfig,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Gets a producer id where one is needed. */
  async start(): Promise<void> {
    if (this.config.compression === 'zstd') await prepareZstd();
    if (this.config.idempotent) await this.acquireProducerId();
  }

  /** Waits until the topic is known, creating it where the cluster allows that; gives the number of partitions. */
  async prepareTopic(name: string): Promise<number> {
    const known = this.topics.get(name);
    if (known) return known.queues.length;
    await waitForTopic(name, this.config.maxBlockMs, this.clock, () => this.refresh(name));
    return this.topics.get(name)?.queues.length ?? 0;
  }

  /** Whether there is room for more records; wait with `room` when there is not. */
  get isFull(): boolean {
    return this.bufferedBytes >= this.config.bufferBytes;
  }

  async room(): Promise<void> {
    while (this.isFull) await this.progress();
  }

  /** Queues a record of a topic that prepareTopic has seen; `onDone` hears how it ended. */
  send(topicName: string, record: NewRecord, onDone: OnDone | null, partition: number | null = null): void {
    const topic = this.topics.get(topicName);
    if (!topic) throw new Error(`prepareTopic was not called for ${topicName}`);
    const bytes = recordBytes(record);
    if (bytes > this.config.maxRequestBytes) {
      onDone?.(
        new KafkaError(
          'MESSAGE_TOO_LARGE',
          `The message is ${bytes} bytes when serialized which is larger than ${this.config.maxRequestBytes}, which is the value of the max.request.size configuration.`,
        ),
        null,
      );
      return;
    }
    const queue = topic.queues[partition ?? this.choosePartition(topic, record, bytes)] as Queue;
    let batch = queue.batches.at(-1);
    if (!batch || (batch.bytes + bytes > this.config.batchBytes && batch.records.length > 0)) {
      batch = new Batch(this.clock.monotonicMs());
      queue.batches.push(batch);
      this.schedulePump();
    }
    batch.add(record, bytes, onDone);
    this.bufferedBytes += bytes;
    this.unfinished += 1;
  }

  /** Resolves when everything queued so far has been acknowledged or has failed. */
  async flush(): Promise<void> {
    this.flushing += 1;
    this.schedulePump();
    while (this.unfinished > 0) await this.progress();
    this.flushing -= 1;
  }

  private choosePartition(topic: Topic, record: NewRecord, bytes: number): number {
    if (record.key !== null) return partitionForKey(record.key, topic.queues.length);
    const led = topic.queues.filter(({ leader }) => leader >= 0);
    return topic.sticky.next(
      (led.length > 0 ? led : topic.queues).map(({ partition }) => partition),
      bytes,
    );
  }

  private progress(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private schedulePump(): void {
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    setImmediate(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  /** Sends what is ready, and sets a timer for what will be. */
  private pump(): void {
    const nowMs = this.clock.monotonicMs();
    const byBroker = new Map<number, Queue[]>();
    let nextMs = Infinity;
    for (const { queues } of this.topics.values()) {
      for (const queue of queues) {
        const readyMs = this.readyAt(queue, nowMs);
        if (readyMs > nowMs) nextMs = Math.min(nextMs, readyMs);
        else if (queue.leader < 0) void this.findLeader(queue);
        else if ((this.inFlightByBroker.get(queue.leader) ?? 0) < MAX_IN_FLIGHT_PER_BROKER) {
          byBroker.set(queue.leader, [...(byBroker.get(queue.leader) ?? []), queue]);
        }
      }
    }
    for (const [broker, queues] of byBroker) void this.sendTo(broker, queues);
    this.timer?.cancel();
    this.timer = nextMs === Infinity ? null : this.clock.after(nextMs - nowMs, () => this.pump());
  }

  /** When the queue's next batch may go; never while one is under way. */
  private readyAt(queue: Queue, nowMs: number): number {
    const head = queue.batches[0];
    if (!head || queue.inFlight) return Infinity;
    const complete =
      queue.batches.length > 1 || head.bytes >= this.config.batchBytes || this.flushing > 0 || this.isFull;
    const lingeredMs = complete ? nowMs : head.createdMs + this.config.lingerMs;
    return Math.max(lingeredMs, queue.notBeforeMs);
  }

  private async sendTo(broker: number, queues: readonly Queue[]): Promise<void> {
    this.inFlightByBroker.set(broker, (this.inFlightByBroker.get(broker) ?? 0) + 1);
    for (const queue of queues) queue.inFlight = queue.batches.shift() as Batch;
    try {
      const responses = await this.request(broker, queues);
      for (const queue of queues) this.settle(queue, responses.get(`${queue.topic}-${queue.partition}`));
    } catch (error) {
      for (const queue of queues) this.retryOrFail(queue, error as Error);
    } finally {
      this.inFlightByBroker.set(broker, (this.inFlightByBroker.get(broker) ?? 1) - 1);
      for (const wake of this.waiters.splice(0)) wake();
      this.schedulePump();
    }
  }

  private async request(broker: number, queues: readonly Queue[]): Promise<Map<string, PartitionResponse>> {
    const byTopic = new Map<string, Queue[]>();
    for (const queue of queues) byTopic.set(queue.topic, [...(byTopic.get(queue.topic) ?? []), queue]);
    const topicData = [...byTopic].map(([name, its]) => ({
      name,
      partitionData: its.map((queue) => ({ index: queue.partition, records: this.encode(queue) })),
    }));
    const answer = await sendBatches(this.cluster, broker, this.config, topicData);
    const found = new Map<string, PartitionResponse>();
    for (const { name, partitionResponses } of answer?.responses ?? []) {
      for (const response of partitionResponses) found.set(`${name}-${response.index}`, response);
    }
    return found;
  }

  private encode(queue: Queue): Buffer {
    const batch = queue.inFlight as Batch;
    const { compression, compressionLevel, idempotent } = this.config;
    if (idempotent && batch.baseSequence < 0) {
      batch.baseSequence = queue.nextSequence;
      queue.nextSequence = sequenceAfter(queue.nextSequence, batch.records.length);
    }
    const identity = idempotent
      ? { producerId: this.producerId, producerEpoch: this.producerEpoch, baseSequence: batch.baseSequence }
      : {};
    return buildBatch(batch.records, { compression, compressionLevel, ...identity });
  }

  private settle(queue: Queue, response: PartitionResponse | undefined): void {
    const error = produceError(response);
    if (error === null) this.finish(queue, null, response?.baseOffset ?? -1);
    else this.retryOrFail(queue, error);
  }

  private retryOrFail(queue: Queue, error: Error): void {
    const batch = queue.inFlight as Batch;
    const nowMs = this.clock.monotonicMs();
    const retriable = error instanceof ConnectionError || (error instanceof KafkaError && error.error.retriable);
    const inTime = nowMs - batch.createdMs < this.config.deliveryTimeoutMs;
    if (retriable && batch.attempts < this.config.retries && inTime) {
      batch.attempts += 1;
      queue.inFlight = null;
      queue.batches.unshift(batch);
      queue.notBeforeMs = nowMs + this.config.retryBackoffMs;
      queue.leader = -1;
      return;
    }
    // The sequence numbers of the lost batch are missing from now on: start over under a new identity.
    if (this.config.idempotent) void this.acquireProducerId().catch(() => undefined);
    this.finish(queue, error, -1);
  }

  private finish(queue: Queue, error: Error | null, baseOffset: number): void {
    const batch = queue.inFlight as Batch;
    queue.inFlight = null;
    this.bufferedBytes -= batch.bytes;
    this.unfinished -= batch.records.length;
    if (error) batch.fail(error);
    else batch.succeed(queue.topic, queue.partition, baseOffset);
  }

  private async acquireProducerId(): Promise<void> {
    const answer = await newProducerId(this.cluster);
    this.producerId = answer.producerId;
    this.producerEpoch = answer.producerEpoch;
    for (const { queues } of this.topics.values()) {
      for (const queue of queues) {
        queue.nextSequence = 0;
        for (const batch of queue.batches) batch.baseSequence = -1;
      }
    }
  }

  /** Looks for the leader of a queue's partition; until it is found the queue rests. */
  private async findLeader(queue: Queue): Promise<void> {
    queue.notBeforeMs = this.clock.monotonicMs() + this.config.retryBackoffMs;
    await this.refresh(queue.topic).catch(() => null);
    const head = queue.batches[0];
    if (queue.leader < 0 && head && this.clock.monotonicMs() - head.createdMs > this.config.deliveryTimeoutMs) {
      queue.inFlight = queue.batches.shift() as Batch;
      this.finish(
        queue,
        new KafkaError('LEADER_NOT_AVAILABLE', `Partition ${queue.topic}-${queue.partition} has no leader`),
        -1,
      );
      for (const wake of this.waiters.splice(0)) wake();
    }
    this.schedulePump();
  }

  /** Reads the topic's partitions and leaders; the error that the broker gave, if any. */
  private async refresh(name: string): Promise<KafkaError | null> {
    const answer = await this.cluster.metadata([name], true);
    const found = answer.topics[0];
    if (!found || found.errorCode !== 0) {
      const error = errorForCode(found?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION.code);
      return new KafkaError(error, `${name}: ${error.meaning}`);
    }
    const topic = this.topics.get(name) ?? {
      queues: [],
      sticky: new StickyPartition(this.random, this.config.batchBytes),
    };
    for (const { partitionIndex, leaderId } of found.partitions) {
      const queue = topic.queues[partitionIndex];
      if (queue) queue.leader = leaderId;
      else topic.queues[partitionIndex] = newQueue(name, partitionIndex, leaderId);
    }
    this.topics.set(name, topic);
    return null;
  }
}

function newQueue(topic: string, partition: number, leader: number): Queue {
  return { topic, partition, leader, batches: [], inFlight: null, notBeforeMs: 0, nextSequence: 0 };
}
