/**
 * What the tests of the controller share: a ZooKeeper in memory, brokers that are nothing but a registration and a
 * record of the requests they were sent, and controllers over both.
 */
import type { OpenConnection } from '../../../../broker/cluster-zookeeper/controller/broker-channels';
import { ZooKeeperController } from '../../../../broker/cluster-zookeeper/controller/zookeeper-controller';
import type { Api, Fields, InputOf, MessageOf } from '../../../../protocol';
import { leaderAndIsr, stopReplica, updateMetadata } from '../../../../protocol/apis';
import type { LeaderAndIsrRequest, StopReplicaRequest, UpdateMetadataRequest } from '../../../../protocol/apis';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { seededRandom } from '../../../../runtime/random';
import { BrokerConfig } from '../../../../settings/broker-config';
import type { ZooKeeperClient } from '../../../../zookeeper';
import * as znodes from '../../../../zookeeper/znodes';
import { eventually } from '../../../support/eventually';
import { InMemoryZooKeeper } from '../../../support/in-memory-zookeeper';

export const BASE_PORT = 9000;

/** What a broker was told of one partition. */
export interface ToldPartition {
  readonly partition: string;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
}

export type Told =
  | {
      readonly kind: 'LeaderAndIsr';
      readonly partitions: readonly (ToldPartition & { isNew: boolean; replicas: readonly number[] })[];
    }
  | {
      readonly kind: 'UpdateMetadata';
      readonly brokers: readonly number[];
      readonly partitions: readonly ToldPartition[];
    }
  | {
      readonly kind: 'StopReplica';
      readonly partitions: readonly { partition: string; leaderEpoch: number; deletePartition: boolean }[];
    };

/** Stands for a broker: registered, and answering the controller with success unless told otherwise. */
export class FakeBroker {
  readonly told: Told[] = [];
  readonly controllerEpochs: number[] = [];
  readonly brokerEpochs: number[] = [];
  /** Error code for each partition of a LeaderAndIsr or StopReplica; 0 when left out. */
  errorOf: (kind: 'LeaderAndIsr' | 'StopReplica', partition: string) => number = () => 0;
  /** Requests are not answered while this is set. */
  silent = false;
  epoch = -1;

  constructor(
    readonly id: number,
    readonly client: ZooKeeperClient,
  ) {}

  async register(rack: string | null = null): Promise<void> {
    const endpoints = [
      { listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'localhost', port: BASE_PORT + this.id },
    ];
    const data = znodes.encodeBrokerRegistration({
      brokerId: this.id,
      endpoints,
      rack,
      jmxPort: -1,
      timestampMs: 0,
      features: {},
    });
    const { stat } = await this.client.session.create(znodes.brokerPath(this.id), data, 'ephemeral');
    this.epoch = Number(stat.czxid);
  }

  /** What it was told of a kind, the last first. */
  last<K extends Told['kind']>(kind: K): Extract<Told, { kind: K }> | undefined {
    return this.told.findLast((told): told is Extract<Told, { kind: K }> => told.kind === kind);
  }

  answer(api: Api, body: unknown): unknown {
    const header = body as { controllerEpoch: number; brokerEpoch: number };
    this.controllerEpochs.push(header.controllerEpoch);
    this.brokerEpochs.push(header.brokerEpoch);
    if (api.key === leaderAndIsr.key) return this.takeLeaderAndIsr(body as LeaderAndIsrRequest);
    if (api.key === updateMetadata.key) return this.takeMetadata(body as UpdateMetadataRequest);
    if (api.key === stopReplica.key) return this.takeStop(body as StopReplicaRequest);
    throw new Error(`unexpected request ${api.name}`);
  }

  private takeLeaderAndIsr({ topicStates }: LeaderAndIsrRequest): unknown {
    const partitions = topicStates.flatMap(({ topicName, partitionStates }) =>
      partitionStates.map(({ partitionIndex, leader, leaderEpoch, isr, isNew, replicas }) => ({
        partition: `${topicName}-${partitionIndex}`,
        leader,
        leaderEpoch,
        isr,
        isNew,
        replicas,
      })),
    );
    this.told.push({ kind: 'LeaderAndIsr', partitions });
    return {
      errorCode: 0,
      partitionErrors: [],
      topics: topicStates.map(({ topicId, topicName, partitionStates }) => ({
        topicId,
        partitionErrors: partitionStates.map(({ partitionIndex }) => ({
          topicName: '',
          partitionIndex,
          errorCode: this.errorOf('LeaderAndIsr', `${topicName}-${partitionIndex}`),
        })),
      })),
    };
  }

  private takeMetadata({ topicStates, liveBrokers }: UpdateMetadataRequest): unknown {
    const partitions = topicStates.flatMap(({ topicName, partitionStates }) =>
      partitionStates.map(({ partitionIndex, leader, leaderEpoch, isr }) => ({
        partition: `${topicName}-${partitionIndex}`,
        leader,
        leaderEpoch,
        isr,
      })),
    );
    this.told.push({ kind: 'UpdateMetadata', brokers: liveBrokers.map(({ id }) => id), partitions });
    return { errorCode: 0 };
  }

  private takeStop({ topicStates }: StopReplicaRequest): unknown {
    const partitions = topicStates.flatMap(({ topicName, partitionStates }) =>
      partitionStates.map(({ partitionIndex, leaderEpoch, deletePartition }) => ({
        partition: `${topicName}-${partitionIndex}`,
        leaderEpoch,
        deletePartition,
      })),
    );
    this.told.push({ kind: 'StopReplica', partitions });
    return {
      errorCode: 0,
      partitionErrors: topicStates.flatMap(({ topicName, partitionStates }) =>
        partitionStates.map(({ partitionIndex }) => ({
          topicName,
          partitionIndex,
          errorCode: this.errorOf('StopReplica', `${topicName}-${partitionIndex}`),
        })),
      ),
    };
  }
}

export class TestCluster {
  readonly clock = new ManualClock();
  readonly zookeeper = new InMemoryZooKeeper({ clock: this.clock });
  readonly brokers = new Map<number, FakeBroker>();
  readonly controllers: ZooKeeperController[] = [];
  /** For what the test itself reads and writes. */
  admin!: ZooKeeperClient;

  static async start(brokerIds: readonly number[]): Promise<TestCluster> {
    const cluster = new TestCluster();
    cluster.admin = await cluster.zookeeper.connect();
    const { session } = cluster.admin;
    for (const path of znodes.TOP_LEVEL_PATHS) await session.createRecursive(path, null, { ignoreExisting: true });
    for (const id of brokerIds) await cluster.join(id);
    return cluster;
  }

  /** A broker registers. */
  async join(id: number, rack: string | null = null): Promise<FakeBroker> {
    const broker = new FakeBroker(id, await this.zookeeper.connect());
    this.brokers.set(id, broker);
    await broker.register(rack);
    return broker;
  }

  broker(id: number): FakeBroker {
    return this.brokers.get(id) as FakeBroker;
  }

  /** A broker's session ends. */
  async die(id: number): Promise<void> {
    await this.broker(id).client.close();
    this.brokers.delete(id);
  }

  /** Makes a broker take part in the election, over its own session, and waits until it knows a controller. */
  async control(id: number, settings: Record<string, string> = {}): Promise<ZooKeeperController> {
    const broker = this.broker(id);
    const config = BrokerConfig.parse({
      'broker.id': String(id),
      'zookeeper.connect': 'memory',
      'auto.leader.rebalance.enable': 'false',
      ...settings,
    });
    const controller = new ZooKeeperController({
      brokerId: id,
      client: broker.client,
      config,
      clock: this.clock,
      random: seededRandom(id + 1),
      logger: silentLogger,
      registerAgain: () => broker.register(),
      open: this.open,
    });
    this.controllers.push(controller);
    controller.startup();
    await eventually('a controller', () => controller.activeControllerId >= 0 && controller.queuedEvents === 0);
    return controller;
  }

  private readonly open: OpenConnection = async (_host, port) => {
    const broker = this.brokers.get(port - BASE_PORT);
    if (!broker) throw new Error('connection refused');
    return {
      closed: false,
      close: () => undefined,
      send: async <Q extends Fields, S extends Fields>(
        api: Api<Q, S>,
        _version: number,
        body: InputOf<MessageOf<Q>>,
      ) => {
        await eventually('an answer', () => !broker.silent);
        return broker.answer(api as unknown as Api, body) as MessageOf<S>;
      },
    };
  };

  /** Writes a topic as CreateTopics does: configuration first. */
  async createTopic(topic: string, replicas: readonly number[][], config: Record<string, string> = {}): Promise<void> {
    const { session } = this.admin;
    await session.createRecursive(
      znodes.configPath(znodes.topicConfigEntity(topic)),
      znodes.encodeEntityConfig(config),
    );
    const partitions = new Map(
      replicas.map((list, index) => [index, { replicas: list, addingReplicas: [], removingReplicas: [] }]),
    );
    const topicId = Buffer.alloc(16, topic).toString('base64url');
    await session.create(znodes.topicPath(topic), znodes.encodeTopicAssignment({ topicId, partitions }));
  }

  /** The state node of a partition, null when there is none. */
  async state(topic: string, partition = 0): Promise<(znodes.PartitionState & { version: number }) | null> {
    const path = znodes.partitionStatePath(topic, partition);
    if (!(await this.admin.session.exists(path))) return null;
    const { data, stat } = await this.admin.session.getData(path);
    return { ...znodes.decodePartitionState(topic, partition, data), version: stat.version };
  }

  /** Waits for a partition's state to have a leader, or to be as `wanted` says. */
  expectLeader(topic: string, wanted: Partial<znodes.PartitionState> = {}, partition = 0): Promise<unknown> {
    return eventually(`state ${JSON.stringify(wanted)} of ${topic}-${partition}`, async () => {
      const state = await this.state(topic, partition);
      if (!state) return false;
      const differs = Object.entries(wanted).find(
        ([key, value]) => JSON.stringify(state[key as keyof typeof state]) !== JSON.stringify(value),
      );
      if (differs) throw new Error(JSON.stringify(state));
      return true;
    });
  }

  /** Waits until the controller has nothing left to do. */
  async quiet(): Promise<void> {
    await eventually('quiet', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return this.controllers.every(
        (controller) => controller.queuedEvents === 0 && controller.core.channels.queued === 0,
      );
    });
  }

  async stop(): Promise<void> {
    for (const broker of this.brokers.values()) broker.silent = false;
    for (const controller of this.controllers) await controller.shutdown();
    for (const broker of this.brokers.values()) await broker.client.close();
    await this.admin.close();
  }
}
