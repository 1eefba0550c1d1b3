/**
 * Apache Kafka 3.9.1 itself as a child process, and its command line tools: what tests and benchmarks compare with.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ClusterClient } from '../../client';
import { systemClock } from '../../runtime/clock';
import { requireJava } from '../../supervisor/java';
import { ManagedProcess } from '../../supervisor/managed-process';
import { freePorts, portAnswers } from '../../supervisor/ports';
import { StopWaiting, waitUntil } from '../../supervisor/wait-until';
import { kafkaClasspath } from './kafka-jars';

export interface ApacheKafkaOptions {
  zookeeper: string;
  brokerId?: number;
  port?: number;
  /** Kept after stop() when given; holds server.properties, server.log and, unless log.dirs says otherwise, the log. */
  directory?: string;
  /** More keys for its server.properties. */
  settings?: Readonly<Record<string, string | number | boolean>>;
  jvm?: readonly string[];
}

export interface ApacheKafka {
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

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 60_000;
const SMALL_JVM = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Starts a broker of Apache Kafka and resolves when it accepts connections. */
export async function startApacheKafka(options: ApacheKafkaOptions): Promise<ApacheKafka> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'gregor-apache-kafka-')));
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
  await writeFile(
    file,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  await writeFile(join(directory, 'log4j.properties'), log4jProperties);
  const log4j = `-Dlog4j.configuration=file:${join(directory, 'log4j.properties')}`;
  const java = await requireJava(() => undefined);
  const jvm = [...(options.jvm ?? SMALL_JVM), log4j, '-cp', await kafkaClasspath()];
  const spec = {
    name: `Apache Kafka broker ${brokerId}`,
    command: java,
    args: [...jvm, 'kafka.Kafka', file],
    logFile: join(directory, 'server.log'),
  };
  const child = ManagedProcess.start(spec, systemClock);
  await waitUntil(
    async () => {
      if (!child.running) throw new StopWaiting(child.describeEnd());
      return (await portAnswers(port)) ? true : null;
    },
    { what: `Apache Kafka answers on port ${port}`, timeoutMs: START_TIMEOUT_MS, clock: systemClock, everyMs: 50 },
  );
  await serves(port, brokerId);
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

/** An open port is not enough: until it has heard of the controller, a broker can neither create nor find anything. */
async function serves(port: number, brokerId: number): Promise<void> {
  const client = new ClusterClient({ bootstrapServers: `127.0.0.1:${port}`, clientId: 'test', clock: systemClock });
  try {
    await waitUntil(
      async () => {
        const { controllerId, brokers } = await client.metadata([]);
        return controllerId >= 0 && brokers.some(({ nodeId }) => nodeId === brokerId) ? true : null;
      },
      { what: `broker ${brokerId} knows the controller`, timeoutMs: START_TIMEOUT_MS, clock: systemClock, everyMs: 20 },
    );
  } finally {
    await client.close();
  }
}

const log4jProperties = `log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
`;

export interface ToolResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Main classes of Kafka's command line tools, by the name of their launcher. */
export const kafkaTools = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-console-producer': 'kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-broker-api-versions': 'kafka.admin.BrokerApiVersionsCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-dump-log': 'kafka.tools.DumpLogSegments',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
  'zookeeper-shell': 'org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka',
} as const;

export type KafkaToolName = keyof typeof kafkaTools;

const TOOL_TIMEOUT_MS = 120_000;

async function toolArguments(tool: KafkaToolName, args: readonly string[]): Promise<string[]> {
  const jvm = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];
  return [...jvm, '-cp', await kafkaClasspath(), kafkaTools[tool], ...args];
}

/** Runs one of Kafka's own tools to its end; a non-zero exit code is a result, not an error. */
export async function runKafkaTool(
  tool: KafkaToolName,
  args: readonly string[],
  input?: string,
  timeoutMs = TOOL_TIMEOUT_MS,
): Promise<ToolResult> {
  const java = await requireJava(() => undefined);
  const running = promisify(execFile)(java, await toolArguments(tool, args), {
    timeout: timeoutMs,
    maxBuffer: 64 << 20,
  });
  running.child.stdin?.end(input ?? '');
  try {
    return { code: 0, ...(await running) };
  } catch (error) {
    const failed = error as { code?: number | string; stdout?: string; stderr?: string };
    if (typeof failed.code !== 'number') throw error;
    return { code: failed.code, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
  }
}

/** Starts one of Kafka's own tools and leaves it running; the caller ends it. */
export async function spawnKafkaTool(tool: KafkaToolName, args: readonly string[]): Promise<ChildProcess> {
  return spawn(await requireJava(() => undefined), await toolArguments(tool, args), { stdio: 'pipe' });
}
