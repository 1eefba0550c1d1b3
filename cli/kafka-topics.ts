/** kafka-topics: creates, lists, describes, alters and deletes topics (Kafka's TopicCommand). */
import { topicKeys } from '../settings';
import { openCluster, readPropertiesFile } from './cluster';
import { defineCommand, failureText, startCommand, type CommandIo } from './command';
import { commonOptions, flag, type ParsedOptions, refuseTogether, requireOptions, UsageError, value } from './options';
import { alterTopics } from './topics/alter';
import { createTopic } from './topics/create';
import { deleteTopics } from './topics/delete';
import { describeTopics } from './topics/describe';
import { listTopics } from './topics/list';

const options = {
  ...commonOptions,
  'bootstrap-server': value('server to connect to', 'REQUIRED: host:port of a broker of the cluster.'),
  'command-config': value('config property file', 'File with properties for the connection to the cluster.'),
  create: flag('Create a topic.'),
  list: flag('List the names of topics.'),
  describe: flag('Show partitions, leaders, replicas and configuration of topics.'),
  alter: flag('Give a topic more partitions. (Its configuration is changed with kafka-configs.)'),
  delete: flag('Delete topics.'),
  topic: value('topic', 'The topic. A regular expression for everything but --create.'),
  'topic-id': value('topic-id', 'The topic by its id, for --describe.'),
  partitions: value(
    '# of partitions',
    'How many partitions; the default of the cluster when left out of --create. More partitions later change which partition a key goes to.',
    { type: 'Integer' },
  ),
  'replication-factor': value(
    'replication factor',
    'How many copies of each partition; the default of the cluster when left out.',
    { type: 'Integer' },
  ),
  'replica-assignment': value(
    'broker1:broker2,broker3:broker4,...',
    'The brokers of each partition, by hand: partitions separated by commas, brokers of a partition by colons, the preferred leader first.',
  ),
  config: value(
    'name=value',
    `A setting of the topic to create; may be given several times. One of ${[...topicKeys.keys()].toSorted().join(', ')}.`,
  ),
  'delete-config': value('name', 'No longer supported here; use kafka-configs.'),
  'if-exists': flag('Do nothing, without an error, where there is no such topic.'),
  'if-not-exists': flag('Do nothing, without an error, where there is such a topic already.'),
  'exclude-internal': flag('Leave out internal topics.'),
  'topics-with-overrides': flag('Describe only topics that have settings of their own.'),
  'under-replicated-partitions': flag('Describe only partitions with fewer in-sync replicas than replicas.'),
  'under-min-isr-partitions': flag('Describe only partitions with fewer in-sync replicas than min.insync.replicas.'),
  'at-min-isr-partitions': flag('Describe only partitions with exactly min.insync.replicas in sync.'),
  'unavailable-partitions': flag('Describe only partitions without a leader that is alive.'),
  'partition-size-limit-per-response': value(
    'maximum number of partitions in one response',
    'Accepted, and without effect on a cluster with ZooKeeper.',
    { type: 'Integer' },
  ),
};

export type TopicsOptions = ParsedOptions<typeof options>;

const ACTIONS = {
  create: createTopic,
  alter: alterTopics,
  list: listTopics,
  describe: describeTopics,
  delete: deleteTopics,
};
const REPORTS = [
  'under-replicated-partitions',
  'under-min-isr-partitions',
  'at-min-isr-partitions',
  'unavailable-partitions',
];

/** Which of the five things is to be done. @throws UsageError when the options do not go together */
function checkedAction(given: TopicsOptions): keyof typeof ACTIONS {
  const actions = (['create', 'alter', 'list', 'describe', 'delete'] as const).filter((name) => given.has(name));
  const [action] = actions;
  if (action === undefined || actions.length > 1) {
    throw new UsageError('Command must include exactly one action: --list, --describe, --create, --alter or --delete');
  }
  if (!given.has('bootstrap-server')) {
    throw new UsageError('--bootstrap-server must be specified', 'For example --bootstrap-server localhost:9092.');
  }
  if (given.has('describe') && given.has('if-exists') && !given.has('topic') && !given.has('topic-id')) {
    throw new UsageError('--topic or --topic-id is required to describe a topic');
  }
  if (!given.has('list') && !given.has('describe')) requireOptions(given, 'topic');
  if (given.has('alter')) {
    if (given.has('config')) {
      throw new UsageError(
        'Option combination "[bootstrap-server],[config]" can\'t be used with option "[alter]"',
        'kafka-configs --alter --entity-type topics --entity-name TOPIC --add-config name=value changes a setting.',
      );
    }
    requireOptions(given, 'partitions');
  }
  checkCombinations(given);
  return action;
}

function checkCombinations(given: TopicsOptions): void {
  const only = (name: keyof typeof options, actions: readonly string[]): void =>
    refuseTogether(
      given,
      name,
      Object.keys(ACTIONS).filter((action) => !actions.includes(action)),
    );
  only('config', ['alter', 'create']);
  only('delete-config', ['alter']);
  refuseTogether(given, 'delete-config', ['bootstrap-server']);
  only('partitions', ['alter', 'create']);
  only('replication-factor', ['create']);
  only('replica-assignment', ['alter', 'create']);
  if (given.has('create')) refuseTogether(given, 'replica-assignment', ['partitions', 'replication-factor']);
  for (const report of REPORTS) {
    refuseTogether(given, report, ['create', 'alter', 'list', 'delete', 'topics-with-overrides']);
    refuseTogether(
      given,
      report,
      REPORTS.filter((other) => other !== report),
    );
  }
  refuseTogether(given, 'topics-with-overrides', ['create', 'alter', 'list', 'delete']);
  only('if-exists', ['alter', 'delete', 'describe']);
  only('if-not-exists', ['create']);
  only('exclude-internal', ['list', 'describe']);
}

async function run(given: TopicsOptions, io: CommandIo): Promise<number> {
  const action = checkedAction(given);
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const cluster = await openCluster(given.text('bootstrap-server') ?? '', io, properties);
  try {
    await ACTIONS[action](cluster, given, (line) => io.stdout.write(`${line}\n`));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    io.stdout.write(`Error while executing topic command : ${failureText(error)}\n`);
    return 1;
  } finally {
    await cluster.close();
  }
}

export const kafkaTopics = defineCommand({
  name: 'kafka-topics',
  about: 'This tool creates, lists, describes, alters and deletes topics.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaTopics);
