/** A cluster inside a test or a program: ZooKeeper, its brokers, their folders, and faults on demand. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allApis, Errors } from '../protocol';
import { systemClock, type Clock } from '../runtime/clock';
import { waitUntilServing } from '../supervisor/cluster-probe';
import { freePorts } from '../supervisor/ports';
import { ZooKeeperProcess } from '../supervisor/zookeeper-process';
import { RunningBroker } from './embedded-broker';
import { checkOptions, clusterOptions, faultOptions, linkOptions, propertiesFor } from './options';
import { expireOwnerOf } from './session-expiry';
import type { Cluster, ClusterOptions, EmbeddedBroker, FaultOptions, LinkEnd, LinkOptions } from './types';

const START_TIMEOUT_MS = 60_000;

/** Short, so that sessions of a second are possible; the longest is what Kafka's own tests need. */
const ZOOKEEPER_TICK_MS = 500;
const LONGEST_SESSION_MS = 120_000;

interface LinkState {
  send: boolean;
  receive: boolean;
}

class EmbeddedCluster implements Cluster {
  /** Which links are cut, as `broker id>port`, so that a restarted broker finds them cut again. */
  private readonly cuts = new Map<string, LinkState>();
  private ownZooKeeper: ZooKeeperProcess | null = null;
  private closing: Promise<void> | null = null;

  constructor(
    readonly directory: string,
    private readonly givenZooKeeper: string | undefined,
    private readonly all: readonly RunningBroker[],
    private readonly options: ClusterOptions,
    private readonly clock: Clock,
  ) {}

  get zookeeper(): string {
    return this.givenZooKeeper ?? this.ownZooKeeper?.connectString ?? '';
  }

  get brokers(): readonly EmbeddedBroker[] {
    return this.all;
  }

  get addresses(): readonly string[] {
    return this.all.map(({ host, port }) => `${host}:${port}`);
  }

  get bootstrap(): string {
    return this.addresses.join(',');
  }

  /** Starts ZooKeeper unless one was given, then all brokers at once; they load their code meanwhile. */
  async startAll(): Promise<void> {
    for (const broker of this.all) broker.warmUp();
    if (this.givenZooKeeper === undefined) this.ownZooKeeper = await startZooKeeper(this.directory, this.options);
    await Promise.all(this.all.map((broker) => broker.start()));
    await this.waitUntilServing();
  }

  async start(brokerId: number): Promise<void> {
    if (this.closing) throw new Error('the cluster was closed; start another one with startCluster');
    const broker = this.broker(brokerId);
    // Nobody else has to wait until the session of a process expires that is known to be dead.
    if (broker.takeLeftSession()) await this.expireSession(brokerId).catch(() => undefined);
    await broker.start();
    for (const other of this.all) await this.applyCuts(brokerId, other.port);
    await this.applyCuts(brokerId, this.portOf('zookeeper'));
    await this.waitUntilServing();
  }

  async stop(brokerId: number): Promise<void> {
    await this.broker(brokerId).stop();
  }

  async restart(brokerId: number): Promise<void> {
    await this.stop(brokerId);
    await this.start(brokerId);
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  async kill(brokerId: number): Promise<void> {
    await this.broker(brokerId).kill();
  }

  pause(brokerId: number): void {
    this.broker(brokerId).pause();
  }

  resume(brokerId: number): void {
    this.broker(brokerId).resume();
  }

  async expireSession(brokerId: number): Promise<void> {
    await expireOwnerOf(`/brokers/ids/${this.broker(brokerId).id}`, this.zookeeper, this.clock);
  }

  async cutLink(from: LinkEnd, to: LinkEnd, options: LinkOptions = {}): Promise<void> {
    checkOptions('cutLink', options, linkOptions);
    const { oneWay = false } = options;
    // Each end holds back what passes over the connections that it opened itself.
    await this.setLink(from, to, { send: false, receive: oneWay });
    await this.setLink(to, from, { send: oneWay, receive: false });
  }

  async healLink(from: LinkEnd, to: LinkEnd): Promise<void> {
    await this.setLink(from, to, { send: true, receive: true });
    await this.setLink(to, from, { send: true, receive: true });
  }

  async failNext(api: string | number, error: string, options: FaultOptions = {}): Promise<void> {
    checkOptions('failNext', options, faultOptions);
    const declared = allApis.find(({ key, name }) => key === api || name === api);
    if (!declared) throw new Error(`there is no API ${api}; names are those of Kafka's protocol, e.g. Produce`);
    if (error !== 'close' && !(error in Errors)) {
      throw new Error(`there is no error ${error}; names are those of Kafka's protocol, e.g. NOT_LEADER_OR_FOLLOWER`);
    }
    const targets =
      options.broker === undefined ? this.all.filter(({ running }) => running) : [this.broker(options.broker)];
    const command = { kind: 'fail', apiKey: declared.key, error, times: options.times ?? 1 } as const;
    await Promise.all(targets.map((broker) => broker.command(command)));
  }

  private async closeOnce(): Promise<void> {
    // Brokers that stop while all are there hand their leaderships over; who cannot stop in time is ended.
    await Promise.all(this.all.map((broker) => broker.stop().catch(() => broker.kill())));
    if (this.options.directory !== undefined) {
      await this.ownZooKeeper?.stop();
      return;
    }
    // Its data is thrown away, so there is nothing that an orderly end could save.
    await this.ownZooKeeper?.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async setLink(from: LinkEnd, to: LinkEnd, state: LinkState): Promise<void> {
    if (from === 'zookeeper') return; // ZooKeeper opens no connections
    const port = this.portOf(to);
    this.cuts.set(`${this.broker(from).id}>${port}`, state);
    if (this.broker(from).running) await this.applyCuts(from, port);
  }

  private async applyCuts(brokerId: number, port: number): Promise<void> {
    const state = this.cuts.get(`${brokerId}>${port}`);
    if (state) await this.broker(brokerId).command({ kind: 'link', port, ...state });
  }

  private portOf(end: LinkEnd): number {
    if (end !== 'zookeeper') return this.broker(end).port;
    return this.ownZooKeeper?.port ?? Number(/:(\d+)/.exec(this.zookeeper)?.[1] ?? 2181);
  }

  private broker(brokerId: number): RunningBroker {
    const broker = this.all[brokerId];
    if (!broker) throw new Error(`there is no broker ${brokerId}; there are 0 to ${this.all.length - 1}`);
    return broker;
  }

  private async waitUntilServing(): Promise<void> {
    const live = this.all.filter(({ running }) => running);
    await waitUntilServing({
      ports: live.map(({ port }) => port),
      brokers: live.length,
      timeoutMs: this.options.timeoutMs ?? START_TIMEOUT_MS,
      clock: this.clock,
    });
  }
}

/**
 * Starts a cluster and resolves when every broker serves and knows the others.
 * Rejects, with everything stopped again, when that does not happen in time.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  checkOptions('startCluster', options, clusterOptions);
  const count = options.brokers ?? 1;
  if (!Number.isInteger(count) || count < 1) throw new Error(`a cluster has 1 broker or more, not ${count}`);
  if (options.ports && options.ports.length !== count) throw new Error(`${count} brokers need ${count} ports`);
  const clock = systemClock;
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'gregor-'));
  mkdirSync(directory, { recursive: true });
  const ports = options.ports ?? (await freePorts(count));
  const { processes = false } = options;
  const brokers = ports.map((port, id) => {
    const folder = join(directory, `broker-${id}`);
    const properties = (): Record<string, string> => {
      const place = { brokerId: id, port, brokers: count, zookeeper: cluster.zookeeper, directory: folder };
      return propertiesFor(place, options.settings, options.brokerSettings?.[id]);
    };
    return new RunningBroker({ id, port, directory: folder, properties, processes, clock });
  });
  const cluster = new EmbeddedCluster(directory, options.zookeeper, brokers, options, clock);
  try {
    await cluster.startAll();
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}

function startZooKeeper(directory: string, options: ClusterOptions): Promise<ZooKeeperProcess> {
  return ZooKeeperProcess.start({
    directory: join(directory, 'zookeeper'),
    sync: false,
    tickTimeMs: ZOOKEEPER_TICK_MS,
    settings: { maxSessionTimeout: LONGEST_SESSION_MS },
    say: options.onProgress,
    mayInstall: false, // a program under test does not expect its library to change the system
    timeoutMs: options.timeoutMs,
  });
}
