/**
 * A broker in one of its lives: the production parts, put together as server.ts does it, over the simulation's clock, disk,
 * network and ZooKeeper. What clients of groups and transactions need is left out.
 */
import { produceHandler } from '../../../broker/apis/00-produce';
import { fetchHandler } from '../../../broker/apis/01-fetch';
import { listOffsetsHandler } from '../../../broker/apis/02-list-offsets';
import { leaderAndIsrHandler } from '../../../broker/apis/04-leader-and-isr';
import { stopReplicaHandler } from '../../../broker/apis/05-stop-replica';
import { updateMetadataHandler } from '../../../broker/apis/06-update-metadata';
import { controlledShutdownHandler } from '../../../broker/apis/07-controlled-shutdown';
import { apiVersionsHandler } from '../../../broker/apis/18-api-versions';
import { offsetForLeaderEpochHandler } from '../../../broker/apis/23-offset-for-leader-epoch';
import { alterPartitionHandler } from '../../../broker/apis/56-alter-partition';
import { ZooKeeperCluster } from '../../../broker/cluster-zookeeper';
import { defaultLogConfig, LogManager, logManagerSettings, withTopicOverrides } from '../../../broker/log';
import { MetadataCache } from '../../../broker/metadata/metadata-cache';
import { Dispatch } from '../../../broker/net/dispatch';
import { ReplicaManager, replicationConfigOf } from '../../../broker/replication';
import { RemoteLeader } from '../../../broker/replication/leader-endpoint';
import type { Partition } from '../../../broker/replication/partition';
import type { Connect } from '../../../client/connection';
import type { Logger } from '../../../runtime/logger';
import { Metrics } from '../../../runtime/metrics';
import type { Random } from '../../../runtime/random';
import { BrokerConfig, topicDefaults } from '../../../settings';
import type { ZooKeeperClient } from '../../../zookeeper';
import type { InMemoryDisk } from '../../support/in-memory-disk';
import type { InMemoryZooKeeper } from '../../support/in-memory-zookeeper';
import type { NetworkNode, SimulatedNetwork } from './network';
import { ProcessClock, type SimulatedClock } from './simulated-clock';

export const SESSION_TIMEOUT_MS = 1200;
export const LAG_TIME_MS = 1000;

export interface World {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly zookeeper: InMemoryZooKeeper;
  readonly network: SimulatedNetwork;
  readonly logger: Logger;
}

const CONFIG = {
  'zookeeper.connect': 'memory:2181',
  'zookeeper.session.timeout.ms': String(SESSION_TIMEOUT_MS),
  'log.dirs': '/logs',
  'gregor.fast.fence.enable': 'false',
  'min.insync.replicas': '2',
  'log.retention.ms': '-1',
  'replica.lag.time.max.ms': String(LAG_TIME_MS),
  'replica.fetch.wait.max.ms': '400',
  'replica.fetch.backoff.ms': '200',
  'replica.socket.timeout.ms': '1000',
  'replica.high.watermark.checkpoint.interval.ms': '700',
  'controller.socket.timeout.ms': '1000',
  'request.timeout.ms': '1000',
};

export class SimulatedBroker implements NetworkNode {
  private readonly clock: ProcessClock;
  private readonly death = new AbortController();
  private dispatching: Dispatch | null = null;
  private parts: {
    zk: ZooKeeperClient;
    cluster: ZooKeeperCluster;
    replicas: ReplicaManager;
    metadata: MetadataCache;
  } | null = null;
  /** The start went through; false while it waits for its old session to end, too. */
  started = false;

  constructor(
    readonly address: number,
    private readonly disk: InMemoryDisk,
    private readonly world: World,
    /** The start failed: a process would end now. */
    onStartFailed: () => void,
  ) {
    this.clock = new ProcessClock(world.clock);
    this.start().catch((error: unknown) => {
      if (!this.isAlive()) return;
      world.logger.error(`Broker ${address} cannot start`, error);
      onStartFailed();
    });
  }

  readonly isAlive = (): boolean => !this.death.signal.aborted;
  readonly dispatch = (): Dispatch | null => this.dispatching;

  get metadata(): MetadataCache | null {
    return this.parts?.metadata ?? null;
  }

  get zk(): ZooKeeperClient | null {
    return this.parts?.zk ?? null;
  }

  get isController(): boolean {
    return this.parts?.cluster.controller.isActive ?? false;
  }

  partition(topic: string, partition: number): Partition | null {
    return this.parts?.replicas.hosted.get(topic, partition) ?? null;
  }

  /** kill -9: not one more instruction of it takes effect; what it wrote stays. */
  kill(): void {
    this.clock.kill();
    this.death.abort();
    this.world.network.kill(this);
  }

  private async start(): Promise<void> {
    const { world, clock } = this;
    const { logger, random, zookeeper, network } = world;
    const config = BrokerConfig.parse({ ...CONFIG, 'broker.id': String(this.address) });
    const metadata = new MetadataCache();
    const metrics = new Metrics();
    const zk = await zookeeper.connect({
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      killed: this.death.signal,
      name: `broker ${this.address}`,
      logger,
    });
    if (!this.isAlive()) return;
    const shared = { config, clock, random, logger, metrics, metadata };
    const connect = network.connectFrom(this);
    const cluster = new ZooKeeperCluster({ ...shared, events: { emit: () => undefined }, client: zk, connect });
    const { clusterId } = await cluster.connect();
    const disk = this.disk.view(this.isAlive);
    const brokerId = await cluster.resolveBrokerId(LogManager.readIdentities(config.logDirs, disk));
    const logs = await LogManager.load({
      logDirs: config.logDirs,
      brokerId,
      clusterId,
      defaults: withTopicOverrides(defaultLogConfig, Object.fromEntries(topicDefaults(config.values))),
      topicConfigs: await cluster.topicConfigs(),
      settings: logManagerSettings(config),
      clock,
      logger,
      disk,
      random,
      lock: false,
    });
    const replicas = this.createReplicas(shared, logs, cluster, connect);
    this.parts = { zk, cluster, replicas, metadata };
    await replicas.startup();
    await cluster.register({
      endpoints: [{ listener: 'PLAINTEXT', host: `node-${this.address}`, port: 9092, securityProtocol: 0 }],
      jmxPort: -1,
    });
    cluster.startController();
    if (!this.isAlive()) return;
    this.listen({ ...shared, replicas, cluster: cluster.change, controller: cluster.controller });
    this.started = true;
  }

  private createReplicas(
    shared: {
      config: BrokerConfig;
      clock: ProcessClock;
      random: Random;
      logger: Logger;
      metrics: Metrics;
      metadata: MetadataCache;
    },
    logs: LogManager,
    cluster: ZooKeeperCluster,
    connect: Connect,
  ): ReplicaManager {
    const config = replicationConfigOf(shared.config);
    const { clock, metadata } = shared;
    return new ReplicaManager({
      ...shared,
      config,
      logs,
      cluster: cluster.change,
      connectLeader: (leaderId, clientId) =>
        new RemoteLeader({
          brokerId: this.address,
          leaderId,
          clientId,
          socketTimeoutMs: config.socketTimeoutMs,
          clock,
          connect,
          endpoint: () => metadata.endpoint(leaderId, config.interBrokerListenerName),
        }),
    });
  }

  private listen(
    parts: Parameters<typeof fetchHandler>[0] &
      Parameters<typeof leaderAndIsrHandler>[0] &
      Parameters<typeof alterPartitionHandler>[0] &
      Parameters<typeof offsetForLeaderEpochHandler>[0] &
      Parameters<typeof controlledShutdownHandler>[0],
  ): void {
    const handlers = [
      produceHandler(parts),
      fetchHandler(parts),
      listOffsetsHandler(parts),
      leaderAndIsrHandler(parts),
      stopReplicaHandler(parts),
      updateMetadataHandler(parts),
      controlledShutdownHandler(parts),
      offsetForLeaderEpochHandler(parts),
      alterPartitionHandler(parts),
    ];
    this.dispatching = new Dispatch([...handlers, apiVersionsHandler(handlers)], this.clock, this.world.logger);
    this.world.network.listen(this);
  }
}
