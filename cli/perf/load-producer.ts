/**
 * A producer for load: values only, several requests under way on each connection, a batch of one partition after
 * another. Owns the batches and, when idempotent, the producer id and sequence numbers.
 *
 * A partition is sending, until one of its batches fails; then draining: nothing more is sent until all that is under
 * way is answered. What failed goes to the front of the queue in its old order, under its old sequence numbers, and the
 * partition is sending again. The order of a partition's records survives this with idempotence only, as in Kafka.
 */
import { type ClusterClient, ConnectionError } from '../../client';
import { errorForCode, Errors, KafkaError } from '../../protocol';
import { buildBatch, type NewRecord, prepareZstd } from '../../protocol/records';
import type { Clock } from '../../runtime/clock';
import type { Random } from '../../runtime/random';
import type { ProducerConfig } from '../producer/config';
import { newProducerId, produceError, sendBatches, sequenceAfter, waitForTopic } from '../producer/produce-request';

interface LoadBatch {
  readonly number: number;
  readonly createdMs: number;
  readonly records: NewRecord[];
  /** When each record was handed over. */
  readonly sentMs: number[];
  bytes: number;
  baseSequence: number;
  encoded: Buffer | null;
}

interface Partition {
  readonly index: number;
  leader: number;
  readonly queue: LoadBatch[];
  underWay: number;
  failed: LoadBatch[];
  notBeforeMs: number;
  nextSequence: number;
}

export interface LoadListener {
  acknowledged(latencyMs: number, bytes: number): void;
  /** Records that will never be acknowledged. */
  failed(error: Error, records: number): void;
}

const MAX_IN_FLIGHT_PER_BROKER = 5;
/** Bytes that a record takes besides its value, about. */
const RECORD_OVERHEAD_BYTES = 12;
const BATCH_OVERHEAD_BYTES = 61;
const FLUSH_PAUSE_MS = 100;
/** Keeps all connections to many brokers busy. */
const ENOUGH_BYTES = 1 << 20;
const ENOUGH_BATCHES = 64;

export class LoadProducer {
  private partitions: Partition[] = [];
  private readonly inFlight = new Map<number, number>();
  private current: Partition | null = null;
  private open: LoadBatch | null = null;
  private batchCount = 0;
  private bufferedBytes = 0;
  private unfinished = 0;
  private producerId = -1;
  private producerEpoch = -1;
  private waiters: (() => void)[] = [];
  /** Records were lost for good: their sequence numbers are missing, so a new producer id is needed before the next. */
  private renewing = false;
  /** For --print-metrics. */
  readonly metrics = { requests: 0, requestMs: 0, batches: 0, batchBytes: 0, errors: 0 };

  constructor(
    private readonly cluster: ClusterClient,
    private readonly topic: string,
    private readonly config: ProducerConfig,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly listener: LoadListener,
  ) {}

  /** Finds the topic's partitions, creating the topic where the cluster allows that. @throws KafkaError */
  async start(): Promise<void> {
    if (this.config.compression === 'zstd') await prepareZstd();
    await waitForTopic(this.topic, this.config.maxBlockMs, this.clock, () => this.refresh());
    if (this.config.idempotent) await this.acquireProducerId();
  }

  /**
   * Time to wait. The same thread makes records and sends them, so that a long queue would add nothing but latency: far
   * less than buffer.memory is used where that is much.
   */
  get isFull(): boolean {
    const enoughBytes = Math.max(ENOUGH_BYTES, ENOUGH_BATCHES * this.config.batchBytes);
    return this.bufferedBytes >= Math.min(this.config.bufferBytes, enoughBytes);
  }

  /** Resolves when something has been answered. */
  progress(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  send(value: Buffer, nowMs: number, timestamp: bigint): void {
    const bytes = value.length + RECORD_OVERHEAD_BYTES;
    if (this.open && this.open.bytes + bytes > this.config.batchBytes) this.closeBatch();
    this.open ??= this.openBatch(nowMs);
    this.open.records.push({ timestamp, key: null, value });
    this.open.sentMs.push(nowMs);
    this.open.bytes += bytes;
    this.bufferedBytes += bytes;
    this.unfinished += 1;
  }

  /** Sends what may be sent now; a batch that is not full goes when it has waited for linger.ms and nothing stands before it. */
  pump(flushing = false): void {
    const nowMs = this.clock.monotonicMs();
    const { open, current } = this;
    if (open && current) {
      const lingered = nowMs - open.createdMs >= this.config.lingerMs;
      const mayGo = current.queue.length === 0 && (this.inFlight.get(current.leader) ?? 0) < MAX_IN_FLIGHT_PER_BROKER;
      if (flushing || (lingered && mayGo)) this.closeBatch();
    }
    for (const partition of this.partitions) {
      while (this.maySend(partition, nowMs)) void this.request(partition, partition.queue.shift() as LoadBatch);
    }
  }

  /** Resolves when every record has been acknowledged or has failed. */
  async flush(): Promise<void> {
    while (this.unfinished > 0) {
      this.pump(true);
      const answered = this.progress();
      const wake = this.clock.after(FLUSH_PAUSE_MS, () => this.wake());
      await answered;
      wake.cancel();
    }
  }

  private openBatch(nowMs: number): LoadBatch {
    const led = this.partitions.filter(({ leader }) => leader >= 0);
    const choice = led.length > 0 ? led : this.partitions;
    this.current = choice[this.random.below(choice.length)] as Partition;
    this.batchCount += 1;
    return {
      number: this.batchCount,
      createdMs: nowMs,
      records: [],
      sentMs: [],
      bytes: BATCH_OVERHEAD_BYTES,
      baseSequence: -1,
      encoded: null,
    };
  }

  private closeBatch(): void {
    if (this.open && this.current) this.current.queue.push(this.open);
    this.open = null;
    this.current = null;
  }

  private maySend(partition: Partition, nowMs: number): boolean {
    if (this.renewing || partition.queue.length === 0) return false;
    if (partition.failed.length > 0 || nowMs < partition.notBeforeMs) return false;
    if (partition.leader < 0) {
      void this.findLeader(partition, nowMs);
      return false;
    }
    return (this.inFlight.get(partition.leader) ?? 0) < MAX_IN_FLIGHT_PER_BROKER;
  }

  private async request(partition: Partition, batch: LoadBatch): Promise<void> {
    const { leader } = partition;
    const startMs = this.clock.monotonicMs();
    partition.underWay += 1;
    this.inFlight.set(leader, (this.inFlight.get(leader) ?? 0) + 1);
    try {
      const error = await this.deliver(leader, partition, this.encode(partition, batch));
      if (error === null) this.succeed(batch);
      else this.retryOrFail(partition, batch, error);
    } catch (error) {
      this.retryOrFail(partition, batch, error as Error);
    }
    this.metrics.requests += 1;
    this.metrics.requestMs += this.clock.monotonicMs() - startMs;
    partition.underWay -= 1;
    this.inFlight.set(leader, (this.inFlight.get(leader) ?? 1) - 1);
    if (partition.underWay === 0 && partition.failed.length > 0) this.resume(partition);
    if (this.renewing && this.partitions.every(({ underWay }) => underWay === 0)) await this.renew();
    this.pump();
    this.wake();
  }

  /** Gives the error that the broker answered, if any. @throws ConnectionError */
  private async deliver(leader: number, partition: Partition, records: Buffer): Promise<KafkaError | null> {
    const topicData = [{ name: this.topic, partitionData: [{ index: partition.index, records }] }];
    const answer = await sendBatches(this.cluster, leader, this.config, topicData);
    return produceError(answer?.responses[0]?.partitionResponses[0]);
  }

  private encode(partition: Partition, batch: LoadBatch): Buffer {
    const { compression, compressionLevel, idempotent } = this.config;
    if (batch.encoded) return batch.encoded;
    if (idempotent) {
      batch.baseSequence = partition.nextSequence;
      partition.nextSequence = sequenceAfter(partition.nextSequence, batch.records.length);
    }
    const { producerId, producerEpoch } = this;
    const identity = idempotent ? { producerId, producerEpoch, baseSequence: batch.baseSequence } : {};
    batch.encoded = buildBatch(batch.records, { compression, compressionLevel, ...identity });
    this.metrics.batches += 1;
    this.metrics.batchBytes += batch.encoded.length;
    return batch.encoded;
  }

  private succeed(batch: LoadBatch): void {
    const nowMs = this.clock.monotonicMs();
    for (const [index, { value }] of batch.records.entries()) {
      this.listener.acknowledged(nowMs - (batch.sentMs[index] as number), (value as Buffer).length);
    }
    this.settled(batch);
  }

  private settled(batch: LoadBatch): void {
    this.bufferedBytes -= batch.bytes - BATCH_OVERHEAD_BYTES;
    this.unfinished -= batch.records.length;
  }

  private retryOrFail(partition: Partition, batch: LoadBatch, error: Error): void {
    const nowMs = this.clock.monotonicMs();
    // Once a batch has failed, those behind it are out of order until it has been sent again.
    const followsFailed = partition.failed.length > 0 || this.renewing;
    const retriable = error instanceof ConnectionError || (error instanceof KafkaError && error.error.retriable);
    const inTime = nowMs - batch.createdMs < this.config.deliveryTimeoutMs;
    if ((retriable || followsFailed) && inTime && this.config.retries > 0) {
      partition.failed.push(batch);
      partition.notBeforeMs = nowMs + this.config.retryBackoffMs;
      return;
    }
    this.fail(batch, error);
  }

  private fail(batch: LoadBatch, error: Error): void {
    this.metrics.errors += batch.records.length;
    this.listener.failed(error, batch.records.length);
    this.settled(batch);
    if (this.config.idempotent && batch.encoded) this.renewing = true;
  }

  /** Nothing is under way any more: starts over under a new identity. */
  private async renew(): Promise<void> {
    await this.acquireProducerId().catch((error: unknown) => this.listener.failed(error as Error, 0));
    for (const partition of this.partitions) {
      partition.nextSequence = 0;
      for (const batch of partition.queue) batch.encoded = null;
    }
    this.renewing = false;
  }

  /** Everything under way has been answered: what failed comes first again. */
  private resume(partition: Partition): void {
    partition.queue.unshift(...partition.failed.toSorted((left, right) => left.number - right.number));
    partition.failed = [];
    partition.leader = -1;
    this.pumpAt(partition.notBeforeMs);
  }

  private pumpAt(timeMs: number): void {
    this.clock.after(Math.max(1, timeMs - this.clock.monotonicMs()), () => this.pump());
  }

  private async findLeader(partition: Partition, nowMs: number): Promise<void> {
    partition.notBeforeMs = nowMs + this.config.retryBackoffMs;
    await this.refresh().catch(() => null);
    this.expire(partition);
    if (this.renewing && this.partitions.every(({ underWay }) => underWay === 0)) await this.renew();
    this.pumpAt(partition.notBeforeMs);
  }

  private expire(partition: Partition): void {
    const nowMs = this.clock.monotonicMs();
    for (let head = partition.queue[0]; head; head = partition.queue[0]) {
      if (partition.leader >= 0 || nowMs - head.createdMs < this.config.deliveryTimeoutMs) return;
      partition.queue.shift();
      const text = `Expiring ${head.records.length} record(s) for ${this.topic}-${partition.index}:${Math.round(nowMs - head.createdMs)} ms has passed since batch creation`;
      this.fail(head, new KafkaError('REQUEST_TIMED_OUT', text));
      this.wake();
    }
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  private async refresh(): Promise<KafkaError | null> {
    const answer = await this.cluster.metadata([this.topic], true);
    const found = answer.topics[0];
    if (!found || found.errorCode !== 0) {
      return new KafkaError(errorForCode(found?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION.code));
    }
    for (const { partitionIndex, leaderId } of found.partitions) {
      const known = this.partitions[partitionIndex];
      if (known) known.leader = leaderId;
      else this.partitions[partitionIndex] = newPartition(partitionIndex, leaderId);
    }
    return null;
  }

  private async acquireProducerId(): Promise<void> {
    const answer = await newProducerId(this.cluster);
    this.producerId = answer.producerId;
    this.producerEpoch = answer.producerEpoch;
  }
}

function newPartition(index: number, leader: number): Partition {
  return { index, leader, queue: [], underWay: 0, failed: [], notBeforeMs: 0, nextSequence: 0 };
}
