/** kafka-metadata-quorum: says that this is no KRaft cluster, and where to look instead (Kafka's MetadataQuorumCommand). */
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { commonOptions, flag, type ParsedOptions, UsageError, value } from './options';

const options = {
  ...commonOptions,
  'bootstrap-server': value('host:port,...', 'Brokers to connect to.'),
  'bootstrap-controller': value('host:port,...', 'For KRaft clusters only.'),
  'command-config': value('file', 'File with properties for the connection to the cluster.'),
  status: flag('With describe: state of the quorum.'),
  replication: flag('With describe: how far each member is.'),
  'human-readable': flag('With --replication: times as dates.'),
  'controller-id': value('id', 'With remove-controller: the member.', { type: 'Integer', letter: 'i' }),
  'controller-directory-id': value('id', 'With remove-controller: its directory.', { letter: 'd' }),
  'dry-run': flag('With add-controller and remove-controller: change nothing.'),
};

type Given = ParsedOptions<typeof options>;

const COMMANDS = ['describe', 'add-controller', 'remove-controller'];
const DESCRIBE_QUORUM = 55;

function checkOptions(given: Given): void {
  const [command] = given.words;
  if (command === undefined) throw new UsageError('too few arguments', `Say what to do: ${COMMANDS.join(', ')}.`);
  if (!COMMANDS.includes(command)) {
    const choices = COMMANDS.map((each) => `'${each}'`).join(', ');
    throw new UsageError(`argument command: invalid choice: '${command}' (choose from ${choices})`);
  }
  if (!given.has('bootstrap-server') && !given.has('bootstrap-controller')) {
    throw new UsageError('one of the arguments --bootstrap-server --bootstrap-controller is required');
  }
  if (command !== 'describe') return;
  if (given.has('status') && given.has('replication')) {
    throw new CommandError('Only one of --status or --replication should be specified with describe sub-command');
  }
  if (!given.has('status') && !given.has('replication')) {
    throw new CommandError('One of --status or --replication must be specified with describe sub-command');
  }
}

async function run(given: Given, io: CommandIo): Promise<number> {
  checkOptions(given);
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const servers = given.text('bootstrap-server') ?? given.text('bootstrap-controller') ?? '';
  const cluster = await openCluster(servers, io, properties);
  try {
    const isKraft = await cluster.any((broker) => Promise.resolve(broker.versions.has(DESCRIBE_QUORUM)));
    if (isKraft)
      throw new CommandError(
        'This is a KRaft cluster, which this command does not know so far; use that of Apache Kafka.',
      );
    throw new CommandError(
      'This is not a KRaft cluster: its brokers do not support DESCRIBE_QUORUM, since their metadata is in ZooKeeper and there is no quorum of controllers.\n' +
        'The one controller is a broker; zookeeper-shell HOST:2181 get /controller tells which.',
    );
  } finally {
    await cluster.close();
  }
}

export const kafkaMetadataQuorum = defineCommand({
  name: 'kafka-metadata-quorum',
  about:
    'This tool is about the quorum of controllers of KRaft clusters. Clusters with ZooKeeper have none, and it says so.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaMetadataQuorum);
