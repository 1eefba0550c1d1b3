/** What the tests of the log share: directories that go away, logs on a clock that stands still, records. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultLogConfig,
  LogManager,
  type FetchData,
  type Log,
  type LogConfig,
  type LogManagerOptions,
} from '../../../../broker/log';
import { buildBatch, readAllRecords, type BuildBatchOptions, type NewRecord } from '../../../../protocol/records';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';

export const partition = { topic: 'orders', partition: 0 };

/** A place for a test's files; removed after the tests of the file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gregor-log-'));
  directories.push(directory);
  return directory;
}

const directories: string[] = [];
const managers = new Set<LogManager>();

afterEach(async () => {
  for (const manager of managers) await manager.shutdown({ clean: false });
  managers.clear();
});

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

export interface Opened {
  manager: LogManager;
  clock: ManualClock;
  directory: string;
  log: Log;
}

export interface OpenOptions extends Partial<Omit<LogManagerOptions, 'defaults'>> {
  directory?: string;
  config?: Partial<LogConfig>;
  clock?: ManualClock;
}

/** A log manager on a directory, with a log for `partition` in it. */
export async function open(options: OpenOptions = {}): Promise<Opened> {
  const { directory = temporaryDirectory(), config, clock = new ManualClock(), ...others } = options;
  const manager = await LogManager.load({
    logDirs: [directory],
    logger: silentLogger,
    defaults: { ...defaultLogConfig, ...config },
    ...others,
    clock,
  });
  managers.add(manager);
  return { manager, clock, directory, log: manager.getOrCreate(partition, { isNew: true }) };
}

/** Closes a broker's logs and opens the directory again, as after a stop; `clean: false` as after kill -9. */
export async function reopen(
  opened: Opened,
  { clean = true, ...options }: OpenOptions & { clean?: boolean } = {},
): Promise<Opened> {
  await opened.manager.shutdown({ clean });
  managers.delete(opened.manager);
  return open({ directory: opened.directory, clock: opened.clock, ...options });
}

/** The time at which a ManualClock begins: producers that wrote long before it are forgotten at a start. */
const START = 1_700_000_000_000n;

/** Records with these values; timestamps count up from `timestamp`. */
export function recordsOf(values: readonly string[], timestamp = START): NewRecord[] {
  return values.map((value, index) => ({
    timestamp: timestamp + BigInt(index),
    key: Buffer.from('k'),
    value: Buffer.from(value),
  }));
}

export function batchOf(values: readonly string[], options: BuildBatchOptions & { timestamp?: bigint } = {}): Buffer {
  return buildBatch(recordsOf(values, options.timestamp), options);
}

/** A batch of an idempotent producer. */
export function sequenced(
  values: readonly string[],
  baseSequence: number,
  options: Parameters<typeof batchOf>[1] = {},
): Buffer {
  return batchOf(values, { producerId: 7, producerEpoch: 0, baseSequence, ...options });
}

export function valuesOf(data: FetchData): string[] {
  return readAllRecords(Buffer.concat(data.records)).map((record) => String(record.value));
}

export function offsetsOf(data: FetchData): number[] {
  return readAllRecords(Buffer.concat(data.records)).map((record) => record.offset);
}

export const toEnd = { isolation: 'log_end', minOneBatch: true } as const;

/** All values from `offset` on, in reads of at most `maxBytes`. */
export async function readAll(log: Log, offset = log.logStartOffset, maxBytes = 1 << 20): Promise<string[]> {
  const values: string[] = [];
  for (let next = offset; next < log.logEndOffset;) {
    const data = await log.read(next, maxBytes, toEnd);
    const records = readAllRecords(Buffer.concat(data.records)).filter((record) => record.offset >= next);
    if (records.length === 0) break;
    for (const record of records) values.push(String(record.value));
    next = (records.at(-1)?.offset as number) + 1;
  }
  return values;
}

/** Names in the partition's directory. */
export function filesOf(log: Log): string[] {
  return readdirSync(log.dir).toSorted();
}
