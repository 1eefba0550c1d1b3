import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventHub } from '../../../../coordinator/event-hub';
import { ChangeLog } from '../../../../coordinator/recorder/change-log';
import { derivedEvent } from '../../../../coordinator/recorder/derived-events';
import { Recorder } from '../../../../coordinator/recorder/recorder';
import { applyTransaction } from '../../../../coordinator/recorder/transaction-changes';
import type { LiveEvent, SessionOwner } from '../../../../coordinator/schemas';
import { systemClock } from '../../../../runtime/clock';
import { systemDisk } from '../../../../runtime/disk';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import type { TransactionStep } from '../../../../zookeeper/transaction-log';
import { change, payload } from '../timeline/support';

const create = (path: string, text = '', ephemeral = false): TransactionStep => ({
  op: 'create',
  path,
  data: Buffer.from(text),
  ephemeral,
  parentCVersion: null,
  ttlMs: null,
  container: false,
});

describe('what the recorder tells live', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gregor-recorder-'));
  const clock = new ManualClock();
  const told: LiveEvent[] = [];
  const seen: string[] = [];
  let log: ChangeLog;
  let recorder: Recorder;
  let zxid = 0n;

  const typesTold = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { type } of told) counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  };

  function transaction(session: string, ...steps: TransactionStep[]): void {
    const bytes = Buffer.from(session.padStart(16, '0'), 'hex');
    const happened = { session: bytes, cxid: 1, zxid: ++zxid, timeMs: 1_000, body: { op: 'multi' as const, steps } };
    recorder.record([applyTransaction(happened, log.tree, '')], true);
  }

  beforeAll(async () => {
    const options = { disk: systemDisk, clock: systemClock, logger: silentLogger };
    log = await ChangeLog.open({ ...options, directory, maxBytes: 10_000_000, segmentBytes: 1_000_000 });
    await log.begin({ clusterId: null, chroot: '' }, []);
    const events = createEventHub({ clock, logger: silentLogger });
    events.subscribe((event) => told.push(event));
    const ownerOf = (session: Buffer): SessionOwner =>
      session[7] === 0xcc ? { kind: 'coordinator', brokerId: null } : { kind: 'unknown', brokerId: null };
    recorder = new Recorder({ clock, logger: silentLogger, events, ownerOf });
    recorder.use(log, 'transaction-log');
    recorder.onChange(({ path }) => seen.push(path));
    recorder.onChange(() => {
      throw new Error('a listener that fails');
    });
  });

  afterAll(async () => {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  });

  beforeEach(() => {
    clock.advance(1_000);
    told.length = 0;
    seen.length = 0;
  });

  it('is each change with its sentence, and what it means for the cluster', () => {
    transaction('1', create('/brokers/ids/4', '{"endpoints":["PLAINTEXT://a:1"]}', true));
    expect(told.map(({ type, subject, text }) => [type, subject, text])).toEqual([
      ['znode', '/brokers/ids/4', 'Broker 4 registered at PLAINTEXT://a:1.'],
      ['broker', '4', 'Broker 4 registered at PLAINTEXT://a:1.'],
    ]);
    expect(told[0]?.data).toMatchObject({ sequence: 1, zxid: '0x1', owner: { kind: 'broker', brokerId: 4 } });
    expect(told[1]?.data).toEqual({ sequence: 1 });
  });

  it('names the owner of a session, also in what it wrote before it registered', async () => {
    transaction('2', create('/consumers'));
    transaction('cc', create('/by-coordinator'));
    transaction('2', create('/brokers/ids/5', '{}', true));
    const { changes } = await recorder.history({ after: 1, limit: 9 });
    expect(changes.map(({ path, owner }) => [path, owner?.kind, owner?.brokerId])).toEqual([
      ['/consumers', 'broker', 5],
      ['/by-coordinator', 'coordinator', null],
      ['/brokers/ids/5', 'broker', 5],
    ]);
  });

  it('is no more than anybody can follow, but says how much more there was, and never leaves out brokers and controllers', () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      create(`/brokers/topics/t/partitions/${index}/state`, '{}'),
    );
    transaction('1', ...many, create('/controller', '{"brokerid":4}', true));
    expect(typesTold()).toEqual({ znode: 200, partition: 200, controller: 1 });
    expect(seen).toHaveLength(1_001);
    clock.advance(1_000);
    recorder.beginWindow();
    expect(told.at(-1)).toMatchObject({ type: 'view', text: expect.stringMatching(/^801 more changes/) as string });
    told.length = 0;
    transaction('1', create('/again'));
    expect(typesTold()).toEqual({ znode: 1 });
  });
});

describe('a change that is news of the cluster', () => {
  it.each([
    ['/brokers/ids/3', 'broker', '3'],
    ['/brokers/topics/a-b.c/partitions/11/state', 'partition', 'a-b.c-11'],
    ['/brokers/topics/orders', 'topic', 'orders'],
    ['/config/topics/orders', 'topic', 'orders'],
    ['/admin/delete_topics/orders', 'topic', 'orders'],
  ])('is told of %s', (path, type, subject) => {
    expect(derivedEvent(change(1, 'created', path))).toEqual({ type, subject });
  });

  it('is told of the controller with the broker that is it', () => {
    expect(derivedEvent(change(1, 'created', '/controller', { after: payload('{"version":2,"brokerid":7}') }))).toEqual(
      {
        type: 'controller',
        subject: '7',
      },
    );
  });

  it('is not made of anything else', () => {
    for (const path of ['', '/brokers/ids', '/brokers/topics/t/partitions', '/config/changes/x', '/gregor/fences/1']) {
      expect(derivedEvent(change(1, 'created', path))).toBeNull();
    }
  });
});
