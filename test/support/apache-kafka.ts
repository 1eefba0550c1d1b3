/**
 * Apache Kafka 3.9.1 itself as a child process, and its command line tools: what tests and benchmarks compare with.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireJava } from '../../supervisor/java';
import { startBrokerProcess, type BrokerOptions, type BrokerProcess } from './broker-process';
import { kafkaClasspath } from './kafka-jars';

export interface ApacheKafkaOptions extends BrokerOptions {
  /** Options for Java; a small heap when left out. */
  jvm?: readonly string[];
}

const SMALL_JVM = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Starts a broker of Apache Kafka and resolves when it serves. */
export function startApacheKafka(options: ApacheKafkaOptions): Promise<BrokerProcess> {
  return startBrokerProcess(options, async (directory) => {
    const log4j = join(directory, 'log4j.properties');
    await writeFile(log4j, log4jProperties);
    const jvm = [...(options.jvm ?? SMALL_JVM), `-Dlog4j.configuration=file:${log4j}`];
    return {
      name: 'Apache Kafka broker',
      command: await requireJava(() => undefined),
      args: [...jvm, '-cp', await kafkaClasspath(), 'kafka.Kafka'],
    };
  });
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
