/**
 * One log directory, used in turn by Apache Kafka and by our log: what the one wrote the other reads and continues,
 * after clean stops and after kill -9.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLogConfig, LogManager, readMetaProperties, type Log } from '../../../broker/log';
import { buildBatch, prepareZstd, readAllRecords, type CompressionName } from '../../../protocol/records';
import { systemClock } from '../../../runtime/clock';
import { systemDisk } from '../../../runtime/disk';
import { silentLogger } from '../../../runtime/logger';
import { runKafkaTool, startApacheKafka } from '../../support/apache-kafka';
import type { BrokerProcess } from '../../support/broker-process';
import { eventually } from '../../support/eventually';
import { connectForTest, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

jest.setTimeout(300_000);

const codecs: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const topicPartition = { topic: 'orders', partition: 0 };
const settings = {
  'log.segment.bytes': 6000,
  'log.index.interval.bytes': 500,
  'log.index.size.max.bytes': 4096,
  'auto.create.topics.enable': false,
  'zookeeper.session.timeout.ms': 1500,
};
let directory: string;
let zookeeper: TestZooKeeper;
const written: string[] = [];
let runningKafka: BrokerProcess | null = null;
let openManager: LogManager | null = null;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gregor-exchange-'));
  zookeeper = await startZooKeeper();
  await prepareZstd();
});

afterAll(async () => {
  await runningKafka?.kill();
  await openManager?.shutdown({ clean: false });
  await zookeeper.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function startKafka(): Promise<BrokerProcess> {
  runningKafka = await startApacheKafka({ zookeeper: zookeeper.connectString, directory, settings });
  return runningKafka;
}

/** A killed broker is registered until its session ends; until then another with its id is refused. */
async function waitForSessionEnd(): Promise<void> {
  const client = await connectForTest(zookeeper.connectString);
  await eventually(
    'the end of the killed broker registration',
    async () => (await client.session.exists('/brokers/ids/0')) === null,
  );
  await client.close();
}

async function openOurs(): Promise<{ manager: LogManager; log: Log }> {
  const manager = await LogManager.load({
    logDirs: [join(directory, 'data')],
    clock: systemClock,
    logger: silentLogger,
    defaults: { ...defaultLogConfig, segmentBytes: 6000, indexIntervalBytes: 500 },
  });
  openManager = manager;
  return { manager, log: manager.get(topicPartition) as Log };
}

async function produceWithKafka(kafka: BrokerProcess, codec: CompressionName, count: number): Promise<void> {
  const values = Array.from({ length: count }, (_, index) => `kafka ${codec} ${written.length + index}`);
  const args = [
    '--bootstrap-server',
    kafka.bootstrap,
    '--topic',
    'orders',
    '--compression-codec',
    codec,
    '--batch-size',
    '1000',
  ];
  const result = await runKafkaTool('kafka-console-producer', args, `${values.join('\n')}\n`);
  expect(result).toMatchObject({ code: 0 });
  written.push(...values);
}

function produceWithOurs(log: Log, codec: CompressionName, batches: number): void {
  for (let round = 0; round < batches; round++) {
    const values = Array.from({ length: 10 }, (_, index) => `ours ${codec} ${written.length + index}`);
    const timestamp = BigInt(systemClock.nowMs());
    log.appendAsLeader(
      buildBatch(
        values.map((value) => ({ timestamp, key: null, value: Buffer.from(value) })),
        { compression: codec },
      ),
      5,
    );
    written.push(...values);
  }
}

async function readWithOurs(log: Log): Promise<string[]> {
  const values: string[] = [];
  for (let next = log.logStartOffset; next < log.logEndOffset;) {
    const data = await log.read(next, 5000, { isolation: 'log_end', minOneBatch: true });
    for (const record of readAllRecords(Buffer.concat(data.records))) {
      if (record.offset !== next) continue;
      values.push(String(record.value));
      next++;
    }
  }
  return values;
}

async function readWithKafka(kafka: BrokerProcess): Promise<string[]> {
  const args = ['--bootstrap-server', kafka.bootstrap, '--topic', 'orders', '--partition', '0', '--offset', 'earliest'];
  const { stdout } = await runKafkaTool('kafka-console-consumer', [
    ...args,
    '--max-messages',
    String(written.length),
    '--timeout-ms',
    '20000',
  ]);
  return stdout.trimEnd().split('\n');
}

it('goes from hand to hand without losing or changing a record', async () => {
  let broker = await startKafka();
  const create = [
    '--bootstrap-server',
    broker.bootstrap,
    '--create',
    '--topic',
    'orders',
    '--partitions',
    '1',
    '--replication-factor',
    '1',
  ];
  expect(await runKafkaTool('kafka-topics', create)).toMatchObject({ code: 0 });
  await expect(openOurs()).rejects.toThrow(`is held by process ${broker.pid}`);
  for (const codec of codecs) await produceWithKafka(broker, codec, 300);
  await broker.stop();

  // Kafka stopped cleanly: we skip recovery, and see the topic id and every record.
  let { manager, log } = await openOurs();
  const topicId = log.topicId;
  expect(topicId).toMatch(/^[\w-]{22}$/);
  expect(readMetaProperties(systemDisk, join(directory, 'data'))).toMatchObject({ brokerId: 0 });
  expect(log.logEndOffset).toBe(written.length);
  expect(log.segmentCount).toBeGreaterThan(2);
  expect(await readWithOurs(log)).toEqual(written);
  expect(log.activeProducers.size).toBeGreaterThan(0);
  expect((await log.fetchOffsetByTimestamp(-3n))?.offset).toBeGreaterThan(0);
  for (const codec of codecs) produceWithOurs(log, codec, 20);
  await manager.shutdown({ clean: true });

  // We stopped cleanly: Kafka skips recovery, serves what we wrote and goes on.
  broker = await startKafka();
  expect(readFileSync(join(directory, 'server.log'), 'utf8')).toContain('Skipping recovery of');
  expect(await readWithKafka(broker)).toEqual(written);
  for (const codec of codecs) await produceWithKafka(broker, codec, 100);
  await broker.kill();

  // Kafka was killed: we recover, over its preallocated indexes.
  expect(existsSync(join(directory, 'data', '.kafka_cleanshutdown'))).toBe(false);
  ({ manager, log } = await openOurs());
  expect(log.topicId).toBe(topicId);
  expect(await readWithOurs(log)).toEqual(written);
  produceWithOurs(log, 'none', 20);
  // As kill -9 leaves it: nothing flushed, no marker, indexes behind the log.
  await manager.shutdown({ clean: false });

  await waitForSessionEnd();
  broker = await startKafka();
  expect(await readWithKafka(broker)).toEqual(written);
  await broker.stop();
  const errors = readFileSync(join(directory, 'server.log'), 'utf8')
    .split('\n')
    .filter((line) => /ERROR|Corruption|corrupt/.test(line));
  expect(errors.filter((line) => !line.includes('Could not find offset index'))).toEqual([]);
});
