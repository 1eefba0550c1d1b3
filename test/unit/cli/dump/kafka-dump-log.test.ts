import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSnapshot } from '../../../../broker/log/producer-snapshot';
import { ProducerEntry } from '../../../../broker/log/producer-entry';
import { kafkaDumpLog } from '../../../../cli/kafka-dump-log';
import {
  encodeVersioned,
  offsetCommitKey,
  offsetCommitValue,
  transactionLogKey,
  transactionLogValue,
} from '../../../../protocol/internal';
import {
  batch,
  buildBatch,
  buildEndTransactionMarker,
  type BuildBatchOptions,
  type NewRecord,
} from '../../../../protocol/records';
import { runOurs } from '../../../support/run-command';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gregor-dump-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const record = (key: string | null, value: string | null): NewRecord => ({
  timestamp: 1_700_000_000_000n,
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers: [{ key: 'h', value: null }],
});

function batchAt(baseOffset: number, records: readonly NewRecord[], options: BuildBatchOptions = {}): Buffer {
  const bytes = buildBatch(records, options);
  batch.setBaseOffset(bytes, 0, baseOffset);
  return bytes;
}

function write(name: string, ...pieces: readonly Buffer[]): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(pieces));
  return file;
}

function offsetEntry(relativeOffset: number, position: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(relativeOffset, 0);
  bytes.writeInt32BE(position, 4);
  return bytes;
}

function timeEntry(timestamp: bigint, relativeOffset: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigInt64BE(timestamp, 0);
  bytes.writeInt32BE(relativeOffset, 8);
  return bytes;
}

const dump = (...args: string[]) => runOurs(kafkaDumpLog, args);

describe('kafka-dump-log', () => {
  it('shows a line for each batch, and with --print-data-log one for each record', async () => {
    const file = write(
      '00000000000000000010.log',
      batchAt(10, [record('k', 'v'), record(null, null)], { compression: 'gzip' }),
    );
    const shallow = await dump('--files', file);
    expect(shallow.stdout.split('\n').length).toBe(4);
    expect(shallow.stdout).toMatch(
      /^Dumping .*\nLog starting offset: 10\nbaseOffset: 10 lastOffset: 11 count: 2 .* compresscodec: gzip crc: \d+ isvalid: true\n$/,
    );
    const { stdout, code } = await dump('--files', file, '--print-data-log');
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(3)).toEqual([
      '| offset: 10 CreateTime: 1700000000000 keySize: 1 valueSize: 1 sequence: -1 headerKeys: [h] key: k payload: v',
      '| offset: 11 CreateTime: 1700000000000 keySize: -1 valueSize: -1 sequence: -1 headerKeys: [h]',
      '',
    ]);
  });

  it('shows damage: a wrong checksum, a torn tail, a gap between offsets', async () => {
    const damaged = batchAt(0, [record('a', 'b')]);
    damaged.writeInt32BE(7, 30);
    const torn = batchAt(7, [record('a', 'b')]).subarray(0, 50);
    const file = write('00000000000000000000.log', damaged, batchAt(5, [record('a', 'b')]), torn);
    const { stdout, stderr } = await dump('--files', file, '--deep-iteration');
    expect(stdout).toContain('isvalid: false');
    expect(stdout).toContain('Found 50 invalid bytes at the end of 00000000000000000000.log');
    expect(stderr).toBe(`Non-consecutive offsets in ${file}\n  0 is followed by 5\n`);
  });

  it('shows outcomes of transactions', async () => {
    const marker = buildEndTransactionMarker({
      type: 'abort',
      coordinatorEpoch: 3,
      producerId: 7,
      producerEpoch: 1,
      timestamp: 5n,
    });
    const { stdout } = await dump('--deep-iteration', '--files', write('00000000000000000000.log', marker));
    expect(stdout).toContain('isTransactional: true isControl: true');
    expect(stdout).toContain('endTxnMarker: ABORT coordinatorEpoch: 3');
  });

  it('compares indexes with the log, and takes zeros for the end', async () => {
    const first = batchAt(0, [record('a', 'b')]);
    write('00000000000000000000.log', first, batchAt(1, [record('a', 'b'), record('c', 'd')]));
    const index = write('00000000000000000000.index', offsetEntry(1, first.length), Buffer.alloc(80));
    const times = write(
      '00000000000000000000.timeindex',
      timeEntry(1_700_000_000_000n, 0),
      timeEntry(5n, 2),
      Buffer.alloc(12),
    );
    const { stdout, stderr } = await dump('--files', `${index}, ${times}`);
    expect(stdout).toBe(
      `Dumping ${index}\noffset: 1 position: ${first.length}\nDumping ${times}\n` +
        'timestamp: 1700000000000 offset: 0\ntimestamp: 5 offset: 2\n',
    );
    expect(stderr).toBe(
      `Mismatches in :${index}\n  Index offset: 1, log offset: 2\n` +
        `Found timestamp mismatch in :${times}\n  Index timestamp: 5, log timestamp: 1700000000000\n` +
        `Found out of order timestamp in :${times}\n  Index timestamp: 5, Previously indexed timestamp: 1700000000000\n`,
    );
    const sane = await dump('--files', index, '--index-sanity-check');
    expect(sane.stdout).toContain('passed sanity check.');
    const insane = await dump('--files', times, '--index-sanity-check');
    expect(insane).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the last timestamp is 0 which is less than') as string,
    });
  });

  it('reads the internal topics', async () => {
    const offsets = write(
      '00000000000000000000.log',
      batchAt(0, [
        {
          timestamp: 1n,
          key: encodeVersioned(offsetCommitKey, 1, { group: 'g', topic: 't', partition: 2 }),
          value: encodeVersioned(offsetCommitValue, 3, { offset: 5, metadata: '', commitTimestamp: 9n }),
        },
        {
          timestamp: 1n,
          key: encodeVersioned(offsetCommitKey, 1, { group: 'g', topic: 't', partition: 3 }),
          value: null,
        },
        { timestamp: 1n, key: Buffer.from([0, 9, 0]), value: null },
      ]),
    );
    const { stdout } = await dump('--files', offsets, '--offsets-decoder');
    expect(stdout).toContain(
      'key: {"type":"1","data":{"group":"g","topic":"t","partition":2}} payload: {"version":"3","data":{"offset":5,"leaderEpoch":-1,"metadata":"","commitTimestamp":9}}',
    );
    expect(stdout).toContain('"partition":3}} payload: <DELETE>');
    expect(stdout).toContain('key: Unknown record type 9 at offset 2, skipping.');
  });

  it('reads transactions', async () => {
    const file = write(
      '00000000000000000000.log',
      batchAt(0, [
        {
          timestamp: 1n,
          key: encodeVersioned(transactionLogKey, 0, { transactionalId: 'tx' }),
          value: encodeVersioned(transactionLogValue, 0, {
            producerId: 4,
            transactionTimeoutMs: 60_000,
            transactionStatus: 1,
            transactionPartitions: [{ topic: 't', partitionIds: [0, 1] }],
            transactionLastUpdateTimestampMs: 8n,
          }),
        },
      ]),
    );
    const { stdout } = await dump('--files', file, '--transaction-log-decoder');
    expect(stdout).toContain(
      'key: transaction_metadata::transactionalId=tx payload: producerId:4,producerEpoch:0,state=Ongoing,partitions=[t-0,t-1],txnLastUpdateTimestamp=8,txnTimeoutMs=60000',
    );
  });

  it('shows producer snapshots and checkpoints', async () => {
    const producer = new ProducerEntry(9);
    producer.addBatch(2, { lastSequence: 4, lastOffset: 20, offsetDelta: 4, timestamp: 3n });
    const snapshot = write('00000000000000000021.snapshot', encodeSnapshot(new Map([[9, producer]])));
    const epochs = write('leader-epoch-checkpoint', Buffer.from('0\n2\n0 0\n3 15\n'));
    const { stdout } = await dump('--files', `${snapshot},${epochs}`);
    expect(stdout.split('\n')).toEqual([
      `Dumping ${snapshot}`,
      'producerId: 9 producerEpoch: 2 coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong.empty lastTimestamp: 3 firstSequence: 0 lastSequence: 4 lastOffset: 20 offsetDelta: 4 timestamp: 3',
      `Dumping ${epochs}`,
      'epoch: 0 startOffset: 0',
      'epoch: 3 startOffset: 15',
      '',
    ]);
  });

  it.each([
    [['--deep-iteration'], 'Missing required argument "[files]"'],
    [['--files', 'a.log', '--value-decoder-class', 'com.example.Mine'], 'Java classes cannot be loaded here'],
    [['--files', 'a.log', '--cluster-metadata-decoder'], 'keeps its metadata in znodes'],
    [['--files', 'a.log'], 'does not begin with an offset'],
    [['--files', '/nowhere/00000000000000000000.log'], 'There is no file /nowhere/00000000000000000000.log'],
  ])('%j says what is wrong', async (args, problem) => {
    const { code, stderr } = await dump(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(problem);
  });
});
