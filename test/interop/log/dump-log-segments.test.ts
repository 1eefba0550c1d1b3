/** Apache Kafka's own DumpLogSegments reads what our log wrote. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLogConfig, LogManager, type Log } from '../../../broker/log';
import { buildBatch, buildEndTransactionMarker, prepareZstd, type CompressionName } from '../../../protocol/records';
import { systemClock } from '../../../runtime/clock';
import { silentLogger } from '../../../runtime/logger';
import { runKafkaTool } from '../../support/apache-kafka';

jest.setTimeout(180_000);

const codecs: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const directory = mkdtempSync(join(tmpdir(), 'gregor-dump-'));
let log: Log;
let manager: LogManager;

/** Batches of every codec and kind over several segments, then a clean stop. */
beforeAll(async () => {
  await prepareZstd();
  manager = await LogManager.load({
    logDirs: [directory],
    clock: systemClock,
    logger: silentLogger,
    defaults: { ...defaultLogConfig, segmentBytes: 8_000, indexIntervalBytes: 1000 },
  });
  log = manager.getOrCreate({ topic: 'orders', partition: 0 }, { isNew: true, topicId: 'TP9cSBN7ShaBGIn-e4c3tw' });
  for (let round = 0; round < 60; round++) {
    const compression = codecs[round % codecs.length] as CompressionName;
    const records = Array.from({ length: 20 }, (_, index) => ({
      timestamp: BigInt(systemClock.nowMs()),
      key: index % 3 === 0 ? null : Buffer.from(`key-${index}`),
      value: index % 7 === 0 ? null : Buffer.from(`${compression} value ${round * 20 + index} `.repeat(6)),
      headers:
        index % 5 === 0
          ? [
              { key: 'h', value: Buffer.from('v') },
              { key: 'empty', value: null },
            ]
          : [],
    }));
    const producer = round % 2 === 0 ? {} : { producerId: 40 + (round % 3), producerEpoch: 0, baseSequence: 0 };
    log.appendAsLeader(buildBatch(records, { compression, ...producer }), Math.floor(round / 20), {
      origin: 'coordinator',
    });
  }
  const transaction = { producerId: 99, producerEpoch: 3, transactional: true, baseSequence: 0 };
  const value = { timestamp: BigInt(systemClock.nowMs()), key: null, value: Buffer.from('undone') };
  log.appendAsLeader(buildBatch([value], transaction), 3);
  const marker = {
    type: 'abort',
    coordinatorEpoch: 4,
    timestamp: value.timestamp,
    producerId: 99,
    producerEpoch: 3,
  } as const;
  log.appendAsLeader(buildEndTransactionMarker(marker), 3, { origin: 'coordinator' });
  await manager.shutdown({ clean: true });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const files = (suffix: string): string =>
  readdirSync(log.dir)
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(log.dir, name))
    .join(',');

async function dump(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runKafkaTool('kafka-dump-log', args);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

it('every record of every codec, at its offset', async () => {
  const output = await dump('--files', files('.log'), '--deep-iteration', '--print-data-log');
  const lines = output.split('\n').filter((line) => line.startsWith('| offset'));
  expect(lines).toHaveLength(log.logEndOffset);
  expect(output).not.toMatch(/isvalid: false/);
  lines.forEach((line, offset) => expect(line).toContain(`offset: ${offset} `));
  const withValue = lines
    .slice(0, 1200)
    .map((line, offset) => ({ line, offset }))
    .filter(({ offset }) => (offset % 20) % 7 !== 0);
  for (const { line, offset } of withValue) {
    expect(line).toContain(`payload: ${codecs[Math.floor(offset / 20) % 5]} value ${offset} `);
  }
  expect(lines.at(-1)).toContain('endTxnMarker: ABORT coordinatorEpoch: 4');
  expect(output).toMatch(/compresscodec: zstd/);
  expect(output).toMatch(/compresscodec: snappy/);
});

it('indexes that agree with the log', async () => {
  expect(files('.index').split(',').length).toBeGreaterThan(3);
  const output = await dump('--files', files('index'), '--index-sanity-check');
  expect(output.match(/passed sanity check/g)?.length).toBeGreaterThan(4);
  const verified = await dump('--files', files('index'), '--verify-index-only');
  expect(verified).not.toMatch(/mismatch|out of order|not found/i);
});

it('the aborted transaction and the producers', async () => {
  const start = log.logEndOffset - 2;
  const aborted = await dump('--files', files('.txnindex'));
  expect(aborted).toContain(
    `producerId: 99 firstOffset: ${start} lastOffset: ${start + 1} lastStableOffset: ${start + 2}`,
  );
  const last = files('.snapshot').split(',').at(-1) as string;
  const producers = await dump('--files', last);
  expect(producers).toMatch(/producerId: 99 producerEpoch: 3 coordinatorEpoch: 4/);
  expect(producers).toMatch(/producerId: 41 producerEpoch: 0/);
});
