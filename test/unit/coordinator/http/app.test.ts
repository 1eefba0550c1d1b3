/** What the HTTP interface answers before and around its routes. */
import { request as httpRequest } from 'node:http';
import type { HealthAnswer } from '../../../../coordinator/schemas';
import type { CoordinatorParts } from '../../../../coordinator/parts';
import {
  type FakeCoordinator,
  type FakeOptions,
  startFakeCoordinator,
  TEST_TOKEN,
  unknownCluster,
} from '../../../support/coordinator/fake-parts';

let coordinator: FakeCoordinator;

async function start(options?: FakeOptions): Promise<void> {
  coordinator = await startFakeCoordinator(options);
}

afterEach(() => coordinator.close());

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
  json(): { error: string; message: string };
}

/** Not fetch(), which sets Host and Sec-Fetch-Site itself. */
function call(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | null = null,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = coordinator.server;
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 0, headers: answered } = response;
        resolve({ status: statusCode, headers: answered, body: text, json: () => JSON.parse(text) as never });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const authorized = { authorization: `Bearer ${TEST_TOKEN}`, 'content-type': 'application/json' };

describe('the HTTP interface', () => {
  it('tells as JSON that there is nothing at an address', async () => {
    await start();
    const answer = await call('GET', '/api/nothing');
    expect([answer.status, answer.json().error]).toEqual([404, 'NOT_FOUND']);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  it('tells which methods an address has', async () => {
    await start();
    const answer = await call('PUT', '/api/topics');
    expect([answer.status, answer.json().error]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(answer.headers['allow']).toBe('GET, POST');
  });

  it('forbids browsers to sniff, frame, and run anything, with every answer', async () => {
    await start();
    for (const path of ['/health', '/api/cluster', '/api/nothing', '/docs/znodes.md', '/metrics']) {
      const { headers } = await call('GET', path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('x-powered-by');
    }
  });

  it('answers under names of its own only', async () => {
    await start({ settings: { 'http.allowed.hosts': 'kafka.example' } });
    const { port } = coordinator.server;
    for (const host of [
      'localhost',
      `localhost:${port}`,
      '127.0.0.1',
      '[::1]:80',
      'kafka.example:8080',
      'KAFKA.EXAMPLE',
    ]) {
      expect([host, (await call('GET', '/health', { host })).status]).toEqual([host, 200]);
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '10.1.2.3',
      'localhost:80:80',
      'local host',
      '[::1',
    ]) {
      expect([host, (await call('GET', '/health', { host })).status]).toEqual([host, 421]);
    }
  });

  it('takes no call from a page of another site, neither to write nor to read, but follows links', async () => {
    await start();
    const { port } = coordinator.server;
    const statusOf = async (method: string, headers: Record<string, string>) =>
      (await call(method, '/api/cluster', { host: `localhost:${port}`, ...headers })).status;
    expect(await statusOf('GET', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBe(200);
    expect(await statusOf('GET', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toBe(200);
    expect(await statusOf('GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200);
    expect(await statusOf('GET', { origin: `http://localhost:${port}` })).toBe(200);
    expect(await statusOf('GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
    expect(await statusOf('GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })).toBe(403);
    expect(await statusOf('POST', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(403);
    for (const origin of [
      'http://evil.example',
      'null',
      `http://localhost:${port + 1}`,
      `http://localhost:${port}.evil`,
    ]) {
      expect([origin, await statusOf('GET', { origin })]).toEqual([origin, 403]);
    }
  });

  it('wants the token for actions, and looks at nothing else before', async () => {
    await start();
    const wrong = [undefined, 'Bearer', 'Bearer x', `Basic ${TEST_TOKEN}`, `Bearer ${TEST_TOKEN}x`, TEST_TOKEN];
    for (const authorization of wrong) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await call('POST', '/api/topics', headers, '{"name":');
      expect([authorization, answer.status, answer.json().error]).toEqual([authorization, 401, 'UNAUTHORIZED']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
    const answer = await call('POST', '/api/topics', { ...authorized, 'content-length': '8' }, '{"name":');
    expect([answer.status, answer.json().message]).toEqual([400, 'The body is no JSON']);
  });

  it('refuses actions even with the token when they are not enabled', async () => {
    await start({ settings: { 'actions.enabled': false } });
    const answer = await call('DELETE', '/api/topics/orders', authorized);
    expect([answer.status, answer.json().error]).toEqual([403, 'ACTIONS_DISABLED']);
  });

  it('hands a fault to whoever makes it, once the token is right', async () => {
    const made: unknown[] = [];
    const fault = { id: 1, action: 'kill', target: 'broker-0', title: 'Broker 0 killed', startedAtMs: 1 };
    const whole = { ...fault, endedAtMs: null, error: null, consequences: [] };
    const faults = { perform: (...given: unknown[]) => (made.push(given), Promise.resolve(whole)) };
    await start({ parts: { faults } as unknown as Partial<CoordinatorParts> });
    const body = '{"target":"broker-0","action":"kill"}';
    const length = { 'content-length': String(body.length) };
    expect((await call('POST', '/api/faults', { ...length, 'content-type': 'application/json' }, body)).status).toBe(
      401,
    );
    expect(made).toEqual([]);
    const answer = await call('POST', '/api/faults', { ...authorized, ...length }, body);
    expect([answer.status, answer.json()]).toEqual([201, whole]);
    expect(made).toEqual([['broker-0', 'kill']]);
  });

  it('takes bodies as uncompressed JSON of a bounded size only', async () => {
    await start({ settings: { 'http.max.body.bytes': 200 } });
    const { authorization } = authorized;
    const body = '{"name":"orders"}';
    const post = async (headers: Record<string, string>, text: string) =>
      (
        await call('POST', '/api/topics', { authorization, 'content-length': `${text.length}`, ...headers }, text)
      ).json().error;
    expect(await post({ 'content-type': 'text/plain' }, body)).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(await post({ 'content-type': 'application/x-www-form-urlencoded' }, body)).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(await post({}, body)).toBe('UNSUPPORTED_MEDIA_TYPE');
    const compressed = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(await post(compressed, body)).toBe('UNSUPPORTED_MEDIA_TYPE');
    const json = { 'content-type': 'application/json' };
    expect(await post(json, `{"name":"${'x'.repeat(200)}"}`)).toBe('BODY_TOO_LARGE');
    expect(await post({ ...json, 'content-length': '1000000000' }, '{')).toBe('BODY_TOO_LARGE');
    const unknownLength = await call('POST', '/api/topics', { ...authorized, 'transfer-encoding': 'chunked' }, body);
    expect([unknownLength.status, unknownLength.json().error]).toEqual([411, 'LENGTH_REQUIRED']);
    expect(await post(json, '[]')).toBe('INVALID_REQUEST');
    expect(await post(json, '"orders"')).toBe('INVALID_REQUEST');
    expect(await post(json, 'null')).toBe('INVALID_REQUEST');
  });

  it('names key, value and what is allowed when a parameter is wrong', async () => {
    await start();
    const messageOf = async (path: string) => {
      const answer = await call('GET', path);
      expect([path, answer.status]).toEqual([path, 400]);
      return answer.json().message;
    };
    expect(await messageOf('/api/events?limit=many')).toBe(
      'Query parameter limit: "many" is not allowed: it must be integer',
    );
    expect(await messageOf('/api/events?limit=0')).toBe('Query parameter limit: 0 is not allowed: it must be >= 1');
    expect(await messageOf('/api/events?limit=1&limit=2')).toContain('Query parameter limit: ["1","2"]');
    expect(await messageOf('/api/events?form=1')).toBe('Query parameter "form" is not known; known are: after, limit');
    expect(await messageOf('/api/topics/a%00b')).toContain('Path parameter topic: "a\\u0000b" is not allowed');
    expect(await messageOf('/api/topics/..%2fx')).toContain('Path parameter topic: "../x" is not allowed');
    expect(await messageOf('/api/topics/%ff')).toBe('The request cannot be read');
    expect(await messageOf('/api/znodes?path=/a/../b//')).toContain('Query parameter path');
    expect(await messageOf('/api/znodes')).toBe('Query parameter path is missing');
  });

  it('finds a group by an id that a browser takes out of every path', async () => {
    const asked: string[] = [];
    const group = (groupId: string) => (asked.push(groupId), null);
    await start();
    Object.assign(coordinator.parts.observation, { group });
    for (const id of ['..', '.', '%2e%2e', '/', 'a&b=c', '<b>']) {
      await call('GET', `/api/group?${new URLSearchParams({ groupId: id })}`);
      expect(asked.at(-1)).toBe(id);
    }
    expect((await call('GET', '/api/group')).json().message).toBe('Query parameter groupId is missing');
    expect((await call('POST', '/api/group/offsets?groupId=..')).status).toBe(401);
  });

  it('says of nothing that it does not exist before it has read what does', async () => {
    const missing = ['/api/topics/t', '/api/brokers/1', '/api/groups/g', '/api/group?groupId=g', '/api/znodes?path=/x'];
    const answers = async () => {
      const all = await Promise.all(missing.map((path) => call('GET', path)));
      return new Set(all.map(({ status, body }) => `${status} ${(JSON.parse(body) as { error: string }).error}`));
    };
    await start();
    expect([...(await answers())]).toEqual(['503 NOT_READ_YET']);
    const { tree, observation } = coordinator.parts;
    Object.assign(tree, { ready: true });
    observation.groups = () => ({ freshness: { asOfMs: 1, ageMs: 1, stale: false, why: null }, groups: [] });
    expect([...(await answers())]).toEqual([
      '404 UNKNOWN_TOPIC_OR_PARTITION',
      '404 UNKNOWN_BROKER',
      '404 GROUP_ID_NOT_FOUND',
      '404 NO_NODE',
    ]);
  });

  it('bounds the requests of one address', async () => {
    await start({ settings: { 'http.requests.per.second': 1 } });
    const statuses = await Promise.all(Array.from({ length: 14 }, async () => (await call('GET', '/ready')).status));
    expect(statuses.filter((status) => status === 503)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    const answer = await call('GET', '/ready', { 'x-forwarded-for': '1.2.3.4' });
    expect([answer.status, answer.json().error]).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('says 503 at /health only when the cluster is unhealthy, and at /ready until the tree has been read', async () => {
    let verdict: HealthAnswer['status'] = 'unknown';
    const tree = { ready: false, freshness: () => unknownCluster().freshness };
    const observation = { cluster: () => unknownCluster(verdict) };
    await start({ parts: { observation, tree } as unknown as Partial<CoordinatorParts> });
    const seen: unknown[] = [];
    for (verdict of ['unknown', 'healthy', 'degraded', 'unhealthy'] as const) {
      seen.push([verdict, (await call('GET', '/health')).status, (await call('GET', '/api/health')).status]);
    }
    expect(seen).toEqual([
      ['unknown', 200, 200],
      ['healthy', 200, 200],
      ['degraded', 200, 200],
      ['unhealthy', 503, 200],
    ]);
    expect((await call('GET', '/ready')).status).toBe(503);
    tree.ready = true;
    expect((await call('GET', '/ready')).status).toBe(200);
  });

  it('tells nothing of a fault of its own but that there was one', async () => {
    const lines: string[] = [];
    const logger = { error: (text: string, cause: unknown) => lines.push(`${text}: ${String(cause)}`) };
    const observation = {
      cluster: () => {
        throw new Error('secret of the house');
      },
    };
    const noisy = { ...logger, warn: () => {}, info: () => {}, debug: () => {}, for: () => noisy };
    await start({ logger: noisy, parts: { observation } as unknown as Partial<CoordinatorParts> });
    const answer = await call('GET', '/api/cluster');
    expect([answer.status, answer.json().error]).toEqual([500, 'INTERNAL_ERROR']);
    expect(answer.body).not.toContain('secret');
    expect(lines).toEqual(['GET "/api/cluster" failed: Error: secret of the house']);
  });

  it('writes one line to the log per action, whatever its address holds', async () => {
    const lines: string[] = [];
    const noisy = {
      error: () => {},
      warn: () => {},
      debug: () => {},
      info: (text: string) => lines.push(text),
      for: () => noisy,
    };
    await start({ logger: noisy });
    await call('DELETE', '/api/topics/x%0aERROR%20forged', authorized);
    expect(lines).toEqual(['DELETE "/api/topics/x%0aERROR%20forged" from 127.0.0.1: 400']);
  });
});
