/**
 * The defects of node-zookeeper-client 1.1.3 that the adapter guards, one by one, against a server that does what a test
 * tells it to. Time is the test's own; only the loopback socket is real.
 */
import { ManualClock } from '../../../runtime/manual-clock';
import { silentLogger } from '../../../runtime/logger';
import type { Random } from '../../../runtime/random';
import { connect, type ZooKeeperClient } from '../../../zookeeper';
import { eventually } from '../../support/eventually';
import {
  nullable,
  type FakeConnection,
  FakeZooKeeperServer,
  notification,
  OP,
  replyBody,
  type Request,
  type Script,
  stat,
  text,
  withLength,
} from '../../support/fake-zookeeper-server';

const SESSION_MS = 6_000;
const inOrder: Random = { below: (bound) => bound - 1, uuidBytes: () => Buffer.alloc(16) };

let clock: ManualClock;
const servers: FakeZooKeeperServer[] = [];
const clients: ZooKeeperClient[] = [];

beforeEach(() => {
  clock = new ManualClock();
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  // Nobody answers any more: time makes close() give up.
  for (const client of clients.splice(0)) {
    const closed = client.close();
    await clock.advanceAsync(5_000);
    await closed;
  }
});

async function serve(script: Partial<Script>): Promise<FakeZooKeeperServer> {
  const server = await FakeZooKeeperServer.start(script);
  servers.push(server);
  return server;
}

async function connectTo(connectString: string, maxInFlight = 10): Promise<ZooKeeperClient> {
  const client = await connect({
    connectString,
    maxInFlight,
    clock,
    sessionTimeoutMs: SESSION_MS,
    connectionTimeoutMs: 60_000,
    logger: silentLogger,
    name: 'test',
    random: inOrder,
  });
  clients.push(client);
  return client;
}

function answerData(connection: FakeConnection, request: Request, data: string): void {
  connection.reply(request, { body: Buffer.concat([nullable(Buffer.from(data)), stat()]) });
}

/** Lets time pass in small steps until something has happened. */
async function advanceUntil<T>(what: string, look: () => T, limitMs = 30_000): Promise<void> {
  let passedMs = 0;
  await eventually(`${what} (within ${limitMs} ms of the test's time)`, async () => {
    if (!look() && passedMs < limitMs) {
      passedMs += 50;
      await clock.advanceAsync(50);
    }
    return look();
  });
}

const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: Error) => error.message,
  );

describe('an answer', () => {
  it('with an unknown error code rejects that operation alone', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        if (request.path === '/odd') connection.reply(request, { err: -9999 });
        else answerData(connection, request, 'fine');
      },
    });
    const client = await connectTo(server.connectString);
    expect(await outcomeOf(client.session.getData('/odd'))).toBe('ZooKeeper answered UNKNOWN for /odd (code -9999)');
    expect((await client.session.getData('/even')).data?.toString()).toBe('fine');
    expect(server.connections).toHaveLength(1);
  });

  it('that is larger than we take fails its operation alone', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        if (request.path === '/huge') connection.raw(Buffer.from('7fffffff0000', 'hex'));
        else answerData(connection, request, 'fine');
      },
    });
    const client = await connectTo(server.connectString);
    const huge = outcomeOf(client.session.getData('/huge'));
    const next = client.session.getData('/next');
    expect(await huge).toContain('MARSHALLING_ERROR');
    await advanceUntil('a second connection', () => server.connections[1]?.handshake);
    expect((await next).data?.toString()).toBe('fine');
  });

  it('that cannot be read fails its operation alone', async () => {
    const server = await serve({
      onRequest: (connection, request) => connection.reply(request, { body: Buffer.from('00001000', 'hex') }),
    });
    const client = await connectTo(server.connectString);
    expect(await outcomeOf(client.session.getData('/cut'))).toContain('its answer cannot be read');
    expect(server.connections).toHaveLength(1);
  });

  it('to another request than is due drops the connection, and the request is sent again', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        if (connection.index === 0) connection.reply({ ...request, xid: request.xid + 5 });
        else answerData(connection, request, 'second');
      },
    });
    const client = await connectTo(server.connectString);
    const reading = client.session.getData('/a');
    await advanceUntil('a second connection', () => server.connections[1]?.handshake);
    expect((await reading).data?.toString()).toBe('second');
  });

  it('reaches its caller before the watch that it has set, even when both come in one packet', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        const answer = replyBody(request.xid, 5n, 0, Buffer.concat([nullable(null), stat()]));
        connection.raw(Buffer.concat([withLength(answer), withLength(notification(3, '/w'))]));
      },
    });
    const client = await connectTo(server.connectString);
    const seen: string[] = [];
    const fired = new Promise<void>((resolve) => {
      void client.session
        .getData('/w', () => {
          seen.push('watch');
          resolve();
        })
        .then(() => seen.push('answer'));
    });
    await fired;
    expect(seen).toEqual(['answer', 'watch']);
  });
});

describe('an event', () => {
  it('of a kind that nobody knows is passed over', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        connection.notify(77, '/a');
        connection.notify(-1, '');
        answerData(connection, request, 'fine');
      },
    });
    const client = await connectTo(server.connectString);
    expect((await client.session.getData('/a')).data?.toString()).toBe('fine');
    expect(server.connections).toHaveLength(1);
  });
});

describe('a connection that breaks', () => {
  it('takes the part of a frame that it has brought with it', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        if (connection.index > 0) answerData(connection, request, 'whole');
        else connection.raw(Buffer.from('000000400000', 'hex'));
      },
    });
    const client = await connectTo(server.connectString);
    const reading = client.session.getData('/a');
    const first = await eventually('the request', () => server.connections[0]?.requests[0] && server.connections[0]);
    first.destroy();
    await advanceUntil('a second connection', () => server.connections[1]?.handshake);
    expect((await reading).data?.toString()).toBe('whole');
  });

  it('goes on with the same session, its watches first, then what was not answered in its order', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        if (request.opCode === OP.setWatches) connection.reply(request, { zxid: 9n });
        else if (request.path === '/watched' && connection.index === 0) {
          connection.reply(request, { zxid: 5n, body: Buffer.concat([nullable(null), stat()]) });
        } else if (connection.index > 0) answerData(connection, request, request.path);
      },
    });
    const client = await connectTo(server.connectString);
    await client.session.getData('/watched', () => undefined);
    const reads = ['/1', '/2', '/3'].map((path) => client.session.getData(path));
    const first = await eventually(
      'all requests',
      () => server.connections[0]?.requests.length === 4 && server.connections[0],
    );
    const states: string[] = [];
    client.session.onStateChange((state) => states.push(state));
    first.destroy();
    await advanceUntil('a second connection', () => server.connections[1]?.handshake);
    expect((await Promise.all(reads)).map((node) => node.data?.toString())).toEqual(['/1', '/2', '/3']);
    const again = server.connections[1] as FakeConnection;
    expect(again.handshake).toMatchObject({ lastZxid: 5n, sessionId: client.session.sessionId });
    expect(again.requests.map((request) => request.path)).toEqual(['', '/1', '/2', '/3']);
    expect(again.requests[0]?.opCode).toBe(OP.setWatches);
    expect(again.requests[0]?.body.readBigInt64BE(0)).toBe(5n);
    expect(again.requests[0]?.body.subarray(8, 12 + 4 + 8)).toEqual(
      Buffer.concat([Buffer.from([0, 0, 0, 1]), text('/watched')]),
    );
    expect(states).toEqual(['disconnected', 'connected']);
  });

  it('by its own silence is noticed after two thirds of the session time-out, and replaced', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        if (connection.index > 0) answerData(connection, request, 'alive');
      },
    });
    const client = await connectTo(server.connectString);
    const reading = client.session.getData('/a');
    await eventually('the request', () => server.connections[0]?.requests.length);
    await clock.advanceAsync((SESSION_MS * 2) / 3 - 100);
    expect(client.session.state).toBe('connected');
    await clock.advanceAsync(200);
    await advanceUntil('a second connection', () => server.connections[1]?.handshake);
    expect((await reading).data?.toString()).toBe('alive');
    expect(server.connections[0]?.closed).toBe(true);
  });

  it('is kept by pings when there is nothing to say', async () => {
    const server = await serve({
      onRequest: (connection, request) => {
        if (request.opCode === OP.ping) connection.reply(request);
        else answerData(connection, request, 'there');
      },
    });
    const client = await connectTo(server.connectString);
    for (let pings = 1; pings <= 4; pings++) {
      await clock.advanceAsync(SESSION_MS / 3 + 1);
      await eventually('a ping', () => server.connections[0]?.requests.at(-1)?.opCode === OP.ping);
      // Answered after the ping, so the answer to the ping has arrived too.
      await client.session.getData('/a');
    }
    expect(server.connections[0]?.requests.filter(({ opCode }) => opCode === OP.ping).map(({ xid }) => xid)).toEqual([
      -2, -2, -2, -2,
    ]);
    expect(server.connections).toHaveLength(1);
  });
});

describe('a handshake', () => {
  it('that is never answered is given up for the next server', async () => {
    const mute = await serve({ onHandshake: () => undefined });
    const good = await serve({ onRequest: (connection, request) => answerData(connection, request, 'good') });
    const connecting = connectTo(`${mute.connectString},${good.connectString}`);
    await eventually('the first handshake', () => mute.connections[0]?.handshake);
    await advanceUntil('the handshake with the second server', () => good.connections[0]?.handshake);
    const client = await connecting;
    expect((await client.session.getData('/a')).data?.toString()).toBe('good');
  });

  it('that a starting server took in and forgot is tried again long before the session could expire', async () => {
    const server = await serve({
      onHandshake: (connection) => {
        if (connection.index !== 1) connection.accept();
      },
      onRequest: (connection, request) => {
        if (connection.index === 2) answerData(connection, request, 'back');
      },
    });
    const client = await connectTo(server.connectString);
    const reading = client.session.getData('/a');
    await eventually('the request', () => server.connections[0]?.requests.length);
    server.connections[0]?.destroy();
    await advanceUntil('the second handshake', () => server.connections[1]?.handshake);
    await advanceUntil('the third handshake', () => server.connections[2]?.handshake, SESSION_MS / 3);
    expect((await reading).data?.toString()).toBe('back');
  });

  it('that fails everywhere ends the first connect after its time-out', async () => {
    const mute = await serve({ onHandshake: () => undefined });
    const outcome = outcomeOf(connectTo(mute.connectString));
    await eventually('the first handshake', () => mute.connections[0]?.handshake);
    await clock.advanceAsync(60_000);
    await clock.advanceAsync(5_000);
    expect(await outcome).toMatch(
      /CONNECTION_LOSS \(timed out after 60000 ms waiting for a connection to 127.0.0.1:\d+\)/,
    );
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('an expired session', () => {
  it('rejects all that waits, sent or not, and a new one takes its place', async () => {
    const server = await serve({
      onHandshake: (connection) => {
        if (connection.index === 1) connection.expire();
        else connection.accept();
      },
      onRequest: (connection, request) => {
        if (connection.index === 2) answerData(connection, request, 'new session');
      },
    });
    const client = await connectTo(server.connectString, 2);
    const story: string[] = [];
    client.beforeNewSession(async () => {
      story.push('before');
      story.push(await outcomeOf(client.session.exists('/in-hook')));
    });
    client.afterNewSession(async () => {
      const { data } = await client.session.getData('/in-hook');
      story.push(`after: ${data}`);
    });
    client.session.onStateChange((state) => story.push(state));
    const pending = ['/1', '/2', '/3', '/4'].map((path) => outcomeOf(client.session.getData(path)));
    const first = await eventually(
      'two requests',
      () => server.connections[0]?.requests.length === 2 && server.connections[0],
    );
    first.destroy();
    await advanceUntil('the new session', () => story.at(-1)?.startsWith('after'));
    expect(await Promise.all(pending)).toEqual([1, 2, 3, 4].map((n) => `ZooKeeper answered SESSION_EXPIRED for /${n}`));
    expect(story).toEqual([
      'disconnected',
      'expired',
      'before',
      'ZooKeeper answered SESSION_EXPIRED for /in-hook',
      'connected',
      'after: new session',
    ]);
    // A session of its own: neither id nor transactions of the old one.
    expect(server.connections[2]?.handshake).toMatchObject({ lastZxid: 0n, sessionId: Buffer.alloc(8) });
  });
});

describe('requests', () => {
  it('are held back beyond the number that may be unanswered', async () => {
    const server = await serve({});
    const client = await connectTo(server.connectString, 3);
    const reads = Array.from({ length: 7 }, (_, i) => client.session.getData(`/${i}`));
    const connection = await eventually(
      'three requests',
      () => server.connections[0]?.requests.length === 3 && server.connections[0],
    );
    answerData(connection, connection.requests[0] as Request, 'first');
    await reads[0];
    await eventually('a fourth request', () => connection.requests.length === 4);
    for (let i = 1; i < 7; i++) {
      const request = await eventually('the next request', () => connection.requests[i]);
      answerData(connection, request, String(i));
    }
    expect((await Promise.all(reads)).map((node) => String(node.data))).toEqual([
      'first',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
  });
});
