/** kafka-leader-election: elects leaders of partitions anew (Kafka's LeaderElectionCommand). */
import type { ClusterClient } from '../client';
import { errorForCode, Errors, type TopicPartition } from '../protocol';
import { electLeaders, type ElectLeadersResponse } from '../protocol/apis';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { exceptionText } from './exception-name';
import { groupByTopic } from './groups/committed-offsets';
import { JsonFields, readTextFile } from './json-input';
import { commonOptions, flag, type ParsedOptions, UsageError, value } from './options';
import { kafkaError } from './topics/names';

const options = {
  ...commonOptions,
  'bootstrap-server': value('host:port', 'REQUIRED: brokers to connect to.'),
  'admin.config': value('config file', 'File with properties for the connection to the cluster.'),
  'election-type': value(
    'election type',
    'REQUIRED: preferred makes the first replica the leader where it is not; unclean makes any replica that lives the leader of a partition without one, even if records are lost by that.',
  ),
  topic: value('topic name', 'The topic, together with --partition.'),
  partition: value('partition id', 'The partition of --topic.', { type: 'Integer' }),
  'path-to-json-file': value(
    'Path to JSON file',
    'JSON file with partitions:\n{"partitions": [{"topic": "foo", "partition": 1}]}',
  ),
  'all-topic-partitions': flag('All partitions that need it.'),
};

type Given = ParsedOptions<typeof options>;

const ELECTION_TYPES: Readonly<Record<string, number>> = { PREFERRED: 0, UNCLEAN: 1 };
const CHOICES = ['topic', 'all-topic-partitions', 'path-to-json-file'] as const;
const TIMEOUT_MS = 30_000;

function checkOptions(given: Given): void {
  const missing = (['bootstrap-server', 'election-type'] as const).filter((name) => !given.has(name));
  if (missing.length > 0) throw new UsageError(`Missing required option(s): ${missing.join(', ')}`);
  if (CHOICES.filter((name) => given.has(name)).length !== 1) {
    throw new UsageError(`One and only one of the following options is required: ${CHOICES.join(', ')}`);
  }
  if (given.has('topic') && !given.has('partition')) throw new UsageError('Missing required option(s): partition');
  if (!given.has('topic') && given.has('partition')) {
    throw new UsageError('Option partition is only allowed if topic is used');
  }
}

function electionTypeOf(given: Given): string {
  const text = given.text('election-type') ?? '';
  if (Object.hasOwn(ELECTION_TYPES, text.toUpperCase())) return text.toUpperCase();
  throw new UsageError(`Cannot parse argument '${text}' of option election-type`, 'It is preferred or unclean.');
}

/** @throws CommandError */
export function parsePartitions(text: string): TopicPartition[] {
  const json = JsonFields.parse(text);
  if (!json.has('partitions')) throw new CommandError('Replica election data is missing "partitions" field');
  const partitions = json
    .objects('partitions')
    .map((entry) => ({ topic: entry.text('topic'), partition: entry.integer('partition') }));
  const names = partitions.map(({ topic, partition }) => `${topic}-${partition}`);
  const duplicates = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  if (duplicates.size === 0) return partitions;
  throw new CommandError(`Replica election data contains duplicate partitions: [${[...duplicates].join(', ')}]`);
}

/** Null for all. */
async function partitionsOf(given: Given): Promise<TopicPartition[] | null> {
  const file = given.text('path-to-json-file');
  if (file !== null) return parsePartitions(await readTextFile(file));
  const topic = given.text('topic');
  return topic === null ? null : [{ topic, partition: given.number('partition') ?? 0 }];
}

async function run(given: Given, io: CommandIo): Promise<number> {
  checkOptions(given);
  const electionType = electionTypeOf(given);
  const partitions = await partitionsOf(given);
  const file = given.text('admin.config');
  const properties = new Map(file === null ? [] : await readPropertiesFile(file));
  if (!properties.has('default.api.timeout.ms')) properties.set('default.api.timeout.ms', String(TIMEOUT_MS));
  const cluster = await openCluster(given.text('bootstrap-server') ?? '', io, properties);
  try {
    const answer = await elect(cluster, electionType, partitions);
    return report(answer, electionType, io);
  } finally {
    await cluster.close();
  }
}

/** A controller that has moved may say so for each partition. */
function errorOf(response: ElectLeadersResponse): number {
  return response.errorCode || (response.replicaElectionResults[0]?.partitionResult[0]?.errorCode ?? 0);
}

async function elect(
  cluster: ClusterClient,
  electionType: string,
  partitions: readonly TopicPartition[] | null,
): Promise<ElectLeadersResponse> {
  const topicPartitions =
    partitions === null ? null : groupByTopic(partitions).map(([topic, its]) => ({ topic, partitions: its }));
  const body = { electionType: ELECTION_TYPES[electionType] ?? 0, topicPartitions, timeoutMs: TIMEOUT_MS };
  const answer = await cluster.toController(electLeaders, body, errorOf);
  if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, null);
  return answer;
}

function report(answer: ElectLeadersResponse, electionType: string, io: CommandIo): number {
  const results = answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
    partitionResult.map((result) => ({ name: `${topic}-${result.partitionId}`, ...result })),
  );
  const namesWith = (code: number): string =>
    results
      .filter(({ errorCode }) => errorCode === code)
      .map(({ name }) => name)
      .join(', ');
  const elected = namesWith(0);
  if (elected) {
    io.stdout.write(`Successfully completed leader election (${electionType}) for partitions ${elected}\n`);
  }
  const unchanged = namesWith(Errors.ELECTION_NOT_NEEDED.code);
  if (unchanged) io.stdout.write(`Valid replica already elected for partitions ${unchanged}\n`);
  const failed = results.filter(({ errorCode }) => errorCode !== 0 && errorCode !== Errors.ELECTION_NOT_NEEDED.code);
  for (const { name, errorCode, errorMessage } of failed) {
    const text = exceptionText(errorForCode(errorCode), errorMessage);
    io.stdout.write(`Error completing leader election (${electionType}) for partition: ${name}: ${text}\n`);
  }
  if (failed.length > 0) throw new CommandError(`${failed.length} replica(s) could not be elected`);
  return 0;
}

export const kafkaLeaderElection = defineCommand({
  name: 'kafka-leader-election',
  about:
    'This tool has leaders of partitions elected anew: preferred replicas, or any replica where there is no leader.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaLeaderElection);
