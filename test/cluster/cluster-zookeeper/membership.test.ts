/** Brokers and their ZooKeeper: joining, losing a session, coming back too early, and a ZooKeeper that restarts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '../../../broker/create-server';
import type { KafkaServer } from '../../../broker/server';
import { Connection } from '../../../client/connection';
import { createTopics, metadata, type MetadataResponse } from '../../../protocol/apis';
import { systemClock } from '../../../runtime/clock';
import { silentLogger } from '../../../runtime/logger';
import { freePorts } from '../../../supervisor/ports';
import type { ZooKeeperClient } from '../../../zookeeper';
import * as znodes from '../../../zookeeper/znodes';
import { eventually } from '../../support/eventually';
import { startGregor } from '../../support/gregor-broker';
import { connectForTest, expireSession, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

jest.setTimeout(120_000);

let zookeeper: TestZooKeeper;
let client: ZooKeeperClient;
let chroot: string;
let servers: KafkaServer[];
let directories: string[];
let roots = 0;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
});

afterAll(() => zookeeper.stop());

beforeEach(async () => {
  // A cluster of its own for each test.
  chroot = `${zookeeper.connectString}/c${++roots}`;
  client = await connectForTest(chroot);
  servers = [];
  directories = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.shutdown()));
  await client.close();
  for (const path of directories) await rm(path, { recursive: true, force: true });
});

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gregor-membership-'));
  directories.push(path);
  return path;
}

/** Starts a broker in this process, on a port of its own unless told otherwise. */
async function start(brokerId: number, settings: Record<string, string> = {}): Promise<KafkaServer> {
  const server = createServer(
    {
      'broker.id': String(brokerId),
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'log.dirs': await directory(),
      'zookeeper.connect': chroot,
      'zookeeper.session.timeout.ms': '2000',
      'controlled.shutdown.enable': 'false',
      'gregor.fast.fence.enable': 'false',
      ...settings,
    },
    silentLogger,
  );
  await server.startup();
  servers.push(server);
  return server;
}

async function ask(server: KafkaServer): Promise<MetadataResponse> {
  return withConnection(server, (connection) => connection.send(metadata, 12, { topics: null }));
}

async function withConnection<T>(server: KafkaServer, use: (connection: Connection) => Promise<T>): Promise<T> {
  const options = { clientId: 'test', connectTimeoutMs: 5000, requestTimeoutMs: 30_000, clock: systemClock };
  const connection = await Connection.open({ host: '127.0.0.1', port: server.portOf('PLAINTEXT'), ...options });
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

async function create(server: KafkaServer, name: string, replicationFactor: number): Promise<void> {
  const response = await withConnection(server, (connection) =>
    connection.send(createTopics, 7, { topics: [{ name, numPartitions: 3, replicationFactor }], timeoutMs: 20_000 }),
  );
  expect(response.topics[0]).toMatchObject({ errorCode: 0 });
}

const brokerEpoch = async (id: number): Promise<number | null> => {
  const stat = await client.session.exists(znodes.brokerPath(id));
  return stat && Number(stat.czxid);
};

/** Every broker knows all of them and one controller. */
async function expectCluster(size: number): Promise<number> {
  const controllers = await eventually(
    `a cluster of ${size}`,
    async () => {
      const answers = await Promise.all(servers.map(ask));
      const seen = answers.map(({ brokers, controllerId }) => `${brokers.length}/${controllerId}`);
      if (new Set(seen).size > 1 || !seen[0]?.startsWith(`${size}/`) || seen[0].endsWith('-1'))
        throw new Error(seen.join(' '));
      return answers.map(({ controllerId }) => controllerId);
    },
    30_000,
  );
  return controllers[0] as number;
}

async function expectWholeIsr(topic: string, size: number): Promise<void> {
  await eventually(
    `whole ISR of ${topic}`,
    async () => {
      const [found] = (await ask(servers[0] as KafkaServer)).topics.filter(({ name }) => name === topic);
      const isrs = found?.partitions.map(({ isrNodes }) => isrNodes.length) ?? [];
      if (isrs.length === 0 || isrs.some((count) => count !== size)) throw new Error(isrs.join(' '));
      return true;
    },
    30_000,
  );
}

test('brokers that start at the same time agree on a cluster id and a controller', async () => {
  await Promise.all([start(1), start(2), start(3)]);
  await expectCluster(3);
  expect((await client.session.getData('/controller_epoch')).data?.toString()).toBe('1');
});

test('a broker without an id takes the next one above the reserved ids, and keeps it', async () => {
  const dir = await directory();
  const first = await start(-1, { 'log.dirs': dir });
  expect(first.brokerId).toBe(1001);
  await first.shutdown();
  const again = await start(-1, { 'log.dirs': dir });
  expect(again.brokerId).toBe(1001);
});

test('a broker whose session expires comes back under the next broker epoch, and its replicas into the ISR', async () => {
  await start(1);
  const second = await start(2);
  await expectCluster(2);
  await create(servers[0] as KafkaServer, 'orders', 2);
  await expectWholeIsr('orders', 2);
  const before = (await brokerEpoch(2)) as number;
  await expireSession(chroot, second.cluster.client.session);
  await eventually('the next broker epoch', async () => ((await brokerEpoch(2)) ?? 0) > before, 20_000);
  await expectCluster(2);
  await expectWholeIsr('orders', 2);
});

test('a controller whose session expires makes way, and the cluster goes on', async () => {
  const brokers = [await start(1), await start(2), await start(3)];
  const controllerId = await expectCluster(3);
  const controller = brokers.find(({ brokerId }) => brokerId === controllerId) as KafkaServer;
  await create(controller, 'orders', 3);
  await expireSession(chroot, controller.cluster.client.session);
  await eventually(
    'another election',
    async () => (await client.session.getData('/controller_epoch')).data?.toString() === '2',
    20_000,
  );
  await expectCluster(3);
  await expectWholeIsr('orders', 3);
});

test('a ZooKeeper that restarts costs no broker its session', async () => {
  const [first] = [
    await start(1, { 'zookeeper.session.timeout.ms': '15000' }),
    await start(2, { 'zookeeper.session.timeout.ms': '15000' }),
  ];
  await expectCluster(2);
  const before = await brokerEpoch(2);
  await zookeeper.restart();
  await create(first, 'afterwards', 2);
  expect(await brokerEpoch(2)).toBe(before);
  expect((await client.session.getData('/controller_epoch')).data?.toString()).toBe('1');
});

test('a ZooKeeper that is away for longer than a session finds the brokers again', async () => {
  const first = await start(1);
  await start(2);
  await expectCluster(2);
  await create(first, 'before', 2);
  zookeeper.pause();
  await new Promise((resolve) => setTimeout(resolve, 4000));
  zookeeper.resume();
  // The first to notice may have been the controller: whoever is it now makes the topic.
  await eventually(
    'a topic made afterwards',
    async () => {
      const controllerId = await expectCluster(2);
      const controller = servers.find(({ brokerId }) => brokerId === controllerId) as KafkaServer;
      await create(controller, 'after', 2).catch(() => undefined);
      return (await ask(controller)).topics.some(({ name }) => name === 'after');
    },
    30_000,
  );
  await expectWholeIsr('before', 2);
});

describe('a broker that is killed', () => {
  const settings = { 'zookeeper.session.timeout.ms': 3000, 'gregor.fast.fence.enable': false };

  test('and started again at once waits for its old session instead of dying', async () => {
    const [port] = (await freePorts(1)) as [number];
    const options = { zookeeper: chroot, brokerId: 1, directory: await directory(), port, settings };
    const first = await startGregor(options);
    await eventually('registration', () => brokerEpoch(1));
    const before = (await brokerEpoch(1)) as number;
    await first.kill();
    const again = await startGregor(options);
    expect(await brokerEpoch(1)).toBeGreaterThan(before);
    await again.stop();
  });

  test('is not replaced by another one with its id while it lives', async () => {
    const first = await startGregor({ zookeeper: chroot, brokerId: 1, directory: await directory(), settings });
    await eventually('registration', () => brokerEpoch(1));
    await expect(start(1)).rejects.toThrow(/Broker id 1 is taken: .* answers at PLAINTEXT:\/\/127\.0\.0\.1:/);
    await first.stop();
  });
});

test('a broker with the records of another cluster does not start', async () => {
  const dir = await directory();
  const first = await start(1, { 'log.dirs': dir });
  await first.shutdown();
  await client.session.deleteRecursive('/cluster');
  await expect(start(1, { 'log.dirs': dir })).rejects.toThrow(/doesn't match stored clusterId/);
});
