/** The brokers that are measured: each is started anew on the same ZooKeeper, with the same settings, alone on the machine. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../runtime/clock';
import { brokerNodeFlags } from '../../supervisor/broker-node-flags';
import { ManagedProcess } from '../../supervisor/managed-process';
import { freePorts, portAnswers } from '../../supervisor/ports';
import { waitUntil } from '../../supervisor/wait-until';
import { startApacheKafka } from '../support/apache-kafka';

export interface RunningBroker {
  readonly pid: number;
  readonly bootstrap: string;
  /** Monotonic milliseconds at which its process was started. */
  readonly startedAtMs: number;
  stop(): Promise<void>;
}

export interface BrokerUnderTest {
  readonly name: string;
  /** Whether it only takes records and cannot give them back. */
  readonly produceOnly: boolean;
  start(zookeeper: string, directory: string): Promise<RunningBroker>;
}

const START_TIMEOUT_MS = 60_000;
const repository = join(__dirname, '..', '..', '..');

/** Heap and collector as kafka-server-start.sh and kafka-run-class.sh set them. */
export const KAFKA_JVM = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
];

async function startNode(
  name: string,
  args: readonly string[],
  port: number,
  directory: string,
): Promise<RunningBroker> {
  const startedAtMs = systemClock.monotonicMs();
  const logFile = join(directory, `${name}.log`);
  const child = ManagedProcess.start({ name, command: process.execPath, args, logFile }, systemClock);
  await waitUntil(
    async () => {
      if (!child.running) throw new Error(child.describeEnd());
      return (await portAnswers(port)) ? true : null;
    },
    { what: `${name} answers`, timeoutMs: START_TIMEOUT_MS, clock: systemClock, everyMs: 2 },
  );
  const stop = async (): Promise<void> => void (await child.stop());
  return { pid: child.pid as number, bootstrap: `127.0.0.1:${port}`, startedAtMs, stop };
}

export const gregor: BrokerUnderTest = {
  name: 'Gregor',
  produceOnly: false,
  async start(zookeeper, directory) {
    const [port] = (await freePorts(1)) as [number];
    const file = join(directory, 'gregor.properties');
    const lines = [
      'broker.id=0',
      `listeners=PLAINTEXT://127.0.0.1:${port}`,
      `log.dirs=${join(directory, 'gregor-data')}`,
      `zookeeper.connect=${zookeeper}/gregor-bench`,
      'offsets.topic.replication.factor=1',
      'group.initial.rebalance.delay.ms=0',
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    return startNode(
      'gregor',
      [...brokerNodeFlags, join(repository, 'dist', 'broker', 'main.js'), file],
      port,
      directory,
    );
  },
};

export const apacheKafka: BrokerUnderTest = {
  name: 'Apache Kafka',
  produceOnly: false,
  async start(zookeeper, directory) {
    const startedAtMs = systemClock.monotonicMs();
    const kafka = await startApacheKafka({
      zookeeper: `${zookeeper}/kafka-bench`,
      directory: join(directory, 'kafka'),
      jvm: KAFKA_JVM,
    });
    return { pid: kafka.pid as number, bootstrap: kafka.bootstrap, startedAtMs, stop: () => kafka.stop() };
  },
};

export const nullBroker: BrokerUnderTest = {
  name: 'null broker',
  produceOnly: true,
  async start(_zookeeper, directory) {
    const [port] = (await freePorts(1)) as [number];
    const args = [join(__dirname, 'null-broker.js'), String(port), join(directory, 'null.log'), '6'];
    return startNode('null-broker', args, port, directory);
  },
};

/** A folder that goes away after `use`. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'gregor-bench-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Drops what `command` prints and resolves with its exit code. */
export function runQuietly(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    spawn(command, args, { stdio: 'ignore' }).on('exit', (code) => resolve(code ?? 1));
  });
}
