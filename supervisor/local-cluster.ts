/**
 * A cluster on this machine as `npm start` runs it: a real ZooKeeper and brokers as processes, on fixed ports.
 * Owns the processes and the folder with their configuration, data and logs, which is emptied when the cluster starts.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetState } from '../coordinator/faults/targets';
import type { Clock } from '../runtime/clock';
import { waitUntilServing } from './cluster-probe';
import { LocalBroker } from './local-broker';
import type { Screen } from './screen';
import { ZooKeeperProcess } from './zookeeper-process';

export interface LocalClusterOptions {
  directory: string;
  zookeeperPort: number;
  brokerPorts: readonly number[];
  /** Ports of the brokers' HTTP listeners, in the same order. */
  httpPorts: readonly number[];
  /** The compiled code: dist/ */
  compiled: string;
  screen: Screen;
  clock: Clock;
  /** More properties for every broker. */
  brokerSettings?: Readonly<Record<string, string | number>>;
}

const START_TIMEOUT_MS = 60_000;
/** How long a broker that was started again may be kept from serving, e.g. by a link that is cut. */
const PATIENCE_MS = 3_600_000;
/** How long a broker may take to stop when there is no ZooKeeper to take leave of. */
const STOP_WITHOUT_ZOOKEEPER_MS = 5_000;

export class LocalCluster {
  private zookeeper: ZooKeeperProcess | null = null;
  private zookeeperNow: 'starting' | 'paused' | null = null;
  private readonly all: LocalBroker[];
  private stopping = false;
  private tell: (text: string) => void = () => undefined;

  constructor(private readonly options: LocalClusterOptions) {
    this.all = options.brokerPorts.map((_, brokerId) => this.makeBroker(brokerId));
  }

  get brokers(): readonly LocalBroker[] {
    return this.all;
  }

  get zookeeperPort(): number {
    return this.options.zookeeperPort;
  }

  /** Where ZooKeeper writes its transaction logs. */
  get transactionLogDirectory(): string {
    return join(this.options.directory, 'zookeeper', 'data');
  }

  get zookeeperState(): TargetState {
    if (this.zookeeperNow === 'starting') return 'starting';
    if (!this.zookeeper?.running) return 'stopped';
    return this.zookeeperNow ?? 'running';
  }

  /** Resolves when every broker serves and knows the others; `stop` is the caller's to call when it rejects. */
  async start(): Promise<void> {
    await this.startZooKeeper();
    await this.startBrokers();
  }

  /** Empties the folder and resolves when ZooKeeper answers. */
  async startZooKeeper(): Promise<void> {
    const { directory, zookeeperPort, screen, clock } = this.options;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    this.zookeeper = await ZooKeeperProcess.start({
      directory: join(directory, 'zookeeper'),
      port: zookeeperPort,
      say: (line) => screen.step(line),
      clock,
      onUnexpectedEnd: (text) => this.endedUnexpectedly(text),
    });
    screen.step(`ZooKeeper answers on port ${zookeeperPort}`);
  }

  /** Starts all brokers at once and resolves when each serves and knows the others. */
  async startBrokers(): Promise<void> {
    for (const broker of this.all) this.launch(broker);
    await this.waitUntilServing(this.all, this.all.length);
  }

  /** Ends a broker as kill -9 does. */
  async killBroker(brokerId: number): Promise<void> {
    await this.broker(brokerId).kill();
  }

  /** Starts a broker again; resolves when it serves. */
  async restartBroker(brokerId: number): Promise<void> {
    const broker = this.broker(brokerId);
    this.launch(broker);
    await this.waitUntilServing([broker]);
  }

  /** Starts a broker again, and resolves when its process is there; its state tells when it serves. */
  launchBroker(brokerId: number): void {
    const broker = this.broker(brokerId);
    this.launch(broker);
    // One that cannot serve, e.g. as it is cut off from ZooKeeper, stays in the state `starting` meanwhile.
    void this.waitUntilServing([broker], 1, PATIENCE_MS).catch(() => undefined);
  }

  async killZooKeeper(): Promise<void> {
    this.zookeeperNow = null;
    await this.zookeeper?.kill();
  }

  async stopZooKeeper(): Promise<void> {
    this.zookeeperNow = null;
    await this.zookeeper?.stop();
  }

  /** Starts ZooKeeper again, on its data; resolves when it answers. */
  async relaunchZooKeeper(): Promise<void> {
    if (this.stopping) throw new Error('the cluster is being stopped');
    this.zookeeperNow = 'starting';
    try {
      await this.zookeeper?.start();
    } finally {
      this.zookeeperNow = null;
    }
  }

  pauseZooKeeper(): void {
    this.zookeeper?.pause();
    this.zookeeperNow = 'paused';
  }

  resumeZooKeeper(): void {
    this.zookeeper?.resume();
    this.zookeeperNow = null;
  }

  /** Calls `listener` when a process ends that nobody stopped here. */
  onUnexpectedEnd(listener: (text: string) => void): void {
    this.tell = listener;
  }

  /** Stops the brokers orderly, then ZooKeeper; safe to call at any time. */
  async stop(): Promise<void> {
    this.stopping = true;
    // What was paused or cut on purpose would keep the brokers waiting for it.
    if (this.zookeeperState === 'paused') this.resumeZooKeeper();
    const timeoutMs = this.zookeeper?.running ? undefined : STOP_WITHOUT_ZOOKEEPER_MS;
    await Promise.all(
      this.all.map(async (broker) => {
        if (broker.state === 'paused') broker.resume();
        await broker.healAll().catch(() => undefined);
        await broker.stop(timeoutMs);
      }),
    );
    await this.zookeeper?.stop();
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.all.map((broker) => broker.kill()), this.zookeeper?.kill()]);
  }

  private broker(brokerId: number): LocalBroker {
    const broker = this.all[brokerId];
    if (!broker) throw new Error(`there is no broker ${brokerId}; there are 0 to ${this.all.length - 1}`);
    return broker;
  }

  private launch(broker: LocalBroker): void {
    if (this.stopping) throw new Error('the cluster is being stopped');
    writeFileSync(this.propertiesFileOf(broker.id), this.propertiesOf(broker.id));
    broker.start();
  }

  private async waitUntilServing(
    brokers: readonly LocalBroker[],
    known = this.all.filter(({ running }) => running).length,
    timeoutMs = START_TIMEOUT_MS,
  ): Promise<void> {
    const { screen, clock } = this.options;
    const byPort = (port: number): LocalBroker | undefined => brokers.find((broker) => broker.port === port);
    await waitUntilServing({
      ports: brokers.map(({ port }) => port),
      brokers: known,
      timeoutMs,
      clock,
      givenUp: () => brokers.find(({ running }) => !running)?.describeEnd() ?? null,
      onServing: (port) => {
        byPort(port)?.markServing();
        screen.step(`Broker ${byPort(port)?.id} serves on port ${port}`);
      },
    });
  }

  private endedUnexpectedly(text: string): void {
    if (!this.stopping) this.tell(text);
  }

  private propertiesFileOf(brokerId: number): string {
    return join(this.options.directory, `server-${brokerId}.properties`);
  }

  private makeBroker(brokerId: number): LocalBroker {
    const { directory, brokerPorts, compiled, clock } = this.options;
    return new LocalBroker({
      brokerId,
      port: brokerPorts[brokerId] as number,
      entry: join(compiled, 'broker', 'main.js'),
      linkAgent: join(compiled, 'runtime', 'link-agent.js'),
      propertiesFile: this.propertiesFileOf(brokerId),
      logFile: join(directory, `broker-${brokerId}.log`),
      clock,
      onUnexpectedEnd: (text) => this.endedUnexpectedly(text),
    });
  }

  private propertiesOf(brokerId: number): string {
    const { directory, zookeeperPort, brokerPorts, httpPorts, brokerSettings } = this.options;
    const replicas = Math.min(3, brokerPorts.length);
    const properties = {
      'broker.id': brokerId,
      listeners: `PLAINTEXT://:${brokerPorts[brokerId]}`,
      'advertised.listeners': `PLAINTEXT://localhost:${brokerPorts[brokerId]}`,
      'zookeeper.connect': `localhost:${zookeeperPort}`,
      'log.dirs': join(directory, `kafka-logs-${brokerId}`),
      'offsets.topic.replication.factor': replicas,
      'transaction.state.log.replication.factor': replicas,
      'transaction.state.log.min.isr': Math.min(2, replicas),
      // Long enough for the members of a small group to arrive together, shorter than Kafka's three seconds.
      'group.initial.rebalance.delay.ms': 500,
      // So that one can see retention at work; Kafka's own five minutes are too long to wait for.
      'log.retention.check.interval.ms': 10_000,
      // All brokers stop together here, so the last ones find nobody to hand their leaderships to.
      'controlled.shutdown.retry.backoff.ms': 200,
      'gregor.http.listener': `127.0.0.1:${httpPorts[brokerId]}`,
      ...brokerSettings,
    };
    return Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }
}
