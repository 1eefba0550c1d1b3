/**
 * A cluster whose brokers are Gregor's or Apache Kafka's, and may be exchanged: a broker has an id, a port and a directory,
 * and what runs there is decided at each start.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterClient } from '../../client';
import { metadata } from '../../protocol/apis';
import { systemClock } from '../../runtime/clock';
import { freePorts } from '../../supervisor/ports';
import { waitUntil } from '../../supervisor/wait-until';
import { startApacheKafka } from './apache-kafka';
import type { BrokerProcess } from './broker-process';
import { everyBrokerForgets } from './every-broker';
import { startGregor } from './gregor-broker';
import type { KafkaToolRunner } from './kafka-tool-runner';
import { startZooKeeper, type TestZooKeeper } from './zookeeper';

export type Kind = 'gregor' | 'kafka';

const START_TIMEOUT_MS = 60_000;

type Settings = Readonly<Record<string, string | number | boolean>>;

/** Sessions that end soon, so that a killed broker of Apache Kafka can be started again soon. */
const quickSettings: Settings = {
  'zookeeper.session.timeout.ms': 2_000,
  'min.insync.replicas': 2,
  'default.replication.factor': 3,
  'offsets.topic.replication.factor': 3,
  'offsets.topic.num.partitions': 5,
  'controlled.shutdown.enable': true,
};

export class MixedCluster {
  private readonly running = new Map<number, BrokerProcess>();
  readonly kinds = new Map<number, Kind>();

  private constructor(
    private readonly zookeeper: TestZooKeeper,
    private readonly ports: readonly number[],
    readonly directory: string,
    private readonly settings: Settings,
    private readonly jvm: readonly string[] | undefined,
  ) {}

  /** @param jvm options for Apache Kafka's brokers; a small heap when left out */
  static async create(
    brokers: number,
    settings: Settings = quickSettings,
    jvm?: readonly string[],
  ): Promise<MixedCluster> {
    const [zookeeper, ports, directory] = await Promise.all([
      startZooKeeper(),
      freePorts(brokers),
      mkdtemp(join(tmpdir(), 'gregor-mixed-')),
    ]);
    return new MixedCluster(zookeeper, ports, directory, settings, jvm);
  }

  get bootstrap(): string {
    return this.ports.map((port) => `127.0.0.1:${port}`).join(',');
  }

  /** For zookeeper.connect. */
  get zookeeperConnect(): string {
    return this.zookeeper.connectString;
  }

  get ids(): number[] {
    return this.ports.map((_, id) => id);
  }

  addressOf(id: number): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.ports[id] as number };
  }

  /** @throws Error when nothing runs under this id */
  pidOf(id: number): number {
    const pid = this.running.get(id)?.pid;
    if (pid === undefined) throw new Error(`broker ${id} does not run`);
    return pid;
  }

  logDirOf(id: number): string {
    return join(this.directory, `broker-${id}`, 'data');
  }

  /** Starts a broker of a kind on the id's directory; resolves when it serves. */
  async start(id: number, kind: Kind): Promise<void> {
    const directory = join(this.directory, `broker-${id}`);
    const port = this.ports[id] as number;
    this.kinds.set(id, kind);
    const { settings, jvm } = this;
    const options = { zookeeper: this.zookeeper.connectString, brokerId: id, port, directory, settings };
    // Another broker's kill -9 leaves its registration for a moment; Apache Kafka gives up then, so it is tried again.
    const start = kind === 'gregor' ? startGregor(options) : retry(() => startApacheKafka({ ...options, jvm }));
    this.running.set(id, await start);
  }

  /** A clean stop; resolves when the others know of it. */
  async stop(id: number): Promise<void> {
    const broker = this.running.get(id);
    this.running.delete(id);
    await broker?.stop();
    const others = [...this.running.values()].map(({ bootstrap }) => bootstrap);
    await everyBrokerForgets(others, id);
  }

  async kill(id: number): Promise<void> {
    await this.running.get(id)?.kill();
    this.running.delete(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.running.values()].map((broker) => broker.kill()));
    await this.zookeeper.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  client(): ClusterClient {
    return new ClusterClient({ bootstrapServers: this.bootstrap, clientId: 'mixed', clock: systemClock });
  }

  /** Waits until every partition of the topic has all its replicas in sync. */
  async everyReplicaInSync(topic: string, replicas: number): Promise<void> {
    const client = this.client();
    try {
      await waitUntil(
        async () => {
          const answer = await client.metadata([topic]);
          const partitions = answer.topics[0]?.partitions ?? [];
          const states = partitions.map(
            (p) => `${p.partitionIndex}: leader ${p.leaderId}, isr ${p.isrNodes.join(',')}`,
          );
          const whole = partitions.every((p) => p.leaderId >= 0 && p.isrNodes.length === replicas);
          if (!whole || partitions.length === 0) throw new Error(states.join('; ') || 'no partitions');
          return true;
        },
        { what: `every replica of ${topic} is in sync`, timeoutMs: 60_000, clock: systemClock, everyMs: 100 },
      );
    } finally {
      await client.close();
    }
  }

  async controllerId(): Promise<number> {
    const client = this.client();
    try {
      return (await client.toAny(metadata, { topics: [] })).controllerId;
    } finally {
      await client.close();
    }
  }

  /** What Kafka's own DumpLogSegments says of every batch and record of a partition's replica, paths left out. */
  async dump(tools: KafkaToolRunner, id: number, topic: string, partition: number): Promise<string> {
    const directory = join(this.logDirOf(id), `${topic}-${partition}`);
    const logs = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
    const files = logs.map((name) => join(directory, name)).join(',');
    const result = await tools.run('kafka-dump-log', ['--print-data-log', '--deep-iteration', '--files', files]);
    if (result.code !== 0) throw new Error(`kafka-dump-log failed: ${result.stderr}`);
    return result.stdout.replaceAll(directory, '');
  }
}

/** A process that ended says that waiting for it is of no use; starting another one may be. */
function retry<T>(attempt: () => Promise<T>): Promise<T> {
  const again = (): Promise<T> =>
    attempt().catch((error: Error) => {
      throw new Error(error.message, { cause: error });
    });
  return waitUntil(again, {
    what: 'the broker starts',
    timeoutMs: START_TIMEOUT_MS,
    clock: systemClock,
    everyMs: 500,
  });
}
