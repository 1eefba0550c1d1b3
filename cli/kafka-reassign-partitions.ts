/** kafka-reassign-partitions: moves replicas to other brokers (Kafka's ReassignPartitionsCommand). */
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, failureText, startCommand, type CommandIo } from './command';
import { readTextFile } from './json-input';
import { commonOptions, flag, type ParsedOptions, requireOptions, UsageError, value } from './options';
import { type ActionContext, cancel, execute, generate, list, verify } from './reassign/actions';
import { TerseFailure } from './reassign/terse-failure';

const options = {
  ...commonOptions,
  generate: flag('Propose where the partitions of some topics could be on some brokers; nothing is moved.'),
  execute: flag('Start to move partitions.'),
  verify: flag('Tell how far that is; when all is done, clear the throttles.'),
  cancel: flag('Take back what is under way.'),
  list: flag('Show all reassignments under way.'),
  'bootstrap-server': value('Server(s) to use for bootstrapping', 'REQUIRED: brokers to connect to.'),
  'command-config': value('Admin client property file', 'File with properties for the connection to the cluster.'),
  'reassignment-json-file': value(
    'manual assignment json file path',
    'JSON file with the replicas that partitions shall have, and if wanted the log directory of each ("any" for no matter which):\n' +
      '{"partitions": [{"topic": "foo", "partition": 1, "replicas": [1,2,3], "log_dirs": ["any","any","/data"]}], "version": 1}',
  ),
  'topics-to-move-json-file': value(
    'topics to reassign json file path',
    'JSON file with topics, for --generate:\n{"topics": [{"topic": "foo"}, {"topic": "foo1"}], "version": 1}',
  ),
  'broker-list': value('brokerlist', 'Brokers for --generate, by their ids, separated by commas.'),
  'disable-rack-aware': flag('Let --generate ignore racks.'),
  throttle: value('throttle', 'Bytes a second that brokers may copy from each other for this, at least 1 KB/s.', {
    type: 'Long',
    defaultText: '-1',
  }),
  'replica-alter-log-dirs-throttle': value(
    'replicaAlterLogDirsThrottle',
    'Bytes a second that a broker may copy between its log directories for this, at least 1 KB/s.',
    { type: 'Long', defaultText: '-1' },
  ),
  timeout: value('timeout', 'How long to wait for moves between log directories to begin, in milliseconds.', {
    type: 'Long',
    defaultText: '10000',
  }),
  additional: flag('Execute while others are under way, or change the throttle of one that is.'),
  'preserve-throttles': flag('Leave throttles as they are.'),
};

type Given = ParsedOptions<typeof options>;

const ACTIONS = ['generate', 'execute', 'verify', 'cancel', 'list'] as const;
type Action = (typeof ACTIONS)[number];

const REQUIRED: Readonly<Record<Action, readonly string[]>> = {
  generate: ['topics-to-move-json-file', 'broker-list'],
  execute: ['reassignment-json-file'],
  verify: ['reassignment-json-file'],
  cancel: ['reassignment-json-file'],
  list: [],
};
const PERMITTED: Readonly<Record<Action, readonly string[]>> = {
  generate: ['disable-rack-aware'],
  execute: ['additional', 'throttle', 'replica-alter-log-dirs-throttle', 'timeout'],
  verify: ['preserve-throttles'],
  cancel: ['preserve-throttles', 'timeout'],
  list: [],
};

/** @throws UsageError */
function checkedAction(given: Given): Action {
  const [action, ...more] = ACTIONS.filter((name) => given.has(name));
  if (action === undefined || more.length > 0) {
    throw new UsageError(`Command must include exactly one action: ${ACTIONS.map((name) => `--${name}`).join(', ')}`);
  }
  if (!given.has('bootstrap-server')) {
    throw new UsageError('Please specify --bootstrap-server', 'For example --bootstrap-server localhost:9092.');
  }
  requireOptions(given, ...REQUIRED[action]);
  const fits = [action, 'bootstrap-server', 'command-config', ...REQUIRED[action], ...PERMITTED[action]];
  const other = given.names.find((name) => !fits.includes(name));
  if (other !== undefined) throw new UsageError(`Option "[${other}]" can't be used with action "[${action}]"`);
  return action;
}

async function perform(action: Action, given: Given, context: ActionContext): Promise<void> {
  if (action === 'list') return list(context);
  const file = action === 'generate' ? 'topics-to-move-json-file' : 'reassignment-json-file';
  const json = await readTextFile(given.text(file) ?? '');
  const timeoutMs = given.number('timeout') ?? 10_000;
  switch (action) {
    case 'generate':
      return generate(context, json, given.text('broker-list') ?? '', !given.has('disable-rack-aware'));
    case 'verify':
      return verify(context, json, given.has('preserve-throttles'));
    case 'cancel':
      return cancel(context, json, given.has('preserve-throttles'), timeoutMs);
    case 'execute':
      return execute(context, json, {
        additional: given.has('additional'),
        throttle: given.number('throttle') ?? -1,
        directoryThrottle: given.number('replica-alter-log-dirs-throttle') ?? -1,
        timeoutMs,
      });
  }
}

async function run(given: Given, io: CommandIo): Promise<number> {
  const action = checkedAction(given);
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const cluster = await openCluster(given.text('bootstrap-server') ?? '', io, properties, 'reassign-partitions-tool');
  try {
    await perform(action, given, { cluster, io, print: (line) => io.stdout.write(`${line}\n`) });
    return 0;
  } catch (error) {
    // Kafka's command tells its failures on standard output.
    const text = error instanceof CommandError ? error.message : failureText(error);
    io.stdout.write(error instanceof TerseFailure ? `${text}\n` : `Error: ${text}\n`);
    return 1;
  } finally {
    await cluster.close();
  }
}

export const kafkaReassignPartitions = defineCommand({
  name: 'kafka-reassign-partitions',
  about: 'This tool moves replicas of partitions to other brokers, and between log directories.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaReassignPartitions);
