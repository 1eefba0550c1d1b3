/**
 * compose/ as a user has it: one engine, one cluster, steps that build on each other as a day of use does. The order of the
 * tests matters.
 */
import { Kafka, logLevel } from 'kafkajs';
import { ComposeProject } from '../support/compose-project';
import { eventually } from '../support/eventually';

const brokers = ['kafka', 'kafka2', 'kafka3'] as const;
const cluster = ['zookeeper', ...brokers] as const;

let project: ComposeProject;
/** Told at the end: what this takes. */
const measured: Record<string, string> = {};

beforeAll(async () => {
  const startMs = performance.now();
  project = await ComposeProject.prepare();
  await project.build(['compose.apache-kafka.yaml']);
  measured['build'] = `${Math.round(performance.now() - startMs)} ms`;
  project.use([]);
  await project.down('--volumes');
  measured['first up'] = `${await project.up(cluster)} ms`;
}, 400_000);

afterAll(async () => {
  await project?.end();
  console.log(
    Object.entries(measured)
      .map(([what, figure]) => `${what}: ${figure}`)
      .join('\n'),
  );
}, 120_000);

function hostClient(): Kafka {
  return new Kafka({ clientId: 'host', brokers: [`localhost:${project.ports.kafka}`], logLevel: logLevel.NOTHING });
}

/** Writes these values to `orders` from this machine. */
async function produce(values: readonly string[]): Promise<void> {
  const producer = hostClient().producer();
  await producer.connect();
  try {
    await producer.send({ topic: 'orders', acks: -1, messages: values.map((value) => ({ value })) });
  } finally {
    await producer.disconnect();
  }
}

/** All values of `orders`, sorted, once there are `count`; read from this machine with a group of its own. */
async function consume(group: string, count: number): Promise<string[]> {
  const consumer = hostClient().consumer({ groupId: group });
  await consumer.connect();
  const values: string[] = [];
  try {
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void values.push(String(message.value)) });
    await eventually(`${count} records came`, () => values.length >= count, 20_000);
  } finally {
    await consumer.disconnect();
  }
  return values.sort();
}

const clusterId = async (): Promise<string> =>
  (await project.exec('kafka', 'kafka-cluster', 'cluster-id', '--bootstrap-server', 'localhost:9092')).trim();

/** The rows of --describe that name a partition. */
async function partitionsOf(topic: string): Promise<string[]> {
  const text = await project.exec(
    'kafka',
    'kafka-topics',
    '--describe',
    '--topic',
    topic,
    '--bootstrap-server',
    'localhost:9092',
  );
  return text.split('\n').filter((line) => /\tPartition: \d/.test(line));
}

describe('the containers', () => {
  it('start in the order of their readiness: no broker before ZooKeeper served', async () => {
    const served = await project.firstHealthyAt('zookeeper');
    expect(served).toMatch(/^\d{4}-/);
    for (const broker of brokers) {
      const { startedAt } = await project.state(broker);
      expect({ broker, startedAt, afterZooKeeper: Date.parse(startedAt) >= Date.parse(served) }).toMatchObject({
        afterZooKeeper: true,
      });
    }
  });

  it('run as an ordinary user', async () => {
    for (const service of cluster) {
      expect({ service, user: (await project.exec(service, 'id', '-u')).trim() }).toEqual({ service, user: '1000' });
    }
  });

  it('come from an image without the tools of development, not much larger than its base', async () => {
    const modules = (await project.exec('kafka', 'ls', '/opt/kafka/node_modules')).split('\n');
    expect(modules).toContain('kafkajs');
    const ofDevelopment = ['typescript', 'jest', 'oxlint', '@swc', '@jest', 'prettier', 'playwright-core'];
    expect(modules.filter((name) => ofDevelopment.includes(name))).toEqual([]);
    expect((await project.exec('kafka', 'ls', '/opt/kafka/dist')).split('\n')).not.toContain('test');
    const addedBytes = await project.bytesAboveBase();
    measured['image above its base'] = `${Math.round(addedBytes / 1e6)} MB`;
    expect(addedBytes).toBeLessThan(80e6);
  });
});

describe('the notes of a first week', () => {
  it('work at a terminal in the container: create, list and describe a topic', async () => {
    const shown = await project.type('kafka', 'bash', [
      'kafka-topics --create --topic orders --bootstrap-server localhost:9092 --partitions 3 --replication-factor 1',
      'kafka-topics --list --bootstrap-server localhost:9092',
      'kafka-topics --describe --topic orders --bootstrap-server localhost:9092',
    ]);
    expect(shown).toContain('Created topic orders.');
    expect(shown).toMatch(/^orders\r?$/m);
    expect(shown).toMatch(/Topic: orders\s.*PartitionCount: 3\s+ReplicationFactor: 1/);
    expect(shown.match(/\tPartition: \d+\tLeader: [123]\t/g)).toHaveLength(3);
  });

  it('work in every broker’s container, also where another broker is the controller', async () => {
    for (const broker of brokers) {
      const topic = `made-in-${broker}`;
      const server = ['--bootstrap-server', 'localhost:9092'];
      await project.exec(broker, 'kafka-topics', '--create', '--topic', topic, '--replication-factor', '3', ...server);
      expect((await project.exec(broker, 'kafka-topics', '--list', ...server)).split('\n')).toContain(topic);
    }
  });

  it('work under the paths of Kafka’s image as well', async () => {
    const list = ['/opt/kafka/bin/kafka-topics.sh', '--list', '--bootstrap-server', 'kafka2:9092'];
    expect(await project.exec('kafka', ...list)).toContain('orders');
  });
});

describe('the two addresses of a broker', () => {
  it('lead from this machine to the published ports', async () => {
    const admin = hostClient().admin();
    await admin.connect();
    const { brokers: found } = await admin.describeCluster().finally(() => admin.disconnect());
    const addresses = found.map(({ nodeId, host, port }) => `${nodeId} ${host}:${port}`).sort();
    expect(addresses).toEqual(brokers.map((name, at) => `${at + 1} localhost:${project.ports[name]}`));
  });

  it('carry records from this machine and back', async () => {
    await produce(['first', 'second', 'third']);
    expect(await consume('host-group', 3)).toEqual(['first', 'second', 'third']);
  });

  it('lead from another container to the names of the containers', async () => {
    const consume3 = 'kafka-console-consumer --topic orders --from-beginning --max-messages 3 --timeout-ms 20000';
    const command = `${consume3} --bootstrap-server kafka3:9092`;
    const shown = await project.runOnce(project.image, 'bash', '-c', command);
    expect(shown.trim().split('\n').sort()).toEqual(['first', 'second', 'third']);
  });

  it('leave ZooKeeper reachable from this machine', async () => {
    const shown = await project.exec('kafka', 'zookeeper-shell', 'zookeeper:2181', 'ls', '/brokers/ids');
    expect(shown).toContain('[1, 2, 3]');
    expect(await project.zooKeeperSays('srvr')).toMatch(/^Mode: standalone$/m);
  });
});

describe('what is stored', () => {
  it('outlives the restart of any container', async () => {
    const id = await clusterId();
    for (const service of cluster) {
      await project.container(service).restart();
      await project.healthy(service);
    }
    await eventually(
      'all replicas in sync again',
      async () => (await partitionsOf('made-in-kafka')).every((row) => /Isr: (\d,){2}\d/.test(row)),
      30_000,
    );
    expect(await clusterId()).toBe(id);
    expect(await consume('after-restarts', 3)).toEqual(['first', 'second', 'third']);
  });

  it('outlives down and up: same cluster id, same records', async () => {
    const id = await clusterId();
    await project.down();
    measured['up again'] = `${await project.up(cluster)} ms`;
    expect(await clusterId()).toBe(id);
    expect(await consume('after-down', 3)).toEqual(['first', 'second', 'third']);
    await produce(['fourth']);
    expect(await consume('after-down-2', 4)).toEqual(['first', 'fourth', 'second', 'third']);
  });

  it('is refused by another cluster, with a sentence that tells how to go on', async () => {
    await project.down();
    await project.removeVolume('zookeeper-data');
    await project.removeVolume('zookeeper-log');
    await project.up(['zookeeper']);
    await eventually('the broker gave up', async () => (await project.state('kafka')).status === 'exited', 30_000);
    expect((await project.state('kafka')).exitCode).toBe(1);
    const said = await project.logs('kafka');
    expect(said).toMatch(/doesn't match stored clusterId \S+ in \/var\/lib\/kafka\/data\/meta\.properties/);
    expect(said).toContain('docker compose down --volumes');
    await project.down('--volumes');
    await project.up(cluster);
    expect(await clusterId()).toMatch(/^Cluster ID: \S{22}$/);
  });
});

describe('one broker beside Apache Kafka', () => {
  beforeAll(async () => {
    await project.down('--volumes');
    project.use(['compose.single.yaml', 'compose.apache-kafka.yaml']);
    measured['up of one broker and Apache Kafka'] = `${await project.up(['zookeeper', 'kafka', 'apache-kafka'])} ms`;
  }, 120_000);

  it('runs no other broker', async () => {
    await expect(project.state('kafka2')).rejects.toThrow(/[Nn]o such container/);
    expect(await project.exec('kafka', 'zookeeper-shell', 'zookeeper:2181', 'ls', '/brokers/ids')).toContain('[1]');
  });

  it('takes records and groups with one copy', async () => {
    const create = ['kafka-topics', '--create', '--topic', 'orders', '--partitions', '3', '--replication-factor', '1'];
    await project.exec('kafka', ...create, '--bootstrap-server', 'localhost:9092');
    await produce(['alone']);
    expect(await consume('single', 1)).toEqual(['alone']);
  });

  it('finds Apache Kafka in the same ZooKeeper, with the same tools, as a cluster of its own', async () => {
    const server = ['--bootstrap-server', 'apache-kafka:9092'];
    await project.exec('kafka', 'kafka-topics', '--create', '--topic', 'theirs', ...server);
    expect((await project.exec('kafka', 'kafka-topics', '--list', ...server)).trim()).toBe('theirs');
    const shell = ['zookeeper-shell', 'zookeeper:2181/apache-kafka', 'ls', '/brokers/ids'];
    expect(await project.exec('kafka', ...shell)).toContain('[4]');
    const { length } = (await clusterId()).split('\n');
    expect(length).toBe(1);
    const theirs = await project.exec('kafka', 'kafka-cluster', 'cluster-id', ...server);
    expect(theirs.trim()).not.toBe(await clusterId());
  });
});
