/** kafka-get-offsets: the offsets of partitions, at a time or at an end (Kafka's GetOffsetShell). */
import { isInternalTopic } from '../protocol';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { filterByRules, filterByTopic, type PartitionFilter } from './offsets/partition-filter';
import { findOffsets, OffsetSpec } from './offsets/list-offsets';
import { commonOptions, flag, type ParsedOptions, UsageError, value } from './options';

const options = {
  ...commonOptions,
  'bootstrap-server': value('HOST1:PORT1,...,HOST3:PORT3', 'REQUIRED: brokers to connect to.'),
  'broker-list': value(
    'HOST1:PORT1,...,HOST3:PORT3',
    'Former name of --bootstrap-server, which counts more when both are given.',
  ),
  'command-config': value('config file', 'File with properties for the connection to the cluster.'),
  topic: value('topic', 'Only topics whose name matches this regular expression.'),
  partitions: value('partition ids', 'Only these partitions, separated by commas.'),
  'topic-partitions': value(
    'topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3',
    'Only these partitions: a topic (regular expression) with one partition, a range whose end does not count, or nothing for all.',
  ),
  time: value(
    '<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered',
    'Which offset: that of the first record since a time in milliseconds, or an end.',
    { defaultText: 'latest' },
  ),
  'exclude-internal-topics': flag('Leave out internal topics.'),
};

type Given = ParsedOptions<typeof options>;

const TIMES: Readonly<Record<string, bigint>> = {
  earliest: OffsetSpec.EARLIEST,
  latest: OffsetSpec.LATEST,
  'max-timestamp': OffsetSpec.MAX_TIMESTAMP,
  'earliest-local': OffsetSpec.EARLIEST_LOCAL,
  'latest-tiered': OffsetSpec.LATEST_TIERED,
};

function parseTime(text: string): bigint {
  const named = TIMES[text];
  if (named !== undefined) return named;
  if (/^-?\d+$/.test(text)) return BigInt(text);
  throw new CommandError(
    `Error occurred: Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / ` +
      '-4 or earliest-local / -5 or latest-tiered, or a specified long format timestamp',
  );
}

function filterOf(given: Given): PartitionFilter {
  const rules = given.text('topic-partitions');
  if (rules === null) return filterByTopic(given.text('topic'), given.text('partitions'));
  if (given.has('topic') || given.has('partitions')) {
    throw new CommandError('Error occurred: --topic-partitions cannot be used with --topic or --partitions');
  }
  return filterByRules(rules);
}

async function run(given: Given, io: CommandIo): Promise<number> {
  const servers = given.text('bootstrap-server') ?? given.text('broker-list');
  if (servers === null) {
    throw new UsageError(
      'Missing required option(s) [bootstrap-server]',
      'For example --bootstrap-server localhost:9092.',
    );
  }
  const timestamp = parseTime(given.text('time') ?? 'latest');
  const filter = filterOf(given);
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const cluster = await openCluster(servers, io, properties, 'GetOffsetShell');
  try {
    const { topics } = await cluster.metadata(null);
    const partitions = topics
      .filter(
        ({ name }) =>
          filter.allowsTopic(name ?? '') && !(given.has('exclude-internal-topics') && isInternalTopic(name ?? '')),
      )
      .flatMap((topic) =>
        topic.partitions.map(({ partitionIndex }) => ({ topic: topic.name ?? '', partition: partitionIndex })),
      )
      .filter(({ topic, partition }) => filter.allows(topic, partition));
    if (partitions.length === 0) {
      throw new CommandError('Error occurred: Could not match any topic-partitions with the specified filters');
    }
    const found = await findOffsets(
      cluster,
      partitions.map((partition) => ({ ...partition, timestamp })),
    );
    for (const { topic, partition, offset, error } of found.toSorted(byName)) {
      if (error)
        io.stderr.write(
          `Skip getting offsets for topic-partition ${topic}-${partition} due to error: ${error.meaning}\n`,
        );
      else if (offset >= 0) io.stdout.write(`${topic}:${partition}:${offset}\n`);
    }
    return 0;
  } finally {
    await cluster.close();
  }
}

/** Kafka sorts by the text `topic-partition`, so that partition 10 stands before partition 2. */
function byName(one: { topic: string; partition: number }, other: { topic: string; partition: number }): number {
  return `${one.topic}-${one.partition}` < `${other.topic}-${other.partition}` ? -1 : 1;
}

export const kafkaGetOffsets = defineCommand({
  name: 'kafka-get-offsets',
  about: 'This tool prints the offsets of partitions, one topic:partition:offset a line.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaGetOffsets);
