/** kafka-log-dirs: what each broker has in which log directory (Kafka's LogDirsCommand). */
import type { ClusterClient } from '../client';
import { errorForCode } from '../protocol';
import { describeLogDirs, type DescribeLogDirsResponse } from '../protocol/apis';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { exceptionName } from './exception-name';
import { commonOptions, flag, type ParsedOptions, requireOptions, UsageError, value } from './options';
import { kafkaError } from './topics/names';

const options = {
  ...commonOptions,
  'bootstrap-server': value('The server(s) to use for bootstrapping', 'REQUIRED: brokers to connect to.'),
  'command-config': value('Admin client property file', 'File with properties for the connection to the cluster.'),
  describe: flag('REQUIRED: Show the log directories.'),
  'topic-list': value('Topic list', 'Only these topics, separated by commas.', { defaultText: '' }),
  'broker-list': value('Broker list', 'Only these brokers, by their ids, separated by commas.', { defaultText: '' }),
};

type Given = ParsedOptions<typeof options>;

function listOf(given: Given, name: 'topic-list' | 'broker-list'): string[] {
  return (given.text(name) ?? '').split(',').filter((each) => each !== '');
}

async function run(given: Given, io: CommandIo): Promise<number> {
  requireOptions(given, 'bootstrap-server', 'describe');
  const topics = listOf(given, 'topic-list');
  const wanted = [...new Set(listOf(given, 'broker-list'))].map((text) => {
    if (!/^\d+$/.test(text)) throw new UsageError(`--broker-list: '${text}' is no broker id`);
    return Number(text);
  });
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const cluster = await openCluster(given.text('bootstrap-server') ?? '', io, properties, 'log-dirs-tool');
  try {
    const existing = (await cluster.metadata([])).brokers.map(({ nodeId }) => nodeId).toSorted((a, b) => a - b);
    const unknown = wanted.filter((broker) => !existing.includes(broker));
    if (unknown.length > 0) {
      throw new CommandError(
        `ERROR: The given brokers do not exist from --broker-list: ${unknown.join(',')}. Current existent brokers: ${existing.join(',')}`,
      );
    }
    const asked = wanted.length === 0 ? existing : existing.filter((broker) => wanted.includes(broker));
    io.stdout.write('Querying brokers for log directories information\n');
    const brokers = await Promise.all(asked.map((broker) => describeBroker(cluster, broker, topics)));
    io.stdout.write(`Received log directory information from brokers ${asked.join(',')}\n`);
    io.stdout.write(`${JSON.stringify({ brokers, version: 1 })}\n`);
    return 0;
  } finally {
    await cluster.close();
  }
}

/** The members stand in the order in which Kafka's command prints them. */
async function describeBroker(cluster: ClusterClient, broker: number, topics: readonly string[]): Promise<object> {
  const { errorCode, results } = await cluster.toBroker(broker, describeLogDirs, { topics: null });
  if (errorCode !== 0) throw kafkaError(errorCode, null);
  return {
    broker,
    logDirs: results.map((result) => ({
      partitions: partitionsOf(result, topics),
      error: result.errorCode === 0 ? null : exceptionName(errorForCode(result.errorCode)),
      logDir: result.logDir,
    })),
  };
}

function partitionsOf(result: DescribeLogDirsResponse['results'][number], topics: readonly string[]): object[] {
  return result.topics
    .filter(({ name }) => topics.length === 0 || topics.includes(name))
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, partitionSize, offsetLag, isFutureKey }) => ({
        partition: `${name}-${partitionIndex}`,
        size: partitionSize,
        offsetLag,
        isFuture: isFutureKey,
      })),
    );
}

export const kafkaLogDirs = defineCommand({
  name: 'kafka-log-dirs',
  about: 'This tool shows how much brokers have in their log directories, as JSON.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaLogDirs);
