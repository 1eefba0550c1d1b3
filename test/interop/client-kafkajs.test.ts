/** Unchanged kafkajs against three brokers: administration, producers, and consumers in all their ways of reading. */
import {
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  type Admin,
  type Consumer,
  type ConsumerConfig,
  type EachMessagePayload,
  type Message,
  type Producer,
} from 'kafkajs';
import { startBrokers, type BrokersUnderTest } from '../support/brokers-under-test';
import { eventually } from '../support/eventually';
import { everyBrokerKnows, everyBrokerSays } from '../support/every-broker';

const WAIT_MS = 30_000;

let brokers: BrokersUnderTest;
let kafka: Kafka;
let admin: Admin;
let producer: Producer;
const consumers: Consumer[] = [];
const producers: Producer[] = [];

beforeAll(async () => {
  brokers = await startBrokers({ brokers: 3, settings: { 'auto.create.topics.enable': false } });
  const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 20 };
  kafka = new Kafka({ clientId: 'kafkajs-test', brokers: [...brokers.addresses], logLevel: logLevel.NOTHING, retry });
  admin = kafka.admin();
  producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
}, 180_000);

afterEach(async () => {
  await Promise.all([...consumers.splice(0), ...producers.splice(0)].map((client) => client.disconnect()));
}, 60_000);

afterAll(async () => {
  await producer?.disconnect();
  await admin?.disconnect();
  await brokers?.close();
}, 60_000);

async function createTopic(topic: string, numPartitions = 3, replicationFactor = 3): Promise<string> {
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, replicationFactor }] });
  await everyBrokerKnows(brokers.addresses, topic, numPartitions);
  return topic;
}

const numbered = (from: number, count: number, partition?: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `k${from + index}`,
    value: `${from + index}`,
    ...(partition === undefined ? {} : { partition }),
  }));

function newConsumer(groupId: string, config: Partial<ConsumerConfig> = {}): Consumer {
  const timing = { sessionTimeout: 10_000, heartbeatInterval: 500, maxWaitTimeInMs: 200 };
  const consumer = kafka.consumer({ groupId, ...timing, ...config });
  consumers.push(consumer);
  return consumer;
}

/** A running consumer and what it has got; resolves when it has its partitions. */
async function reader(
  groupId: string,
  topics: (string | RegExp)[],
  each: (payload: EachMessagePayload) => Promise<void> = async () => undefined,
): Promise<{ consumer: Consumer; got: EachMessagePayload[]; values: () => string[]; partitions: () => number[] }> {
  const consumer = newConsumer(groupId);
  const got: EachMessagePayload[] = [];
  let partitions: number[] = [];
  let joined = false;
  consumer.on('consumer.group_join', ({ payload }) => {
    partitions = Object.values(payload.memberAssignment).flat();
    joined = true;
  });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async (payload) => {
      got.push(payload);
      await each(payload);
    },
  });
  await eventually(`${groupId} has joined`, () => joined, WAIT_MS);
  return { consumer, got, values: () => got.map(({ message }) => String(message.value)), partitions: () => partitions };
}

const sortedNumbers = (values: readonly string[]): number[] => values.map(Number).toSorted((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('administration', () => {
  test('topics are created, described, given partitions, listed and deleted', async () => {
    await createTopic('managed', 2, 3);
    expect(await admin.createTopics({ topics: [{ topic: 'managed' }] })).toBe(false); // it exists
    const [topic] = (await admin.fetchTopicMetadata({ topics: ['managed'] })).topics;
    const partitions = topic?.partitions.toSorted((a, b) => a.partitionId - b.partitionId) ?? [];
    expect(partitions.map(({ partitionId }) => partitionId)).toEqual([0, 1]);
    for (const { leader, replicas, isr } of partitions) {
      expect(replicas.toSorted()).toEqual([0, 1, 2]);
      expect(isr.toSorted()).toEqual([0, 1, 2]);
      expect(leader).toBe(replicas[0]);
    }
    await admin.createPartitions({ topicPartitions: [{ topic: 'managed', count: 5 }] });
    await everyBrokerKnows(brokers.addresses, 'managed', 5);
    expect((await admin.fetchTopicMetadata({ topics: ['managed'] })).topics[0]?.partitions).toHaveLength(5);
    expect(await admin.listTopics()).toContain('managed');
    await admin.deleteTopics({ topics: ['managed'] });
    await everyBrokerSays(brokers.addresses, 'managed', (answer) => expect(answer?.partitions).toEqual([]));
    expect(await admin.listTopics()).not.toContain('managed');
    await expect(admin.fetchTopicMetadata({ topics: ['managed'] })).rejects.toThrow(
      'does not host this topic-partition',
    );
  }, 60_000);

  test('what cannot be created is refused with the error that says why', async () => {
    const create = (topic: object) => admin.createTopics({ topics: [topic as { topic: string }] });
    await expect(create({ topic: 'too-many', replicationFactor: 4 })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_REPLICATION_FACTOR' }],
    });
    await expect(create({ topic: 'odd', configEntries: [{ name: 'no.such', value: '1' }] })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_CONFIG' }],
    });
    await expect(create({ topic: 'white space' })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_TOPIC_EXCEPTION' }],
    });
    const checked = { validateOnly: true, waitForLeaders: false, topics: [{ topic: 'only-checked' }] };
    expect(await admin.createTopics(checked)).toBe(true);
    expect(await admin.listTopics()).not.toContain('only-checked');
  }, 60_000);

  test('configurations of topics and brokers are read and changed', async () => {
    const configEntries = [{ name: 'retention.ms', value: '1234567' }];
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'configured', configEntries }] });
    await everyBrokerKnows(brokers.addresses, 'configured', 1);
    const entryOf = async (name: string) => {
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: 'configured', configNames: [name] }];
      const { resources: answers } = await admin.describeConfigs({ includeSynonyms: true, resources });
      return answers[0]?.configEntries[0];
    };
    expect(await entryOf('retention.ms')).toMatchObject({
      configName: 'retention.ms',
      configValue: '1234567',
      isDefault: false,
      configSource: 1,
    });
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: 'configured',
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    });
    await eventually('it is compacted', async () => (await entryOf('cleanup.policy'))?.configValue === 'compact');
    expect(await entryOf('retention.ms')).toMatchObject({ configValue: '604800000', isDefault: true });
    const resources = [{ type: ConfigResourceTypes.BROKER, name: '1', configNames: ['broker.id', 'num.partitions'] }];
    const { resources: brokerAnswers } = await admin.describeConfigs({ includeSynonyms: false, resources });
    expect(brokerAnswers[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue])).toEqual(
      expect.arrayContaining([
        ['broker.id', '1'],
        ['num.partitions', '1'],
      ]),
    );
  }, 60_000);

  test('the cluster tells its brokers, its controller and its id', async () => {
    const { brokers: nodes, controller, clusterId } = await admin.describeCluster();
    expect(nodes.map(({ nodeId, port }) => [nodeId, port]).toSorted()).toEqual(
      brokers.brokers.map(({ id, port }) => [id, port]),
    );
    expect([0, 1, 2]).toContain(controller);
    expect(clusterId).toMatch(/^[\w-]{22}$/);
  });

  test('offsets are found by time, and deleted records stay deleted', async () => {
    await createTopic('timed', 1);
    const messages = upTo(10).map((index) => ({ value: `${index}`, timestamp: `${1_000_000 + index * 1000}` }));
    for (const message of messages) await producer.send({ topic: 'timed', messages: [message] });
    const found = async (timestamp: number) =>
      (await admin.fetchTopicOffsetsByTimestamp('timed', timestamp))[0]?.offset;
    expect(await found(1_003_500)).toBe('4');
    expect(await found(0)).toBe('0');
    expect(await found(2_000_000)).toBe('10'); // nothing so late: kafkajs takes the end
    await admin.deleteTopicRecords({ topic: 'timed', partitions: [{ partition: 0, offset: '6' }] });
    expect(await admin.fetchTopicOffsets('timed')).toEqual([{ partition: 0, offset: '10', high: '10', low: '6' }]);
    const { values } = await reader('after-deletion', ['timed']);
    await eventually('what is left was read', () => values().length === 4, WAIT_MS);
    expect(values()).toEqual(['6', '7', '8', '9']);
  }, 60_000);

  test("a group's offsets are set and reset while nobody is in it, and the group is deleted", async () => {
    await createTopic('positions', 2);
    await producer.send({ topic: 'positions', messages: [...numbered(0, 5, 0), ...numbered(5, 3, 1)] });
    const offsets = async (groupId: string) => {
      const [entry] = await admin.fetchOffsets({ groupId, topics: ['positions'] });
      return entry?.partitions.map(({ partition, offset }) => [partition, offset]).toSorted();
    };
    const set = [{ partition: 0, offset: '3' }];
    // Both join the group for a moment and wait for a fetch of five seconds: together.
    await Promise.all([
      admin.setOffsets({ groupId: 'positioned', topic: 'positions', partitions: set }),
      admin.resetOffsets({ groupId: 'rewound', topic: 'positions', earliest: true }),
    ]);
    expect(await offsets('positioned')).toEqual([
      [0, '3'],
      [1, '-1'],
    ]);
    // kafkajs commits its own mark for 'earliest', which it resolves when it reads on.
    expect(await offsets('rewound')).toEqual([
      [0, '-2'],
      [1, '-2'],
    ]);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toContain('positioned');
    expect(await admin.deleteGroups(['positioned'])).toMatchObject([{ groupId: 'positioned', errorCode: 0 }]);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).not.toContain('positioned');
    const impatient = kafka.admin({ retry: { retries: 0 } });
    await impatient.connect();
    const again = impatient.deleteGroups(['positioned']).finally(() => impatient.disconnect());
    await expect(again).rejects.toMatchObject({ groups: [{ groupId: 'positioned', errorCode: 69 }] });
  }, 60_000);
});

describe('producing', () => {
  test('keys, missing keys, missing values, headers and timestamps come back as they were sent', async () => {
    await createTopic('kept-whole', 1);
    const messages: Message[] = [
      { key: 'a', value: 'with a key', headers: { one: '1', many: ['x', 'y'], empty: '' }, timestamp: '1700000000123' },
      { value: 'without a key' },
      { key: 'tombstone', value: null },
      { key: Buffer.from([0, 255, 254]), value: Buffer.alloc(0) },
      { key: 'große Schlüssel', value: '日本語' },
    ];
    const [metadata] = await producer.send({ topic: 'kept-whole', messages });
    expect(metadata).toMatchObject({ topicName: 'kept-whole', partition: 0, errorCode: 0, baseOffset: '0' });
    const { got } = await reader('whole', ['kept-whole']);
    await eventually('all were read', () => got.length === 5, WAIT_MS);
    const read = got.map(({ message }) => message);
    expect(read[0]?.headers).toEqual({
      one: Buffer.from('1'),
      many: [Buffer.from('x'), Buffer.from('y')],
      empty: Buffer.alloc(0),
    });
    expect(read[0]?.timestamp).toBe('1700000000123');
    expect(read.map(({ key }) => key)).toEqual([
      Buffer.from('a'),
      null,
      Buffer.from('tombstone'),
      Buffer.from([0, 255, 254]),
      Buffer.from('große Schlüssel'),
    ]);
    expect(read.map(({ value }) => value)).toEqual([
      Buffer.from('with a key'),
      Buffer.from('without a key'),
      null,
      Buffer.alloc(0),
      Buffer.from('日本語'),
    ]);
    expect(read.map(({ offset }) => offset)).toEqual(['0', '1', '2', '3', '4']);
  }, 60_000);

  test('gzip batches, batches to several topics, and every kind of acknowledgement arrive', async () => {
    await createTopic('packed');
    await createTopic('packed-too');
    await producer.send({ topic: 'packed', compression: CompressionTypes.GZIP, messages: numbered(0, 500) });
    await producer.sendBatch({
      compression: CompressionTypes.GZIP,
      acks: 1,
      topicMessages: [
        { topic: 'packed', messages: numbered(500, 100) },
        { topic: 'packed-too', messages: numbered(0, 100) },
      ],
    });
    await producer.send({ topic: 'packed', acks: 0, messages: numbered(600, 100) });
    const [packed, too] = [await reader('unpackers', ['packed']), await reader('unpackers-too', ['packed-too'])];
    await eventually('all were read', () => packed.got.length >= 700 && too.got.length >= 100, WAIT_MS);
    expect(sortedNumbers(packed.values())).toEqual(upTo(700));
    expect(sortedNumbers(too.values())).toEqual(upTo(100));
  }, 60_000);

  test('an idempotent producer with many requests under way writes each record once and in order', async () => {
    await createTopic('once', 2);
    const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
    producers.push(idempotent);
    await idempotent.connect();
    await Promise.all(
      upTo(40).map((round) => idempotent.send({ topic: 'once', messages: numbered(round * 25, 25, round % 2) })),
    );
    const { got, values } = await reader('once-readers', ['once']);
    await eventually('all were read', () => got.length >= 1000, WAIT_MS);
    expect(sortedNumbers(values())).toEqual(upTo(1000));
    const ends = (await admin.fetchTopicOffsets('once')).map(({ high }) => Number(high));
    expect(ends.reduce((sum, end) => sum + end, 0)).toBe(1000);
  }, 60_000);

  test('errors reach the producer: no such topic, a record too large, no transactions yet', async () => {
    const impatient = kafka.producer({ retry: { retries: 1, initialRetryTime: 50 } });
    producers.push(impatient);
    await impatient.connect();
    const missing = impatient.send({ topic: 'no-such-topic', messages: [{ value: 'x' }] });
    await expect(missing).rejects.toThrow('does not host this topic-partition');
    await createTopic('small');
    const huge = impatient.send({ topic: 'small', messages: [{ value: Buffer.alloc(1_100_000, 1) }] });
    await expect(huge).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
    if (brokers.apache) return;
    const transactional = kafka.producer({ transactionalId: 'tx', idempotent: true, maxInFlightRequests: 1 });
    producers.push(transactional);
    await transactional.connect();
    await expect(transactional.transaction()).rejects.toThrow('Failed to find group coordinator'); // at once, no hang
  }, 60_000);
});

describe('consuming', () => {
  test('two members share a topic after a rebalance, each record goes to one of them, other groups get all', async () => {
    await createTopic('shared', 6);
    await producer.send({ topic: 'shared', messages: numbered(0, 300) });
    const first = await reader('pair', ['shared']);
    await eventually('it has all alone', () => first.partitions().length === 6 && first.got.length === 300, WAIT_MS);
    const second = await reader('pair', ['shared']);
    const halves = () => [first.partitions().length, second.partitions().length].join() === '3,3';
    await eventually('each has a half', halves, WAIT_MS);
    const [description] = (await admin.describeGroups(['pair'])).groups;
    expect(description).toMatchObject({ state: 'Stable', protocolType: 'consumer' });
    expect(description?.members.map(({ clientId }) => clientId)).toEqual(['kafkajs-test', 'kafkajs-test']);
    await producer.send({ topic: 'shared', messages: numbered(300, 300) });
    const alone = await reader('loner', ['shared']);
    await eventually(
      'all were read',
      () => first.got.length + second.got.length >= 600 && alone.got.length >= 600,
      WAIT_MS,
    );
    expect(sortedNumbers([...first.values(), ...second.values()])).toEqual(upTo(600));
    expect(second.got.length).toBeGreaterThan(0);
    expect(sortedNumbers(alone.values())).toEqual(upTo(600));
    await second.consumer.disconnect();
    await eventually('the first has all again', () => first.partitions().length === 6, WAIT_MS);
  }, 90_000);

  test('offsets committed by hand are where the next member of the group begins', async () => {
    await createTopic('by-hand', 1);
    await producer.send({ topic: 'by-hand', messages: numbered(0, 20) });
    const one = newConsumer('manual');
    const seen: string[] = [];
    await one.connect();
    await one.subscribe({ topic: 'by-hand', fromBeginning: true });
    await one.run({ autoCommit: false, eachMessage: async ({ message }) => void seen.push(String(message.value)) });
    await eventually('it read all', () => seen.length === 20, WAIT_MS);
    await one.commitOffsets([{ topic: 'by-hand', partition: 0, offset: '13', metadata: 'thirteen' }]);
    await one.disconnect();
    expect(await admin.fetchOffsets({ groupId: 'manual', topics: ['by-hand'] })).toEqual([
      { topic: 'by-hand', partitions: [{ partition: 0, offset: '13', metadata: 'thirteen' }] },
    ]);
    const { values } = await reader('manual', ['by-hand']);
    await eventually('the rest came', () => values().length === 7, WAIT_MS);
    expect(values()[0]).toBe('13');
  }, 60_000);

  test('a consumer seeks, and pauses and resumes single partitions', async () => {
    await createTopic('sought', 2);
    await producer.send({ topic: 'sought', messages: [...numbered(0, 10, 0), ...numbered(100, 10, 1)] });
    const { consumer, got, values } = await reader('seeker', ['sought']);
    await eventually('all were read', () => got.length === 20, WAIT_MS);
    got.length = 0;
    consumer.seek({ topic: 'sought', partition: 0, offset: '7' });
    await eventually('the end was read again', () => got.length === 3, WAIT_MS);
    expect(values()).toEqual(['7', '8', '9']);
    got.length = 0;
    consumer.pause([{ topic: 'sought', partitions: [1] }]);
    await producer.send({ topic: 'sought', messages: [...numbered(10, 5, 0), ...numbered(110, 5, 1)] });
    await eventually('the other partition was read', () => got.length === 5, WAIT_MS);
    await producer.send({ topic: 'sought', messages: numbered(15, 5, 0) });
    await eventually('and goes on', () => got.length === 10, WAIT_MS);
    expect(new Set(got.map(({ partition }) => partition))).toEqual(new Set([0]));
    consumer.resume([{ topic: 'sought', partitions: [1] }]);
    await eventually('the paused one follows', () => got.length === 15, WAIT_MS);
  }, 60_000);

  test('a pattern subscribes to every topic it fits', async () => {
    await Promise.all([createTopic('sales-eu', 1), createTopic('sales-us', 1), createTopic('purchases', 1)]);
    const topicMessages = ['sales-eu', 'sales-us', 'purchases'].map((topic) => ({
      topic,
      messages: [{ value: topic }],
    }));
    await producer.sendBatch({ topicMessages });
    const { values } = await reader('pattern', [/^sales-.*/]);
    await eventually('both were read', () => values().length === 2, WAIT_MS);
    expect(values().toSorted()).toEqual(['sales-eu', 'sales-us']);
  }, 60_000);

  test('eachBatch gives whole batches with high watermark and lag, and resolves offsets within them', async () => {
    await createTopic('batched', 1);
    await producer.send({ topic: 'batched', messages: numbered(0, 100) });
    const consumer = newConsumer('batches');
    const batches: { count: number; watermark: string; lag: string }[] = [];
    const seen: number[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: 'batched', fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, heartbeat }) => {
        batches.push({ count: batch.messages.length, watermark: batch.highWatermark, lag: batch.offsetLag() });
        // Takes a part of it: what is not resolved comes again.
        for (const message of batch.messages.slice(0, 60)) {
          seen.push(Number(message.value));
          resolveOffset(message.offset);
        }
        await commitOffsetsIfNecessary();
        await heartbeat();
      },
    });
    await eventually('all were resolved', () => seen.length >= 100, WAIT_MS);
    expect(batches[0]).toEqual({ count: 100, watermark: '100', lag: '0' });
    expect(seen).toEqual(upTo(100));
  }, 60_000);
});

test('fewer replicas in sync than asked for: acks=all is refused, acks=1 is not, and all is well when they are back', async () => {
  const replicaAssignment = [{ partition: 0, replicas: [0, 1] }];
  const configEntries = [{ name: 'min.insync.replicas', value: '2' }];
  const topic = 'strict';
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, replicaAssignment, configEntries }] });
  await everyBrokerKnows(brokers.addresses, topic, 1);
  const impatient = kafka.producer({ retry: { retries: 0 } });
  producers.push(impatient);
  await impatient.connect();
  const send = (acks: number) => impatient.send({ topic, acks, messages: [{ value: 'x' }] });
  await send(-1);
  await brokers.stop(1);
  const isr = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions[0]?.isr.join();
  await eventually('one is in sync', async () => (await isr()) === '0', WAIT_MS);
  await expect(send(-1)).rejects.toThrow('fewer in-sync replicas than required');
  await send(1);
  await brokers.start(1);
  await eventually('both are in sync', async () => (await isr())?.length === 3, WAIT_MS);
  await eventually('acks=all is possible again', () => send(-1), WAIT_MS);
}, 90_000);
