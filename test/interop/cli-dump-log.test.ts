/** kafka-dump-log and DumpLogSegments over the same files, which a broker of Apache Kafka wrote: not a byte differs. */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { kafkaDumpLog } from '../../cli/kafka-dump-log';
import { runKafkaTool, startApacheKafka } from '../support/apache-kafka';
import { runOurs } from '../support/run-command';
import { startZooKeeper } from '../support/zookeeper';

let directory: string;

async function produce(client: Kafka): Promise<void> {
  const admin = client.admin();
  const producer = client.producer();
  const transactional = client.producer({ transactionalId: 'transactions', idempotent: true, maxInFlightRequests: 1 });
  await Promise.all([admin.connect(), producer.connect()]);
  const configEntries = [
    { name: 'segment.bytes', value: '20000' },
    { name: 'index.interval.bytes', value: '500' },
  ];
  await admin.createTopics({
    topics: [
      { topic: 'plain', numPartitions: 1, configEntries },
      { topic: 'transacted', numPartitions: 1 },
    ],
  });
  for (let round = 0; round < 40; round += 1) {
    const messages = Array.from({ length: 10 }, (_, index) => ({
      key: index % 2 ? null : `key ${index}`,
      value: index === 3 ? null : `value ${round} ${'ü'.repeat(30)}`,
      headers: { a: 'b' },
    }));
    await producer.send({
      topic: 'plain',
      compression: round % 3 ? CompressionTypes.None : CompressionTypes.GZIP,
      messages,
    });
  }
  await transactional.connect();
  for (const outcome of ['commit', 'abort'] as const) {
    const transaction = await transactional.transaction();
    await transaction.send({ topic: 'transacted', messages: [{ key: 'k', value: outcome }] });
    await transaction[outcome]();
  }
  await Promise.all([admin.disconnect(), producer.disconnect(), transactional.disconnect()]);
}

async function joinGroup(client: Kafka): Promise<void> {
  const consumer = client.consumer({ groupId: 'group' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'plain', fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    let read = 0;
    consumer.run({ eachMessage: () => Promise.resolve(void ((read += 1) === 400 && resolve())) }).catch(reject);
  });
  await consumer.disconnect();
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gregor-dump-log-'));
  const zookeeper = await startZooKeeper();
  try {
    const settings = { 'offsets.topic.num.partitions': 1, 'transaction.state.log.num.partitions': 1 };
    const broker = await startApacheKafka({ zookeeper: zookeeper.connectString, directory, settings });
    try {
      const client = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
      await produce(client);
      await joinGroup(client);
    } finally {
      await broker.stop();
    }
  } finally {
    await zookeeper.stop();
  }
}, 60_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

function filesOf(partition: string, ...suffixes: readonly string[]): string {
  const folder = join(directory, 'data', partition);
  const found = readdirSync(folder).filter((name) => suffixes.some((suffix) => name.endsWith(suffix)));
  expect(found.length).toBeGreaterThan(0);
  return found
    .toSorted()
    .map((name) => join(folder, name))
    .join(',');
}

it.each([
  [
    'segments and their indexes',
    () => ['--print-data-log', '--files', filesOf('plain-0', '.log', '.index', '.timeindex')],
  ],
  [
    'transactions and producers',
    () => ['--deep-iteration', '--files', filesOf('transacted-0', '.log', '.txnindex', '.snapshot')],
  ],
  ['committed offsets', () => ['--offsets-decoder', '--files', filesOf('__consumer_offsets-0', '.log')]],
  ['states of transactions', () => ['--transaction-log-decoder', '--files', filesOf('__transaction_state-0', '.log')]],
])(
  '%s look the same',
  async (_what, args) => {
    const [theirs, ours] = [await runKafkaTool('kafka-dump-log', args()), await runOurs(kafkaDumpLog, args())];
    expect(ours.stdout.split('\n')).toEqual(theirs.stdout.split('\n'));
    expect(ours.code).toBe(theirs.code);
  },
  30_000,
);
