/**
 * Three simulated brokers, their ZooKeeper, and clients that write unique records with acks=all and read them; everything
 * in one thread, every choice from one seed. A step is one event of the clock with all that follows from it at once; the
 * checker looks after each.
 */
import type { Connect, PeerConnection } from '../../../client/connection';
import { errorForCode, Errors } from '../../../protocol';
import { fetch, produce } from '../../../protocol/apis';
import { batch, buildBatch } from '../../../protocol/records';
import { silentLogger, type Logger } from '../../../runtime/logger';
import { seededRandom, type Random } from '../../../runtime/random';
import { encodeTopicAssignment, topicPath, type ReplicaAssignment } from '../../../zookeeper/znodes';
import { InMemoryDisk } from '../../support/in-memory-disk';
import { InMemoryZooKeeper } from '../../support/in-memory-zookeeper';
import { Checker, identityOf, InvariantViolation, textOf, type PartitionName } from './checker';
import { SimulatedNetwork, type NetworkNode } from './network';
import { SimulatedBroker, type World } from './simulated-broker';
import { settle, SimulatedClock } from './simulated-clock';

export const BROKER_IDS = [0, 1, 2] as const;
const TOPIC = 'orders';
const TOPIC_ID = 'TP9cSBN7ShaBGIn-e4c3tw';
const CLIENT = 100;
const PRODUCE_VERSION = 9;
const FETCH_VERSION = 11;
const ALL_IN_SYNC = -1;
const PRODUCE_TIMEOUT_MS = 1500;
const PRODUCER_CONNECTIONS = 4;
const CLIENT_TIMEOUT_MS = 3000;
const RESTART_AFTER_FAILED_START_MS = 1000;
const CONSUMER_PAUSE_MS = 150;

export interface ClusterOptions {
  readonly seed: number;
  readonly partitions?: number;
  readonly logger?: Logger;
}

export class SimulatedCluster {
  readonly clock = new SimulatedClock();
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly zookeeper: InMemoryZooKeeper;
  readonly checker: Checker;
  readonly partitions: readonly PartitionName[];
  readonly brokers = new Map<number, SimulatedBroker>();
  acknowledged = 0;
  consumed = 0;
  private readonly disks = new Map<number, InMemoryDisk>();
  private readonly world: World;
  private readonly client: NetworkNode;
  private readonly connect: Connect;
  private readonly connections = new Map<string, Promise<PeerConnection>>();
  private readonly positions = new Map<PartitionName, number>();
  /** Highest leader epoch that the consumer has heard of. */
  private readonly knownEpochs = new Map<PartitionName, number>();
  private batches = 0;
  private stopped = false;
  private violation: unknown = null;

  constructor({ seed, partitions = 2, logger = silentLogger }: ClusterOptions) {
    const { clock } = this;
    this.random = seededRandom(seed);
    const networkRandom = seededRandom(seed ^ 0x5bd1e995);
    this.network = new SimulatedNetwork(clock, networkRandom);
    this.zookeeper = new InMemoryZooKeeper({ clock, latencyMs: () => 0.5 + networkRandom.below(30) / 10 });
    this.partitions = Array.from({ length: partitions }, (_, partition) => ({ topic: TOPIC, partition }));
    for (const id of BROKER_IDS) this.disks.set(id, new InMemoryDisk(() => clock.nowMs()));
    this.checker = new Checker(this.partitions, this.disks);
    this.world = {
      clock,
      random: seededRandom(seed ^ 0x1b873593),
      zookeeper: this.zookeeper,
      network: this.network,
      logger,
    };
    this.client = { address: CLIENT, isAlive: () => !this.stopped, dispatch: () => null };
    this.connect = this.network.connectFrom(this.client);
  }

  /** Starts the brokers, makes the topic, and waits until every replica is in sync. */
  async start(): Promise<void> {
    for (const id of BROKER_IDS) this.startBroker(id);
    await this.until('all brokers run', 5000, () => [...this.brokers.values()].every(({ started }) => started));
    const assignments = this.partitions.map(({ partition }) => {
      const replicas = BROKER_IDS.map((_, index) => (index + partition) % BROKER_IDS.length);
      const assignment: ReplicaAssignment = { replicas, addingReplicas: [], removingReplicas: [] };
      return [partition, assignment] as const;
    });
    const data = encodeTopicAssignment({ topicId: TOPIC_ID, partitions: new Map(assignments) });
    void this.brokers.get(0)?.zk?.session.create(topicPath(TOPIC), data);
    await this.until('every replica is in sync', 5000, () => this.isWhole());
    for (const name of this.partitions) {
      this.positions.set(name, 0);
      void this.consume(name);
    }
  }

  /** Ends everything at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const broker of this.brokers.values()) broker.kill();
    await settle();
  }

  startBroker(id: number): void {
    const broker: SimulatedBroker = new SimulatedBroker(id, this.disks.get(id) as InMemoryDisk, this.world, () => {
      // Whoever looks after the process starts it again.
      broker.kill();
      this.clock.after(RESTART_AFTER_FAILED_START_MS, () => {
        if (!this.stopped && this.brokers.get(id) === broker) this.startBroker(id);
      });
    });
    this.brokers.set(id, broker);
  }

  killBroker(id: number): void {
    this.brokers.get(id)?.kill();
  }

  isUp(id: number): boolean {
    return this.brokers.get(id)?.isAlive() ?? false;
  }

  /** The broker that leads, in the highest epoch if several believe they do. */
  leaderOf({ topic, partition }: PartitionName): SimulatedBroker | null {
    let leader: SimulatedBroker | null = null;
    for (const broker of this.brokers.values()) {
      const replica = broker.isAlive() ? broker.partition(topic, partition) : null;
      if (!replica?.isLeader) continue;
      if (!leader || replica.leaderEpoch > (leader.partition(topic, partition)?.leaderEpoch ?? -1)) leader = broker;
    }
    return leader;
  }

  /** Every partition is led, has all replicas in its ISR, and all logs end and are committed at the same offset. */
  isWhole(): boolean {
    return this.partitions.every((name) => {
      const leader = this.leaderOf(name)?.partition(name.topic, name.partition);
      if (!leader || leader.isr.length < BROKER_IDS.length || leader.isIsrPending) return false;
      const endOffset = leader.log?.logEndOffset;
      return [...this.brokers.values()].every((broker) => {
        const replica = broker.isAlive() ? broker.partition(name.topic, name.partition) : null;
        return (
          replica?.leaderEpoch === leader.leaderEpoch &&
          replica.log?.logEndOffset === endOffset &&
          replica.log?.highWatermark === endOffset
        );
      });
    });
  }

  /** The consumer has got all that is committed. */
  isConsumed(): boolean {
    return this.partitions.every((name) => this.positions.get(name) === this.checker.committedCount(name));
  }

  /** Lets the clock run for `ms`. */
  async run(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    this.clock.after(ms, () => undefined);
    while (this.clock.monotonicMs() < endMs) await this.step();
  }

  async until(what: string, limitMs: number, isSo: () => boolean): Promise<void> {
    const endMs = this.clock.monotonicMs() + limitMs;
    while (!isSo()) {
      if (this.clock.monotonicMs() >= endMs)
        throw new InvariantViolation('whole again', `${what}: not within ${limitMs} ms: ${this.describe()}`);
      await this.step();
    }
  }

  describe(): string {
    const brokers = [...this.brokers.values()].map((broker) => {
      if (!broker.isAlive()) return `${broker.address} is down`;
      if (!broker.started) return `${broker.address} starts`;
      const replicas = this.partitions.map(({ topic, partition }) => {
        const replica = broker.partition(topic, partition);
        if (!replica) return `${partition}: none`;
        const { leaderId, leaderEpoch, isr, log } = replica;
        return `${partition}: leader ${leaderId} epoch ${leaderEpoch} isr [${isr.join()}] end ${log?.logEndOffset} hw ${log?.highWatermark}`;
      });
      return `${broker.address}${broker.isController ? ' (controller)' : ''} ${replicas.join(', ')}`;
    });
    return brokers.join('; ');
  }

  private async step(): Promise<void> {
    await this.clock.step();
    if (this.violation) throw this.violation as Error;
    this.checker.check(this.brokers.values());
  }

  /** Writes a batch to whoever is thought to lead; what comes of it is the checker's to judge. */
  produce(name: PartitionName): void {
    const leaderId = this.anybodysLeader(name)?.id;
    if (leaderId === undefined) return;
    const number = ++this.batches;
    const count = 1 + this.random.below(3);
    const value = Buffer.from('v');
    const records = buildBatch(Array.from({ length: count }, () => ({ timestamp: BigInt(number), key: null, value })));
    const topicData = [{ name: name.topic, partitionData: [{ index: name.partition, records }] }];
    // A write that waits for its followers holds up what comes after it on the same connection.
    this.ask(leaderId, `producer ${this.random.below(PRODUCER_CONNECTIONS)}`, async (connection) => {
      const body = { transactionalId: null, acks: ALL_IN_SYNC, timeoutMs: PRODUCE_TIMEOUT_MS, topicData };
      const { responses } = await connection.send(produce, PRODUCE_VERSION, body);
      const answer = responses[0]?.partitionResponses[0];
      if (answer?.errorCode !== Errors.NONE.code) return;
      this.acknowledged++;
      this.checker.acknowledged(name, answer.baseOffset, number, count);
    });
  }

  /** Reads on and on, from whoever is thought to lead. */
  private consume(name: PartitionName): void {
    const again = (): void => {
      if (!this.stopped) this.clock.after(CONSUMER_PAUSE_MS, () => this.consume(name));
    };
    const leader = this.anybodysLeader(name);
    // As Kafka's clients do (KIP-320): what an older leader epoch says is not believed any more.
    if (!leader || leader.epoch < (this.knownEpochs.get(name) ?? 0)) return again();
    this.knownEpochs.set(name, leader.epoch);
    this.ask(leader.id, 'consumer', (connection) => this.fetchOnce(name, leader.epoch, connection), again);
  }

  private async fetchOnce(name: PartitionName, currentLeaderEpoch: number, connection: PeerConnection): Promise<void> {
    const fetchOffset = this.positions.get(name) ?? 0;
    const asked = {
      partition: name.partition,
      currentLeaderEpoch,
      fetchOffset,
      logStartOffset: -1,
      partitionMaxBytes: 1 << 20,
    };
    const response = await connection.send(fetch, FETCH_VERSION, {
      replicaId: -1,
      maxWaitMs: 100,
      minBytes: 1,
      maxBytes: 1 << 20,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ topic: name.topic, partitions: [asked] }],
      forgottenTopicsData: [],
      rackId: '',
    });
    const answer = response.responses[0]?.partitions[0];
    if (!answer) return;
    const error = errorForCode(answer.errorCode);
    if (error === Errors.OFFSET_OUT_OF_RANGE) {
      throw new InvariantViolation(
        'no way back',
        `a consumer of ${textOf(name)} at offset ${fetchOffset} got ${error.name}`,
      );
    }
    const records = error === Errors.NONE ? answer.records : null;
    if (records) this.take(name, fetchOffset, Array.isArray(records) ? Buffer.concat(records) : (records as Buffer));
  }

  private take(name: PartitionName, fetchOffset: number, records: Buffer): void {
    let position = fetchOffset;
    for (let at = 0; at + batch.BATCH_HEADER_BYTES <= records.length; at += batch.batchSizeBytes(records, at)) {
      if (at + batch.batchSizeBytes(records, at) > records.length) break;
      const base = batch.baseOffset(records, at);
      for (let place = 0; place <= batch.lastOffsetDelta(records, at); place++) {
        if (base + place < position) continue;
        const identity = identityOf(
          Number(batch.baseTimestamp(records, at)),
          place,
          batch.partitionLeaderEpoch(records, at),
        );
        this.checker.consumed(name, base + place, identity);
        position = base + place + 1;
        this.consumed++;
      }
    }
    this.positions.set(name, position);
  }

  /** Who leads according to the metadata of some broker, as a client would be told. */
  private anybodysLeader({ topic, partition }: PartitionName): { id: number; epoch: number } | null {
    const known = [...this.brokers.values()].filter((broker) => broker.isAlive() && broker.started);
    const asked = known[this.random.below(Math.max(1, known.length))];
    const state = asked?.metadata?.partition({ topic, partition });
    return !state || state.leader < 0 ? null : { id: state.leader, epoch: state.leaderEpoch };
  }

  private ask(
    brokerId: number,
    purpose: string,
    exchange: (connection: PeerConnection) => Promise<void>,
    then: () => void = () => undefined,
  ): void {
    const key = `${purpose} at ${brokerId}`;
    const opened = this.connections.get(key) ?? this.open(brokerId, key);
    opened
      .then(exchange)
      .catch((error: unknown) => {
        if (error instanceof InvariantViolation) this.violation ??= error;
        if (this.connections.get(key) === opened) this.connections.delete(key);
      })
      .finally(then);
  }

  private open(brokerId: number, key: string): Promise<PeerConnection> {
    const timeouts = { connectTimeoutMs: CLIENT_TIMEOUT_MS, requestTimeoutMs: CLIENT_TIMEOUT_MS };
    const opened = this.connect({
      host: `node-${brokerId}`,
      port: 9092,
      clientId: 'client',
      clock: this.clock,
      ...timeouts,
    });
    this.connections.set(key, opened);
    return opened;
  }
}
