/**
 * The client @platformatic/kafka, which speaks the newest versions of the APIs, in a process of its own, since Jest does
 * not load its modules. Each line of standard input names a scenario; its answer is a line of JSON: { facts } or { error }.
 */
import { tracingChannel } from 'node:diagnostics_channel';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import zlib from 'node:zlib';
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';

const common = { clientId: 'platformatic', bootstrapBrokers: process.argv.slice(2), retries: 3, retryDelay: 100 };
const WAIT_MS = 30_000;

/** The versions in which requests have gone out, by API key. */
const used = new Map();
tracingChannel('plt:kafka:connections:api').subscribe({
  start({ apiKey, apiVersion }) {
    used.set(apiKey, Math.max(apiVersion, used.get(apiKey) ?? 0));
  },
});

async function eventually(what, look) {
  const deadlineMs = Date.now() + WAIT_MS;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > deadlineMs) throw new Error(`${what} did not happen within ${WAIT_MS} ms`);
    await pause(20);
  }
}

async function withClient(client, use) {
  try {
    return await use(client);
  } finally {
    await (client instanceof Consumer ? client.close(true) : client.close());
  }
}

const withAdmin = (use) => withClient(new Admin(common), use);
const withProducer = (options, use) =>
  withClient(new Producer({ ...common, serializers: stringSerializers, ...options }), use);

function newConsumer(groupId, options = {}) {
  const timing = { sessionTimeout: 10_000, heartbeatInterval: 300, maxWaitTime: 200 };
  return new Consumer({ ...common, groupId, ...timing, deserializers: stringDeserializers, ...options });
}

/** A running consumer and what it has got. */
async function reader(groupId, topic, options = {}) {
  const consumer = newConsumer(groupId, options);
  const stream = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.COMMITTED,
    fallbackMode: 'earliest',
    autocommit: 100,
  });
  const got = [];
  stream.on('data', (message) => got.push(message));
  stream.on('error', () => undefined);
  return { consumer, got, partitions: () => (consumer.assignments ?? []).flatMap(({ partitions }) => partitions) };
}

/** The text of the first protocol error within an error. */
function reason(error) {
  const inner = error.errors?.[0] ?? error.cause;
  return error.apiId ?? (inner ? reason(inner) : error.message);
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

const scenarios = {
  /** All codecs that this version of Node gives the client. */
  async codecs() {
    const codecs = ['none', 'gzip', 'snappy', 'lz4', ...('zstdCompressSync' in zlib ? ['zstd'] : [])];
    await withAdmin((admin) => admin.createTopics({ topics: ['codecs'], partitions: 3, replicas: 2 }));
    for (const compression of codecs) {
      const messages = Array.from({ length: 100 }, (_, index) => ({
        topic: 'codecs',
        key: `k${index}`,
        value: `${compression} ${index} ${'filling '.repeat(20)}`,
        headers: { codec: compression },
      }));
      await withProducer({}, (producer) => producer.send({ acks: -1, messages, compression }));
    }
    const { consumer, got } = await reader('codecs', 'codecs');
    await withClient(consumer, () => eventually('all were read', () => got.length >= 100 * codecs.length));
    return codecs.map((codec) => {
      const values = got.filter(({ headers }) => headers.get('codec') === codec).map(({ value }) => value);
      return [values.length, new Set(values).size, got.every(({ key }) => /^k\d+$/.test(key))];
    });
  },

  async idempotent() {
    await withAdmin((admin) => admin.createTopics({ topics: ['once'], partitions: 2, replicas: 2 }));
    return withProducer({ idempotent: true }, async (producer) => {
      const results = [];
      for (let round = 0; round < 5; round++) {
        const messages = [0, 1].map((partition) => ({ topic: 'once', key: 'k', value: `${round}`, partition }));
        const { offsets } = await producer.send({ acks: -1, messages });
        results.push(
          offsets
            .map(({ partition, offset }) => `${partition}:${offset}`)
            .toSorted()
            .join(' '),
        );
      }
      return results;
    });
  },

  async autoCreation() {
    return withProducer({}, async (producer) => {
      const messages = [{ topic: 'not-there', value: 'x' }];
      const refused = await producer.send({ acks: -1, messages, autocreateTopics: false }).then(() => 'none', reason);
      await producer.send({ acks: -1, messages, autocreateTopics: true });
      const metadata = await producer.metadata({ topics: ['not-there'] });
      const topic = metadata.topics.get('not-there');
      return [refused, topic.partitionsCount, topic.id.length, metadata.brokers.size];
    });
  },

  async group() {
    await withAdmin((admin) => admin.createTopics({ topics: ['grouped'], partitions: 4, replicas: 2 }));
    const send = (from) =>
      withProducer({}, (producer) =>
        producer.send({
          acks: -1,
          messages: Array.from({ length: 40 }, (_, i) => ({
            topic: 'grouped',
            value: `${from + i}`,
            partition: i % 4,
          })),
        }),
      );
    await send(0);
    const facts = [];
    const first = await reader('pair', 'grouped');
    await eventually('one has all', () => first.partitions().length === 4 && first.got.length === 40);
    await eventually(
      'it is committed',
      async () => sum([...(await first.consumer.getLag({ topics: ['grouped'] })).get('grouped')].map(Number)) === 0,
    );
    const second = await reader('pair', 'grouped');
    await eventually('each has a half', () => first.partitions().length === 2 && second.partitions().length === 2);
    facts.push([...first.partitions(), ...second.partitions()].toSorted());
    await send(40);
    // This client may read some records again after a rebalance.
    const seen = () => new Set([...first.got, ...second.got].map(({ value }) => value)).size;
    await eventually('all were read', () => seen() === 80);
    facts.push(seen());
    await withAdmin(async (admin) => {
      const description = (await admin.describeGroups({ groups: ['pair'] })).get('pair');
      facts.push([description.state, description.protocolType, description.members.size]);
      const listed = (await admin.listGroups({ states: ['STABLE'] })).get('pair');
      facts.push([listed.state, listed.groupType]);
    });
    await second.consumer.close(true);
    await eventually('one has all again', () => first.partitions().length === 4);
    await first.consumer.close(true);
    const other = await reader('all-of-it', 'grouped');
    await withClient(other.consumer, () => eventually('another group reads all', () => other.got.length === 80));
    return facts;
  },

  /** KIP-848 is KRaft's; what a client that asks for it is told. */
  async newGroupProtocol() {
    const consumer = newConsumer('modern', { groupProtocol: 'consumer', rebalanceTimeout: 20_000 });
    return withClient(consumer, () =>
      consumer.consume({ topics: ['grouped'] }).then(
        () => ['none'],
        (error) => [reason(error)],
      ),
    );
  },

  async positions() {
    await withAdmin((admin) => admin.createTopics({ topics: ['positions'], partitions: 1, replicas: 2 }));
    await withProducer({}, async (producer) => {
      for (let i = 0; i < 10; i++) {
        await producer.send({
          acks: -1,
          messages: [{ topic: 'positions', value: `${i}`, timestamp: BigInt(1_000_000 + i) }],
        });
      }
    });
    const consumer = newConsumer('positions');
    return withClient(consumer, async () => {
      const at = async (timestamp) =>
        Number((await consumer.listOffsets({ topics: ['positions'], timestamp })).get('positions')[0]);
      const facts = [await at(-2n), await at(-1n), await at(1_000_004n), await at(-3n)];
      await consumer.joinGroup({});
      await consumer.commit({ offsets: [{ topic: 'positions', partition: 0, offset: 7n, leaderEpoch: 0 }] });
      const committed = await consumer.listCommittedOffsets({ topics: [{ topic: 'positions', partitions: [0] }] });
      facts.push(Number(committed.get('positions')[0]));
      const stream = await consumer.consume({
        topics: ['positions'],
        mode: MessagesStreamModes.MANUAL,
        offsets: [{ topic: 'positions', partition: 0, offset: 8n }],
      });
      const got = [];
      stream.on('data', ({ offset, timestamp }) => got.push(`${offset}@${timestamp}`));
      await eventually('two were read', () => got.length === 2);
      facts.push(got);
      return facts;
    });
  },

  async admin() {
    return withAdmin(async (admin) => {
      const facts = [];
      const configs = [{ name: 'retention.ms', value: '100000' }];
      const [created] = await admin.createTopics({ topics: ['managed'], partitions: 2, replicas: 2, configs });
      facts.push([created.name, created.partitions, created.replicas, created.configuration['retention.ms']]);
      facts.push(
        await admin.createTopics({ topics: ['managed'], partitions: 2, replicas: 2 }).then(() => 'none', reason),
      );
      await admin.createPartitions({ topics: [{ name: 'managed', count: 3, assignments: [{ brokerIds: [1, 0] }] }] });
      await eventually(
        'three partitions',
        async () =>
          (await admin.metadata({ topics: ['managed'], forceUpdate: true })).topics.get('managed').partitionsCount ===
          3,
      );
      await withProducer({}, (producer) =>
        producer.send({
          acks: -1,
          messages: [...'abcdef'].map((value) => ({ topic: 'managed', value, partition: 0 })),
        }),
      );
      const resource = { resourceType: 2, resourceName: 'managed' };
      await admin.incrementalAlterConfigs({
        resources: [{ ...resource, configs: [{ name: 'cleanup.policy', configOperation: 2, value: 'compact' }] }],
      });
      const cleanup = async () =>
        (await admin.describeConfigs({ resources: [{ ...resource, configurationKeys: ['cleanup.policy'] }] }))[0]
          .configs[0];
      await eventually('the policy is told', async () => (await cleanup()).value === 'delete,compact');
      facts.push([(await cleanup()).name, (await cleanup()).configSource]);
      const listed = await admin.listOffsets({
        topics: [{ name: 'managed', partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
      });
      facts.push(Number(listed[0].partitions[0].offset));
      const deleted = await admin.deleteRecords({
        topics: [{ name: 'managed', partitions: [{ partition: 0, offset: 2n }] }],
      });
      facts.push(Number(deleted[0].partitions[0].lowWatermark));
      const dirs = await admin.describeLogDirs({ topics: [{ name: 'managed', partitions: [0] }] });
      facts.push(
        dirs.map(({ broker, results }) => [broker, results[0].topics[0].partitions[0].partitionSize > 0n]).toSorted(),
      );
      const groupId = 'admin-group';
      await admin.alterConsumerGroupOffsets({
        groupId,
        topics: [{ name: 'managed', partitionOffsets: [{ partition: 0, offset: 4n }] }],
      });
      const [offsets] = await admin.listConsumerGroupOffsets({ groups: [groupId] });
      facts.push(
        offsets.topics.map(({ name, partitions }) => [
          name,
          partitions.map(({ committedOffset }) => Number(committedOffset)),
        ]),
      );
      facts.push(
        (await admin.findCoordinator({ keyType: 0, keys: [groupId] })).map(({ key, nodeId }) => [key, nodeId >= 0]),
      );
      await admin.deleteConsumerGroupOffsets({ groupId, topics: [{ name: 'managed', partitionIndexes: [0] }] });
      await admin.deleteTopics({ topics: ['managed'] });
      await eventually(
        'it is gone',
        async () => !(await admin.listTopics({ includeInternals: true })).includes('managed'),
      );
      return facts;
    });
  },

  async versions() {
    return [...used].toSorted(([one], [other]) => one - other);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { facts: await scenarios[line]() };
  } catch (error) {
    answer = { error: `${error.stack} ${reason(error)}` };
  }
  console.log(JSON.stringify(answer, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
}
process.exit(0);
