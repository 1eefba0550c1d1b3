/**
 * A broker as a whole: builds the parts, and owns the order in which they start and stop. That order is Kafka's
 * (kafka.server.KafkaServer), because other brokers, tools and people rely on it; docs/startup-sequence.md tells the
 * story of it. Every step is announced as a startup event.
 *
 * Legal transitions: not running → starting → recovery → running → pending controlled shutdown → shutting down → not
 * running; a start that fails goes to shutting down.
 */
import { AnswerMemory } from '../runtime/answer-memory';
import { systemClock, type Clock, type TimerHandle } from '../runtime/clock';
import { createLogger, type Logger } from '../runtime/logger';
import { Metrics } from '../runtime/metrics';
import { systemRandom, type Random } from '../runtime/random';
import { TaskGroup } from '../runtime/task-group';
import { topicDefaults, type BrokerConfig } from '../settings';
import { handlersOf } from './apis';
import type { BrokerParts } from './apis/parts';
import { ZooKeeperCluster } from './cluster-zookeeper';
import { advertisedEndpoints, DynamicListeners, listenerAddresses } from './dynamic-listeners';
import { isExplained } from './explained-error';
import { GroupCoordinator } from './group';
import { HttpListener } from './http-listener';
import { defaultLogConfig, LogManager, logManagerSettings, withTopicOverrides, type LogConfig } from './log';
import { MetadataCache } from './metadata/metadata-cache';
import { Dispatch, type RequestFault } from './net/dispatch';
import { SocketServer } from './net/socket-server';
import { ReplicaManager, replicationConfigOf, throttleRatesOf } from './replication';
import { registerBrokerMetrics } from './server-metrics';
import { StartupEvents } from './startup-events';
import { ProducerIdManager } from './transaction';

/** Codes of Kafka's BrokerState, as its metric shows them. */
export const BrokerState = {
  NOT_RUNNING: 0,
  STARTING: 1,
  RECOVERY: 2,
  RUNNING: 3,
  PENDING_CONTROLLED_SHUTDOWN: 6,
  SHUTTING_DOWN: 7,
} as const;

export interface KafkaServerOptions {
  config: BrokerConfig;
  logger?: Logger;
  clock?: Clock;
  random?: Random;
  /** Called once when the broker cannot go on: its last log directory has failed. A process ends then, as Kafka's halts. */
  onFatal?: (why: string) => void;
}

/** What exists from a start until the stop that follows it; assigned step by step. */
interface Running {
  metadata: MetadataCache;
  cluster: ZooKeeperCluster;
  logs: LogManager;
  replicas: ReplicaManager;
  groups: GroupCoordinator;
  sockets: SocketServer;
  listeners: DynamicListeners;
  http: HttpListener;
}

const NO_JMX_PORT = -1;
/** How long a stop waits for each part that needs ZooKeeper. */
const ZOOKEEPER_STOP_MS = 3_000;

export class KafkaServer {
  readonly config: BrokerConfig;
  readonly metrics = new Metrics();
  readonly events: StartupEvents;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly rootLogger: Logger;
  private logger: Logger;
  private readonly parts: Partial<Running> = {};
  private readonly answerMemory: AnswerMemory;
  private readonly tasks: TaskGroup;
  private dispatch: Dispatch | null = null;
  private fault: RequestFault | null = null;
  private stopping: Promise<void> | null = null;
  private stateCode: number = BrokerState.NOT_RUNNING;

  constructor(private readonly options: KafkaServerOptions) {
    this.config = options.config;
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? systemRandom;
    this.rootLogger = options.logger ?? createLogger();
    this.logger = this.rootLogger.for('kafka.server.KafkaServer', `[KafkaServer id=${this.config.brokerId}] `);
    this.events = new StartupEvents(this.clock);
    this.answerMemory = new AnswerMemory(this.config.answerMemoryBytes);
    this.tasks = new TaskGroup('broker', this.clock, this.logger);
  }

  /** One of BrokerState's codes. */
  get state(): number {
    return this.stateCode;
  }

  get brokerId(): number {
    return this.config.brokerId;
  }

  /** The port that a listener is really bound to. */
  portOf(listenerName: string): number {
    return this.running('sockets').portOf(listenerName);
  }

  /** Port of the HTTP listener, null when it is off. */
  get httpPort(): number | null {
    return this.parts.http?.port ?? null;
  }

  /** The session with ZooKeeper and what hangs on it: for tests that expire it. */
  get cluster(): ZooKeeperCluster {
    return this.running('cluster');
  }

  /** Makes requests fail on purpose; null ends that. For tests; may be called before the start. */
  injectFault(fault: RequestFault | null): void {
    this.fault = fault;
  }

  /** Starts the broker; when it resolves, requests are served. Rejects, with everything stopped again, when it cannot. */
  async startup(): Promise<void> {
    this.logger.info('starting');
    this.stateCode = BrokerState.STARTING;
    this.events.emit('starting', { 'broker.id': this.config.brokerId });
    try {
      await this.start();
    } catch (error) {
      const text = 'Fatal error during KafkaServer startup. Prepare to shutdown';
      if (isExplained(error)) this.logger.error(`${text}: ${error.message}`);
      else this.logger.error(text, error);
      await this.shutdown();
      throw error;
    }
    this.stateCode = BrokerState.RUNNING;
    this.events.emit('running');
    this.logger.info('started');
  }

  /** Stops the broker; safe to call twice and after a start that failed. */
  shutdown(): Promise<void> {
    this.stopping ??= this.stop();
    return this.stopping;
  }

  private async start(): Promise<void> {
    const { config, events } = this;
    const { clock, random, metrics } = this;
    const shared = { config, clock, random, metrics, logger: this.rootLogger, metadata: new MetadataCache() };
    const cluster = new ZooKeeperCluster({ ...shared, events });
    this.parts.cluster = cluster;
    const { clusterId } = await cluster.connect();
    await this.identify(cluster, clusterId);
    const logs = await this.loadLogs(cluster, clusterId);
    const sockets = this.createSockets();
    await sockets.bindFreePorts();
    const { change } = cluster;
    const replicas = new ReplicaManager({
      ...shared,
      config: replicationConfigOf(config),
      logs,
      cluster: change,
      answerMemory: this.answerMemory,
    });
    this.parts.replicas = replicas;
    await replicas.startup();
    const endpoints = advertisedEndpoints(config, sockets);
    await cluster.register({ endpoints, jmxPort: NO_JMX_PORT });
    cluster.startController();
    const groups = new GroupCoordinator({ ...shared, replicas, cluster: change });
    this.parts.groups = groups;
    await groups.startup();
    const { brokerId } = config;
    const producerIds = new ProducerIdManager({ ...shared, brokerId, cluster: change });
    const { controller, admin } = cluster;
    const parts = {
      ...shared,
      brokerId,
      clusterId,
      logs,
      replicas,
      groups,
      producerIds,
      cluster: change,
      controller,
      admin,
    };
    this.dispatch = this.createDispatch(parts);
    await this.listenForConfig(cluster, logs, replicas);
    await this.openHttp(metrics, events, replicas);
    registerBrokerMetrics(metrics, {
      state: () => this.stateCode,
      sockets,
      controller,
      metadata: shared.metadata,
      answerMemory: this.answerMemory,
    });
    await sockets.startAccepting();
    const register = cluster.updateEndpoints.bind(cluster);
    this.parts.listeners = new DynamicListeners({ config, sockets, logger: this.logger, register }, endpoints);
    await cluster.startFastFence();
    events.emit('listeners open', Object.fromEntries(config.listeners.map(({ name }) => [name, sockets.portOf(name)])));
  }

  private createDispatch(parts: BrokerParts): Dispatch {
    const logger = this.rootLogger.for('kafka.server.KafkaApis', `[KafkaApi-${parts.brokerId}] `);
    const dispatch = new Dispatch(handlersOf(parts), this.clock, logger);
    dispatch.fault = (apiKey, clientId) => this.fault?.(apiKey, clientId) ?? null;
    return dispatch;
  }

  /** Step 21: from here on changes under /config take effect at once. */
  private async listenForConfig(cluster: ZooKeeperCluster, logs: LogManager, replicas: ReplicaManager): Promise<void> {
    this.config.onChange(() => {
      logs.updateDefaults(this.logDefaults());
      replicas.updateThrottleRates(throttleRatesOf(this.config));
    });
    replicas.updateThrottleRates(throttleRatesOf(this.config));
    await cluster.startConfigListener({
      onTopicConfig: (topic, overrides) => {
        logs.updateTopicConfig(topic, overrides);
        replicas.updateTopicConfig(topic, overrides);
      },
      onBrokerConfig: (dynamic) => this.takeDynamicConfig(dynamic.clusterWide, dynamic.perBroker),
    });
  }

  /** Steps 4 to 6: who this broker is, and the configuration that was set while it was away. */
  private async identify(cluster: ZooKeeperCluster, clusterId: string): Promise<void> {
    const stored = await LogManager.readIdentities(this.config.logDirs);
    const brokerId = await cluster.resolveBrokerId(stored);
    this.config.setGeneratedBrokerId(brokerId);
    this.logger = this.rootLogger.for('kafka.server.KafkaServer', `[KafkaServer id=${brokerId}] `);
    this.events.emit('broker id known', { 'broker.id': brokerId, 'cluster.id': clusterId });
    const dynamic = await cluster.dynamicBrokerConfig();
    this.takeDynamicConfig(dynamic.clusterWide, dynamic.perBroker);
  }

  private async loadLogs(cluster: ZooKeeperCluster, clusterId: string): Promise<LogManager> {
    this.stateCode = BrokerState.RECOVERY;
    const { config } = this;
    const logs = await LogManager.load({
      logDirs: config.logDirs,
      brokerId: config.brokerId,
      clusterId,
      defaults: this.logDefaults(),
      topicConfigs: await cluster.topicConfigs(),
      settings: logManagerSettings(config),
      clock: this.clock,
      logger: this.rootLogger,
      metrics: this.metrics,
    });
    this.parts.logs = logs;
    logs.onLogDirFailure(({ logDir, liveLogDirs }) => {
      if (liveLogDirs.length === 0)
        this.fail(`Shutdown broker because all log dirs have failed, the last is ${logDir}`);
    });
    this.stateCode = BrokerState.STARTING;
    this.events.emit('logs loaded', { logs: logs.allLogs().length });
    return logs;
  }

  private fail(why: string): void {
    this.logger.error(why);
    this.options.onFatal?.(why);
  }

  private logDefaults(): LogConfig {
    return withTopicOverrides(defaultLogConfig, Object.fromEntries(topicDefaults(this.config.values)));
  }

  private createSockets(): SocketServer {
    const { config } = this;
    const sockets = new SocketServer(
      listenerAddresses(config),
      {
        maxRequestBytes: config.socketRequestMaxBytes,
        maxConnections: () => config.int('max.connections'),
        maxConnectionsPerIp: () => config.int('max.connections.per.ip'),
        maxIdleMs: config.long('connections.max.idle.ms'),
      },
      {
        clock: this.clock,
        memory: this.answerMemory,
        logger: this.rootLogger.for('kafka.network.SocketServer', `[SocketServer brokerId=${config.brokerId}] `),
      },
      () => this.dispatch as Dispatch,
    );
    this.parts.sockets = sockets;
    return sockets;
  }

  private takeDynamicConfig(clusterWide: Record<string, string>, perBroker: Record<string, string>): void {
    this.config.updateDynamicDefaults(new Map(Object.entries(clusterWide)));
    this.config.updateDynamicBroker(new Map(Object.entries(perBroker)));
  }

  private async openHttp(metrics: Metrics, events: StartupEvents, replicas: ReplicaManager): Promise<void> {
    const address = this.config.httpListener;
    if (!address) return;
    this.parts.http = await HttpListener.open({ ...address, metrics, events, trace: () => replicas.trace() });
    this.events.emit('http listener open', { port: this.parts.http.port });
  }

  /** Reference order of a stop: leave the cluster, stop serving, close what holds state, end the session last. */
  private async stop(): Promise<void> {
    this.logger.info('shutting down');
    const { cluster, sockets, listeners, groups, replicas, logs, http } = this.parts;
    await this.step('fast fence', () => cluster?.stopFastFence(), ZOOKEEPER_STOP_MS);
    if (this.stateCode === BrokerState.RUNNING && cluster && this.config.boolean('controlled.shutdown.enable')) {
      this.stateCode = BrokerState.PENDING_CONTROLLED_SHUTDOWN;
      // No controller can move leadership while ZooKeeper is away; and if only this broker cannot reach it, one try will do.
      const limitMs = cluster.hasSession ? undefined : ZOOKEEPER_STOP_MS;
      await this.step('controlled shutdown', () => cluster.controlledShutdown(), limitMs);
    }
    this.stateCode = BrokerState.SHUTTING_DOWN;
    await this.step('HTTP listener', () => http?.close());
    await this.step('config listener', () => cluster?.stopConfigListener(), ZOOKEEPER_STOP_MS);
    await this.step('changes of listeners', () => listeners?.stop());
    await this.step('groups that requests wait for', () => groups?.resign());
    await this.step('socket server', () => sockets?.shutdown());
    await this.step('background tasks', () => this.tasks.stop());
    await this.step('group coordinator', () => groups?.shutdown());
    await this.step('replica manager', () => replicas?.shutdown());
    await this.step('channels to the controller', () => cluster?.stopChannels());
    await this.step('logs', () => logs?.shutdown());
    await this.step('controller', () => cluster?.stopController(), ZOOKEEPER_STOP_MS);
    await this.step('ZooKeeper session', () => cluster?.close());
    this.stateCode = BrokerState.NOT_RUNNING;
    this.logger.info('shut down completed');
  }

  /**
   * One part that does not stop cleanly must not keep the others from stopping; nor, with a limit, one that does not stop at
   * all: requests to ZooKeeper wait until it is back, which may be never.
   */
  private async step(what: string, run: () => unknown, limitMs?: number): Promise<void> {
    let timer: TimerHandle | null = null;
    const limit = new Promise<void>((resolve) => {
      if (limitMs === undefined) return;
      timer = this.clock.after(limitMs, () => {
        this.logger.warn(`The ${what} did not stop within ${limitMs} ms; going on without it`);
        resolve();
      });
    });
    try {
      await Promise.race([run(), limit]);
    } catch (error) {
      this.logger.error(`Error while stopping the ${what}`, error);
    } finally {
      (timer as TimerHandle | null)?.cancel();
    }
  }

  private running<K extends keyof Running>(name: K): Running[K] {
    const part = this.parts[name];
    if (!part) throw new Error(`the broker has not started: it has no ${name}`);
    return part as Running[K];
  }
}
