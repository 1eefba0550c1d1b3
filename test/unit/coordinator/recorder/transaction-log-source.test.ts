import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventHub } from '../../../../coordinator/event-hub';
import { KnownTree } from '../../../../coordinator/observe/znode-tree';
import { ChangeLog } from '../../../../coordinator/recorder/change-log';
import { Recorder } from '../../../../coordinator/recorder/recorder';
import { TransactionLogSource, type SourceEnd } from '../../../../coordinator/recorder/transaction-log-source';
import type { ZnodeHistory } from '../../../../coordinator/schemas';
import { systemClock } from '../../../../runtime/clock';
import { systemDisk } from '../../../../runtime/disk';
import { silentLogger } from '../../../../runtime/logger';
import { eventually } from '../../../support/eventually';
import { createRecord, fileHeader, jute, logEntry } from '../../../support/transaction-log-bytes';
import { statOf } from '../../../support/coordinator/znode-stat';

const create = (zxid: number, path: string, text = 'x'): Buffer =>
  logEntry({ zxid: BigInt(zxid), type: 1, timeMs: 1_000 + zxid, record: createRecord(path, Buffer.from(text)) });
const set = (zxid: number, path: string, version: number, text = 'y'): Buffer =>
  logEntry({ zxid: BigInt(zxid), type: 5, timeMs: 1_000 + zxid, record: jute(path, Buffer.from(text), version) });
const clusterId = (id: string): string => JSON.stringify({ version: '1', id });

describe('recording from a transaction log', () => {
  let directory: string;
  let tree: KnownTree;
  let recorder: Recorder;
  let ended: Promise<SourceEnd>;
  let stopNow: () => Promise<void>;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gregor-source-'));
    mkdirSync(join(directory, 'version-2'));
    tree = new KnownTree({
      nowMs: () => systemClock.nowMs(),
      logger: silentLogger,
      freshness: () => ({ asOfMs: 1, ageMs: 0, stale: false, why: null }),
    });
  });

  afterEach(async () => {
    await stopNow();
    rmSync(directory, { recursive: true, force: true });
  });

  const write = (name: string, ...parts: Buffer[]): void =>
    writeFileSync(join(directory, 'version-2', name), Buffer.concat([fileHeader, ...parts]));
  const append = (name: string, ...parts: Buffer[]): void =>
    appendFileSync(join(directory, 'version-2', name), Buffer.concat(parts));

  function read(path: string, mzxid: bigint, text: string, pzxid = mzxid): void {
    tree.put(path, Buffer.from(text), statOf(1n, { mzxid, pzxid, version: 3, dataLength: text.length }));
  }

  async function start(): Promise<void> {
    const options = { disk: systemDisk, clock: systemClock, logger: silentLogger };
    const kept = join(directory, 'recorder');
    const log = await ChangeLog.open({ ...options, directory: kept, maxBytes: 1_000_000, segmentBytes: 4_096 });
    const events = createEventHub(options);
    recorder = new Recorder({ ...options, events, ownerOf: () => ({ kind: 'unknown', brokerId: null }) });
    recorder.use(log, 'transaction-log');
    const stopping = new AbortController();
    ended = new TransactionLogSource({
      ...options,
      directory,
      chroot: '',
      tree,
      log,
      recorder,
      otherClusterAfterMs: 100,
    }).run(stopping.signal);
    const settled = ended.catch(() => 'stopped');
    stopNow = async () => {
      stopping.abort(new Error('the test is over'));
      await settled;
      await log.close();
    };
  }

  function expectRecorded(...paths: string[]): Promise<ZnodeHistory> {
    let last: string[] = [];
    return eventually(`${paths.join(' ')} are recorded`, async () => {
      const history = await recorder.history({ limit: 1_000 });
      last = history.changes.map(({ path }) => path);
      return last.join(' ') === paths.join(' ') && history;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${last.join(' ')}`);
    });
  }

  it('begins with the very first transaction, and needs no watches for that', async () => {
    write('log.1', create(1, '/a'), set(2, '/a', 1), create(3, '/b'));
    await start();
    const { gaps, changes } = await expectRecorded('/a', '/a', '/b');
    expect(gaps).toEqual([]);
    expect(changes.map(({ zxid, timeMs, timeFrom }) => [zxid, timeMs, timeFrom])).toEqual([
      ['0x1', 1_001, 'zookeeper'],
      ['0x2', 1_002, 'zookeeper'],
      ['0x3', 1_003, 'zookeeper'],
    ]);
    append('log.1', create(4, '/c'));
    await expectRecorded('/a', '/a', '/b', '/c');
  });

  it('waits for a log in which nothing stands yet', async () => {
    write('log.1', Buffer.alloc(100));
    await start();
    write('log.1', create(1, '/a'));
    await expectRecorded('/a');
  });

  it('goes on where it ended, and does not tell the past as news', async () => {
    write('log.1', create(1, '/a'));
    await start();
    await expectRecorded('/a');
    await stopNow();
    append('log.1', create(2, '/b'));
    write('log.3', create(3, '/c'));
    await start();
    const told: string[] = [];
    recorder.onChange(({ path }) => told.push(path));
    expect((await expectRecorded('/a', '/b', '/c')).gaps).toEqual([]);
    expect(told).toEqual([]);
    append('log.3', create(4, '/d'));
    await expectRecorded('/a', '/b', '/c', '/d');
    expect(told).toEqual(['/d']);
  });

  it('begins anew when the log at that place has another transaction', async () => {
    write('log.1', create(1, '/a'), create(2, '/b'));
    await start();
    await expectRecorded('/a', '/b');
    await stopNow();
    write(
      'log.1',
      create(1, '/other'),
      logEntry({ zxid: 2n, type: 2, timeMs: 77_777, record: jute('/nothing') }),
      create(3, '/c'),
    );
    await start();
    await expectRecorded('/other', '/nothing', '/c');
    expect(await recorder.nodeAt('/a', 1_000)).toBeNull();
  });

  it('begins anew when the log is shorter than what was recorded', async () => {
    write('log.1', create(1, '/a'), create(2, '/b'));
    await start();
    await expectRecorded('/a', '/b');
    await stopNow();
    write('log.1', create(1, '/other'));
    await start();
    await expectRecorded('/other');
  });

  it('knows of the time before an incomplete log what has not been touched since, and tells the rest as a gap', async () => {
    read('/', 1n, '', 50n);
    read('/steady', 40n, 'for long');
    read('/parent', 40n, 'p', 101n);
    read('/touched', 101n, 'new');
    tree.markReady();
    write('log.64', set(100, '/gone', 7), set(101, '/touched', 3, 'new'));
    await start();
    const { changes, gaps } = await expectRecorded('/gone', '/touched');
    expect(gaps).toEqual([
      expect.objectContaining({ afterSequence: 0, why: expect.stringContaining('begins at 0x64') as string }),
    ]);
    expect(changes[1]).toMatchObject({ before: null, differences: [] });
    expect(await recorder.nodeAt('/steady', 0)).toMatchObject({ data: { text: 'for long' }, stat: { version: 3 } });
    // Its data has stood so, but children have come or gone since: the stat of then is not known.
    expect(await recorder.nodeAt('/parent', 0)).toMatchObject({ data: { text: 'p' }, stat: null });
    expect(await recorder.nodeAt('/touched', 0)).toBeNull();
    expect((await recorder.nodeAt('/touched', 2))?.data?.text).toBe('new');
  });

  it('tells of transactions that are missing in the log', async () => {
    write('log.1', create(1, '/a'));
    write('log.5', create(5, '/b'), logEntry({ zxid: 0x1_0000_0001n, type: 1, record: createRecord('/c', null) }));
    await start();
    const { gaps } = await expectRecorded('/a', '/b', '/c');
    // A new epoch of an ensemble begins to count anew: that is none.
    expect(gaps).toMatchObject([{ afterSequence: 1, why: 'Transactions 0x2 to 0x4 are not in the log.' }]);
  });

  it('ends when the log belongs to another cluster than the one that it is connected to', async () => {
    read('/', 1n, '');
    read('/cluster', 1n, '');
    read('/cluster/id', 1n, clusterId('connected'));
    tree.markReady();
    write('log.1', create(1, '/cluster'), create(2, '/cluster/id', clusterId('logged')));
    await start();
    expect(await ended).toBe('other-cluster');
  });

  it('ends when another ZooKeeper takes the place of the log', async () => {
    write('log.5', create(5, '/a'));
    read('/', 1n, '');
    tree.markReady();
    await start();
    await expectRecorded('/a');
    rmSync(join(directory, 'version-2', 'log.5'));
    write('log.1', create(1, '/b'));
    expect(await ended).toBe('replaced');
  });
});
