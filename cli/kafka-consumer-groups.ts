/** kafka-consumer-groups: lists, describes and deletes groups, and resets their offsets (Kafka's ConsumerGroupCommand). */
import { withCluster, readPropertiesFile } from './cluster';
import { defineCommand, failureText, startCommand, type CommandIo } from './command';
import { deleteConsumerGroups, deleteGroupOffsets } from './groups/delete';
import { describeConsumerGroups } from './groups/describe';
import { listGroupNames } from './groups/list';
import { resetOffsets, SCENARIOS } from './groups/reset';
import { refuseTogether, requireOptions, UsageError } from './options';
import { groupsOptions, type GroupsOptions } from './groups/options';

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
  options: groupsOptions,
  run,
});

if (require.main === module) startCommand(kafkaConsumerGroups);
