/** What the coordinator does for people, done to a broker of Apache Kafka. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { CoordinatorServer } from '../../coordinator/server';
import { silentLogger } from '../../runtime/logger';
import { parseCoordinatorConfig } from '../../settings/coordinator';
import { startApacheKafka } from '../support/apache-kafka';
import type { BrokerProcess } from '../support/broker-process';
import { ApiClient, type CallOptions } from '../support/coordinator/api-client';
import { eventually, eventuallyPasses } from '../support/eventually';
import { startZooKeeper } from '../support/zookeeper';

jest.setTimeout(180_000);

const TOKEN = 'token-of-the-test';
const stops: (() => Promise<unknown>)[] = [];

let broker: BrokerProcess;
let api: ApiClient;
let kafka: Kafka;
let admin: Admin;

beforeAll(async () => {
  const zookeeper = await startZooKeeper();
  stops.push(() => zookeeper.stop());
  const settings = { 'auto.create.topics.enable': false, 'offsets.topic.num.partitions': 1 };
  broker = await startApacheKafka({ zookeeper: zookeeper.connectString, settings });
  stops.push(() => broker.stop());
  const directory = await mkdtemp(join(tmpdir(), 'gregor-coordinator-'));
  stops.push(() => rm(directory, { recursive: true, force: true }));
  const properties = {
    'zookeeper.connect': zookeeper.connectString,
    'http.port': '0',
    'data.dir': directory,
    'actions.token': TOKEN,
    'offsets.interval.ms': '300',
  };
  const config = parseCoordinatorConfig(new Map(Object.entries(properties)));
  const server = new CoordinatorServer({ config, logger: silentLogger });
  stops.push(() => server.stop());
  await server.start();
  api = await ApiClient.open(server.url, TOKEN);
  // Not "healthy": on a busy machine a new JVM may answer slowly, which is a finding of its own.
  await eventually('an answer of the broker', answered, 60_000);
  kafka = new Kafka({ clientId: 'test', brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  admin = kafka.admin();
  await admin.connect();
  stops.push(() => admin.disconnect());
});

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const call = (operation: string, options?: CallOptions) => api.call(operation, options);

/** Whether the coordinator has heard of the broker itself, beyond its registration. */
async function answered(): Promise<boolean> {
  const { brokers } = (await call('GET /api/brokers')).body as { brokers: { probe: { state: string } }[] };
  return brokers.some(({ probe }) => probe.state === 'answers' || probe.state === 'slow');
}

async function makeTopic(name: string, configs: Record<string, string> = {}): Promise<void> {
  const body = { name, partitions: 1, replicationFactor: 1, configs };
  expect((await call('POST /api/topics', { body })).status).toBe(201);
  await eventually(`a leader of ${name}`, async () => {
    const { status, body: detail } = await call('GET /api/topics/{topic}', { params: { topic: name } });
    return status === 200 && detail.partitions[0]?.leader === 0;
  });
}

const browse = async (topic: string, query: CallOptions['query'] = {}) =>
  (await call('GET /api/topics/{topic}/records', { params: { topic }, query })).body;

const valuesIn = (page: { records: { value: { text: string } }[] }) => page.records.map(({ value }) => value.text);

describe('the coordinator, beside Apache Kafka', () => {
  it('tells the configuration of the broker as Apache Kafka does', async () => {
    const { body } = await call('GET /api/brokers/{brokerId}/configs', { params: { brokerId: 0 } });
    const entry = (name: string) => body.entries.find((found: { name: string }) => found.name === name);
    expect(entry('broker.id')).toMatchObject({ value: '0', source: 'STATIC_BROKER_CONFIG', readOnly: true });
    expect(entry('log.cleaner.threads')).toMatchObject({ value: '1', source: 'DEFAULT_CONFIG', readOnly: false });
    expect(entry('ssl.key.password')).toMatchObject({ value: null, sensitive: true });
  });

  it('makes, changes and deletes a topic, and passes on what the broker refuses', async () => {
    await makeTopic('orders', { 'retention.ms': '1000000' });
    const params = { topic: 'orders' };
    const body = { partitions: 3, configs: { 'retention.ms': null, 'max.message.bytes': '5000' } };
    expect((await call('PATCH /api/topics/{topic}', { params, body })).status).toBe(200);
    await eventuallyPasses(async () => {
      const { body: configs } = await call('GET /api/topics/{topic}/configs', { params });
      const entry = (name: string) => configs.entries.find((found: { name: string }) => found.name === name);
      expect(entry('max.message.bytes')).toMatchObject({ value: '5000', source: 'DYNAMIC_TOPIC_CONFIG' });
      expect(entry('retention.ms')).toMatchObject({ source: 'DEFAULT_CONFIG' });
    });
    expect((await admin.fetchTopicMetadata({ topics: ['orders'] })).topics[0]?.partitions).toHaveLength(3);
    const again = await call('POST /api/topics', { body: { name: 'orders' } });
    expect([again.status, again.body.error]).toEqual([409, 'TOPIC_ALREADY_EXISTS']);
    const large = await call('POST /api/topics', { body: { name: 'large', replicationFactor: 2 } });
    expect([large.status, large.body.error]).toEqual([400, 'INVALID_REPLICATION_FACTOR']);
    expect((await call('POST /api/elections', { body: { topic: 'orders' } })).body).toEqual({
      elected: [],
      failed: [],
      unchanged: 3,
    });
    await call('DELETE /api/topics/{topic}', { params });
    await eventually('its end', async () => (await call('GET /api/topics/{topic}', { params })).status === 404);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('shows records that Apache Kafka compressed with %s', async (codec) => {
    const topic = `packed-${codec}`;
    await makeTopic(topic, { 'compression.type': codec });
    const params = { topic };
    for (const value of ['first', 'second '.repeat(100)]) {
      const { status } = await call('POST /api/topics/{topic}/records', { params, body: { key: 'k', value } });
      expect(status).toBe(201);
    }
    expect(valuesIn(await browse(topic))).toEqual(['first', 'second '.repeat(100)]);
  });

  it('leaves out the marks that end transactions', async () => {
    await makeTopic('transactional');
    const producer = kafka.producer({ transactionalId: 'test', idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (const value of ['committed', 'aborted', 'last']) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'transactional', messages: [{ value }] });
      await (value === 'aborted' ? transaction.abort() : transaction.commit());
    }
    await producer.disconnect();
    // Looked at as a consumer does that reads uncommitted records: a topic is shown as it is.
    await eventuallyPasses(async () => {
      const page = await browse('transactional');
      expect(page.records.map(({ offset }: { offset: number }) => offset)).toEqual([0, 2, 4]);
      expect(page).toMatchObject({ next: { 0: 6 }, searchEnded: 'end-of-log' });
    });
    const newest = await browse('transactional', { newest: true, limit: 1 });
    expect([valuesIn(newest), newest.next]).toEqual([['last'], { 0: 4 }]);
    expect(valuesIn(await browse('transactional', { newest: true, from: '0:4' }))).toEqual(['aborted', 'committed']);
  });

  it('says of each record what became of its transaction', async () => {
    await makeTopic('decided');
    const producer = kafka.producer({ transactionalId: 'deciding', idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const outcomes = async (query: CallOptions['query'] = {}) => {
      const { records } = await browse('decided', query);
      return records.map((record: { value: { text: string }; transaction: string | null }) => [
        record.value.text,
        record.transaction,
      ]);
    };
    const begun = async (value: string) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'decided', messages: [{ value }] });
      return transaction;
    };
    await (await begun('to be kept')).commit();
    await (await begun('to be dropped')).abort();
    const open = await begun('still open');
    const plain = kafka.producer();
    await plain.connect();
    await plain.send({ topic: 'decided', messages: [{ value: 'plain' }] });
    await plain.disconnect();
    const decided = [
      ['to be kept', 'committed'],
      ['to be dropped', 'aborted'],
    ];
    await eventuallyPasses(async () => {
      expect(await outcomes()).toEqual([...decided, ['still open', 'pending'], ['plain', null]]);
    });
    await open.abort();
    await producer.disconnect();
    const all = [...decided, ['still open', 'aborted'], ['plain', null]];
    await eventuallyPasses(async () => expect(await outcomes()).toEqual(all));
    expect(await outcomes({ newest: true })).toEqual(all.toReversed());
    expect(await outcomes({ offset: 2 })).toEqual(all.slice(1));
  });

  it('sets where a group reads on', async () => {
    await makeTopic('read');
    const params = { topic: 'read' };
    for (const value of ['a', 'b', 'c']) await call('POST /api/topics/{topic}/records', { params, body: { value } });
    const group = { params: { groupId: 'readers' } };
    const reset = (body: object) => call('POST /api/groups/{groupId}/offsets', { ...group, body });
    expect((await reset({ topic: 'read', to: 'offset', offset: 2 })).body).toEqual({
      groupId: 'readers',
      offsets: [{ topic: 'read', partition: 0, offset: 2 }],
    });
    const consumer = kafka.consumer({ groupId: 'readers' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'read', fromBeginning: true });
    const seen: string[] = [];
    await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void seen.push(String(message.value))) });
    await eventually('the last record', () => seen.length > 0, 30_000);
    expect(seen).toEqual(['c']);
    const refused = await reset({ topic: 'read', to: 'earliest' });
    expect([refused.status, refused.body.error]).toEqual([409, 'NON_EMPTY_GROUP']);
    await consumer.disconnect();
    expect((await reset({ topic: 'read', to: 'earliest' })).body.offsets).toMatchObject([{ offset: 0 }]);
    const [committed] = await admin.fetchOffsets({ groupId: 'readers', topics: ['read'] });
    expect(committed?.partitions).toMatchObject([{ offset: '0' }]);
  });
});
