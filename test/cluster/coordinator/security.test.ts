/**
 * Attacks on a running coordinator, byte by byte over sockets of their own: what a page of another site, somebody on the
 * network or whoever writes records and group ids could try. After all of them it must serve as before.
 */
import { connect, type Socket } from 'node:net';
import { startServedCluster, type ServedCluster } from '../../support/coordinator/served-cluster';
import { eventually } from '../../support/eventually';

jest.setTimeout(120_000);

const REQUESTS_PER_SECOND = 100;
const BODY_BYTES = 10_000;

let served: ServedCluster;
let port: number;
const log: string[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  const coordinator = { 'http.requests.per.second': REQUESTS_PER_SECOND, 'http.max.body.bytes': BODY_BYTES };
  served = await startServedCluster({ coordinator, log });
  port = Number(new URL(served.url).port);
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  // As before: the overview, from a client that does nothing wrong.
  const { status } = await served.api.call('GET /api/cluster');
  if (status !== 200) throw new Error(`the coordinator answers ${status} after this`);
});

afterAll(() => served?.close());

interface Raw {
  socket: Socket;
  text: string;
  closed: boolean;
}

function send(text: string): Raw {
  const socket = connect(port, '127.0.0.1');
  const raw: Raw = { socket, text: '', closed: false };
  sockets.add(socket);
  socket.setEncoding('latin1');
  socket.on('data', (data: string) => (raw.text += data));
  socket.on('close', () => (raw.closed = true));
  socket.on('error', () => undefined);
  socket.write(text, 'latin1');
  return raw;
}

/** The whole answer to one request. */
async function answerTo(head: string, body = ''): Promise<string> {
  const raw = send(`${head}\r\nConnection: close\r\n\r\n${body}`);
  await eventually('the end of the answer', () => raw.closed);
  return raw.text;
}

const statusOf = (answer: string): number => Number(answer.split(' ')[1]);
/** `refused`, or the status that came instead. */
const refusedWith = (statuses: readonly number[], answer: string): string | number =>
  statuses.includes(statusOf(answer)) ? 'refused' : statusOf(answer);
const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);
const host = (): string => `Host: localhost:${port}`;
const bearer = (): string => `Authorization: Bearer ${served.token}`;

const json = (body: string): string => `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;

async function topics(): Promise<string[]> {
  const { body } = await served.api.call('GET /api/topics');
  return body.topics.map(({ name }: { name: string }) => name);
}

/** No browser would take it for a page, whatever stands in it. */
function expectHarmless(answer: string): void {
  expect(answer).toMatch(/\r\ncontent-type: application\/json; charset=utf-8\r\n/i);
  expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
  expect(answer).toMatch(/\r\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'\r\n/i);
  expect(answer).not.toMatch(/\r\naccess-control-/i);
}

describe('a page of another site', () => {
  const body = '{"name":"stolen"}';

  it('cannot make topics, even if it had the token', async () => {
    const head = (headers: string) => `POST /api/topics HTTP/1.1\r\n${headers}\r\n${json(body)}`;
    const attempts = [
      `${host()}\r\nOrigin: http://evil.example\r\n${bearer()}`,
      `${host()}\r\nOrigin: null\r\n${bearer()}`,
      `${host()}\r\nSec-Fetch-Site: cross-site\r\n${bearer()}`,
      `${host()}\r\nSec-Fetch-Site: same-site\r\n${bearer()}`,
      `Host: evil.example:${port}\r\n${bearer()}`,
      `Host: evil.example:${port}\r\nOrigin: http://evil.example:${port}\r\nSec-Fetch-Site: same-origin\r\n${bearer()}`,
      host(),
      `${host()}\r\nAuthorization: Bearer ${'x'.repeat(43)}`,
      `${host()}\r\nAuthorization: Bearer ${served.token.slice(0, -1)}`,
      `${host()}\r\nCookie: token=${served.token}`,
    ];
    for (const headers of attempts) {
      const answer = await answerTo(head(headers), body);
      expect([headers, refusedWith([401, 403, 421], answer)]).toEqual([headers, 'refused']);
      expectHarmless(answer);
    }
    const inAddress = `POST /api/topics?token=${served.token} HTTP/1.1\r\n${host()}\r\n${json(body)}`;
    expect(statusOf(await answerTo(inAddress, body))).toBe(401);
    expect(await topics()).not.toContain('stolen');
  });

  it('cannot send a form, and gets no preflight through', async () => {
    const form = 'name=stolen';
    const type = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}`;
    const posted = await answerTo(`POST /api/topics HTTP/1.1\r\n${host()}\r\n${bearer()}\r\n${type}`, form);
    expect(statusOf(posted)).toBe(415);
    const preflight = `OPTIONS /api/topics HTTP/1.1\r\n${host()}\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: POST`;
    const answer = await answerTo(preflight);
    expect(statusOf(answer)).toBe(403);
    expect(answer).not.toMatch(/access-control-allow/i);
  });

  it('cannot take the places of the live streams', async () => {
    const answer = await answerTo(
      `GET /api/live HTTP/1.1\r\n${host()}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors`,
    );
    expect(statusOf(answer)).toBe(403);
  });
});

describe('names and values', () => {
  const markup = '"><script>alert(1)</script><img src=x onerror=alert(1)>';

  it('come back as JSON, unchanged, and never as a page', async () => {
    const made = { name: 'markup', partitions: 1, replicationFactor: 3 };
    expect((await served.api.call('POST /api/topics', { body: made })).status).toBe(201);
    const params = { topic: 'markup' };
    const record = { key: markup, value: markup, headers: { [markup]: markup } };
    await eventually('a record', async () => {
      return (await served.api.call('POST /api/topics/{topic}/records', { params, body: record })).status === 201;
    });
    await served.api.call('POST /api/groups/{groupId}/offsets', {
      params: { groupId: markup },
      body: { topic: 'markup', to: 'latest' },
    });
    await served.zk.session.create('/markup', Buffer.from(markup));
    await eventually('the znode', async () => {
      return (await served.api.call('GET /api/znodes', { query: { path: '/markup' } })).status === 200;
    });
    await eventually('the group', async () => {
      return (await served.api.call('GET /api/groups/{groupId}', { params: { groupId: markup } })).status === 200;
    });
    const group = encodeURIComponent(markup);
    const paths = ['/api/topics/markup/records', '/api/znodes?path=/markup', `/api/groups/${group}`, '/api/groups'];
    for (const path of paths) {
      const answer = await answerTo(`GET ${path} HTTP/1.1\r\n${host()}\r\nAccept: text/html`);
      expect([path, statusOf(answer)]).toEqual([path, 200]);
      expectHarmless(answer);
      const occurrences = bodyOf(answer).split(JSON.stringify(markup).slice(1, -1)).length - 1;
      expect([path, occurrences > 0]).toEqual([path, true]);
    }
  });

  it('that are wrong are told as JSON, too', async () => {
    for (const path of [`/api/topics/${encodeURIComponent(markup)}`, `/${encodeURIComponent(markup)}`, `/<script>`]) {
      const answer = await answerTo(`GET ${path} HTTP/1.1\r\n${host()}\r\nAccept: text/html`);
      expect([path, refusedWith([400, 404], answer)]).toEqual([path, 'refused']);
      expectHarmless(answer);
    }
  });

  it('lead out of no folder and to no other znode', async () => {
    const paths = [
      '/api/topics/../x',
      '/api/topics/..%2f..%2fx',
      '/api/topics/%2e%2e',
      '/api/topics/x%00',
      '/api/topics/%2e%2e/configs',
      '/api/znodes?path=/brokers/../config',
      '/api/znodes?path=//',
      '/api/znodes?path=/brokers%00/ids',
      '/dashboard/%2e%2e/%2e%2e/server.js',
      '/docs/..%2f..%2fetc%2fpasswd',
      '/docs/../../../../etc/passwd',
    ];
    for (const path of paths) {
      const answer = await answerTo(`GET ${path} HTTP/1.1\r\n${host()}`);
      expect([path, refusedWith([400, 403, 404], answer)]).toEqual([path, 'refused']);
      expectHarmless(answer);
    }
  });

  it('break no line of the log', async () => {
    const path = '/api/topics/x%0d%0a[2026-01-01]%20ERROR%20forged';
    await answerTo(`DELETE ${path} HTTP/1.1\r\n${host()}\r\n${bearer()}`);
    const [line] = log.filter((text) => text.includes('forged'));
    expect(log.some((text) => text.startsWith('POST "/api/topics" from 127.0.0.1: 401'))).toBe(true);
    expect(line).toBe(`DELETE ${JSON.stringify(path)} from 127.0.0.1: 400`);
    expect(log.filter((text) => /[\r\n]/.test(text))).toEqual([]);
    expect(log.filter((text) => text.includes(served.token))).toEqual([]);
  });

  it('that are secret stay in ZooKeeper', async () => {
    const scram =
      '{"version":1,"config":{"SCRAM-SHA-256":"salt=c2FsdA==,stored_key=a2V5,server_key=a2V5,iterations=4096"}}';
    await served.zk.session.create('/config/users/alice', Buffer.from(scram));
    const { body } = await eventually('the znode', async () => {
      const answer = await served.api.call('GET /api/znodes', { query: { path: '/config/users/alice' } });
      return answer.status === 200 && answer;
    });
    expect(body.data.text).not.toContain('stored_key');
    expect(body.data.text).toContain('SCRAM-SHA-256');
  });
});

describe('a request', () => {
  it('with a body that is too large ends before the body does', async () => {
    const head = `POST /api/topics HTTP/1.1\r\n${host()}\r\n${bearer()}\r\nContent-Type: application/json`;
    const declared = await answerTo(`${head}\r\nContent-Length: 1000000000`, '{');
    expect([statusOf(declared), bodyOf(declared)]).toEqual([413, expect.stringContaining('BODY_TOO_LARGE')]);
    const chunked = await answerTo(`${head}\r\nTransfer-Encoding: chunked`, `1000\r\n${' '.repeat(4096)}\r\n`);
    expect([statusOf(chunked), bodyOf(chunked)]).toEqual([411, expect.stringContaining('LENGTH_REQUIRED')]);
  });

  it('that nests deeply or repeats a mistake costs little', async () => {
    const depth = BODY_BYTES / 2 - 100;
    const nested = `{"name":"x","configs":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const many = JSON.stringify({
      name: 'x',
      configs: Object.fromEntries(Array.from({ length: 900 }, (_, i) => [i, i])),
    });
    for (const body of [nested, many]) {
      const beginMs = performance.now();
      const answer = await answerTo(`POST /api/topics HTTP/1.1\r\n${host()}\r\n${bearer()}\r\n${json(body)}`, body);
      expect(statusOf(answer)).toBe(400);
      expect(bodyOf(answer).length).toBeLessThan(500);
      expect(performance.now() - beginMs).toBeLessThan(5_000);
    }
  });

  it('that is malformed, ambiguous or oversized is refused', async () => {
    const attempts: [string, string][] = [
      ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n'],
      ['no host', 'GET /api/cluster HTTP/1.1\r\n\r\n'],
      ['two lengths', `POST /api/topics HTTP/1.1\r\n${host()}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}`],
      [
        'a length and chunks',
        `POST /api/topics HTTP/1.1\r\n${host()}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      ['a large header', `GET / HTTP/1.1\r\n${host()}\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
      ['a long address', `GET /?${'x'.repeat(40_000)} HTTP/1.1\r\n${host()}\r\n\r\n`],
    ];
    for (const [name, text] of attempts) {
      const raw = send(text);
      await eventually(`the end of ${name}`, () => raw.closed);
      expect([name, refusedWith([400, 414, 421, 431], raw.text)]).toEqual([name, 'refused']);
    }
  });

  it('that never ends is ended, and keeps nobody else waiting meanwhile', async () => {
    const slow = Array.from({ length: 100 }, () => send(`GET /api/cluster HTTP/1.1\r\n${host()}\r\nX-Slow: `));
    const slowBody = send(`POST /api/topics HTTP/1.1\r\n${host()}\r\n${bearer()}\r\n${json('{"name":"x"}')}\r\n\r\n{`);
    const drip = setInterval(() => {
      for (const { socket } of [...slow, slowBody]) if (!socket.destroyed) socket.write(' ');
    }, 1_000);
    try {
      await eventually('all connections open', () => slow.every(({ socket }) => !socket.connecting));
      const beginMs = performance.now();
      expect((await served.api.call('GET /ready')).status).toBe(200);
      expect(performance.now() - beginMs).toBeLessThan(5_000);
      await eventually('the end of the slow ones', () => slow.every(({ closed }) => closed), 20_000);
      await eventually('the end of the slow body', () => slowBody.closed, 30_000);
      expect(slow.map(({ text }) => statusOf(text)).filter((status) => status !== 408)).toEqual([]);
    } finally {
      clearInterval(drip);
    }
  });
});

describe('a flood', () => {
  it('of requests is bounded, and over when it is over', async () => {
    // More than four spans of ten seconds could take.
    const count = 4 * 10 * REQUESTS_PER_SECOND;
    const raw = send(`GET /ready HTTP/1.1\r\n${host()}\r\n\r\n`.repeat(count));
    const statuses = () => [...raw.text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
    await eventually('all answers', () => statuses().length === count, 30_000);
    expect(statuses().filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(statuses().filter((status) => status !== 200 && status !== 429)).toEqual([]);
    await eventually('an answer again', async () => (await fetch(`${served.url}/ready`)).status === 200, 15_000);
  });
});
