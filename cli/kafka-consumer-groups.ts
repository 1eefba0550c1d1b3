/** kafka-consumer-groups: lists, describes and deletes groups, and resets their offsets (Kafka's ConsumerGroupCommand). */
import { withCluster, readPropertiesFile } from './cluster';
import { defineCommand, failureText, startCommand, type CommandIo } from './command';
import { deleteConsumerGroups, deleteGroupOffsets } from './groups/delete';
import { describeConsumerGroups } from './groups/describe';
import { listGroupNames } from './groups/list';
import { resetOffsets, SCENARIOS } from './groups/reset';
import {
  commonOptions,
  flag,
  optional,
  type ParsedOptions,
  refuseTogether,
  requireOptions,
  UsageError,
  value,
} from './options';

const options = {
  ...commonOptions,
  'bootstrap-server': value('server to connect to', 'REQUIRED: brokers to connect to.'),
  'command-config': value('command config property file', 'File with properties for the connection to the cluster.'),
  list: flag('List the groups; with --state or --type as a table, or only those of some states or types.'),
  describe: flag('Show a group: offsets with lag, or --members, or --state.'),
  delete: flag('Delete groups without members.'),
  'delete-offsets': flag('Delete the offsets that a group has committed for topics.'),
  'reset-offsets': flag(
    'Change the offsets of a group without members. Shows what it would do unless --execute is given. Where to: --to-earliest, --to-latest, --to-current, --to-offset, --shift-by, --to-datetime, --by-duration or --from-file. For what: --all-topics or --topic.',
  ),
  group: value('consumer group', 'The group; may be given several times.'),
  'all-groups': flag('All groups.'),
  topic: value('topic', 'The topic, or some partitions of it as in orders:0,1,2; may be given several times.'),
  'all-topics': flag('All topics that the group has offsets for.'),
  members: flag('Describe the members of the group.'),
  offsets: flag('Describe the offsets of the group, which is the default.'),
  state: optional('', 'Describe the state of the group; with --list the states to list, as in stable,empty.'),
  type: optional('', 'With --list: the types to list, as in classic,consumer.'),
  verbose: flag('Describe more.'),
  'dry-run': flag('Only show what would be done.'),
  execute: flag('Do it.'),
  export: flag('Print the new offsets as CSV, which --from-file reads.'),
  'to-offset': value('offset', 'To this offset.', { type: 'Long' }),
  'to-datetime': value('datetime', "To the first record since then: 'YYYY-MM-DDTHH:mm:SS.sss'."),
  'by-duration': value('duration', "To the first record of the last while: 'PnDTnHnMnS'."),
  'to-earliest': flag('To the beginning.'),
  'to-latest': flag('To the end.'),
  'to-current': flag('To where it is; the end where nothing was committed.'),
  'shift-by': value('number-of-offsets', 'On, or back with a negative number.', { type: 'Long' }),
  'from-file': value(
    'path to CSV file',
    'To what the file says: lines of topic,partition,offset or group,topic,partition,offset.',
  ),
  timeout: value('timeout (ms)', 'How long to wait for the cluster.', { type: 'Long', defaultText: '5000' }),
};

export type GroupsOptions = ParsedOptions<typeof options>;

const ACTIONS = {
  list: listGroupNames,
  describe: describeConsumerGroups,
  delete: deleteConsumerGroups,
  'reset-offsets': resetOffsets,
  'delete-offsets': deleteGroupOffsets,
};

function checkedAction(given: GroupsOptions, io: CommandIo): keyof typeof ACTIONS {
  const actions = (Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]).filter((name) => given.has(name));
  const [action] = actions;
  if (action === undefined || actions.length > 1) {
    throw new UsageError(
      'Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets',
    );
  }
  requireOptions(given, 'bootstrap-server');
  const hasGroup = given.has('group') || given.has('all-groups');
  if (action !== 'list' && action !== 'delete-offsets' && !hasGroup) {
    throw new UsageError(`Option [${action}] takes one of these options: [all-groups], [group]`);
  }
  if (action === 'describe') checkDescribe(given);
  if (action === 'delete' && given.has('topic')) {
    throw new UsageError(
      'The consumer does not support topic-specific offset deletion from a consumer group.',
      'Use --delete-offsets.',
    );
  }
  if (action === 'delete-offsets' && !(given.has('group') && given.has('topic'))) {
    throw new UsageError('Option [delete-offsets] takes the following options: [group], [topic]');
  }
  if (action === 'reset-offsets') checkReset(given, io);
  refuseTogether(given, 'group', ['all-groups']);
  return action;
}

function checkDescribe(given: GroupsOptions): void {
  if ((['members', 'offsets', 'state'] as const).filter((name) => given.has(name)).length > 1) {
    throw new UsageError('Option [describe] takes at most one of these options: [members], [offsets], [state]');
  }
  if (given.has('state') && given.text('state') !== null) {
    throw new UsageError('Option [describe] does not take a value for [state]');
  }
}

function checkReset(given: GroupsOptions, io: CommandIo): void {
  if (given.has('dry-run') && given.has('execute')) {
    throw new UsageError('Option [reset-offsets] only accepts one of [execute] and [dry-run]');
  }
  for (const scenario of SCENARIOS)
    refuseTogether(
      given,
      scenario,
      SCENARIOS.filter((other) => other !== scenario),
    );
  if (!SCENARIOS.some((scenario) => given.has(scenario))) {
    const names = SCENARIOS.map((name) => `[${name}]`).join(', ');
    throw new UsageError(`Option '[reset-offsets]' requires one of the following scenarios: ${names}`);
  }
  if (!given.has('dry-run') && !given.has('execute')) {
    io.stderr.write('WARN: Nothing is changed, since --execute is missing. Say --dry-run if that is what you want.\n');
  }
}

async function run(given: GroupsOptions, io: CommandIo): Promise<number> {
  const action = checkedAction(given, io);
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  if (!properties.has('default.api.timeout.ms'))
    properties.set('default.api.timeout.ms', given.text('timeout') ?? '5000');
  try {
    await withCluster(given.text('bootstrap-server') ?? '', io, properties, (cluster) =>
      ACTIONS[action](cluster, given, io),
    );
    return 0;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    io.stdout.write(`\nError: Executing consumer group command failed due to ${failureText(error)}\n`);
    // Kafka's command tells of the failure in words only: its exit code is that of success.
    return 0;
  }
}

export const kafkaConsumerGroups = defineCommand({
  name: 'kafka-consumer-groups',
  about: 'This tool lists and describes consumer groups, deletes them, and resets their offsets.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaConsumerGroups);
