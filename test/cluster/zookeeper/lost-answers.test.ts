/** Writes that a real ZooKeeper has executed, but whose answer never came: they are repeated, and must not fail over themselves. */
import type { MultiOp, ZooKeeperClient } from '../../../zookeeper';
import { isZooKeeperAnswer, TcpProxy } from '../../support/tcp-proxy';
import { connectForTest, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

let zookeeper: TestZooKeeper;
let proxy: TcpProxy;
let client: ZooKeeperClient;
let other: ZooKeeperClient;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  proxy = await TcpProxy.start(zookeeper.port);
  client = await connectForTest(proxy.connectString);
  other = await connectForTest(zookeeper.connectString);
}, 60_000);

afterAll(async () => {
  await client?.close();
  await other?.close();
  await proxy?.stop();
  await zookeeper?.stop();
});

const data = (text: string): Buffer => Buffer.from(text);

/** Runs `write` so that its first answer is lost; `meanwhile` happens before it can be sent again. */
async function loseAnswerOf<T>(write: () => Promise<T>, meanwhile?: () => Promise<unknown>): Promise<T> {
  const lost = proxy.loseNextAnswer(isZooKeeperAnswer, { thenRefuse: meanwhile !== undefined });
  const writing = write();
  await lost;
  await meanwhile?.();
  proxy.refuse = false;
  return writing;
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'OK',
    (error: { code: string }) => error.code,
  );

describe('a write whose answer was lost', () => {
  it('creates a persistent node once, and says so', async () => {
    const { path, stat } = await loseAnswerOf(() => client.session.create('/persistent', data('mine')));
    expect(path).toBe('/persistent');
    expect(stat).toEqual(await other.session.exists('/persistent'));
  });

  it('creates an ephemeral node once, and says so', async () => {
    const { stat } = await loseAnswerOf(() => client.session.create('/ephemeral', null, 'ephemeral'));
    expect(stat.ephemeralOwner).toEqual(client.session.sessionId);
  });

  it('creates one sequential node, not two', async () => {
    await client.session.create('/sequence', null);
    const { path } = await loseAnswerOf(() =>
      client.session.create('/sequence/n_', data('x'), 'persistent-sequential'),
    );
    expect(path).toBe('/sequence/n_0000000000');
    expect((await other.session.getChildren('/sequence')).children).toEqual(['n_0000000000']);
    const next = await loseAnswerOf(() => client.session.create('/sequence/n_', data('x'), 'persistent-sequential'));
    expect(next.path).toBe('/sequence/n_0000000001');
  });

  it('still reports NODE_EXISTS for a node of somebody else', async () => {
    await other.session.create('/theirs', data('theirs'));
    expect(await codeOf(loseAnswerOf(() => client.session.create('/theirs', data('mine'))))).toBe('NODE_EXISTS');
    expect(await codeOf(loseAnswerOf(() => client.session.create('/theirs', data('theirs'), 'ephemeral')))).toBe(
      'NODE_EXISTS',
    );
    // Older than what this session has seen since: it cannot be its own.
    await client.session.exists('/');
    expect(await codeOf(loseAnswerOf(() => client.session.create('/theirs', data('theirs'))))).toBe('NODE_EXISTS');
  });

  it('of a node that was deleted and made again by somebody else meanwhile reports NODE_EXISTS', async () => {
    const outcome = loseAnswerOf(
      () => client.session.create('/stolen', data('mine')),
      async () => {
        await other.session.delete('/stolen', -1);
        await other.session.create('/stolen', data('theirs'));
      },
    );
    expect(await codeOf(outcome)).toBe('NODE_EXISTS');
  });

  it('sets data once, on condition of the version', async () => {
    await client.session.create('/set', data('0'));
    expect(await loseAnswerOf(() => client.session.setData('/set', data('1'), 0))).toMatchObject({ version: 1 });
    expect((await other.session.getData('/set')).stat.version).toBe(1);
    expect(await codeOf(loseAnswerOf(() => client.session.setData('/set', data('2'), 0)))).toBe('BAD_VERSION');
  });

  it('deletes a node once', async () => {
    await client.session.create('/delete', null);
    await loseAnswerOf(() => client.session.delete('/delete', 0));
    expect(await other.session.exists('/delete')).toBeNull();
  });

  it('executes a transaction once, and gives its results', async () => {
    await client.session.create('/epoch', data('0'));
    const election: MultiOp[] = [
      { op: 'create', path: '/controller', data: data('me'), mode: 'ephemeral' },
      { op: 'setData', path: '/epoch', data: data('1'), version: 0 },
    ];
    const outcome = await loseAnswerOf(() => client.session.multi(election));
    if (!outcome.ok) throw new Error(`refused: ${outcome.code}`);
    expect(outcome.results[1]?.stat).toMatchObject({ version: 1 });
    expect(outcome.results[1]?.stat).toEqual(await other.session.exists('/epoch'));
    expect(await loseAnswerOf(() => client.session.multi(election))).toMatchObject({
      ok: false,
      failedIndex: 0,
      code: 'NODE_EXISTS',
    });
  });

  it('registers a broker once: create and set in one transaction', async () => {
    const registration: MultiOp[] = [
      { op: 'create', path: '/broker', data: null, mode: 'ephemeral' },
      { op: 'setData', path: '/broker', data: data('json'), version: 0 },
    ];
    const outcome = await loseAnswerOf(() => client.session.multi(registration));
    const stat = await other.session.exists('/broker');
    expect(outcome).toEqual({ ok: true, results: [{ path: '/broker' }, { stat }] });
    expect(stat).toMatchObject({ version: 1 });
  });

  it('holds back what comes behind it, so that the order stays', async () => {
    await client.session.create('/ordered', data('0'));
    const lost = proxy.loseNextAnswer(isZooKeeperAnswer);
    const writes = [
      client.session.setData('/ordered', data('1'), 0),
      client.session.setData('/ordered', data('2'), 1),
      client.session.setData('/ordered', data('3'), 2),
    ];
    await lost;
    const outcomes = await Promise.allSettled(writes);
    expect(await other.session.getData('/ordered')).toMatchObject({ data: data('3'), stat: { version: 3 } });
    // The first two left no trace of their own under the third; the last is known to have been executed.
    expect(outcomes[2]?.status).toBe('fulfilled');
  });
});

describe('a cut connection', () => {
  it('loses no watch: what changed meanwhile is told after the reconnect', async () => {
    await client.session.createRecursive('/watched/child', data('0'));
    const events: string[] = [];
    const all = new Promise<void>((resolve) => {
      const note = (event: { type: string; path: string }): void => {
        if (events.push(`${event.type} ${event.path}`) === 4) resolve();
      };
      void client.session.getData('/watched/child', note);
      void client.session.getChildren('/watched', note);
      void client.session.exists('/watched/missing', note);
      void client.session.exists('/watched', note);
    });
    await client.session.exists('/');
    proxy.refuse = true;
    await other.session.setData('/watched/child', data('1'), -1);
    await other.session.create('/watched/missing', null);
    await other.session.setData('/watched', data('1'), -1);
    proxy.refuse = false;
    await all;
    expect(events.toSorted()).toEqual([
      'children /watched',
      'created /watched/missing',
      'data /watched',
      'data /watched/child',
    ]);
  });

  it('keeps watches that nothing has happened to', async () => {
    await client.session.create('/later', null);
    const changed = new Promise<string>((resolve) => {
      void client.session.getData('/later', (event) => resolve(event.type));
    });
    await client.session.exists('/');
    proxy.cut();
    await client.session.exists('/');
    await other.session.setData('/later', data('1'), -1);
    expect(await changed).toBe('data');
  });

  it('keeps thousands of watches, which take several requests to set again', async () => {
    const paths = Array.from({ length: 3000 }, (_, i) => `/many-${'x'.repeat(80)}-${i}`);
    await Promise.all(paths.map((path) => client.session.create(path, null)));
    let fired = 0;
    const all = new Promise<void>((resolve) => {
      const note = (): void => {
        if (++fired === paths.length) resolve();
      };
      void Promise.all(paths.map((path) => client.session.getData(path, note)));
    });
    await client.session.exists('/');
    proxy.cut();
    await client.session.exists('/');
    await Promise.all(paths.map((path) => other.session.delete(path, -1)));
    await all;
    expect(fired).toBe(paths.length);
  }, 30_000);

  it('again and again does not stop a stream of conditional writes', async () => {
    await client.session.create('/stream', data('0'));
    for (let i = 0; i < 60; i++) {
      if (i % 3 === 0) void proxy.loseNextAnswer(isZooKeeperAnswer);
      else if (i % 7 === 0) proxy.cut();
      expect(await client.session.setData('/stream', data(String(i + 1)), i)).toMatchObject({ version: i + 1 });
    }
  }, 60_000);
});
