/**
 * One broker in a process of its own, Apache Kafka's or ours: its files, its start until it serves, and its end. What
 * differs between the two is the program; apache-kafka.ts and gregor-broker.ts name it.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../runtime/clock';
import { waitUntilServing } from '../../supervisor/cluster-probe';
import { ManagedProcess } from '../../supervisor/managed-process';
import { freePorts } from '../../supervisor/ports';

export interface BrokerOptions {
  zookeeper: string;
  brokerId?: number;
  port?: number;
  /** Kept after stop() when given; holds server.properties, server.log and, unless log.dirs says otherwise, the log. */
  directory?: string;
  /** More keys for its server.properties. */
  settings?: Readonly<Record<string, string | number | boolean>>;
}

export interface BrokerProcess {
  readonly brokerId: number;
  readonly port: number;
  readonly bootstrap: string;
  readonly directory: string;
  readonly logDir: string;
  readonly pid: number | undefined;
  /** Clean shutdown. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface BrokerProgram {
  readonly name: string;
  readonly command: string;
  /** Arguments before the name of its server.properties. */
  readonly args: readonly string[];
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 60_000;

/**
 * Starts a broker and resolves when it serves: an open port is not enough, as a broker that has not heard of the
 * controller can neither create nor find anything. Rejects when its process ends before, or at the deadline.
 * @param program asked for when the broker's directory is there
 */
export async function startBrokerProcess(
  options: BrokerOptions,
  program: (directory: string) => Promise<BrokerProgram>,
): Promise<BrokerProcess> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'gregor-broker-')));
  const brokerId = options.brokerId ?? 0;
  const port = options.port ?? ((await freePorts(1))[0] as number);
  const logDir = String(options.settings?.['log.dirs'] ?? join(directory, 'data'));
  await mkdir(directory, { recursive: true });
  const properties = {
    'broker.id': brokerId,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': logDir,
    'zookeeper.connect': options.zookeeper,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...options.settings,
  };
  const file = join(directory, 'server.properties');
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(file, lines.join(''));
  const { name, command, args } = await program(directory);
  const spec = { name: `${name} ${brokerId}`, command, args: [...args, file], logFile: join(directory, 'server.log') };
  const child = ManagedProcess.start(spec, systemClock);
  await waitUntilServing({
    ports: [port],
    brokers: 1,
    timeoutMs: START_TIMEOUT_MS,
    clock: systemClock,
    givenUp: () => (child.running ? null : child.describeEnd()),
  });
  return {
    brokerId,
    port,
    bootstrap: `127.0.0.1:${port}`,
    directory,
    logDir,
    pid: child.pid,
    async stop() {
      await child.stop(STOP_TIMEOUT_MS);
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
    async kill() {
      await child.kill();
    },
  };
}
