/** One cluster of Gregor's brokers and Apache Kafka's, in either role, exchanged for one another with their data. */
import { createInterface } from 'node:readline';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runKafkaTool, spawnKafkaTool } from '../support/apache-kafka';
import { readTopic } from '../support/kill-rounds';
import { MixedCluster, type Kind } from '../support/mixed-cluster';

jest.setTimeout(300_000);

const PARTITIONS = 3;
const RECORDS = 15_000;
const RECORDS_PER_SECOND = 1_000;

let cluster: MixedCluster;

const tool = async (name: Parameters<typeof runKafkaTool>[0], ...args: string[]): Promise<string> => {
  const result = await runKafkaTool(name, ['--bootstrap-server', cluster.bootstrap, ...args]);
  if (result.code !== 0) throw new Error(`${name} ${args.join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout;
};

const createTopic = (topic: string): Promise<string> =>
  tool('kafka-topics', '--create', '--topic', topic, '--partitions', String(PARTITIONS), '--replication-factor', '3');

/** Writes 0, 1, 2 … with acks=all while `meanwhile` runs; gives the values that were acknowledged. */
async function writeWhile(topic: string, records: number, meanwhile: () => Promise<void>): Promise<number[]> {
  const config = join(cluster.directory, 'producer.properties');
  await writeFile(config, 'retries=2147483647\nenable.idempotence=true\n');
  const args = ['--bootstrap-server', cluster.bootstrap, '--topic', topic, '--acks', '-1', '--producer.config', config];
  const load = ['--max-messages', String(records), '--throughput', String(RECORDS_PER_SECOND)];
  const producer = await spawnKafkaTool('kafka-verifiable-producer', [...args, ...load]);
  const acknowledged: number[] = [];
  let begun: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (begun = resolve));
  const written = (async () => {
    for await (const line of createInterface({ input: producer.stdout as NodeJS.ReadableStream })) {
      if (!line.includes('"producer_send_success"')) continue;
      acknowledged.push(Number((JSON.parse(line) as { value: string }).value));
      begun();
    }
    begun();
  })();
  await first;
  await meanwhile();
  await written;
  return acknowledged;
}

async function readAll(topic: string): Promise<number[]> {
  const client = cluster.client();
  try {
    return (await readTopic(client, topic)).flat();
  } finally {
    await client.close();
  }
}

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

function expectEachOnce(stored: readonly number[], acknowledged: readonly number[]): void {
  const present = new Set(stored);
  expect(acknowledged.filter((value) => !present.has(value))).toEqual([]);
  expect(stored).toHaveLength(present.size);
}

async function expectEqualReplicas(topic: string): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const [first, ...others] = await Promise.all(cluster.ids.map((id) => cluster.dump(id, topic, partition)));
    for (const other of others) expect(other).toBe(first);
  }
}

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
    const acknowledged = await writeWhile('shared', RECORDS, async () => {
      for (const id of cluster.ids) {
        await cluster.kill(id);
        await cluster.start(id, cluster.kinds.get(id) as Kind);
        await cluster.everyReplicaInSync('shared', 3);
      }
    });
    expect(acknowledged).toHaveLength(RECORDS);
    expectEachOnce(await readAll('shared'), acknowledged);
    await readAsGroup('shared', 'readers', acknowledged.length);
    await expectEqualReplicas('shared');
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
    const acknowledged = await writeWhile('rolling', RECORDS, async () => {
      for (const id of cluster.ids) {
        await cluster.stop(id);
        await cluster.start(id, other(cluster.kinds.get(id) as Kind));
        await cluster.everyReplicaInSync('rolling', 3);
      }
    });
    expectEachOnce(await readAll('rolling'), acknowledged);
    expectEachOnce(await readAll('shared'), []);
    await expectEqualReplicas('rolling');
  });
});
