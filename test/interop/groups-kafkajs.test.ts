/** Consumer groups as kafkajs uses them: sharing partitions, committing, and living through the loss of a coordinator. */
import { Kafka, logLevel, type Admin, type Consumer, type Producer } from 'kafkajs';
import { Connection } from '../../client/connection';
import { startCluster, type Cluster } from '../../embedded';
import { findCoordinator } from '../../protocol/apis';
import { systemClock } from '../../runtime/clock';
import { eventually } from '../support/eventually';

const PARTITIONS = 4;
/** kafkajs would double its waiting up to half a minute. */
const PATIENT = { initialRetryTime: 50, maxRetryTime: 500, retries: 50 };
/** A consumer of kafkajs asks for a new coordinator only after it has given up on the old one and started again. */
const IMPATIENT = { initialRetryTime: 50, maxRetryTime: 500, retries: 4 };

let cluster: Cluster;
let kafka: Kafka;
let admin: Admin;
let producer: Producer;
const consumers: Consumer[] = [];

beforeAll(async () => {
  cluster = await startCluster({ brokers: 3 });
  kafka = new Kafka({
    brokers: [...cluster.addresses],
    logLevel: logLevel.NOTHING,
    retry: PATIENT,
  });
  admin = kafka.admin();
  producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
}, 120_000);

afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.disconnect()));
}, 30_000);

afterAll(async () => {
  await producer?.disconnect();
  await admin?.disconnect();
  await cluster?.close();
}, 60_000);

async function createTopic(topic: string): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 3 }],
  });
}

async function produce(topic: string, from: number, count: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, index) => ({ key: `${from + index}`, value: `${from + index}` }));
  await producer.send({ topic, messages });
}

interface Member {
  readonly consumer: Consumer;
  readonly seen: string[];
  partitions: readonly number[];
}

/** A running member; what it sees is committed as it goes. */
async function member(topic: string, groupId: string): Promise<Member> {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 6000,
    heartbeatInterval: 500,
    rebalanceTimeout: 10_000,
    maxWaitTimeInMs: 500,
    retry: IMPATIENT,
  });
  consumers.push(consumer);
  const state: Member = { consumer, seen: [], partitions: [] };
  consumer.on('consumer.group_join', ({ payload }) => (state.partitions = payload.memberAssignment[topic] ?? []));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => void state.seen.push(String(message.value)),
  });
  return state;
}

async function committed(topic: string, groupId: string): Promise<number> {
  const [entry] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return (entry?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

test('two members share the partitions, each record goes to one of them, and a second group gets all of it too', async () => {
  await createTopic('shared');
  await produce('shared', 0, 100);
  const [one, two, other] = await Promise.all([
    member('shared', 'pair'),
    member('shared', 'pair'),
    member('shared', 'alone'),
  ]);
  await eventually(
    'everything was seen',
    () => one.seen.length + two.seen.length >= 100 && other.seen.length >= 100,
    30_000,
  );
  await eventually('both have partitions', () => one.partitions.length === 2 && two.partitions.length === 2, 30_000);
  expect([...one.partitions, ...two.partitions].toSorted()).toEqual([0, 1, 2, 3]);
  await produce('shared', 100, 100);
  await eventually('the rest was seen', () => new Set([...one.seen, ...two.seen]).size === 200, 30_000);
  await eventually('all is committed', async () => (await committed('shared', 'pair')) === 200, 30_000);
  const { groups } = await admin.describeGroups(['pair']);
  expect(groups[0]).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocol: 'RoundRobinAssigner' });
  expect(groups[0]?.members).toHaveLength(2);
  const listed = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  expect(listed).toEqual(expect.arrayContaining(['pair', 'alone']));
}, 120_000);

test('when a member leaves, the other takes over where it ended', async () => {
  await createTopic('handed-over');
  await produce('handed-over', 0, 50);
  const [one, two] = [await member('handed-over', 'leavers'), await member('handed-over', 'leavers')];
  await eventually('both have partitions', () => one.partitions.length === 2 && two.partitions.length === 2, 30_000);
  await eventually('all was seen', () => new Set([...one.seen, ...two.seen]).size === 50, 30_000);
  await two.consumer.disconnect();
  await eventually('one has all partitions', () => one.partitions.length === PARTITIONS, 30_000);
  await produce('handed-over', 50, 50);
  await eventually('the rest was seen', () => new Set([...one.seen, ...two.seen]).size === 100, 30_000);
  expect(one.seen.length + two.seen.length).toBe(100);
}, 120_000);

test('members and offsets survive the loss of their coordinator', async () => {
  await createTopic('survivors');
  await produce('survivors', 0, 50);
  const one = await member('survivors', 'surviving');
  await eventually('all was seen', () => one.seen.length >= 50, 30_000);
  await eventually('all is committed', async () => (await committed('survivors', 'surviving')) === 50, 30_000);
  const coordinator = await coordinatorOf('surviving');
  await cluster.stop(coordinator);
  try {
    expect(await eventually('another broker has the offsets', () => committed('survivors', 'surviving'), 30_000)).toBe(
      50,
    );
    await produce('survivors', 50, 50);
    await eventually('the rest was seen', () => new Set(one.seen).size === 100, 120_000);
    // kafkajs commits again only after its consumer has crashed, waited and joined anew.
    await eventually('all is committed', async () => (await committed('survivors', 'surviving')) === 100, 120_000);
    expect(await coordinatorOf('surviving')).not.toBe(coordinator);
  } finally {
    await cluster.start(coordinator);
  }
}, 300_000);

test('offsets survive the restart of all brokers', async () => {
  await createTopic('kept');
  await admin.setOffsets({ groupId: 'keeper', topic: 'kept', partitions: [{ partition: 2, offset: '42' }] });
  for (const { id } of cluster.brokers) await cluster.stop(id);
  for (const { id } of cluster.brokers) await cluster.start(id);
  expect(await eventually('the offset is back', () => committed('kept', 'keeper'), 60_000)).toBe(42);
}, 180_000);

/** Asks the brokers that run; kafkajs keeps what it knows to itself. */
async function coordinatorOf(groupId: string): Promise<number> {
  for (const { host, port } of cluster.brokers.filter(({ running }) => running)) {
    const options = { clientId: 'test', connectTimeoutMs: 5000, requestTimeoutMs: 5000, clock: systemClock };
    const connection = await Connection.open({ host, port, ...options });
    try {
      const { errorCode, nodeId } = await connection.send(findCoordinator, 2, { key: groupId });
      if (errorCode === 0) return nodeId;
    } finally {
      connection.close();
    }
  }
  throw new Error(`no broker knows the coordinator of ${groupId}`);
}
