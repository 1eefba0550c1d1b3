/**
 * The broker's side of a cluster that coordinates through ZooKeeper: its session, its registration, its controller,
 * and what it may change. Owns the session and the pieces built on it; the methods are called by server.ts in the order
 * in which they stand here, which is that of Kafka's KafkaServer.
 */
import type { Connect } from '../../client/connection';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { Metrics } from '../../runtime/metrics';
import type { Random } from '../../runtime/random';
import type { BrokerConfig } from '../../settings/broker-config';
import { SECURITY_PROTOCOLS } from '../../settings/listeners';
import { connect as connectToZooKeeper, type ZooKeeperClient } from '../../zookeeper';
import {
  type RegisteredEndpoint,
  brokerPath,
  configPath,
  decodeEntityConfig,
  TOP_LEVEL_PATHS,
  topicConfigEntity,
  TOPICS_PATH,
} from '../../zookeeper/znodes';
import type { ClusterChange } from '../cluster/cluster-change';
import type { Endpoint, MetadataCache } from '../metadata/metadata-cache';
import type { StartupEvents } from '../startup-events';
import type { Admin } from './admin';
import { AutoTopicCreation } from './admin/auto-topic-creation';
import { TopicCreation } from './admin/topic-creation';
import { ZooKeeperAdmin } from './admin/zookeeper-admin';
import { answersAsBroker } from './broker-probe';
import { checkIdentity, generateBrokerId, readOrCreateClusterId, type StoredIdentity } from './cluster-identity';
import { ConfigChanges, readBrokerConfig } from './config-changes';
import type { ConfigListeners, DynamicBrokerConfig } from './config-listeners';
import type { Controller } from './controller';
import type { OpenConnection } from './controller/broker-channels';
import { FastFence } from './fast-fence/fast-fence';
import { ControllerRequests } from './controller/controller-requests';
import { ZooKeeperController } from './controller/zookeeper-controller';
import { ControllerChannel } from './controller-channel';
import { registerControllerMetrics } from './controller-metrics';
import { IsrProposals } from './isr-proposals';
import { Registration } from './registration';
import { requestControlledShutdown } from './shutdown-request';
import { orNull } from './zk-reads';
import { ZkClusterChange } from './zk-cluster-change';

export interface ZooKeeperClusterOptions {
  config: BrokerConfig;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: Metrics;
  metadata: MetadataCache;
  events: Pick<StartupEvents, 'emit'>;
  /** A session that exists already, for tests without a server; left out: one is opened by zookeeper.connect. */
  client?: ZooKeeperClient;
  /** Makes connections to other brokers; left out: real ones. */
  connect?: Connect;
}

export interface RegistrationInfo {
  /** The advertised listeners, with the ports that are really bound. */
  readonly endpoints: readonly Endpoint[];
  /** -1 when there is none */
  readonly jmxPort: number;
}

interface Pieces {
  readonly requests: ControllerRequests;
  readonly controller: ZooKeeperController;
  readonly channels: readonly ControllerChannel[];
  readonly proposals: IsrProposals;
  readonly change: ZkClusterChange;
  readonly admin: ZooKeeperAdmin;
}

export class ZooKeeperCluster {
  private zk: ZooKeeperClient | null = null;
  private clusterId = '';
  private brokerId = -1;
  private registration: Registration | null = null;
  private pieces: Pieces | null = null;
  private configChanges: ConfigChanges | null = null;
  private fastFence: FastFence | null = null;
  private stopListening: (() => void) | null = null;

  constructor(private readonly options: ZooKeeperClusterOptions) {}

  /** What this broker may change in the cluster. Usable once the broker id is known. */
  get change(): ClusterChange {
    return this.parts.change;
  }

  /** Answers the requests that go to the controller; refuses them while another broker is. Usable as `change` is. */
  get controller(): Controller {
    return this.parts.requests;
  }

  /** Topics and configurations on behalf of administrators. Usable as `change` is. */
  get admin(): Admin {
    return this.parts.admin;
  }

  /** The session with ZooKeeper. Usable from connect() on. */
  get client(): ZooKeeperClient {
    if (!this.zk) throw new Error('there is no ZooKeeper session yet');
    return this.zk;
  }

  /** Startup steps 2 and 3: opens the session, makes the top-level nodes, reads or creates the cluster id. */
  async connect(): Promise<{ clusterId: string }> {
    const { config, clock, logger, random, events } = this.options;
    const log = logger.for('kafka.server.KafkaServer');
    log.info(`Connecting to zookeeper on ${config.zookeeperConnect}`);
    this.zk =
      this.options.client ??
      (await connectToZooKeeper({
        connectString: config.zookeeperConnect,
        sessionTimeoutMs: config.zookeeperSessionTimeoutMs,
        connectionTimeoutMs: config.zookeeperConnectionTimeoutMs,
        maxInFlight: config.int('zookeeper.max.in.flight.requests'),
        clock,
        logger,
        name: 'Kafka server',
        random,
      }));
    const { session } = this.zk;
    events.emit('session established', {
      session: `0x${session.sessionId.toString('hex')}`,
      timeoutMs: session.negotiatedTimeoutMs,
    });
    await Promise.all(TOP_LEVEL_PATHS.map((path) => session.createRecursive(path, null, { ignoreExisting: true })));
    this.clusterId = await readOrCreateClusterId(session, random);
    log.info(`Cluster ID = ${this.clusterId}`);
    events.emit('cluster id read', { clusterId: this.clusterId });
    return { clusterId: this.clusterId };
  }

  /**
   * Startup steps 4 and 5: checks what the log directories say and determines this broker's id, which is generated
   * when neither the configuration nor a directory names one.
   * @throws IdentityError that says which ids do not agree and what to do
   */
  async resolveBrokerId(stored: readonly StoredIdentity[]): Promise<number> {
    const { config } = this.options;
    const known = checkIdentity(stored, this.clusterId, config.int('broker.id'));
    if (known === null && !config.boolean('broker.id.generation.enable')) {
      throw new Error('broker.id is not set, and broker.id.generation.enable is false');
    }
    this.brokerId = known ?? (await generateBrokerId(this.client.session, config.int('reserved.broker.max.id')));
    this.pieces = this.build();
    return this.brokerId;
  }

  /** Startup step 6. */
  dynamicBrokerConfig(): Promise<DynamicBrokerConfig> {
    return readBrokerConfig(this.client.session, this.brokerId);
  }

  /** Startup step 9: the overrides of all topics, for loading their logs. */
  async topicConfigs(): Promise<Map<string, Record<string, string>>> {
    const { session } = this.client;
    const { children: topics } = await session.getChildren(TOPICS_PATH);
    const configs = await Promise.all(
      topics.map(async (topic) => {
        const entity = topicConfigEntity(topic);
        const node = await orNull(session.getData(configPath(entity)));
        return [topic, decodeEntityConfig(entity, node?.data ?? null)] as const;
      }),
    );
    return new Map(configs);
  }

  /** Startup step 15. Waits for an old session of this broker to end; rejects with RegistrationError when the id is taken. */
  async register({ endpoints, jmxPort }: RegistrationInfo): Promise<void> {
    const { config, clock, logger, events } = this.options;
    this.registration = new Registration({
      zk: this.client.session,
      clock,
      logger: logger.for('kafka.zk.KafkaZkClient'),
      brokerId: this.brokerId,
      endpoints: endpoints.map(registeredEndpoint),
      rack: config.rack,
      jmxPort,
      publishSession: config.fastFenceEnable,
      probe: (endpoint) => answersAsBroker(endpoint, clock, this.options.connect),
    });
    await this.registration.register();
    events.emit('broker registered', { path: brokerPath(this.brokerId), czxid: this.registration.brokerEpoch });
  }

  /** Registers other addresses than before; the controller tells all brokers. The broker epoch stays. */
  async updateEndpoints(endpoints: readonly Endpoint[]): Promise<void> {
    await this.registration?.update(endpoints.map(registeredEndpoint));
  }

  /** Startup step 17. Runs on by itself. */
  startController(): void {
    const { config } = this.options;
    const { controller } = this.parts;
    controller.startup();
    this.stopListening = config.onChange((changed) => {
      const allowed = changed.has('unclean.leader.election.enable') && config.boolean('unclean.leader.election.enable');
      if (allowed) controller.uncleanElectionEnabled();
    });
  }

  /** Startup step 21: tells the configurations as they are, then every change. */
  async startConfigListener(listeners: ConfigListeners): Promise<void> {
    const { clock, logger } = this.options;
    this.configChanges = new ConfigChanges({
      client: this.client,
      clock,
      logger: logger.for('kafka.server.ZkConfigManager'),
      brokerId: this.brokerId,
      listeners: {
        onBrokerConfig: (config) => listeners.onBrokerConfig(config),
        onTopicConfig: (topic, overrides) => {
          listeners.onTopicConfig(topic, overrides);
          const unclean = overrides['unclean.leader.election.enable']?.trim().toLowerCase() === 'true';
          if (unclean) this.parts.controller.uncleanElectionEnabled(topic);
        },
      },
    });
    await this.configChanges.startup();
  }

  /** After step 22: watches for brokers that are provably dead, unless gregor.fast.fence.enable is off. */
  async startFastFence(): Promise<void> {
    const { config, clock, logger, events } = this.options;
    if (!config.fastFenceEnable) return;
    this.fastFence = new FastFence({
      brokerId: this.brokerId,
      client: this.client,
      connectString: config.zookeeperConnect,
      listeners: [...new Set([config.interBrokerListenerName, this.controllerListenerName])],
      clock,
      logger: logger.for('gregor.FastFence', `[FastFence id=${this.brokerId}] `),
      onFenced: (fenced) => events.emit('dead broker fenced', { 'broker.id': fenced }),
    });
    await this.fastFence.startup();
  }

  /** Whether ZooKeeper can be reached just now. */
  get hasSession(): boolean {
    return this.zk?.session.state === 'connected';
  }

  /** Before step 1 of a stop: from here on a closed port of this broker means nothing. */
  async stopFastFence(): Promise<void> {
    await this.fastFence?.shutdown();
  }

  /** Shutdown step 1: asks the controller to move leadership away. False when it did not succeed; the caller goes on. */
  controlledShutdown(): Promise<boolean> {
    const { clock, logger, metadata, config } = this.options;
    return requestControlledShutdown({
      clock,
      logger: logger.for('kafka.server.KafkaServer', `[KafkaServer id=${this.brokerId}] `),
      metadata,
      config,
      brokerId: this.brokerId,
      listenerName: this.controllerListenerName,
      connect: this.options.connect,
      brokerEpoch: () => this.registration?.brokerEpoch ?? -1,
    });
  }

  /** Shutdown step 2. */
  async stopConfigListener(): Promise<void> {
    this.stopListening?.();
    await this.configChanges?.shutdown();
  }

  /** Shutdown step 2, after the replica manager: no more ISR changes or producer ids. */
  stopChannels(): Promise<void> {
    this.pieces?.proposals.stop();
    for (const channel of this.pieces?.channels ?? []) channel.stop();
    return Promise.resolve();
  }

  /** Shutdown step 4. */
  async stopController(): Promise<void> {
    await this.pieces?.controller.shutdown();
  }

  /** Shutdown step 5: ends the session, and with it this broker's registration. */
  async close(): Promise<void> {
    await this.zk?.close();
  }

  private get parts(): Pieces {
    if (!this.pieces) throw new Error('the broker id is not known yet');
    return this.pieces;
  }

  private get controllerListenerName(): string {
    const { config } = this.options;
    return config.stringOrNull('control.plane.listener.name') ?? config.interBrokerListenerName;
  }

  private build(): Pieces {
    const { config, clock, random, logger, metadata, metrics, events } = this.options;
    const { brokerId } = this;
    const zk = this.client.session;
    const controller = new ZooKeeperController({
      brokerId,
      client: this.client,
      config,
      clock,
      random,
      logger,
      registerAgain: async () => {
        await this.registration?.register();
        events.emit('broker registered', { path: brokerPath(brokerId), czxid: this.registration?.brokerEpoch ?? -1 });
      },
      onElected: (epoch) => events.emit('controller elected', { brokerId, epoch }),
      open: this.controlConnections(),
    });
    const requests = new ControllerRequests(controller, metadata, clock);
    registerControllerMetrics(metrics, controller);
    const brokerEpoch = (): number => this.registration?.brokerEpoch ?? -1;
    const isrChannel = this.channel('alter-partition');
    const producerIdChannel = this.channel('forwarding');
    const adminLogger = logger.for('kafka.server.ZkAdminManager', `[Admin Manager on Broker ${brokerId}]: `);
    const proposals = new IsrProposals({ clock, logger: adminLogger, brokerId, channel: isrChannel, brokerEpoch });
    const creation = new TopicCreation({ zk, config, random, logger: adminLogger, metadata });
    const autoCreation = new AutoTopicCreation(creation, config, adminLogger);
    const change = new ZkClusterChange({
      zk,
      logger: adminLogger,
      brokerId,
      proposals,
      producerIdChannel,
      autoCreation,
      brokerEpoch,
    });
    const admin = new ZooKeeperAdmin({
      zk,
      config,
      clock,
      logger: adminLogger,
      metadata,
      creation,
      controller: requests,
    });
    return { requests, controller, channels: [isrChannel, producerIdChannel], proposals, change, admin };
  }

  /** How the controller reaches brokers, where that is not over the network. */
  private controlConnections(): OpenConnection | undefined {
    const { config, clock, connect } = this.options;
    if (!connect) return undefined;
    const connectTimeoutMs = config.int('controller.socket.timeout.ms');
    const { requestTimeoutMs } = config;
    const clientId = String(this.brokerId);
    return (host, port, signal) => connect({ host, port, clientId, connectTimeoutMs, requestTimeoutMs, clock, signal });
  }

  private channel(name: string): ControllerChannel {
    const { config, clock, logger, metadata } = this.options;
    return new ControllerChannel({
      clock,
      logger: logger.for(
        'kafka.server.NodeToControllerRequestThread',
        `[zk-broker-${this.brokerId}-to-controller-${name}-channel-manager]: `,
      ),
      metadata,
      brokerId: this.brokerId,
      listenerName: this.controllerListenerName,
      requestTimeoutMs: config.int('controller.socket.timeout.ms'),
      connectTimeoutMs: config.int('controller.socket.timeout.ms'),
      connect: this.options.connect,
    });
  }
}

function registeredEndpoint({ listener, host, port, securityProtocol }: Endpoint): RegisteredEndpoint {
  return { listener, host, port, securityProtocol: SECURITY_PROTOCOLS[securityProtocol] ?? 'PLAINTEXT' };
}
