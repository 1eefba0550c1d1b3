/** Faults on demand of the in-memory ZooKeeper, with the production client above it. */
import { ManualClock } from '../../../runtime/manual-clock';
import { type Random, seededRandom } from '../../../runtime/random';
import type { ZooKeeperClient } from '../../../zookeeper';
import { InMemoryZooKeeper } from '../../support/in-memory-zookeeper';

const data = (text: string): Buffer => Buffer.from(text);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'OK',
    (error: { code: string }) => error.code,
  );

async function start(): Promise<{
  clock: ManualClock;
  zookeeper: InMemoryZooKeeper;
  client: ZooKeeperClient;
  other: ZooKeeperClient;
}> {
  const clock = new ManualClock();
  const zookeeper = new InMemoryZooKeeper({ clock });
  return { clock, zookeeper, client: await zookeeper.connect(), other: await zookeeper.connect() };
}

describe('lost answers and requests', () => {
  it('create a node once, whichever of the two was lost', async () => {
    const { zookeeper, client } = await start();
    zookeeper.loseNextAnswer(client.session);
    expect((await client.session.create('/a', data('1'), 'ephemeral')).path).toBe('/a');
    zookeeper.loseNextRequest(client.session);
    expect((await client.session.create('/b', data('2'))).path).toBe('/b');
    expect(zookeeper.dump()).toEqual({ '/a': '1', '/b': '2' });
  });

  it('of a create whose retries are lost too still end in one node', async () => {
    const { zookeeper, client } = await start();
    await client.session.create('/n', null);
    for (let i = 0; i < 5; i++) zookeeper.loseNextAnswer(client.session);
    await client.session.create('/n/s_', null, 'persistent-sequential');
    expect(Object.keys(zookeeper.dump())).toEqual(['/n', '/n/s_0000000000']);
  });

  it.each([1, 2, 3, 4, 5])('at random leave every write executed once, in order (seed %i)', async (seed) => {
    const { zookeeper, client } = await start();
    const random = seededRandom(seed);
    await client.session.create('/counter', data('0'));
    await client.session.create('/log', null);
    for (let i = 0; i < 100; i++) {
      misfortune(random, zookeeper, client);
      expect(await client.session.setData('/counter', data(String(i + 1)), i)).toMatchObject({ version: i + 1 });
      misfortune(random, zookeeper, client);
      await client.session.create('/log/entry_', data(String(i)), 'persistent-sequential');
      misfortune(random, zookeeper, client);
      expect(
        await client.session.multi([
          { op: 'check', path: '/counter', version: i + 1 },
          { op: 'create', path: `/multi-${i}`, data: null, mode: 'ephemeral' },
          { op: 'setData', path: `/multi-${i}`, data: data('json'), version: 0 },
        ]),
      ).toMatchObject({ ok: true });
    }
    const entries = Object.entries(zookeeper.dump()).filter(([path]) => path.startsWith('/log/'));
    expect(entries.map(([, text]) => text)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });
});

function misfortune(random: Random, zookeeper: InMemoryZooKeeper, client: ZooKeeperClient): void {
  const kind = random.below(6);
  if (kind === 0) zookeeper.loseNextAnswer(client.session);
  else if (kind === 1) zookeeper.loseNextRequest(client.session);
  else if (kind === 2) zookeeper.cut(client.session);
}

describe('cut connections', () => {
  it('lose no watch', async () => {
    const { zookeeper, client, other } = await start();
    await client.session.create('/w', null);
    const changed = new Promise<string>((resolve) => {
      void client.session.getData('/w', (event) => resolve(event.type));
    });
    await client.session.exists('/');
    zookeeper.cut(client.session);
    await other.session.setData('/w', data('1'), 0);
    expect(await changed).toBe('data');
  });
});

describe('expiry', () => {
  it('takes the ephemeral nodes, rejects what was asked, and brings a new session', async () => {
    const { zookeeper, client, other } = await start();
    await client.session.create('/e', null, 'ephemeral');
    const gone = new Promise<string>((resolve) => {
      void other.session.exists('/e', (event) => resolve(event.type));
    });
    await other.session.exists('/');
    const reopened = new Promise<void>((resolve) => client.afterNewSession(resolve));
    const asked = codeOf(client.session.setData('/e', data('x'), -1));
    zookeeper.expire(client.session);
    expect(await gone).toBe('deleted');
    expect(await asked).toBe('SESSION_EXPIRED');
    await reopened;
    expect(await client.session.exists('/e')).toBeNull();
  });

  it('comes by the clock when the server cannot be reached for the session time-out', async () => {
    const { clock, zookeeper, client } = await start();
    await client.session.create('/e', null, 'ephemeral');
    zookeeper.goAway();
    await clock.advanceAsync(17_999);
    expect(zookeeper.dump()).toHaveProperty('/e');
    await clock.advanceAsync(1);
    expect(zookeeper.dump()).toEqual({});
    const reopened = new Promise<void>((resolve) => client.afterNewSession(resolve));
    zookeeper.comeBack();
    await reopened;
    expect(client.session.state).toBe('connected');
  });

  it('does not come when the client is back in time', async () => {
    const { clock, zookeeper, client } = await start();
    await client.session.create('/e', null, 'ephemeral');
    zookeeper.goAway();
    await clock.advanceAsync(17_000);
    zookeeper.comeBack();
    await client.session.exists('/');
    await clock.advanceAsync(17_000);
    expect(zookeeper.dump()).toHaveProperty('/e');
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('latency', () => {
  it('passes in the clock’s time, and nothing overtakes anything', async () => {
    const clock = new ManualClock();
    const random = seededRandom(7);
    const zookeeper = new InMemoryZooKeeper({ clock, latencyMs: () => random.below(20) });
    const connecting = zookeeper.connect();
    await clock.advanceAsync(100);
    const client = await connecting;
    const versions: number[] = [];
    void client.session.create('/a', null);
    for (let i = 0; i < 20; i++) void client.session.setData('/a', null, i).then((stat) => versions.push(stat.version));
    expect(versions).toEqual([]);
    await clock.advanceAsync(2_000);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('closing', () => {
  it('takes the ephemeral nodes at once', async () => {
    const { zookeeper, client } = await start();
    await client.session.create('/e', null, 'ephemeral');
    await client.close();
    expect(zookeeper.dump()).toEqual({});
    expect(await codeOf(client.session.exists('/'))).toBe('CLOSED');
  });
});
