import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventHub } from '../../../../coordinator/event-hub';
import { KnownTree } from '../../../../coordinator/observe/znode-tree';
import { ChangeLog } from '../../../../coordinator/recorder/change-log';
import { Recorder } from '../../../../coordinator/recorder/recorder';
import { WatchSource } from '../../../../coordinator/recorder/watch-source';
import type { ZnodeHistory } from '../../../../coordinator/schemas';
import { systemClock } from '../../../../runtime/clock';
import { systemDisk } from '../../../../runtime/disk';
import { silentLogger } from '../../../../runtime/logger';
import type { Stat } from '../../../../zookeeper';
import { eventually } from '../../../support/eventually';
import { statOf } from '../../../support/coordinator/znode-stat';

const session = Buffer.from('0100000000000042', 'hex');

const clusterId = (id: string): Buffer => Buffer.from(JSON.stringify({ version: '1', id }));

describe('recording from watches', () => {
  let directory: string;
  let tree: KnownTree;
  let stopNow: () => Promise<void>;
  let recorder: Recorder;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gregor-watch-'));
    tree = newTree('first');
  });

  afterEach(async () => {
    await stopNow();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A tree as it is read first: /cluster/id and /parent, which had three children, of which one is left. */
  function newTree(id: string): KnownTree {
    const known = new KnownTree({
      nowMs: () => systemClock.nowMs(),
      logger: silentLogger,
      freshness: () => ({ asOfMs: 1, ageMs: 0, stale: false, why: null }),
    });
    known.put('/', null, statOf(1));
    known.put('/cluster', null, statOf(1));
    known.put('/cluster/id', clusterId(id), statOf(1));
    known.put('/parent', Buffer.from('p'), statOf(2n, { pzxid: 6n, cversion: 5, numChildren: 1 }));
    known.put('/parent/a', Buffer.from('0'), statOf(3n));
    return known;
  }

  async function start(): Promise<void> {
    const options = { disk: systemDisk, clock: systemClock, logger: silentLogger };
    const log = await ChangeLog.open({ ...options, directory, maxBytes: 1_000_000, segmentBytes: 4_096 });
    const events = createEventHub(options);
    recorder = new Recorder({ ...options, events, ownerOf: () => ({ kind: 'unknown', brokerId: null }) });
    recorder.use(log, 'watch');
    const stopping = new AbortController();
    const running = new WatchSource({ clock: systemClock, chroot: '', tree, log, recorder }).run(stopping.signal);
    tree.markReady();
    await eventually('the recorder has begun', () => log.identity !== null);
    stopNow = async () => {
      stopping.abort();
      await running;
      await log.close();
    };
  }

  /** The children were read again: those that are missing were looked at, and are gone. */
  function readChildren(path: string, names: string[], now: Stat): void {
    for (const gone of tree.putChildren(path, names, now)) tree.remove(gone);
  }

  function recorded(count: number): Promise<ZnodeHistory> {
    return eventually(`${count} changes are recorded`, async () => {
      const history = await recorder.history({ limit: 100 });
      return history.changes.length >= count && history;
    });
  }

  it('has the zxid of what it read, and leaves open who wrote', async () => {
    await start();
    tree.put('/parent/a', Buffer.from('1'), statOf(3n, { mzxid: 7n, version: 1 }));
    const { changes, gaps } = await recorded(1);
    expect(changes[0]).toMatchObject({
      sequence: 1,
      kind: 'changed',
      zxid: '0x7',
      session: null,
      source: 'watch',
      timeFrom: 'observed',
      missedVersions: 0,
      differences: [{ path: '', before: '0', after: '1' }],
    });
    expect(gaps).toEqual([]);
  });

  it('tells how many versions it has not seen', async () => {
    await start();
    tree.put('/parent/a', Buffer.from('4'), statOf(3n, { mzxid: 12n, version: 4 }));
    const { changes } = await recorded(1);
    expect(changes[0]).toMatchObject({
      version: 4,
      missedVersions: 3,
      text: '/parent/a was changed (3 versions in between nobody saw).',
    });
  });

  it('knows the session of an ephemeral node that appears, but not who deletes it', async () => {
    await start();
    tree.put('/parent/e', null, statOf(8n, { ephemeralOwner: session }));
    tree.remove('/parent/e');
    const { changes } = await recorded(2);
    expect(changes.map(({ kind, session: by, ephemeral }) => [kind, by, ephemeral])).toEqual([
      ['created', '0x0100000000000042', true],
      ['deleted', null, true],
    ]);
  });

  it('knows the zxid of a deletion when the parent was read afterwards, and that was the one change among its children', async () => {
    await start();
    tree.remove('/parent/a');
    tree.putChildren('/parent', [], statOf(2n, { pzxid: 9n, cversion: 6 }));
    expect((await recorded(1)).changes[0]).toMatchObject({ kind: 'deleted', path: '/parent/a', zxid: '0x9' });
    tree.put('/parent/b', null, statOf(10n));
    tree.put('/parent/c', null, statOf(11n));
    tree.putChildren('/parent', ['b', 'c'], statOf(2n, { pzxid: 11n, cversion: 8, numChildren: 2 }));
    await recorded(3);
    tree.remove('/parent/b');
    tree.remove('/parent/c');
    tree.putChildren('/parent', [], statOf(2n, { pzxid: 13n, cversion: 10 }));
    const { changes } = await recorded(5);
    expect(changes.slice(3).map(({ kind, zxid }) => [kind, zxid])).toEqual([
      ['deleted', null],
      ['deleted', null],
    ]);
  });

  it('leaves it open when the parent was read before the deletion was heard of', async () => {
    await start();
    readChildren('/parent', [], statOf(2n, { pzxid: 9n, cversion: 6 }));
    expect((await recorded(1)).changes[0]).toMatchObject({ kind: 'deleted', path: '/parent/a', zxid: null });
  });

  it('does not take the zxid of another deletion of which it has not heard yet', async () => {
    await start();
    tree.put('/parent/b', null, statOf(10n));
    readChildren('/parent', ['a', 'b'], statOf(2n, { pzxid: 10n, cversion: 6, numChildren: 2 }));
    await recorded(1);
    // b was deleted first, at 11, then a, at 12; that a is gone is heard of first.
    tree.remove('/parent/a');
    await recorded(2);
    readChildren('/parent', [], statOf(2n, { pzxid: 12n, cversion: 8 }));
    const { changes } = await recorded(3);
    expect(changes.slice(1).map(({ path, zxid }) => [path, zxid])).toEqual([
      ['/parent/a', null],
      ['/parent/b', null],
    ]);
  });

  it('marks the time without watches as a gap, at its place', async () => {
    await start();
    tree.put('/parent/a', Buffer.from('1'), statOf(3n, { mzxid: 7n, version: 1 }));
    tree.markGap({ fromMs: 1, toMs: 2, why: 'the session expired' });
    tree.put('/parent/a', Buffer.from('2'), statOf(3n, { mzxid: 8n, version: 2 }));
    const { gaps } = await recorded(2);
    expect(gaps).toEqual([{ afterSequence: 1, atMs: expect.any(Number), why: 'the session expired' }]);
  });

  it('goes on after a restart with a gap, and with what is found to be different', async () => {
    await start();
    tree.put('/parent/a', Buffer.from('1'), statOf(3n, { mzxid: 7n, version: 1 }));
    tree.put('/gone', null, statOf(8n));
    await recorded(2);
    await stopNow();
    tree = newTree('first');
    tree.put('/parent/a', Buffer.from('5'), statOf(3n, { mzxid: 20n, version: 5 }));
    tree.put('/new', null, statOf(21n));
    await start();
    const { changes, gaps } = await recorded(5);
    expect(changes.slice(2).map(({ kind, path, zxid, missedVersions }) => [kind, path, zxid, missedVersions])).toEqual([
      ['deleted', '/gone', null, 0],
      ['changed', '/parent/a', '0x14', 3],
      ['created', '/new', '0x15', 0],
    ]);
    expect(gaps).toMatchObject([{ afterSequence: 2, why: 'The coordinator was not running.' }]);
    expect((await recorder.nodeAt('/parent/a', 2))?.data?.text).toBe('1');
    expect((await recorder.nodeAt('/parent/a', 5))?.data?.text).toBe('5');
  });

  it('begins anew for another cluster', async () => {
    await start();
    tree.put('/parent/a', Buffer.from('1'), statOf(3n, { mzxid: 7n, version: 1 }));
    await recorded(1);
    await stopNow();
    tree = newTree('second');
    await start();
    expect(await recorder.history({ limit: 9 })).toMatchObject({ changes: [], gaps: [], firstSequence: null });
    expect((await recorder.nodeAt('/parent/a', 1))?.data?.text).toBe('0');
  });
});
