/** A process that appends is killed at random moments; what it had acknowledged is there, intact and in order. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { defaultLogConfig, LogManager, type Log } from '../../../broker/log';
import { readAllRecords } from '../../../protocol/records';
import { systemClock } from '../../../runtime/clock';
import { silentLogger } from '../../../runtime/logger';
import { seededRandom } from '../../../runtime/random';
import { eventually } from '../../support/eventually';

jest.setTimeout(120_000);

const ROUNDS = 8;
const topicPartition = { topic: 'orders', partition: 0 };
const directory = mkdtempSync(join(tmpdir(), 'gregor-kill-'));
const acknowledgements = mkdtempSync(join(tmpdir(), 'gregor-kill-acknowledged-'));
let running: ChildProcess | null = null;

afterAll(() => {
  running?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
  rmSync(acknowledgements, { recursive: true, force: true });
});

/** Appends idempotent batches as fast as it can and writes the offset after each batch to its standard output after the append. */
const writer = `
const { writeSync } = require('node:fs');
const { LogManager, defaultLogConfig } = require(${JSON.stringify(resolve('dist/broker/log'))});
const { buildBatch } = require(${JSON.stringify(resolve('dist/protocol/records'))});
const { systemClock } = require(${JSON.stringify(resolve('dist/runtime/clock'))});
const { silentLogger } = require(${JSON.stringify(resolve('dist/runtime/logger'))});
(async () => {
  const defaults = { ...defaultLogConfig, segmentBytes: 200_000, indexIntervalBytes: 1000 };
  const manager = await LogManager.load({ logDirs: [process.argv[1]], clock: systemClock, logger: silentLogger, defaults });
  const log = manager.getOrCreate({ topic: 'orders', partition: 0 }, { isNew: true });
  let next = log.logEndOffset;
  const append = () => {
    for (let i = 0; i < 20; i++) {
      const records = Array.from({ length: 1 + (next % 7) }, (_, j) => ({
        timestamp: BigInt(systemClock.nowMs()), key: null, value: Buffer.from(String(next + j).padEnd(50 + (next % 400), '.')),
      }));
      const producer = { producerId: 7, producerEpoch: 0, baseSequence: next };
      next = log.appendAsLeader(buildBatch(records, producer), 0).lastOffset + 1;
      writeSync(1, next + '\\n');
    }
    setImmediate(append);
  };
  append();
})();
`;

/**
 * Lets the writer append until it is killed; answers the last offset it acknowledged, plus one. Its acknowledgements go to a file:
 * a pipe may be full and fail the writer while this process is busy elsewhere.
 */
async function appendUntilKilled(afterMs: number): Promise<number> {
  const path = join(acknowledgements, 'offsets');
  const output = openSync(path, 'w');
  const child = spawn(process.execPath, ['-e', writer, directory], { stdio: ['ignore', output, 'inherit'] });
  closeSync(output);
  running = child;
  const closed = once(child, 'close');
  await eventually('the writer acknowledged something', () => statSync(path).size > 0, 30_000);
  await pause(afterMs);
  child.kill('SIGKILL');
  // Anything but SIGKILL would say that the writer failed by itself.
  expect(await closed).toEqual([null, 'SIGKILL']);
  // The last line may be cut off.
  return Number(readFileSync(path, 'latin1').split('\n').at(-2));
}

async function readValues(log: Log): Promise<string[]> {
  const values: string[] = [];
  for (let next = 0; next < log.logEndOffset;) {
    const data = await log.read(next, 1 << 20, { isolation: 'log_end', minOneBatch: true });
    for (const record of readAllRecords(Buffer.concat(data.records))) {
      // Not expect(): it would take most of this test's time.
      if (record.offset !== next) throw new Error(`offset ${record.offset} came where ${next} was due`);
      values.push(String(record.value).replaceAll('.', ''));
      next++;
    }
  }
  return values;
}

it(`loses nothing acknowledged in ${ROUNDS} rounds of kill -9`, async () => {
  const seed = systemClock.nowMs() % 1_000_000;
  const random = seededRandom(seed);
  let before = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = await appendUntilKilled(20 + random.below(150));
    const defaults = { ...defaultLogConfig, segmentBytes: 200_000, indexIntervalBytes: 1000 };
    const manager = await LogManager.load({ logDirs: [directory], clock: systemClock, logger: silentLogger, defaults });
    const log = manager.get(topicPartition) as Log;
    const context = { seed, round };
    expect({ ...context, kept: log.logEndOffset >= acknowledged, grew: acknowledged > before }).toEqual({
      ...context,
      kept: true,
      grew: true,
    });
    const values = await readValues(log);
    expect(values).toEqual(Array.from({ length: log.logEndOffset }, (_, offset) => String(offset)));
    expect(log.activeProducers.get(7)?.lastSequence).toBe(log.logEndOffset - 1);
    before = log.logEndOffset;
    await manager.shutdown({ clean: round % 3 === 0 });
  }
});
