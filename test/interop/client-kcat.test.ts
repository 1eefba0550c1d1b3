/** Unchanged kcat over librdkafka: codecs, metadata, queries, balanced groups, and what becomes of its bytes in the log. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { kafkaDumpLog } from '../../cli/kafka-dump-log';
import { batch } from '../../protocol/records';
import { freePorts, portAnswers } from '../../supervisor/ports';
import { startBrokers, type BrokersUnderTest } from '../support/brokers-under-test';
import { eventually } from '../support/eventually';
import { haveKcat, kcat, startKcat, type RunningKcat } from '../support/kcat';
import { startRecordingProxy, type RecordingProxy } from '../support/recording-proxy';
import { runOurs } from '../support/run-command';

const WAIT_MS = 30_000;
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const MAX_BYTES = 100_000;

let brokers: BrokersUnderTest;
let proxy: RecordingProxy;
let admin: Admin;
const running: RunningKcat[] = [];

/** A second listener is advertised at the proxy's port. */
async function start(): Promise<void> {
  const [recordedPort] = (await freePorts(1)) as [number];
  proxy = await startRecordingProxy(recordedPort);
  brokers = await startBrokers({
    settings: { 'num.partitions': 2, 'message.max.bytes': MAX_BYTES },
    settingsFor: (_brokerId, port) => ({
      listeners: `PLAINTEXT://127.0.0.1:${port},RECORDED://127.0.0.1:${recordedPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},RECORDED://127.0.0.1:${proxy.port}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,RECORDED:PLAINTEXT',
      'inter.broker.listener.name': 'PLAINTEXT',
    }),
  });
  const kafka = new Kafka({ brokers: [...brokers.addresses], logLevel: logLevel.NOTHING });
  admin = kafka.admin();
  await admin.connect();
}

const present = haveKcat();
const describeKcat = present ? describe : describe.skip;

beforeAll(async () => {
  if (present) await start();
}, 180_000);

afterEach(async () => {
  await Promise.all(running.splice(0).map((client) => client.stop()));
}, 30_000);

afterAll(async () => {
  await admin?.disconnect();
  await brokers?.close();
  await proxy?.stop();
}, 60_000);

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const numbered = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `${from + index}\n`).join('');
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

async function createTopic(topic: string, numPartitions: number, config: Record<string, string> = {}): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, configEntries }] });
}

/** Produces what `input` has in its lines; fails unless kcat says that all went well. */
async function produce(topic: string, input: string | Buffer, ...more: string[]): Promise<void> {
  const { code, stderr: said } = await kcat(['-P', '-b', brokers.bootstrap, '-t', topic, ...more], input);
  // The first producer id of a broker's life is answered with "try again", by Kafka too.
  const stderr = said.replace(/^.*Failed to acquire idempotence PID.*Coordinator load in progress: retrying\n/gm, '');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

/** All that a partition holds. */
async function consume(topic: string, ...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await kcat([
    '-C',
    '-q',
    '-e',
    '-b',
    brokers.bootstrap,
    '-t',
    topic,
    '-o',
    'beginning',
    ...more,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const segmentOf = (topic: string, partition = 0): string =>
  join(brokers.brokers[0]?.logDir ?? '', `${topic}-${partition}`, '00000000000000000000.log');

/** Our own tool's view of a segment. */
async function dump(topic: string, partition = 0): Promise<string> {
  const { stdout } = await runOurs(kafkaDumpLog, ['--files', segmentOf(topic, partition)]);
  return stdout;
}

interface Metadata {
  brokers: { id: number; name: string }[];
  topics: { topic: string; error?: string; partitions: { partition: number; leader: number; replicas: object[] }[] }[];
}

describeKcat('kcat', () => {
  test.each(CODECS)(
    'records packed with %s pass through untouched and come back whole',
    async (codec) => {
      const topic = `codec-${codec}`;
      await createTopic(topic, 1);
      const input = `${numbered(0, 300)}${'a long line '.repeat(100)}\n`;
      proxy.forget();
      const recorded = ['-P', '-b', `127.0.0.1:${proxy.port}`, '-t', topic, '-z', codec, '-X', 'linger.ms=100'];
      expect(await kcat(recorded, input)).toMatchObject({ code: 0, stderr: '' });
      expect(await consume(topic)).toBe(input);
      const text = await dump(topic);
      expect(text).toContain(`compresscodec: ${codec}`);
      expect(text).toContain('isvalid: true');
      expect(text).not.toContain('isvalid: false');
      const segment = await readFile(segmentOf(topic));
      const sent = proxy.sent();
      let records = 0;
      for (let at = 0; at < segment.length;) {
        const stored = segment.subarray(at, at + batch.batchSizeBytes(segment.subarray(at)));
        // Only base offset and leader epoch, before the magic byte, are the broker's.
        expect(sent.includes(stored.subarray(batch.HEADER_BYTES_UP_TO_MAGIC - 1))).toBe(true);
        records += batch.recordCount(stored);
        at += stored.length;
      }
      expect(records).toBe(301);
    },
    60_000,
  );

  test('keys, empty and missing ones, headers and times come back as they were sent', async () => {
    await createTopic('whole', 1);
    await produce('whole', 'k1:v1\nk2:\n:v3\n', '-K', ':', '-Z', '-H', 'one=1', '-H', 'two=zwei ü', '-H', 'none');
    await produce('whole', 'no key\n');
    const messages = lines(await consume('whole', '-J')).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(messages.map(({ key, payload, offset }) => [offset, key, payload])).toEqual([
      [0, 'k1', 'v1'],
      [1, 'k2', null],
      [2, null, 'v3'],
      [3, null, 'no key'],
    ]);
    expect(messages[0]).toMatchObject({ headers: ['one', '1', 'two', 'zwei ü', 'none', null], tstype: 'create' });
    expect(Math.abs(Date.now() - Number(messages[0]?.['ts']))).toBeLessThan(60_000);
  }, 60_000);

  test('metadata names the listener that the client came in on', async () => {
    await createTopic('listed', 3);
    const metadata = async (address: string): Promise<Metadata> =>
      JSON.parse((await kcat(['-L', '-J', '-b', address, '-t', 'listed'])).stdout) as Metadata;
    const plain = await metadata(brokers.bootstrap);
    expect(plain.brokers).toEqual([{ id: 0, name: brokers.bootstrap }]);
    expect(plain.topics).toHaveLength(1);
    expect(plain.topics[0]).toMatchObject({ topic: 'listed' });
    expect(plain.topics[0]?.partitions).toHaveLength(3);
    expect(plain.topics[0]?.partitions[2]).toMatchObject({
      partition: 2,
      leader: 0,
      replicas: [{ id: 0 }],
      isrs: [{ id: 0 }],
    });
    const recorded = await metadata(`127.0.0.1:${proxy.port}`);
    expect(recorded.brokers).toEqual([{ id: 0, name: `127.0.0.1:${proxy.port}` }]);
    const { stdout } = await kcat(['-L', '-b', brokers.bootstrap]);
    expect(stdout).toContain(`broker 0 at ${brokers.bootstrap} (controller)`);
    expect(stdout).toContain('topic "listed" with 3 partitions:');
  }, 60_000);

  /** Replaces the broker's dynamic configuration. */
  const alter = (config: Record<string, string>) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.BROKER,
          name: '0',
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        },
      ],
    });
  /** Where a client that asks at this address is told that the broker is. */
  const addressToldAt = async (address: string): Promise<string | undefined> =>
    (JSON.parse((await kcat(['-L', '-J', '-b', address])).stdout) as Metadata).brokers[0]?.name;

  test('other advertised listeners reach clients while the broker runs', async () => {
    const asBefore = `127.0.0.1:${proxy.port}`;
    const elsewhere = `localhost:${proxy.port}`;
    await alter({ 'advertised.listeners': `PLAINTEXT://${brokers.bootstrap},RECORDED://${elsewhere}` });
    await eventually('the new address is told', async () => (await addressToldAt(asBefore)) === elsewhere, WAIT_MS);
    await alter({});
    await eventually('the old one is told again', async () => (await addressToldAt(asBefore)) === asBefore, WAIT_MS);
  }, 60_000);

  test('a listener is opened, and closed with its connections, while the broker runs', async () => {
    const [port] = (await freePorts(1)) as [number];
    const address = `127.0.0.1:${port}`;
    const plain = `PLAINTEXT://${brokers.bootstrap}`;
    // RECORDED goes, ADDED comes.
    const all = `${plain},ADDED://${address}`;
    const map = 'PLAINTEXT:PLAINTEXT,RECORDED:PLAINTEXT,ADDED:PLAINTEXT';
    const client = connect(proxy.port, '127.0.0.1');
    const cut = new Promise<true>((resolve) => client.on('error', () => undefined).once('close', () => resolve(true)));
    await new Promise((resolve) => client.once('connect', resolve));
    await alter({ listeners: all, 'advertised.listeners': all, 'listener.security.protocol.map': map });
    await eventually('it listens', () => portAnswers(port), WAIT_MS);
    await eventually(
      'and is told to who comes over it',
      async () => (await addressToldAt(address)) === address,
      WAIT_MS,
    );
    expect(await addressToldAt(brokers.bootstrap)).toBe(brokers.bootstrap);
    expect(await cut).toBe(true);
    await createTopic('over-another-listener', 1);
    const over = ['-b', address, '-t', 'over-another-listener'];
    expect(await kcat(['-P', ...over], 'one\n')).toMatchObject({ code: 0, stderr: '' });
    expect((await kcat(['-C', '-q', '-e', ...over])).stdout).toBe('one\n');
    await alter({});
    await eventually('it is closed', async () => !(await portAnswers(port)), WAIT_MS);
    const asBefore = `127.0.0.1:${proxy.port}`;
    await eventually('the old one is back', async () => (await addressToldAt(asBefore)) === asBefore, WAIT_MS);
  }, 60_000);

  test('offsets are found by time, at the beginning and at the end', async () => {
    await createTopic('queried', 1);
    await produce('queried', numbered(0, 3));
    const middle = Date.now() + 1;
    await eventually('it is later', () => Date.now() > middle);
    await produce('queried', numbered(3, 2));
    const query = async (timestamp: number) =>
      (await kcat(['-Q', '-b', brokers.bootstrap, '-t', `queried:0:${timestamp}`])).stdout.trim();
    expect(await query(middle)).toBe('queried [0] offset 3');
    expect(await query(-2)).toBe('queried [0] offset 0');
    expect(await query(-1)).toBe('queried [0] offset 5');
    const span = ['-o', `s@${middle}`, '-o', `e@${Date.now() + 60_000}`];
    expect(lines((await kcat(['-C', '-q', '-e', '-b', brokers.bootstrap, '-t', 'queried', ...span])).stdout)).toEqual([
      '3',
      '4',
    ]);
  }, 60_000);

  test('a balanced group shares partitions, hands them over, and goes on where it was', async () => {
    await createTopic('balanced', 4);
    const member = (): RunningKcat => {
      const timing = [
        '-X',
        'session.timeout.ms=6000',
        '-X',
        'heartbeat.interval.ms=200',
        '-X',
        'auto.commit.interval.ms=100',
      ];
      const args = ['-b', brokers.bootstrap, ...timing, '-X', 'auto.offset.reset=earliest', '-u', '-f', '%p %s\\n'];
      const client = startKcat([...args, '-G', 'balance', 'balanced']);
      running.push(client);
      return client;
    };
    /** The partitions that kcat said last that it has. */
    const assigned = (client: RunningKcat): number[] => {
      const last = client.output.stderr.split('\n').findLast((line) => line.includes('assigned:')) ?? '';
      return [...last.matchAll(/\[(\d)\]/g)].map(([, digit]) => Number(digit));
    };
    const values = (client: RunningKcat): number[] =>
      lines(client.output.stdout).map((line) => Number(line.split(' ')[1]));
    await produce('balanced', numbered(0, 100), '-p', '-1', '-X', 'sticky.partitioning.linger.ms=0');
    const first = member();
    await eventually('one has all', () => assigned(first).length === 4 && values(first).length === 100, WAIT_MS);
    const second = member();
    await eventually('both have two', () => assigned(first).length === 2 && assigned(second).length === 2, WAIT_MS);
    expect([...assigned(first), ...assigned(second)].toSorted()).toEqual([0, 1, 2, 3]);
    await produce('balanced', numbered(100, 100), '-p', '-1', '-X', 'sticky.partitioning.linger.ms=0');
    await eventually('all were read', () => values(first).length + values(second).length >= 200, WAIT_MS);
    expect([...values(first), ...values(second)].toSorted((a, b) => a - b)).toEqual(numbers(0, 200));
    await second.stop();
    await eventually('one has all again', () => assigned(first).length === 4, WAIT_MS);
    await first.stop();
    await produce('balanced', numbered(200, 10));
    const third = member();
    await eventually('the next one goes on', () => values(third).length >= 10, WAIT_MS);
    expect(values(third).toSorted((a, b) => a - b)).toEqual(numbers(200, 10));
  }, 90_000);

  test('a consumer without a group of members stores its offsets at the broker', async () => {
    await createTopic('stored', 1);
    await produce('stored', numbered(0, 10));
    const store = ['-X', 'group.id=storing', '-X', 'topic.auto.offset.reset=earliest', '-o', 'stored'];
    const read = async () =>
      lines((await kcat(['-C', '-q', '-e', '-b', brokers.bootstrap, '-t', 'stored', '-p', '0', ...store])).stdout);
    expect(await read()).toHaveLength(10);
    await produce('stored', numbered(10, 2));
    expect(await read()).toEqual(['10', '11']);
    const [entry] = await admin.fetchOffsets({ groupId: 'storing', topics: ['stored'] });
    expect(entry?.partitions[0]?.offset).toBe('12');
  }, 60_000);

  test('an idempotent producer marks its batches with producer id and sequence', async () => {
    await createTopic('once', 1);
    await produce(
      'once',
      numbered(0, 500),
      '-X',
      'enable.idempotence=true',
      '-X',
      'batch.num.messages=50',
      '-z',
      'lz4',
    );
    expect(lines(await consume('once')).map(Number)).toEqual(numbers(0, 500));
    const sequences = [
      ...(await dump('once')).matchAll(
        /baseSequence: (-?\d+) lastSequence: (-?\d+) producerId: (-?\d+) producerEpoch: 0/g,
      ),
    ];
    expect(sequences.length).toBeGreaterThanOrEqual(10);
    let next = 0;
    for (const [, first, last, producerId] of sequences) {
      expect(Number(first)).toBe(next);
      expect(Number(producerId)).toBeGreaterThanOrEqual(0);
      next = Number(last) + 1;
    }
    expect(next).toBe(500);
  }, 60_000);

  test('what the broker refuses reaches the user with its reason', async () => {
    const send = (topic: string, input: string, ...more: string[]) =>
      kcat(['-P', '-b', brokers.bootstrap, '-t', topic, '-X', 'retries=0', ...more], input);
    const tooLarge = await send('listed', 'x'.repeat(MAX_BYTES + 1), '-X', 'message.max.bytes=2000000');
    expect(tooLarge.stderr).toContain('Broker: Message size too large');
    expect(tooLarge.code).toBe(1);
    const internal = await send('__consumer_offsets', 'x', '-p', '0');
    expect(internal.stderr).toContain('Broker: Invalid topic');
    const unknown = await send('listed', 'x', '-p', '9');
    expect(unknown.stderr).toContain('Local: Unknown partition');
    if (brokers.apache) return;
    const transactional = await send('listed', 'x', '-X', 'transactional.id=tx');
    expect(transactional.stderr).toMatch(/transaction/i);
    expect(transactional.code).toBe(1);
  }, 60_000);

  test("a topic's own codec and clock replace the producer's", async () => {
    await createTopic('packed', 1, { 'compression.type': 'gzip' });
    await createTopic('unpacked', 1, { 'compression.type': 'uncompressed' });
    await createTopic('stamped', 1, { 'message.timestamp.type': 'LogAppendTime' });
    for (const topic of ['packed', 'unpacked', 'stamped']) {
      await produce(topic, numbered(0, 50), '-X', 'linger.ms=100');
      await produce(topic, numbered(50, 50), '-X', 'linger.ms=100', '-z', 'zstd');
      expect(lines(await consume(topic)).map(Number)).toEqual(numbers(0, 100));
    }
    const codecs = async (topic: string) =>
      new Set([...(await dump(topic)).matchAll(/compresscodec: (\w+)/g)].map(([, codec]) => codec));
    expect(await codecs('packed')).toEqual(new Set(['gzip']));
    expect(await codecs('unpacked')).toEqual(new Set(['none']));
    expect(await codecs('stamped')).toEqual(new Set(['none', 'zstd']));
    const [first] = lines(await consume('stamped', '-J')).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ tstype: 'logappend' });
    expect(Math.abs(Date.now() - Number(first?.['ts']))).toBeLessThan(60_000);
  }, 60_000);

  test('producing to a topic that is not there creates it with the configured number of partitions', async () => {
    await produce('made-by-the-way', numbered(0, 5));
    expect(
      lines(await consume('made-by-the-way'))
        .map(Number)
        .toSorted(),
    ).toEqual(numbers(0, 5));
    const { topics } = await admin.fetchTopicMetadata({ topics: ['made-by-the-way'] });
    expect(topics[0]?.partitions).toHaveLength(2);
  }, 60_000);
});
