/** kafka-topics: creates, lists, describes, alters and deletes topics (Kafka's TopicCommand). */
import { openCluster, readPropertiesFile } from './cluster';
import { defineCommand, failureText, startCommand, type CommandIo } from './command';
import { refuseTogether, requireOptions, UsageError } from './options';
import { topicsOptions, type TopicsOptions } from './topics/options';
import { alterTopics } from './topics/alter';
import { createTopic } from './topics/create';
import { deleteTopics } from './topics/delete';
import { describeTopics } from './topics/describe';
import { listTopics } from './topics/list';

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
  const only = (name: keyof typeof topicsOptions, actions: readonly string[]): void =>
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
  options: topicsOptions,
  run,
});

if (require.main === module) startCommand(kafkaTopics);
