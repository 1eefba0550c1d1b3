import { silentLogger } from '../../../runtime/logger';
import { systemClock } from '../../../runtime/clock';
import { attachAndClose, connect, type ZooKeeperClient } from '../../../zookeeper';
import { eventually } from '../../support/eventually';
import { TcpProxy } from '../../support/tcp-proxy';
import { connectForTest, expireSession, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

let zookeeper: TestZooKeeper;
let observer: ZooKeeperClient;
const clients: ZooKeeperClient[] = [];

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  observer = await connectForTest(zookeeper.connectString);
}, 60_000);

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(async () => {
  await observer?.close();
  await zookeeper?.stop();
});

async function open(connectString = zookeeper.connectString, sessionTimeoutMs = 10_000): Promise<ZooKeeperClient> {
  const client = await connectForTest(connectString, { sessionTimeoutMs });
  clients.push(client);
  return client;
}

const data = (text: string): Buffer => Buffer.from(text);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'OK',
    (error: { code: string }) => error.code,
  );

describe('a session that expires', () => {
  it('is replaced: hooks before, a new session, hooks after, each awaited in turn', async () => {
    const client = await open();
    const story: string[] = [];
    const idBefore = client.session.sessionId;
    await client.session.create('/expiring', null, 'ephemeral');
    client.beforeNewSession(async () => {
      story.push(`before 1: ${await codeOf(client.session.exists('/'))}`);
    });
    client.beforeNewSession(() => void story.push('before 2'));
    client.afterNewSession(async () => {
      await client.session.create('/expiring', null, 'ephemeral');
      story.push('after 1');
    });
    client.afterNewSession(() => {
      throw new Error('a hook that fails stops nothing');
    });
    const done = new Promise<void>((resolve) => {
      client.afterNewSession(() => {
        story.push('after 3');
        resolve();
      });
    });
    await expireSession(zookeeper.connectString, client.session);
    await done;
    expect(story).toEqual(['before 1: SESSION_EXPIRED', 'before 2', 'after 1', 'after 3']);
    expect(client.session.sessionId).not.toEqual(idBefore);
    expect((await observer.session.exists('/expiring'))?.ephemeralOwner).toEqual(client.session.sessionId);
  });

  it('makes operations that are called while the new one is being opened wait for it, in their order', async () => {
    const proxy = await TcpProxy.start(zookeeper.port);
    const client = await open(proxy.connectString);
    await client.session.create('/waiting', data('0'));
    const left = new Promise<void>((resolve) => {
      client.beforeNewSession(() => {
        proxy.refuse = true;
        resolve();
      });
    });
    await expireSession(zookeeper.connectString, client.session);
    await left;
    await eventually('the new session', () => client.session.state === 'connecting');
    const writes = Array.from({ length: 5 }, (_, i) => client.session.setData('/waiting', data(String(i + 1)), i));
    proxy.refuse = false;
    expect((await Promise.all(writes)).map((stat) => stat.version)).toEqual([1, 2, 3, 4, 5]);
    await client.close();
    await proxy.stop();
  });

  it('by the server’s own time-out loses its ephemeral nodes, and is told at the next connect', async () => {
    const proxy = await TcpProxy.start(zookeeper.port);
    const client = await open(proxy.connectString, 400);
    expect(client.session.negotiatedTimeoutMs).toBe(400);
    await client.session.create('/timed-out', null, 'ephemeral');
    const gone = new Promise<string>((resolve) => {
      void observer.session.exists('/timed-out', (event) => resolve(event.type));
    });
    await observer.session.exists('/timed-out');
    proxy.refuse = true;
    const pending = codeOf(client.session.getData('/timed-out'));
    expect(await gone).toBe('deleted');
    proxy.refuse = false;
    expect(await pending).toBe('SESSION_EXPIRED');
    await eventually('a new session', () => client.session.state === 'connected');
    await client.close();
    await proxy.stop();
  });

  it('again and again is replaced again and again', async () => {
    const client = await open();
    let sessions = 0;
    client.afterNewSession(() => void sessions++);
    for (let round = 1; round <= 5; round++) {
      await expireSession(zookeeper.connectString, client.session);
      await eventually(`new session ${round}`, () => sessions === round);
    }
    expect(await client.session.exists('/')).not.toBeNull();
  });
});

describe('a session', () => {
  it('outlives a ZooKeeper that is killed and started again, with its ephemeral nodes and watches', async () => {
    const client = await open();
    const id = client.session.sessionId;
    await client.session.create('/survivor', data('0'), 'ephemeral');
    const changed = new Promise<string>((resolve) => {
      void client.session.getData('/survivor', (event) => resolve(event.type));
    });
    await client.session.exists('/');
    await zookeeper.kill();
    const writing = client.session.setData('/survivor', data('1'), 0);
    await zookeeper.restart();
    expect(await writing).toMatchObject({ version: 1 });
    expect(await changed).toBe('data');
    expect(client.session.sessionId).toEqual(id);
    expect((await client.session.exists('/survivor'))?.ephemeralOwner).toEqual(id);
  }, 60_000);

  it('loses and repeats no write while ZooKeeper is killed again and again', async () => {
    const client = await open();
    await client.session.create('/kills', data('0'));
    let writes = 0;
    const killing = new AbortController();
    const writer = (async () => {
      while (!killing.signal.aborted) {
        const { version } = await client.session.setData('/kills', data(String(writes + 1)), writes);
        writes++;
        if (version !== writes) throw new Error(`write ${writes} has version ${version}`);
      }
    })();
    for (let round = 1; round <= 3; round++) {
      const before = writes;
      await eventually('some writes', () => writes > before + 50);
      await zookeeper.kill();
      await zookeeper.restart();
    }
    killing.abort();
    await writer;
    expect(await client.session.getData('/kills')).toMatchObject({
      data: data(String(writes)),
      stat: { version: writes },
    });
  }, 60_000);

  it('notices a ZooKeeper that has fallen silent, and goes on when it speaks again', async () => {
    const client = await open(zookeeper.connectString, 900);
    const states: string[] = [];
    client.session.onStateChange((state) => states.push(state));
    zookeeper.pause();
    const reading = codeOf(client.session.exists('/'));
    await eventually('that it is noticed', () => states.includes('disconnected'));
    zookeeper.resume();
    expect(['OK', 'SESSION_EXPIRED']).toContain(await reading);
    await eventually('a connected session', () => client.session.state === 'connected');
    expect(await client.session.exists('/')).not.toBeNull();
  });

  it('that nobody can reach any more is closed in bounded time', async () => {
    const proxy = await TcpProxy.start(zookeeper.port);
    const client = await open(proxy.connectString);
    proxy.refuse = true;
    const pending = codeOf(client.session.exists('/'));
    const started = systemClock.monotonicMs();
    await client.close();
    expect(systemClock.monotonicMs() - started).toBeLessThan(3_500);
    expect(await pending).toBe('CLOSED');
    await proxy.stop();
  });
});

describe('attachAndClose', () => {
  it('closes a session by its id and password: its ephemeral nodes vanish at once', async () => {
    const proxy = await TcpProxy.start(zookeeper.port);
    const client = await open(proxy.connectString, 60_000);
    await client.session.create('/fenced', null, 'ephemeral');
    proxy.refuse = true;
    const { sessionId, sessionPassword } = client.session;
    const options = { clock: systemClock, logger: silentLogger };
    expect(await attachAndClose(zookeeper.connectString, sessionId, Buffer.alloc(16), options)).toBe('gone');
    expect(await observer.session.exists('/fenced')).not.toBeNull();
    expect(await attachAndClose(zookeeper.connectString, sessionId, sessionPassword, options)).toBe('closed');
    expect(await observer.session.exists('/fenced')).toBeNull();
    expect(await attachAndClose(zookeeper.connectString, sessionId, sessionPassword, options)).toBe('gone');
    await client.close();
    await proxy.stop();
  });

  it('gives up when no server can be reached', async () => {
    const proxy = await TcpProxy.start(zookeeper.port);
    proxy.refuse = true;
    const options = { clock: systemClock, logger: silentLogger, timeoutMs: 300 };
    const attempt = attachAndClose(proxy.connectString, Buffer.alloc(8, 1), Buffer.alloc(16), options);
    await expect(attempt).rejects.toThrow('session 0101010101010101 could not be closed within 300 ms');
    await proxy.stop();
  });
});

describe('connect', () => {
  it('fails after its time-out when there is no ZooKeeper', async () => {
    const proxy = await TcpProxy.start(zookeeper.port);
    proxy.refuse = true;
    const attempt = connectForTest(proxy.connectString, { connectionTimeoutMs: 300 });
    await expect(attempt).rejects.toThrow('timed out after 300 ms waiting for a connection');
    await proxy.stop();
  });

  it('moves on from a server that refuses', async () => {
    const proxy = await TcpProxy.start(zookeeper.port);
    proxy.refuse = true;
    const client = await open(`${proxy.connectString},${zookeeper.connectString}`);
    expect(await client.session.exists('/')).not.toBeNull();
    await proxy.stop();
  });

  it('makes the chroot only if it is told to', async () => {
    const client = await open(`${zookeeper.connectString}/made/on/the/way`);
    expect((await client.session.getData('/')).data).toBeNull();
    const other = await connectForTest(`${zookeeper.connectString}/not/made`, { createChroot: false });
    clients.push(other);
    expect(await other.session.exists('/')).toBeNull();
  });

  it('says what it does in Kafka’s words', async () => {
    const lines: string[] = [];
    const log = (name: string, prefix: string): typeof silentLogger => ({
      ...silentLogger,
      info: (line) => void lines.push(`${prefix}${line} (${name})`),
      for: (inner, innerPrefix = '') => log(inner, innerPrefix),
    });
    const client = await connect({
      connectString: zookeeper.connectString,
      sessionTimeoutMs: 10_000,
      connectionTimeoutMs: 10_000,
      clock: systemClock,
      logger: log('', ''),
      name: 'Kafka server',
    });
    await client.close();
    const end = '(kafka.zookeeper.ZooKeeperClient)';
    expect(lines).toEqual([
      `[ZooKeeperClient Kafka server] Initializing a new session to ${zookeeper.connectString}. ${end}`,
      `[ZooKeeperClient Kafka server] Waiting until connected. ${end}`,
      `[ZooKeeperClient Kafka server] Connected. ${end}`,
      `[ZooKeeperClient Kafka server] Closing. ${end}`,
      `[ZooKeeperClient Kafka server] Closed. ${end}`,
    ]);
  });
});
