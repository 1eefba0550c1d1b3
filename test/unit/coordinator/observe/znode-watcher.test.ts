/** Orders of events and answers that a real ZooKeeper seldom shows, and times that only a clock of our own can make. */
import { ZnodeWatcher } from '../../../../coordinator/observe/znode-watcher';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { TaskGroup } from '../../../../runtime/task-group';
import { type Stat, type Watch, type WatchEvent, ZkError, type ZooKeeperClient } from '../../../../zookeeper';
import { statOf } from '../../../support/coordinator/znode-stat';

/** A server that makes up each answer when it is asked, and gives it when the test says so; events come at once. */
class SlowServer {
  private readonly nodes = new Map<string, { data: Buffer; czxid: number; version: number }>();
  private readonly answers: (() => void)[] = [];
  private readonly watches = new Map<string, Watch>();
  private zxid = 1;
  asked: string[] = [];
  state = 'connected';

  constructor() {
    this.nodes.set('/', { data: Buffer.alloc(0), czxid: 0, version: 0 });
  }

  readonly client = {
    session: {
      sessionId: Buffer.alloc(8, 1),
      getData: (path: string, watch: Watch) => this.answer('getData', path, watch, (stat, data) => ({ data, stat })),
      getChildren: (path: string, watch: Watch) =>
        this.answer('getChildren', path, watch, (stat) => ({ children: this.childrenOf(path), stat })),
      exists: (path: string) => this.answer('exists', path, null, (stat) => stat),
      onStateChange: () => () => undefined,
    },
    afterNewSession: () => () => undefined,
  } as unknown as ZooKeeperClient;

  create(path: string, data = ''): void {
    this.nodes.set(path, { data: Buffer.from(data), czxid: this.zxid++, version: 0 });
    this.fire(path.slice(0, path.lastIndexOf('/')) || '/', 'children');
  }

  set(path: string, data: string): void {
    const node = this.nodes.get(path);
    if (!node) throw new Error(`there is no ${path}`);
    this.nodes.set(path, { ...node, data: Buffer.from(data), version: node.version + 1 });
    this.fire(path, 'data');
  }

  delete(path: string): void {
    this.nodes.delete(path);
    this.fire(path, 'deleted');
    this.fire(path.slice(0, path.lastIndexOf('/')) || '/', 'children');
  }

  /** Gives all answers that are due, and those to what is asked because of them. */
  async deliver(): Promise<void> {
    do {
      for (const give of this.answers.splice(0)) give();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.answers.length > 0);
  }

  private answer<T>(
    what: string,
    path: string,
    watch: Watch | null,
    make: (stat: Stat, data: Buffer) => T,
  ): Promise<T> {
    this.asked.push(`${what} ${path}`);
    const node = this.nodes.get(path);
    if (node && watch) this.watches.set(`${what === 'getData' ? 'data' : 'children'} ${path}`, watch);
    const result =
      node && make(statOf(node.czxid, { mzxid: BigInt(node.czxid + node.version), version: node.version }), node.data);
    return new Promise((resolve, reject) => {
      this.answers.push(() => (result === undefined ? reject(new ZkError('NO_NODE', path)) : resolve(result)));
    });
  }

  private fire(path: string, type: WatchEvent['type']): void {
    const key = `${type === 'children' ? 'children' : 'data'} ${path}`;
    const watch = this.watches.get(key);
    this.watches.delete(key);
    if (type === 'deleted') this.watches.delete(`children ${path}`);
    watch?.({ type, path });
  }

  private childrenOf(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const below = [...this.nodes.keys()].filter((other) => other !== '/' && other.startsWith(prefix));
    return below.map((other) => other.slice(prefix.length)).filter((name) => !name.includes('/'));
  }
}

describe('the watcher of znodes', () => {
  let server: SlowServer;
  let clock: ManualClock;
  let watcher: ZnodeWatcher;
  let told: string[];

  beforeEach(async () => {
    server = new SlowServer();
    clock = new ManualClock();
    watcher = new ZnodeWatcher({
      zookeeper: server.client,
      connected: Promise.resolve(),
      clock,
      logger: silentLogger,
      tasks: new TaskGroup('test', clock, silentLogger),
      pingIntervalMs: 1_000,
      staleAfterMs: 3_000,
    });
    server.create('/x', '0');
    told = [];
    watcher.tree.onChange(({ kind, path, after, missedVersions }) =>
      told.push(`${kind} ${path} ${after?.data?.toString() ?? ''} missed ${missedVersions}`.replace('  ', ' ')),
    );
    watcher.start();
    await clock.advanceAsync(0);
    await server.deliver();
    if (!watcher.tree.ready) throw new Error('the first read has not ended');
  });

  it('is not misled by a deletion that overtakes the answer to a read before it', async () => {
    server.set('/x', '1');
    server.delete('/x');
    await server.deliver();
    expect(told).toEqual(['changed /x 1 missed 0', 'deleted /x missed 0']);
  });

  it('tells a node that was created anew as another one, also when both happened before it looked', async () => {
    server.delete('/x');
    server.create('/x', 'new');
    await server.deliver();
    // The deletion was answered before the node was there again.
    expect(told).toEqual(['deleted /x missed 0', 'created /x new missed 0']);
    server.create('/x/below', 'b');
    await server.deliver();
    expect(told.slice(2)).toEqual(['created /x/below b missed 0']);
  });

  it('does not read a long list of children again for each of many changes in a row', async () => {
    for (let at = 0; at < 500; at++) server.create(`/node-${at}`);
    await server.deliver();
    await clock.advanceAsync(100);
    await server.deliver();
    expect(watcher.tree.size).toBe(502);
    server.asked = [];
    for (let at = 500; at < 600; at++) {
      server.create(`/node-${at}`);
      await server.deliver();
    }
    expect(server.asked).toEqual([]);
    await clock.advanceAsync(100);
    await server.deliver();
    expect(server.asked.filter((asked) => asked === 'getChildren /')).toHaveLength(1);
    expect(watcher.tree.size).toBe(602);
  });

  it('is as old as the last question that was answered', async () => {
    const { tree } = watcher;
    await clock.advanceAsync(1_000);
    await server.deliver();
    expect(tree.freshness()).toMatchObject({ ageMs: 0, stale: false });
    await clock.advanceAsync(3_000);
    expect(tree.freshness()).toMatchObject({ ageMs: 3_000, stale: false });
    await clock.advanceAsync(1);
    expect(tree.freshness()).toMatchObject({ ageMs: 3_001, stale: true, why: 'ZooKeeper does not answer.' });
    await server.deliver();
    // Asked after the first second, and answered only now: what has happened since is not known.
    expect(tree.freshness().ageMs).toBe(2_001);
  });
});
