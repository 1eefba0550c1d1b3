/**
 * Every route of the coordinator, called on a real cluster: what it answers is checked against the OpenAPI document by the
 * client, what it does by another way than the one it went.
 */
import { type Admin, CompressionTypes } from 'kafkajs';
import { ClusterClient } from '../../../client';
import { produce } from '../../../protocol/apis';
import { buildBatch, prepareZstd, type CompressionName } from '../../../protocol/records';
import { systemClock } from '../../../runtime/clock';
import type { ApiAnswer, CallOptions } from '../../support/coordinator/api-client';
import { readUntil } from '../../support/coordinator/live-reader';
import { startServedCluster, type ServedCluster } from '../../support/coordinator/served-cluster';
import { eventually, eventuallyPasses } from '../../support/eventually';

jest.setTimeout(120_000);

let served: ServedCluster;
let admin: Admin;

beforeAll(async () => {
  served = await startServedCluster();
  admin = served.kafka.admin();
  await admin.connect();
});

afterAll(async () => {
  await admin?.disconnect();
  await served?.close();
});

const call = (operation: string, options?: CallOptions): Promise<ApiAnswer> => served.api.call(operation, options);

/** Status and name of an error. */
async function refusal(operation: string, options?: CallOptions): Promise<[number, string]> {
  const { status, body } = await call(operation, options);
  return [status, body.error];
}

/** Its records stay, however old their timestamps are. */
async function makeTopic(name: string, more: { partitions?: number; configs?: Record<string, string> } = {}) {
  const configs = { 'retention.ms': '-1', ...more.configs };
  const body = { name, partitions: 1, replicationFactor: 3, ...more, configs };
  const answer = await call('POST /api/topics', { body });
  expect(answer).toEqual({ status: 201, body: { done: true, text: `Topic ${name} has been made` } });
  await eventually(`topic ${name} with a leader`, async () => {
    const { status, body: detail } = await call('GET /api/topics/{topic}', { params: { topic: name } });
    return status === 200 && detail.partitions.length > 0 && detail.partitions[0].leader !== null;
  });
}

/** Nothing is wrong but that a busy machine is slow. */
function expectWell({ reasons }: { reasons: { code: string }[] }): void {
  expect(reasons.filter(({ code }) => !code.endsWith('SLOW'))).toEqual([]);
}

describe('the cluster', () => {
  it('is told as a whole and in parts that agree', async () => {
    const { body: whole } = await call('GET /api/cluster');
    expect(whole).toMatchObject({ counts: { brokers: 3, offline: 0 } });
    expectWell(whole.verdict);
    expect(whole.clusterId).toMatch(/^[\w-]{22}$/);
    const { body: brokers } = await call('GET /api/brokers');
    expect(brokers.brokers.map(({ brokerId }: { brokerId: number }) => brokerId)).toEqual([0, 1, 2]);
    const { body: controller } = await call('GET /api/controller');
    const { body: leader } = await call('GET /api/brokers/{brokerId}', { params: { brokerId: controller.brokerId } });
    expect(leader).toMatchObject({ isController: true, registered: true, probe: { state: 'answers' } });
    const { body: zookeeper } = await call('GET /api/zookeeper');
    expect(zookeeper).toMatchObject({ session: { state: 'connected' }, servers: [{ state: 'answers' }] });
    expectWell(zookeeper.verdict);
    expect(await refusal('GET /api/brokers/{brokerId}', { params: { brokerId: 17 } })).toEqual([404, 'UNKNOWN_BROKER']);
    expect(await refusal('GET /api/brokers/{brokerId}', { params: { brokerId: 'x' } })).toEqual([
      400,
      'INVALID_REQUEST',
    ]);
  });

  it('is healthy, ready, and measured', async () => {
    const health = await call('GET /health');
    expect(health.status).toBe(200);
    expectWell(health.body);
    expect((await call('GET /ready')).body).toEqual({ ready: true, why: null });
    const { body: metrics } = await call('GET /metrics');
    expect(metrics).toMatch(/^gregor_coordinator_http_requests_total \d+$/m);
  });

  it('tells the configuration of a broker value by value, without secrets', async () => {
    const { body } = await call('GET /api/brokers/{brokerId}/configs', { params: { brokerId: 1 } });
    expect(body).toMatchObject({ resourceType: 'broker', resource: '1' });
    const entry = (name: string) => body.entries.find((found: { name: string }) => found.name === name);
    expect(entry('broker.id')).toMatchObject({
      value: '1',
      source: 'STATIC_BROKER_CONFIG',
      readOnly: true,
      type: 'INT',
    });
    expect(entry('log.retention.hours')).toMatchObject({ value: '168', source: 'DEFAULT_CONFIG' });
    expect(entry('log.retention.hours').documentation).toMatch(/\w+ \w+/);
    expect(entry('ssl.keystore.password')).toMatchObject({ value: null, sensitive: true, type: 'PASSWORD' });
    const unknown = { params: { brokerId: 17 } };
    expect(await refusal('GET /api/brokers/{brokerId}/configs', unknown)).toEqual([404, 'UNKNOWN_BROKER']);
  });
});

describe('topics', () => {
  it('are made, listed, shown, changed and deleted', async () => {
    await makeTopic('orders', { partitions: 3, configs: { 'retention.ms': '1000000' } });
    const { body: list } = await call('GET /api/topics', { query: { contains: 'rder' } });
    expect(list).toMatchObject({ total: 1, topics: [{ name: 'orders', partitions: 3, replicationFactor: 3 }] });
    const params = { topic: 'orders' };
    const { body: detail } = await call('GET /api/topics/{topic}', { params });
    expect(detail.overrides).toEqual({ 'retention.ms': '1000000' });
    expect(detail.partitions.map(({ replicas }: { replicas: number[] }) => replicas.length)).toEqual([3, 3, 3]);

    const change = { partitions: 5, configs: { 'retention.ms': null, 'max.message.bytes': '2000' } };
    expect((await call('PATCH /api/topics/{topic}', { params, body: change })).status).toBe(200);
    const description = await admin.fetchTopicMetadata({ topics: ['orders'] });
    expect(description.topics[0]?.partitions).toHaveLength(5);
    await eventuallyPasses(async () => {
      const { body: configs } = await call('GET /api/topics/{topic}/configs', { params });
      const entry = (name: string) => configs.entries.find((found: { name: string }) => found.name === name);
      expect(entry('max.message.bytes')).toMatchObject({ value: '2000', source: 'DYNAMIC_TOPIC_CONFIG' });
      expect(entry('retention.ms')).toMatchObject({ value: '604800000', source: 'DEFAULT_CONFIG' });
    });

    expect((await call('DELETE /api/topics/{topic}', { params })).body.done).toBe(true);
    await eventually('the end of the topic', async () => {
      return (await call('GET /api/topics/{topic}', { params })).status === 404;
    });
    expect(await admin.listTopics()).not.toContain('orders');
  });

  it('come in pages', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await makeTopic(name);
    const { body } = await call('GET /api/topics', { query: { contains: 'page-', from: 1, limit: 1 } });
    expect(body).toMatchObject({ total: 3, topics: [{ name: 'page-b' }] });
  });

  it('are refused with the name that Kafka gives the error, and what the broker says', async () => {
    await makeTopic('taken');
    const make = (body: unknown) => refusal('POST /api/topics', { body });
    expect(await make({ name: 'taken' })).toEqual([409, 'TOPIC_ALREADY_EXISTS']);
    expect(await make({ name: 'a b' })).toEqual([400, 'INVALID_TOPIC_EXCEPTION']);
    expect(await make({ name: '..' })).toEqual([400, 'INVALID_TOPIC_EXCEPTION']);
    expect(await make({ name: 'x', configs: { 'retention.ms': 'long' } })).toEqual([400, 'INVALID_CONFIG']);
    expect(await make({ name: 'x', partitions: 0 })).toEqual([400, 'INVALID_REQUEST']);
    const large = await call('POST /api/topics', { body: { name: 'x', replicationFactor: 9 } });
    expect([large.status, large.body.error]).toEqual([400, 'INVALID_REPLICATION_FACTOR']);
    expect(large.body.message).toMatch(/larger than available brokers: 3/);
    expect(await admin.listTopics()).not.toContain('x');

    const change = (topic: string, body: unknown) => refusal('PATCH /api/topics/{topic}', { params: { topic }, body });
    expect(await change('taken', {})).toEqual([400, 'INVALID_REQUEST']);
    expect(await change('taken', { partitions: 1 })).toEqual([400, 'INVALID_PARTITIONS']);
    expect(await change('taken', { configs: { 'no.such.key': '1' } })).toEqual([400, 'INVALID_CONFIG']);
    expect(await change('absent', { partitions: 2 })).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await change('absent', { configs: { 'retention.ms': '1' } })).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    const absent = { params: { topic: 'absent' } };
    expect(await refusal('DELETE /api/topics/{topic}', absent)).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    const internal = { params: { topic: '__consumer_offsets' } };
    expect(await refusal('DELETE /api/topics/{topic}', internal)).toEqual([403, 'INTERNAL_TOPIC']);
    expect(await change('__consumer_offsets', { partitions: 99 })).toEqual([403, 'INTERNAL_TOPIC']);
    expect(await refusal('GET /api/topics/{topic}', absent)).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await refusal('GET /api/topics/{topic}/configs', absent)).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
  });

  it('keep their partitions when the configuration of the same change is refused', async () => {
    await makeTopic('half');
    const body = { partitions: 4, configs: { 'retention.ms': 'long' } };
    expect(await refusal('PATCH /api/topics/{topic}', { params: { topic: 'half' }, body })).toEqual([
      400,
      'INVALID_CONFIG',
    ]);
    expect((await admin.fetchTopicMetadata({ topics: ['half'] })).topics[0]?.partitions).toHaveLength(1);
  });
});

describe('records', () => {
  const browse = async (topic: string, query: CallOptions['query'] = {}) =>
    (await call('GET /api/topics/{topic}/records', { params: { topic }, query })).body;
  const values = (page: { records: { value: { text: string } | null }[] }) =>
    page.records.map(({ value }) => value?.text ?? null);

  it('are produced, with a key, with an empty one and with none', async () => {
    await makeTopic('keys');
    const send = async (body: object) =>
      (await call('POST /api/topics/{topic}/records', { params: { topic: 'keys' }, body })).body;
    expect(await send({ key: 'k', value: 'with a key' })).toEqual({ topic: 'keys', partition: 0, offset: 0 });
    await send({ key: '', value: 'empty key' });
    await send({ key: null, value: 'null key' });
    await send({ value: 'no key' });
    await send({ key: 'gone', value: null });
    await send({ value: '', headers: { trace: 'abc' } });
    const { records } = await browse('keys');
    expect(
      records.map(({ key, value }: Record<string, { text: string } | null>) => [
        key?.text ?? null,
        value?.text ?? null,
      ]),
    ).toEqual([
      ['k', 'with a key'],
      ['', 'empty key'],
      [null, 'null key'],
      [null, 'no key'],
      ['gone', null],
      [null, ''],
    ]);
    expect(records[5].headers).toEqual([
      { key: 'trace', value: { encoding: 'utf8', text: 'abc', bytes: 3, truncated: false } },
    ]);
  });

  it('are refused where they cannot go', async () => {
    await makeTopic('small', { configs: { 'max.message.bytes': '300' } });
    const send = (topic: string, body: unknown) =>
      refusal('POST /api/topics/{topic}/records', { params: { topic }, body });
    expect(await send('absent', { value: 'x' })).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await send('small', { value: 'x', partition: 7 })).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await send('small', { value: 'x'.repeat(1_000) })).toEqual([413, 'MESSAGE_TOO_LARGE']);
    expect(await send('small', { key: 'x' })).toEqual([400, 'INVALID_REQUEST']);
  });

  it('are shown whatever they were compressed with, as text or as bytes', async () => {
    await makeTopic('codecs');
    await prepareZstd();
    const wire = new ClusterClient({
      bootstrapServers: served.cluster.bootstrap,
      clientId: 'test',
      clock: systemClock,
    });
    const codecs: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
    for (const [index, compression] of codecs.entries()) {
      const value = Buffer.from(`packed with ${compression}`);
      const binary = Buffer.from([0, 0xff, 0xfe, index]);
      const timestamp = BigInt(1_700_000_000_000 + index);
      const records = [
        { timestamp, key: Buffer.from('text'), value },
        { timestamp, key: null, value: binary, headers: [{ key: 'h', value: null }] },
      ];
      const partitionData = [{ index: 0, records: buildBatch(records, { compression }) }];
      const leader = await wire.leaderOf({ topic: 'codecs', partition: 0 });
      const body = { acks: -1, timeoutMs: 5_000, topicData: [{ name: 'codecs', partitionData }] };
      const answer = await wire.toBroker(leader, produce, body);
      expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
    }
    await wire.close();
    const page = await browse('codecs', { partition: 0, offset: 0 });
    expect(page).toMatchObject({ topic: 'codecs', examined: 10, searchEnded: 'end-of-log', next: { 0: 10 } });
    expect(values(page)).toEqual(
      codecs.flatMap((codec, index) => [
        `packed with ${codec}`,
        Buffer.from([0, 0xff, 0xfe, index]).toString('base64'),
      ]),
    );
    expect(page.records[1]).toMatchObject({
      offset: 1,
      timestampMs: 1_700_000_000_000,
      timestampType: 'CreateTime',
      leaderEpoch: 0,
      key: null,
      value: { encoding: 'base64', bytes: 4 },
      headers: [{ key: 'h', value: null }],
    });
  });

  it('are found by offset, time, key and value, forwards and back, page by page', async () => {
    await makeTopic('many', { partitions: 3 });
    const producer = served.kafka.producer();
    await producer.connect();
    const base = 1_700_000_000_000;
    const messages = Array.from({ length: 90 }, (_, index) => ({
      key: `key-${index % 10}`,
      value: `value ${index}`,
      timestamp: String(base + index * 1_000),
      partition: index % 3,
    }));
    await producer.send({ topic: 'many', messages: messages.slice(0, 45), compression: CompressionTypes.GZIP });
    await producer.send({ topic: 'many', messages: messages.slice(45) });
    await producer.disconnect();
    const all = messages.map(({ value }) => value);

    expect(values(await browse('many', { limit: 500 }))).toEqual(all);
    expect(values(await browse('many', { limit: 500, newest: true }))).toEqual(all.toReversed());
    expect(values(await browse('many', { newest: true, limit: 4 }))).toEqual(all.slice(-4).reverse());
    expect(values(await browse('many', { partition: 1, offset: 28 }))).toEqual(['value 85', 'value 88']);
    expect(values(await browse('many', { partition: 1, offset: 2, newest: true }))).toEqual(['value 4', 'value 1']);
    expect(values(await browse('many', { timeMs: base + 87_500 }))).toEqual(['value 88', 'value 89']);
    expect(values(await browse('many', { timeMs: base + 1_500, newest: true }))).toEqual(['value 1', 'value 0']);
    expect(values(await browse('many', { timeMs: base + 1_000_000_000 }))).toEqual([]);
    expect(values(await browse('many', { key: 'key-7' }))).toHaveLength(9);
    expect(values(await browse('many', { value: 'value 8' }))).toHaveLength(11);
    const found = await browse('many', { value: 'value 44', key: 'key-4', partition: 2 });
    expect(found).toMatchObject({ examined: 30, searchEnded: 'end-of-log', records: [{ offset: 14 }] });

    for (const newest of [false, true]) {
      const seen: (string | null)[] = [];
      let page = await browse('many', { limit: 7, newest });
      for (; page.records.length > 0; page = await browse('many', { limit: 7, newest, from: pairs(page.next) })) {
        seen.push(...values(page));
        expect(page.records.length).toBe(Math.min(7, 90 - (seen.length - page.records.length)));
        if (Object.keys(page.next).length === 0) break;
      }
      expect(seen).toEqual(newest ? all.toReversed() : all);
    }
    // As many positions as a topic of a thousand partitions has find room in an address; that there are not as many is seen later.
    const from = pairs(Object.fromEntries(Array.from({ length: 1_000 }, (_, partition) => [partition, 1_000_000_000])));
    const params = { topic: 'many' };
    expect(await refusal('GET /api/topics/{topic}/records', { params, query: { from } })).toEqual([
      404,
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
  });

  const pairs = (next: Record<string, number>): string =>
    Object.entries(next)
      .map(([partition, offset]) => `${partition}:${offset}`)
      .join(',');

  it('are shortened where they are long, and whole when that is asked for', async () => {
    await makeTopic('long');
    const text = 'ä'.repeat(10_000);
    await call('POST /api/topics/{topic}/records', { params: { topic: 'long' }, body: { value: text } });
    const short = (await browse('long')).records[0].value;
    expect(short).toMatchObject({ encoding: 'utf8', bytes: 20_000, truncated: true });
    expect(text.startsWith(short.text) && short.text.length > 1_000).toBe(true);
    expect((await browse('long', { previewBytes: 100_000 })).records[0].value).toMatchObject({
      text,
      truncated: false,
    });
  });

  it('are not looked for where there are none', async () => {
    const look = (topic: string, query: CallOptions['query'] = {}) =>
      refusal('GET /api/topics/{topic}/records', { params: { topic }, query });
    expect(await look('absent')).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await look('many', { partition: 9 })).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await look('many', { from: '9:0' })).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await look('many', { offset: 1, timeMs: 1 })).toEqual([400, 'INVALID_REQUEST']);
    expect(await look('many', { limit: 501 })).toEqual([400, 'INVALID_REQUEST']);
    expect(await look('many', { from: '0:x' })).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('groups', () => {
  const groupId = 'readers/of <all> & more';
  const params = { groupId };
  const reset = (body: object) => call('POST /api/groups/{groupId}/offsets', { params, body });
  const committed = async () => {
    const [topic] = await admin.fetchOffsets({ groupId, topics: ['grouped'] });
    return topic?.partitions.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
  };

  it('are shown with members and lag, and set to read from elsewhere when they are empty', async () => {
    await makeTopic('grouped', { partitions: 2 });
    const producer = served.kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: 10 }, (_, index) => ({
      value: `${index}`,
      partition: index % 2,
      timestamp: String(1_700_000_000_000 + index),
    }));
    await producer.send({ topic: 'grouped', messages });
    await producer.disconnect();
    const consumer = served.kafka.consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topic: 'grouped', fromBeginning: true });
    await consumer.run({ autoCommitThreshold: 1, eachMessage: () => Promise.resolve() });
    await eventually('all offsets committed', async () => String(await committed()) === '5,5', 40_000);
    const { body: detail } = await eventually('the group with its member', async () => {
      const answer = await call('GET /api/groups/{groupId}', { params });
      return answer.status === 200 && answer.body.group.totalLag === 0 && answer.body.members.length === 1 && answer;
    });
    expect(detail).toMatchObject({ group: { groupId, state: 'Stable' }, offsets: [{ lag: 0 }, { lag: 0 }] });
    const { body: list } = await call('GET /api/groups');
    expect(list.groups.map((group: { groupId: string }) => group.groupId)).toContain(groupId);
    expect((await reset({ topic: 'grouped', to: 'earliest' })).body.error).toBe('NON_EMPTY_GROUP');
    await consumer.disconnect();

    const answer = await reset({ topic: 'grouped', to: 'earliest' });
    expect(answer).toEqual({
      status: 200,
      body: { groupId, offsets: [0, 1].map((partition) => ({ topic: 'grouped', partition, offset: 0 })) },
    });
    expect(await committed()).toEqual([0, 0]);
    await reset({ topic: 'grouped', to: 'latest', partitions: [1] });
    expect(await committed()).toEqual([0, 5]);
    await reset({ topic: 'grouped', to: 'offset', offset: 3 });
    expect(await committed()).toEqual([3, 3]);
    await reset({ topic: 'grouped', to: 'offset', offset: 1_000 });
    expect(await committed()).toEqual([5, 5]);
    await reset({ topic: 'grouped', to: 'time', timeMs: 1_700_000_000_004 });
    expect(await committed()).toEqual([2, 2]);
    await reset({ topic: 'grouped', to: 'time', timeMs: 1_800_000_000_000 });
    expect(await committed()).toEqual([5, 5]);
  });

  it('are shown and set also under an id that no path can carry', async () => {
    const query = { groupId: '..' };
    const { status, body } = await call('POST /api/group/offsets', {
      query,
      body: { topic: 'grouped', to: 'earliest' },
    });
    expect([status, body.groupId]).toEqual([200, '..']);
    await eventually('the group', async () => {
      const answer = await call('GET /api/group', { query });
      return answer.status === 200 && answer.body.group.groupId === '..';
    });
    expect(await refusal('GET /api/group', { query: { groupId: '.' } })).toEqual([404, 'GROUP_ID_NOT_FOUND']);
  });

  it('are refused what they cannot have', async () => {
    const refused = async (body: object) => {
      const answer = await reset(body);
      return [answer.status, answer.body.error];
    };
    expect(await refused({ topic: 'absent', to: 'latest' })).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await refused({ topic: 'grouped', to: 'latest', partitions: [7] })).toEqual([
      404,
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    expect(await refused({ topic: 'grouped', to: 'offset' })).toEqual([400, 'INVALID_REQUEST']);
    expect(await refused({ topic: 'grouped', to: 'time' })).toEqual([400, 'INVALID_REQUEST']);
    expect(await refused({ topic: 'grouped', to: 'somewhere' })).toEqual([400, 'INVALID_REQUEST']);
    const unknown = { params: { groupId: 'nobody' } };
    expect(await refusal('GET /api/groups/{groupId}', unknown)).toEqual([404, 'GROUP_ID_NOT_FOUND']);
  });
});

describe('elections', () => {
  const elect = (body: object) => call('POST /api/elections', { body });
  const leadersOf = async (topic: string) => {
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
    return metadata.topics[0]?.partitions.toSorted((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader);
  };

  it('make preferred replicas leaders again after a broker came back', async () => {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic: 'led', replicaAssignment: [0, 1].map((partition) => ({ partition, replicas: [2, 0, 1] })) }],
    });
    expect((await elect({ topic: 'led' })).body).toEqual({ elected: [], failed: [], unchanged: 2 });
    await served.cluster.restart(2);
    await eventuallyPasses(async () => {
      expect((await leadersOf('led'))?.includes(2)).toBe(false);
      const { body } = await call('GET /api/topics/{topic}', { params: { topic: 'led' } });
      expect(body.partitions.map(({ isr }: { isr: number[] }) => isr.length)).toEqual([3, 3]);
    }, 30_000);
    const one = await elect({ topic: 'led', partition: 1 });
    expect(one.body).toEqual({ elected: [{ topic: 'led', partition: 1 }], failed: [], unchanged: 0 });
    await eventuallyPasses(async () => expect((await leadersOf('led'))?.[1]).toBe(2));
    const all = await elect({});
    expect(all.body.elected).toContainEqual({ topic: 'led', partition: 0 });
    expect(all.body.failed).toEqual([]);
    await eventuallyPasses(async () => expect(await leadersOf('led')).toEqual([2, 2]));
  });

  it('are refused for what is not there', async () => {
    expect(await refusal('POST /api/elections', { body: { topic: 'absent' } })).toEqual([
      404,
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    const missing = { body: { topic: 'led', partition: 9 } };
    expect(await refusal('POST /api/elections', missing)).toEqual([404, 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(await refusal('POST /api/elections', { body: { partition: 0 } })).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('znodes', () => {
  it('are shown as they stand in ZooKeeper', async () => {
    const { body: root } = await call('GET /api/znodes', { query: { path: '/' } });
    expect(root.children.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['brokers', 'controller', 'config']),
    );
    const { body: broker } = await call('GET /api/znodes', { query: { path: '/brokers/ids/1' } });
    const real = await served.zk.session.getData('/brokers/ids/1');
    expect(broker).toMatchObject({
      path: '/brokers/ids/1',
      data: { encoding: 'utf8', text: String(real.data) },
      stat: { czxid: `0x${real.stat.czxid.toString(16)}`, version: real.stat.version },
      owner: { kind: 'broker', brokerId: 1 },
      meaning: { pattern: '/brokers/ids/<id>' },
    });
    expect(await refusal('GET /api/znodes', { query: { path: '/nowhere' } })).toEqual([404, 'NO_NODE']);
    expect(await refusal('GET /api/znodes', { query: { path: 'brokers' } })).toEqual([400, 'INVALID_REQUEST']);
  });

  it('are shown as they stood before', async () => {
    await makeTopic('recorded');
    const path = '/config/topics/recorded';
    const body = { configs: { 'retention.ms': '77777' } };
    await call('PATCH /api/topics/{topic}', { params: { topic: 'recorded' }, body });
    const { changes } = await eventually('two changes', async () => {
      const { body: history } = await call('GET /api/znodes/history', { query: { path } });
      return history.changes.length >= 2 && history;
    });
    expect(changes.map(({ kind }: { kind: string }) => kind)).toEqual(['created', 'changed']);
    const [created, changed] = changes as [{ sequence: number }, { sequence: number }];
    const at = async (sequence: number) =>
      (await call('GET /api/znodes', { query: { path, at: sequence } })).body.data.text;
    expect(await at(created.sequence)).not.toContain('77777');
    expect(await at(changed.sequence)).toContain('77777');
    const before = { path, at: created.sequence - 1 };
    expect(await refusal('GET /api/znodes', { query: before })).toEqual([404, 'NO_NODE']);
    const newest = { path: '/config', below: true, newestFirst: true, limit: 1, before: changed.sequence + 1 };
    const { body: page } = await call('GET /api/znodes/history', { query: newest });
    expect(page.changes).toMatchObject([{ sequence: changed.sequence, path }]);
  });
});

describe('events', () => {
  it('are listed, and come over the live stream, which goes on where it ended', async () => {
    const { body: before } = await call('GET /api/events', { query: { limit: 1 } });
    const aborted = new AbortController();
    const first = await fetch(`${served.url}/api/live`, { signal: aborted.signal });
    expect(first.headers.get('content-type')).toContain('text/event-stream');
    await makeTopic('live-one');
    const lastId = await readUntil(first, 'live-one');
    aborted.abort();
    await makeTopic('live-two');
    await makeTopic('live-three');
    const again = new AbortController();
    const second = await fetch(`${served.url}/api/live`, {
      headers: { 'last-event-id': String(lastId) },
      signal: again.signal,
    });
    const reached = await readUntil(second, 'live-three');
    again.abort();
    expect(reached).toBeGreaterThan(lastId);
    const { body: list } = await call('GET /api/events', { query: { after: lastId, limit: 1_000 } });
    const told = list.events
      .filter(({ type }: { type: string }) => type === 'znode')
      .map(({ text }: { text: string }) => text);
    expect(told.join()).toContain('live-two');
    expect(before.lastId).toBeLessThanOrEqual(lastId);
  });

  it('make a timeline, as values and as a picture', async () => {
    const { body } = await call('GET /api/timeline');
    expect(body.lanes.filter(({ kind }: { kind: string }) => kind === 'broker')).toHaveLength(3);
    const { body: svg } = await call('GET /api/timeline.svg');
    expect(svg).toMatch(/^(<\?xml[^>]*>\s*)?<svg /);
  });

  it('tell how records flow', async () => {
    const { body } = await call('GET /api/flow', { query: { sinceMs: 0 } });
    expect(['traces', 'offsets', 'none']).toContain(body.source);
    expect((await call('GET /api/flow')).status).toBe(200);
  });
});

describe('faults', () => {
  it('are off, and say so', async () => {
    expect((await call('GET /api/faults')).body).toMatchObject({ enabled: false, control: 'none', faults: [] });
    const body = { target: 'broker-0', action: 'kill' };
    expect(await refusal('POST /api/faults', { body })).toEqual([403, 'FAULTS_DISABLED']);
    expect(await refusal('POST /api/faults', { body: { ...body, action: 'burn' } })).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('lessons', () => {
  it('are done step by step, and leave nothing behind', async () => {
    const topics = await admin.listTopics();
    const { body: list } = await call('GET /api/lessons');
    const lesson = list.lessons.find(({ id }: { id: string }) => id === 'order');
    expect(lesson).toMatchObject({ unavailable: null });
    const begun = await call('POST /api/lessons/{lessonId}/runs', { params: { lessonId: lesson.id } });
    expect([begun.status, begun.body.state]).toEqual([201, 'ready']);
    const params = { runId: begun.body.id };
    const stepped = await call('POST /api/lessons/runs/{runId}/steps', { params });
    expect([stepped.status, stepped.body.steps[0].state]).toEqual([200, 'passed']);
    expect((await call('GET /api/lessons/runs/{runId}', { params })).body.nextStep).toBe(1);
    expect((await call('DELETE /api/lessons/runs/{runId}', { params })).body.state).toBe('ended');
    await eventuallyPasses(async () => expect((await admin.listTopics()).sort()).toEqual(topics.sort()));
  });

  it('are refused when there is none of the name', async () => {
    const lesson = { params: { lessonId: 'cooking' } };
    expect(await refusal('POST /api/lessons/{lessonId}/runs', lesson)).toEqual([404, 'UNKNOWN_LESSON']);
    const run = { params: { runId: 4_711 } };
    expect(await refusal('GET /api/lessons/runs/{runId}', run)).toEqual([404, 'UNKNOWN_RUN']);
    expect(await refusal('POST /api/lessons/runs/{runId}/steps', run)).toEqual([404, 'UNKNOWN_RUN']);
    expect(await refusal('DELETE /api/lessons/runs/{runId}', run)).toEqual([404, 'UNKNOWN_RUN']);
  });
});

describe('the OpenAPI document', () => {
  it('has no operation that was not called above with success, except the faults that are off', () => {
    // Streams are read above, too, but not by a client that waits for the end of an answer.
    const good = served.api
      .operations()
      .filter((id) => ![...(served.api.called.get(id) ?? [])].some((status) => status < 300));
    expect(good.sort()).toEqual(['getApiLive', 'postApiFaults']);
  });
});
