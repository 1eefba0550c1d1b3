/**
 * A cluster on this machine as `npm start` runs it: a real ZooKeeper and brokers as processes, on fixed ports.
 * Owns the processes and the folder with their configuration, data and logs, which is emptied when the cluster starts.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock';
import { waitUntilServing } from './cluster-probe';
import { brokerNodeFlags } from './broker-node-flags';
import { ManagedProcess } from './managed-process';
import type { Screen } from './screen';
import { ZooKeeperProcess } from './zookeeper-process';

export interface LocalClusterOptions {
  directory: string;
  zookeeperPort: number;
  brokerPorts: readonly number[];
  /** Ports of the brokers' HTTP listeners, in the same order. */
  httpPorts: readonly number[];
  /** Compiled entry of a broker: dist/broker/main.js */
  brokerEntry: string;
  screen: Screen;
  clock: Clock;
}

const START_TIMEOUT_MS = 60_000;

export class LocalCluster {
  private zookeeper: ZooKeeperProcess | null = null;
  private readonly brokers: ManagedProcess[] = [];
  private readonly killedOnPurpose = new Set<ManagedProcess>();
  private stopping = false;

  constructor(private readonly options: LocalClusterOptions) {}

  /** Resolves when every broker serves and knows the others; `stop` is the caller's to call when it rejects. */
  async start(): Promise<void> {
    const { directory, zookeeperPort, brokerPorts, screen, clock } = this.options;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    this.zookeeper = await ZooKeeperProcess.start({
      directory: join(directory, 'zookeeper'),
      port: zookeeperPort,
      say: (line) => screen.step(line),
      clock,
    });
    screen.step(`ZooKeeper answers on port ${zookeeperPort}`);
    for (const brokerId of brokerPorts.keys()) this.brokers.push(this.startBroker(brokerId));
    await this.waitUntilServing(brokerPorts);
  }

  /** Ends a broker as kill -9 does. */
  async killBroker(brokerId: number): Promise<void> {
    const broker = this.brokers[brokerId];
    if (!broker) return;
    this.killedOnPurpose.add(broker);
    await broker.kill();
  }

  /** Starts a broker again; resolves when it serves. */
  async restartBroker(brokerId: number): Promise<void> {
    this.brokers[brokerId] = this.startBroker(brokerId);
    await this.waitUntilServing(this.options.brokerPorts.slice(brokerId, brokerId + 1));
  }

  /** Calls `listener` when a process ends that nobody stopped here. */
  onUnexpectedEnd(listener: (text: string) => void): void {
    for (const broker of this.brokers) {
      void broker.ended.then(() => {
        if (!this.stopping && !this.killedOnPurpose.has(broker)) listener(broker.describeEnd().split('.')[0] as string);
      });
    }
  }

  /** Stops the brokers orderly, then ZooKeeper; safe to call at any time. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.brokers.map((broker) => broker.stop()));
    await this.zookeeper?.stop();
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.brokers.map((broker) => broker.kill()), this.zookeeper?.kill()]);
  }

  private async waitUntilServing(ports: readonly number[]): Promise<void> {
    const { brokerPorts, screen, clock } = this.options;
    await waitUntilServing({
      ports,
      brokers: brokerPorts.length,
      timeoutMs: START_TIMEOUT_MS,
      clock,
      givenUp: () => this.brokers.find(({ running }) => !running)?.describeEnd() ?? null,
      onServing: (port) => screen.step(`Broker ${brokerPorts.indexOf(port)} serves on port ${port}`),
    });
  }

  private startBroker(brokerId: number): ManagedProcess {
    const { directory, brokerEntry, clock } = this.options;
    const file = join(directory, `server-${brokerId}.properties`);
    writeFileSync(file, this.propertiesOf(brokerId));
    return ManagedProcess.start(
      {
        name: `Broker ${brokerId}`,
        command: process.execPath,
        args: [...brokerNodeFlags, brokerEntry, file],
        logFile: join(directory, `broker-${brokerId}.log`),
      },
      clock,
    );
  }

  private propertiesOf(brokerId: number): string {
    const { directory, zookeeperPort, brokerPorts, httpPorts } = this.options;
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
      // All brokers stop together here, so the last ones find nobody to hand their leaderships to.
      'controlled.shutdown.retry.backoff.ms': 200,
      'gregor.http.listener': `127.0.0.1:${httpPorts[brokerId]}`,
    };
    return Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }
}
