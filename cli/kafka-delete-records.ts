/** kafka-delete-records: moves the log start offset of partitions forward (Kafka's DeleteRecordsCommand). */
import type { ClusterClient } from '../client';
import { errorForCode, KafkaError, type TopicPartition, type WireError } from '../protocol';
import { deleteRecords } from '../protocol/apis';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { exceptionText } from './exception-name';
import { JsonFields, readTextFile } from './json-input';
import { MOVED_LEADER } from './offsets/list-offsets';
import { commonOptions, type ParsedOptions, requireOptions, value } from './options';

const options = {
  ...commonOptions,
  'bootstrap-server': value('server(s) to use for bootstrapping', 'REQUIRED: brokers to connect to.'),
  'offset-json-file': value(
    'Offset json file path',
    'REQUIRED: JSON file with the first offset that each partition keeps, -1 for none of those it has now:\n' +
      '{"partitions": [{"topic": "foo", "partition": 1, "offset": 1}], "version": 1}',
  ),
  'command-config': value(
    'command config property file path',
    'File with properties for the connection to the cluster.',
  ),
};

type Given = ParsedOptions<typeof options>;

interface Deletion extends TopicPartition {
  /** First offset to keep; -1 for the high watermark. */
  offset: number;
}

type Outcome = { lowWatermark: number } | { error: WireError };

const REQUEST_TIMEOUT_MS = 30_000;

/** @throws CommandError */
export function parseDeletions(text: string): Deletion[] {
  const json = JsonFields.parse(text);
  json.checkVersion();
  if (!json.has('partitions')) throw new CommandError('Missing partitions field');
  const deletions = json.objects('partitions').map((entry) => ({
    topic: entry.text('topic'),
    partition: entry.integer('partition'),
    offset: entry.integer('offset'),
  }));
  const names = deletions.map(nameOf);
  const duplicates = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  if (duplicates.size > 0) {
    throw new CommandError(`Offset json file contains duplicate topic partitions: ${[...duplicates].join(',')}`);
  }
  return deletions;
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

async function run(given: Given, io: CommandIo): Promise<number> {
  requireOptions(given, 'bootstrap-server', 'offset-json-file');
  const deletions = parseDeletions(await readTextFile(given.text('offset-json-file') ?? ''));
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const cluster = await openCluster(given.text('bootstrap-server') ?? '', io, properties);
  try {
    io.stdout.write('Executing records delete operation\n');
    const outcomes = await Promise.all(deletions.map((deletion) => deleteBefore(cluster, deletion)));
    io.stdout.write('Records delete operation completed:\n');
    for (const [index, deletion] of deletions.entries()) {
      const outcome = outcomes[index] as Outcome;
      const text =
        'error' in outcome ? `error: ${exceptionText(outcome.error)}` : `low_watermark: ${outcome.lowWatermark}`;
      io.stdout.write(`partition: ${nameOf(deletion)}\t${text}\n`);
    }
    return 0;
  } finally {
    await cluster.close();
  }
}

/** Asks the leader, and again when the leader moves. A partition that does not exist is told at once. */
async function deleteBefore(cluster: ClusterClient, deletion: Deletion): Promise<Outcome> {
  const { topic, partition, offset } = deletion;
  const [found] = (await cluster.metadata([topic])).topics;
  const exists = found?.errorCode === 0 && found.partitions.some(({ partitionIndex }) => partitionIndex === partition);
  if (!exists) return { error: errorForCode(found && found.errorCode !== 0 ? found.errorCode : UNKNOWN_PARTITION) };
  try {
    return await cluster.retrying(async () => {
      const leader = await cluster.broker(await cluster.leaderOf(deletion));
      const topics = [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }];
      const answer = await leader.send(deleteRecords, { topics, timeoutMs: REQUEST_TIMEOUT_MS });
      const result = answer.topics[0]?.partitions[0];
      const error = errorForCode(result?.errorCode ?? UNKNOWN_PARTITION);
      if (MOVED_LEADER.has(error.name)) {
        cluster.forgetLeader(deletion);
        throw new KafkaError(error);
      }
      return error.code === 0 ? { lowWatermark: result?.lowWatermark ?? -1 } : { error };
    });
  } catch (error) {
    if (error instanceof KafkaError) return { error: error.error };
    throw error;
  }
}

const UNKNOWN_PARTITION = 3;

export const kafkaDeleteRecords = defineCommand({
  name: 'kafka-delete-records',
  about: 'This tool deletes the records of partitions before an offset.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaDeleteRecords);
