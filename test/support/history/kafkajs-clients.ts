/**
 * The clients of a history that use kafkajs: an idempotent producer, a group of one member, and somebody who asks for the
 * group's offsets. They work until they are told to stop.
 */
import { appendFileSync } from 'node:fs';
import { Kafka, logLevel, type Consumer, type EachBatchPayload, type Producer } from 'kafkajs';
import { sleep, systemClock } from '../../../runtime/clock';
import { nowUs, type Operation, type Outcome } from './operations';

const BATCH_RECORDS = 8;
const SEND_EVERY_MS = 40;
const READ_EVERY_MS = 150;
const GROUP = 'kafkajs';
const PATIENT = { initialRetryTime: 50, maxRetryTime: 500, retries: 400 };
/** A consumer of kafkajs asks for a new coordinator only after it has given up on the old one and started again. */
const IMPATIENT = { initialRetryTime: 50, maxRetryTime: 500, retries: 4 };

export class KafkajsClients {
  readonly operations: Operation[] = [];
  /**
   * When a stale leader told the consumer that its offset is out of range. kafkajs knows no leader epochs (KIP-320), believes
   * it, and starts over where the log begins, as it would with Apache Kafka.
   */
  private misledAtUs: number | null = null;
  acknowledged = 0;
  polled = 0;
  commits = 0;
  private readonly lastCommitted: number[] = [];
  private producing = true;
  private readonly stopped = new AbortController();
  private readonly kafka: Kafka;
  private sending: Promise<void> | null = null;
  private reading: Promise<void> | null = null;

  /** @param logFile gets what kafkajs says */
  constructor(
    addresses: readonly string[],
    logFile: string,
    private readonly topic: string,
    private readonly partitions: number,
  ) {
    this.kafka = new Kafka({
      clientId: 'kafkajs',
      brokers: [...addresses],
      logLevel: logLevel.DEBUG,
      logCreator:
        () =>
        ({ namespace, log }) => {
          appendFileSync(logFile, `${JSON.stringify({ namespace, ...log })}\n`);
          if (log.message.includes('Offset out of range, resetting')) this.misledAtUs ??= nowUs();
        },
      retry: PATIENT,
      connectionTimeout: 1000,
      requestTimeout: 3000,
    });
  }

  private get consuming(): boolean {
    return !this.stopped.signal.aborted;
  }

  start(): void {
    this.sending = this.send();
    this.reading = Promise.all([this.consume(), this.readCommitted()]).then(() => undefined);
  }

  /** Whether an operation, of whomever, says something of the brokers and not of a consumer that was misled. */
  counts(operation: Operation): boolean {
    const misledUs = this.misledAtUs ?? Infinity;
    return !('group' in operation) || operation.group !== GROUP || operation.endUs < misledUs;
  }

  /** The last offset that was acknowledged as committed, for each partition. */
  committedOffsets(): readonly number[] {
    return this.lastCommitted;
  }

  async stopProducers(): Promise<void> {
    this.producing = false;
    await this.sending;
  }

  async stop(): Promise<void> {
    await this.stopProducers();
    this.stopped.abort();
    await this.reading;
  }

  /** One partition a call, see kill-rounds.ts. After a failure a new producer goes on: kafkajs forgets what it has sent. */
  private async send(): Promise<void> {
    let value = 0;
    for (let life = 1; this.producing; life++) {
      const producer = this.kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        retry: PATIENT,
      });
      const process = `kafkajs-${life}`;
      await producer.connect();
      while (this.producing) {
        const values = Array.from({ length: BATCH_RECORDS }, () => `${process}-${value++}`);
        const partition = (value / BATCH_RECORDS) % this.partitions;
        if ((await this.sendBatch(producer, process, partition, values)) !== 'ok') break;
        await sleep(systemClock, SEND_EVERY_MS);
      }
      await producer.disconnect();
    }
  }

  private async sendBatch(
    producer: Producer,
    process: string,
    partition: number,
    values: readonly string[],
  ): Promise<Outcome> {
    const beginUs = nowUs();
    let outcome: Outcome = 'unknown';
    let base: number | null = null;
    try {
      const messages = values.map((value) => ({ value, partition }));
      const [told] = await producer.send({ topic: this.topic, acks: -1, messages });
      outcome = 'ok';
      // -1 is the answer to a record that is sent again and is not among the last five.
      if (told?.baseOffset !== undefined && told.baseOffset !== '-1') base = Number(told.baseOffset);
      this.acknowledged += values.length;
    } catch {
      // then nobody knows
    }
    const endUs = nowUs();
    for (const [index, value] of values.entries()) {
      const offset = base === null ? null : base + index;
      this.operations.push({ op: 'send', process, partition, value, offset, outcome, beginUs, endUs });
    }
    return outcome;
  }

  /** kafkajs gives up for good when its member is unknown at a commit; then the next one goes on. */
  private async consume(): Promise<void> {
    for (let life = 1; this.consuming; life++) {
      const consumer = this.kafka.consumer({
        groupId: GROUP,
        sessionTimeout: 3000,
        heartbeatInterval: 300,
        rebalanceTimeout: 5000,
        maxWaitTimeInMs: 100,
        retry: IMPATIENT,
      });
      const ended = new Promise<void>((resolve) => {
        this.stopped.signal.addEventListener('abort', () => resolve());
        consumer.on('consumer.crash', ({ payload }) => payload.restart || resolve());
      });
      // It may find no broker at that moment; the next one will.
      const running = await this.run(consumer, `kafkajs-member-${life}`).then(
        () => true,
        () => false,
      );
      if (running) await ended;
      await consumer.disconnect();
    }
  }

  private async run(consumer: Consumer, process: string): Promise<void> {
    consumer.on('consumer.group_join', ({ payload }) => {
      const partitions = payload.memberAssignment[this.topic] ?? [];
      const at = nowUs();
      this.operations.push({ op: 'assign', process, group: GROUP, partitions, beginUs: at, endUs: at });
    });
    await consumer.connect();
    await consumer.subscribe({ topic: this.topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: (payload) => this.take(payload, consumer, process),
    });
  }

  private async take({ batch, isStale }: EachBatchPayload, consumer: Consumer, process: string): Promise<void> {
    const last = batch.messages.at(-1);
    if (last === undefined || isStale()) return;
    const common = { process, group: GROUP };
    const { partition } = batch;
    const records = batch.messages.map(
      ({ offset, value }) => [partition, Number(offset), String(value)] as [number, number, string],
    );
    const at = nowUs();
    this.operations.push({ op: 'poll', ...common, records, beginUs: at, endUs: at });
    this.polled += records.length;
    const offset = Number(last.offset) + 1;
    const offsets: [number, number][] = [[partition, offset]];
    const written = { op: 'commit' as const, ...common, generation: null, offsets, beginUs: at };
    try {
      await consumer.commitOffsets([{ topic: this.topic, partition, offset: String(offset) }]);
      this.operations.push({ ...written, outcome: 'ok', endUs: nowUs() });
      this.lastCommitted[partition] = offset;
      this.commits++;
    } catch (error) {
      const endUs = nowUs();
      this.operations.push({ ...written, outcome: 'unknown', endUs });
      // kafkajs looks for the coordinator, and joins again, only if it hears of this; and it reads this batch once more.
      this.operations.push({ op: 'assign', ...common, partitions: [partition], beginUs: endUs, endUs });
      throw error;
    }
  }

  private async readCommitted(): Promise<void> {
    const admin = this.kafka.admin({ retry: IMPATIENT });
    await admin.connect();
    while (this.consuming) {
      const beginUs = nowUs();
      const told = await admin.fetchOffsets({ groupId: GROUP, topics: [this.topic] }).catch(() => null);
      const offsets = told?.[0]?.partitions.map(
        ({ partition, offset }) => [partition, offset === '-1' ? null : Number(offset)] as [number, number | null],
      );
      const by = { process: 'kafkajs-admin', group: GROUP, settled: false };
      if (offsets) this.operations.push({ op: 'committed', ...by, offsets, beginUs, endUs: nowUs() });
      await sleep(systemClock, READ_EVERY_MS);
    }
    await admin.disconnect();
  }
}
