import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ChangeLog, type ChangeLogOptions } from '../../../../coordinator/recorder/change-log';
import { Recorder } from '../../../../coordinator/recorder/recorder';
import { applyTransaction } from '../../../../coordinator/recorder/transaction-changes';
import { createEventHub } from '../../../../coordinator/event-hub';
import type { ZnodeView } from '../../../../coordinator/schemas';
import { systemClock } from '../../../../runtime/clock';
import { systemDisk, type Disk } from '../../../../runtime/disk';
import { silentLogger } from '../../../../runtime/logger';
import type { TransactionBody, TransactionStep } from '../../../../zookeeper/transaction-log';

const session = Buffer.from('0100000000000007', 'hex');
const identity = { clusterId: 'cluster', chroot: '' };

type Step = Exclude<TransactionStep, { op: 'error' | 'check' | 'setAcl' }>;

/** A recorder over a log, fed with transactions as the transaction log source feeds it. */
class Fixture {
  recorder!: Recorder;
  log!: ChangeLog;
  zxid = 0n;

  constructor(readonly options: ChangeLogOptions) {}

  async open(): Promise<void> {
    this.log = await ChangeLog.open(this.options);
    const [clock, logger] = [systemClock, silentLogger];
    const ownerOf = (): { kind: 'unknown'; brokerId: null } => ({ kind: 'unknown', brokerId: null });
    this.recorder = new Recorder({ clock, logger, events: createEventHub({ clock, logger }), ownerOf });
    this.recorder.use(this.log, 'transaction-log');
  }

  async reopen(): Promise<void> {
    await this.log.close();
    await this.open();
  }

  do(body: TransactionBody): void {
    this.zxid++;
    const transaction = { session, cxid: 1, zxid: this.zxid, timeMs: Number(this.zxid), body };
    this.recorder.record([applyTransaction(transaction, this.log.tree, '')], true);
  }
}

const create = (path: string, text: string): Step => ({
  op: 'create',
  path,
  data: Buffer.from(text),
  ephemeral: false,
  parentCVersion: null,
  ttlMs: null,
  container: false,
});

describe('the recorder’s log', () => {
  let directory: string;
  let fixture: Fixture;

  const options = (more: Partial<ChangeLogOptions> = {}): ChangeLogOptions => ({
    disk: systemDisk,
    clock: systemClock,
    logger: silentLogger,
    directory,
    maxBytes: 1_000_000,
    segmentBytes: 4_096,
    ...more,
  });

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gregor-change-log-'));
    fixture = new Fixture(options());
    await fixture.open();
    await fixture.log.begin(identity, []);
  });

  afterEach(async () => {
    await fixture.log.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** So many changes of one node, in several segments. */
  async function writeMany(count: number, path = '/counter'): Promise<void> {
    fixture.do(create(path, '0'));
    for (let version = 1; version < count; version++) {
      fixture.do({ op: 'setData', path, data: Buffer.from(String(version)), version });
      await fixture.log.settled();
    }
  }

  const segmentFiles = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.changes'));
  const bytesOnDisk = (): number =>
    readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  const dataAt = async (path: string, sequence: number): Promise<string | null> =>
    (await fixture.recorder.nodeAt(path, sequence))?.data?.text ?? null;

  it('gives pages of history, forward and backward, over several files', async () => {
    await writeMany(200);
    expect(segmentFiles().length).toBeGreaterThan(3);
    const sequences = async (query: Parameters<Recorder['history']>[0]): Promise<number[]> =>
      (await fixture.recorder.history(query)).changes.map(({ sequence }) => sequence);
    expect(await sequences({ limit: 3 })).toEqual([1, 2, 3]);
    expect(await sequences({ after: 150, limit: 3 })).toEqual([151, 152, 153]);
    expect(await sequences({ limit: 3, newestFirst: true })).toEqual([200, 199, 198]);
    expect(await sequences({ before: 50, limit: 3, newestFirst: true })).toEqual([49, 48, 47]);
    expect(await sequences({ after: 198, limit: 10 })).toEqual([199, 200]);
    expect(await sequences({ after: 10, before: 14, limit: 10 })).toEqual([11, 12, 13]);
    expect(await sequences({ after: 200, limit: 10 })).toEqual([]);
    expect(await sequences({ limit: 1_000 })).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  it('finds the changes of one path, or of all below it, and of no other that looks alike', async () => {
    for (const path of ['/a', '/a/b', '/ab', '/a/b/c', '/"p":"/a"']) fixture.do(create(path, `"p":"/a"`));
    const paths = async (query: object): Promise<string[]> =>
      (await fixture.recorder.history({ limit: 10, ...query })).changes.map(({ path }) => path);
    expect(await paths({ path: '/a' })).toEqual(['/a']);
    expect(await paths({ path: '/a', below: true })).toEqual(['/a', '/a/b', '/a/b/c']);
    expect(await paths({ path: '/"p":"/a"' })).toEqual(['/"p":"/a"']);
    expect(await paths({ path: '/', below: true })).toHaveLength(5);
    expect(await paths({ path: '/none' })).toEqual([]);
  });

  it('is the same after it was closed and opened', async () => {
    await writeMany(100);
    fixture.do({ op: 'createSession', timeoutMs: 5_000 });
    fixture.recorder.gap('nobody looked');
    const before = await fixture.recorder.history({ limit: 1_000 });
    await fixture.reopen();
    expect(fixture.log.identity).toEqual(identity);
    expect(fixture.log.end).toEqual({ zxid: 101n, timeMs: 101 });
    expect(await fixture.recorder.history({ limit: 1_000 })).toEqual(before);
    expect(before.gaps).toEqual([{ afterSequence: 101, atMs: expect.any(Number), why: 'nobody looked' }]);
    fixture.do({ op: 'setData', path: '/counter', data: Buffer.from('later'), version: 100 });
    expect(await dataAt('/counter', 102)).toBe('later');
    expect(await dataAt('/counter', 40)).toBe('39');
  });

  it('drops the oldest part when it is too large, and still shows every moment that is left', async () => {
    fixture.options.maxBytes = 20_000;
    fixture.do(create('/steady', 'all the time'));
    await writeMany(400);
    expect(bytesOnDisk()).toBeLessThan(25_000);
    const { firstSequence, lastSequence, changes } = await fixture.recorder.history({ limit: 1_000 });
    expect(firstSequence).toBeGreaterThan(200);
    expect(changes[0]?.sequence).toBe(firstSequence);
    expect(lastSequence).toBe(401);
    for (const { sequence } of changes) expect(await dataAt('/counter', sequence)).toBe(String(sequence - 2));
    expect(await dataAt('/steady', firstSequence as number)).toBe('all the time');
    expect(await dataAt('/counter', 5)).toBeNull();
    await fixture.reopen();
    expect(await dataAt('/steady', 401)).toBe('all the time');
  });

  it('is not made of bases alone where there are many nodes', async () => {
    for (let index = 0; index < 300; index++) fixture.do(create(`/node-${index}`, 'x'.repeat(50)));
    await fixture.log.settled();
    const before = readdirSync(directory).length;
    await writeMany(100);
    expect(readdirSync(directory).length - before).toBeLessThanOrEqual(4);
  });

  it('loses the whole of a transaction whose end was torn off, and nothing else', async () => {
    fixture.do(create('/kept', 'x'));
    fixture.do({ op: 'multi', steps: [create('/one', '1'), create('/two', '2')] });
    await fixture.log.close();
    const file = join(directory, segmentFiles()[0] as string);
    const whole = readFileSync(file);
    const end = whole.length;
    for (const cut of [end - 1, end - 20, whole.indexOf('/two'), whole.indexOf('/one')]) {
      writeFileSync(file, whole.subarray(0, cut));
      await fixture.open();
      const paths = (await fixture.recorder.history({ limit: 9 })).changes.map(({ path }) => path);
      expect({ cut, paths, last: fixture.log.lastSequence }).toEqual({ cut, paths: ['/kept'], last: 1 });
      expect(fixture.log.tree.snapshot().map(({ path }) => path)).toEqual(['/kept']);
      await fixture.log.close();
    }
    await fixture.open();
    fixture.do(create('/after', 'x'));
    expect((await fixture.recorder.history({ limit: 9 })).changes.map(({ path }) => path)).toEqual(['/kept', '/after']);
  });

  it('survives a base that was not written to its end', async () => {
    await writeMany(60);
    await fixture.log.close();
    const bases = readdirSync(directory).filter((name) => name.endsWith('.base'));
    const newest = join(directory, bases.at(-1) as string);
    writeFileSync(`${newest}.tmp`, readFileSync(newest).subarray(0, 10));
    rmSync(newest);
    await fixture.open();
    expect(fixture.log.lastSequence).toBe(60);
    for (const sequence of [1, 30, 60]) expect(await dataAt('/counter', sequence)).toBe(String(sequence - 1));
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('begins anew over files that are damaged, instead of never starting again', async () => {
    await writeMany(10);
    await fixture.log.close();
    for (const name of readdirSync(directory).filter((file) => file.endsWith('.base'))) {
      appendFileSync(join(directory, name), 'no JSON\n');
    }
    await fixture.open();
    expect(fixture.log.identity).toBeNull();
    await fixture.log.begin(identity, []);
    fixture.do(create('/new', 'x'));
    expect((await fixture.recorder.history({ limit: 9 })).changes.map(({ path }) => path)).toEqual(['/new']);
  });

  it('keeps long payloads whole for who looks at the node, and short in the history', async () => {
    const long = 'ä'.repeat(300_000);
    fixture.do(create('/long', long));
    fixture.do({ op: 'setData', path: '/long', data: Buffer.from([0xff, 0xfe]), version: 1 });
    const { changes } = await fixture.recorder.history({ limit: 9 });
    expect(changes[0]?.after).toMatchObject({ bytes: 600_000, truncated: true });
    expect(changes[1]?.before).toMatchObject({ bytes: 600_000, truncated: true });
    expect(changes[1]?.after).toEqual({ encoding: 'base64', text: '//4=', bytes: 2, truncated: false });
    expect(await dataAt('/long', 1)).toBe(long);
  });

  it('goes on after the disk has refused a write, and says that something is lost', async () => {
    let refuses = false;
    const disk: Disk = {
      ...systemDisk,
      open: (path, how) => {
        if (refuses) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'open' });
        const file = systemDisk.open(path, how);
        const writeSync = file.writeSync.bind(file);
        file.writeSync = (bytes, position) => {
          if (refuses) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
          writeSync(bytes, position);
        };
        return file;
      },
    };
    await fixture.log.close();
    fixture = new Fixture(options({ disk }));
    await fixture.open();
    fixture.do(create('/a', '1'));
    refuses = true;
    fixture.do(create('/b', '2'));
    await fixture.recorder.repair();
    fixture.do(create('/c', '3'));
    refuses = false;
    await fixture.recorder.repair();
    fixture.do(create('/d', '4'));
    const { changes, gaps } = await fixture.recorder.history({ limit: 9 });
    expect(changes.map(({ path }) => path)).toEqual(['/d']);
    expect(gaps).toEqual([expect.objectContaining({ why: expect.stringContaining('took no writes') as string })]);
    for (const path of ['/a', '/b', '/c', '/d']) {
      expect(await fixture.recorder.nodeAt(path, fixture.log.lastSequence)).not.toBeNull();
    }
  });

  it('shows each node after each change as it stood, whatever happened and whatever is left', async () => {
    const path = fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/a/x/deep');
    const step = fc.record({
      path,
      text: fc.string({ maxLength: 400 }),
      what: fc.constantFrom('create', 'set', 'delete'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), fc.nat(120), async (steps, reopenAt) => {
        fixture.zxid = 0n;
        fixture.options.maxBytes = 30_000;
        await fixture.log.begin(identity, []);
        const first = fixture.log.lastSequence;
        const model = new Map<string, { text: string; version: number }>();
        const expected = new Map<number, Map<string, { text: string; version: number }>>();
        for (const [index, { path: at, text, what }] of steps.entries()) {
          if (index === reopenAt) await fixture.reopen();
          const node = model.get(at);
          const hasChildren = [...model.keys()].some((other) => other.startsWith(`${at}/`));
          const parent = at.slice(0, at.lastIndexOf('/'));
          if (what === 'create' && !node && (parent === '' || model.has(parent))) {
            model.set(at, { text, version: 0 });
            fixture.do(create(at, text));
          } else if (what === 'set' && node) {
            model.set(at, { text, version: node.version + 1 });
            fixture.do({ op: 'setData', path: at, data: Buffer.from(text), version: node.version + 1 });
          } else if (what === 'delete' && node && !hasChildren) {
            model.delete(at);
            fixture.do({ op: 'delete', path: at });
          } else {
            continue;
          }
          await fixture.log.settled();
          expected.set(fixture.log.lastSequence, new Map(model));
        }
        const kept = fixture.log.firstSequence ?? first + 1;
        for (const [sequence, nodes] of expected) {
          if (sequence < kept) continue;
          for (const at of ['/a', '/b', '/a/x', '/a/y', '/a/x/deep']) {
            const view = await fixture.recorder.nodeAt(at, sequence);
            expect({ sequence, at, seen: seen(view) }).toEqual({ sequence, at, seen: modelled(nodes, at) });
          }
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

function seen(view: ZnodeView | null): object | null {
  if (!view) return null;
  return {
    text: view.data?.text,
    version: view.stat?.version,
    children: view.children.map(({ name, numChildren }) => [name, numChildren]),
  };
}

function modelled(nodes: Map<string, { text: string; version: number }>, path: string): object | null {
  const node = nodes.get(path);
  if (!node) return null;
  const below = (parent: string): string[] =>
    [...nodes.keys()].filter((other) => other.slice(0, other.lastIndexOf('/')) === parent).sort();
  const children = below(path).map((child) => [child.slice(path.length + 1), below(child).length]);
  // fast-check's strings may hold lone surrogates, which no UTF-8 has.
  return { text: Buffer.from(node.text).toString(), version: node.version, children };
}
