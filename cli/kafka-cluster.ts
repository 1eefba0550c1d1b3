/** kafka-cluster: the id of a cluster (Kafka's ClusterTool). */
import { describeCluster } from '../protocol/apis';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { commonOptions, type ParsedOptions, UsageError, value } from './options';
import { kafkaError } from './topics/names';

const options = {
  ...commonOptions,
  'bootstrap-server': value('host:port,...', 'Brokers to connect to.', { letter: 'b' }),
  'bootstrap-controller': value('host:port,...', 'For KRaft clusters only.', { letter: 'C' }),
  config: value('file', 'File with properties for the connection to the cluster.', { letter: 'c' }),
  id: value('id', 'The broker, for unregister.', { type: 'Integer', letter: 'i' }),
};

type Given = ParsedOptions<typeof options>;

async function run(given: Given, io: CommandIo): Promise<number> {
  const [command] = given.words;
  if (command === undefined)
    throw new UsageError('too few arguments', 'Say what to do: kafka-cluster cluster-id or kafka-cluster unregister.');
  if (command !== 'cluster-id' && command !== 'unregister') {
    throw new UsageError(`invalid choice: '${command}' (choose from 'cluster-id', 'unregister')`);
  }
  if (given.has('bootstrap-controller')) {
    throw new UsageError('--bootstrap-controller is for KRaft clusters.', 'Use --bootstrap-server.');
  }
  const servers = given.text('bootstrap-server');
  if (servers === null)
    throw new UsageError('one of the arguments --bootstrap-server/-b --bootstrap-controller/-C is required');
  const file = given.text('config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  if (command === 'unregister') {
    if (!given.has('id')) throw new UsageError('argument --id/-i is required');
    throw new CommandError(
      'The target cluster does not support the broker unregistration API: brokers of a cluster with ZooKeeper leave it by stopping.',
    );
  }
  const cluster = await openCluster(servers, io, properties);
  try {
    const answer = await cluster.toAny(describeCluster, { includeClusterAuthorizedOperations: false, endpointType: 1 });
    if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, answer.errorMessage);
    io.stdout.write(`Cluster ID: ${answer.clusterId}\n`);
    return 0;
  } finally {
    await cluster.close();
  }
}

export const kafkaCluster = defineCommand({
  name: 'kafka-cluster',
  about:
    'The Kafka cluster tool: kafka-cluster cluster-id tells the id of a cluster, kafka-cluster unregister is for KRaft.',
  helpTo: 'stdout',
  options,
  run,
});

if (require.main === module) startCommand(kafkaCluster);
