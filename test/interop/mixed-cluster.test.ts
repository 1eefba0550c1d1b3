/** One cluster of Gregor's brokers and Apache Kafka's, in either role, exchanged for one another with their data. */
import type { KafkaToolName } from '../support/apache-kafka';
import { KafkaToolRunner } from '../support/kafka-tool-runner';
import { MixedCluster, type Kind } from '../support/mixed-cluster';
import { expectEachOnce, expectEqualReplicas, LOADED_PARTITIONS, readAll, writeWhile } from '../support/mixed-load';

jest.setTimeout(300_000);

const RECORDS = 15_000;

let cluster: MixedCluster;
let tools: KafkaToolRunner;

beforeAll(async () => {
  tools = await KafkaToolRunner.start();
});
afterAll(() => tools?.stop());

const tool = async (name: KafkaToolName, ...args: string[]): Promise<string> => {
  const result = await tools.run(name, ['--bootstrap-server', cluster.bootstrap, ...args]);
  if (result.code !== 0) throw new Error(`${name} ${args.join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout;
};

const createTopic = (topic: string): Promise<string> =>
  tool(
    'kafka-topics',
    '--create',
    '--topic',
    topic,
    '--partitions',
    String(LOADED_PARTITIONS),
    '--replication-factor',
    '3',
  );

/** A group of Kafka's own consumer reads so many records and commits what it has read. */
const readAsGroup = (topic: string, group: string, records: number): Promise<string> =>
  tool(
    'kafka-console-consumer',
    '--topic',
    topic,
    '--from-beginning',
    '--group',
    group,
    '--max-messages',
    String(records),
  );

describe.each<{ first: Kind; second: Kind }>([
  { first: 'gregor', second: 'kafka' },
  { first: 'kafka', second: 'gregor' },
])('a cluster that $first begins and $second joins', ({ first, second }) => {
  beforeAll(async () => {
    cluster = await MixedCluster.create(3);
    await cluster.start(0, first);
    await cluster.start(1, second);
    await cluster.start(2, second === 'kafka' ? 'gregor' : 'kafka');
  });

  afterAll(() => cluster?.close());

  it('is controlled by the first and brings replicas of both kinds in sync', async () => {
    expect(await cluster.controllerId()).toBe(0);
    await createTopic('shared');
    await cluster.everyReplicaInSync('shared', 3);
  });

  it('loses nothing while each broker is killed and started again under load', async () => {
    const killEach = async (): Promise<void> => {
      for (const id of cluster.ids) {
        await cluster.kill(id);
        await cluster.start(id, cluster.kinds.get(id) as Kind);
        await cluster.everyReplicaInSync('shared', 3);
      }
    };
    const acknowledged = await writeWhile(cluster, 'shared', killEach, RECORDS);
    expect(acknowledged).toHaveLength(RECORDS);
    expectEachOnce(await readAll(cluster, 'shared'), acknowledged);
    await readAsGroup('shared', 'readers', acknowledged.length);
    await expectEqualReplicas(cluster, tools, 'shared');
  });

  it('keeps a group and its offsets while coordinators of both kinds come and go', async () => {
    for (const id of cluster.ids) {
      await cluster.stop(id);
      const describe = ['--describe', '--group', 'readers', '--offsets', '--timeout', '60000'] as const;
      expect(await tool('kafka-consumer-groups', ...describe)).toContain('shared');
      await cluster.start(id, cluster.kinds.get(id) as Kind);
      await cluster.everyReplicaInSync('shared', 3);
    }
  });

  it('goes on while every broker is replaced by one of the other kind, directories kept', async () => {
    const other = (kind: Kind): Kind => (kind === 'kafka' ? 'gregor' : 'kafka');
    await createTopic('rolling');
    const replaceEach = async (): Promise<void> => {
      for (const id of cluster.ids) {
        await cluster.stop(id);
        await cluster.start(id, other(cluster.kinds.get(id) as Kind));
        await cluster.everyReplicaInSync('rolling', 3);
      }
    };
    const acknowledged = await writeWhile(cluster, 'rolling', replaceEach, RECORDS);
    expectEachOnce(await readAll(cluster, 'rolling'), acknowledged);
    expectEachOnce(await readAll(cluster, 'shared'), []);
    await expectEqualReplicas(cluster, tools, 'rolling');
  });
});
