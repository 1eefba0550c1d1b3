/** How the cluster as a whole, its controller and ZooKeeper are judged. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeCluster, type ClusterFacts } from '../../../../coordinator/health/cluster';
import { judgeController } from '../../../../coordinator/health/controller';
import { helpOf, reason, reasonCodes, severityOf, titleOf } from '../../../../coordinator/health/reasons';
import { judge } from '../../../../coordinator/health/verdict';
import { judgeZooKeeper } from '../../../../coordinator/health/zookeeper';
import type { ZooKeeperServerView } from '../../../../coordinator/schemas';
import { told } from './support';

const good = judge([]);

const well: ClusterFacts = {
  ready: true,
  registeredBrokers: 3,
  nothingAt: null,
  controller: good,
  zookeeper: good,
  brokers: [good, good, good],
  topics: [good],
  groups: [good],
};

const deadBroker = (id: number) =>
  judge([reason('BROKER_NOT_REGISTERED', { kind: 'broker', id: String(id) }, { id, replicas: 1, answers: false })]);
const shortTopic = (id: string) =>
  judge([reason('UNDER_REPLICATED', { kind: 'topic', id }, { what: 'All', plural: true, away: [1] })]);

describe('the cluster', () => {
  it('is healthy when everything is', () => {
    expect(judgeCluster(well)).toEqual({ verdict: 'healthy', reasons: [] });
  });

  it('is only degraded when a broker is lost, since it is made for that', () => {
    expect(told(judgeCluster({ ...well, brokers: [good, deadBroker(1), good] }))).toBe(
      'degraded: BROKER_NOT_REGISTERED warning',
    );
  });

  it('is unhealthy when records cannot be written', () => {
    const offline = reason(
      'PARTITION_OFFLINE',
      { kind: 'topic', id: 't' },
      { what: 'x', plural: false, waitsFor: [1] },
    );
    expect(told(judgeCluster({ ...well, topics: [judge([offline])] }))).toBe('unhealthy: PARTITION_OFFLINE critical');
  });

  it('tells of many topics with the same finding at once', () => {
    const topics = Array.from({ length: 8 }, (_, i) => shortTopic(`t${i}`));
    const { reasons } = judgeCluster({ ...well, topics });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatchObject({
      code: 'UNDER_REPLICATED',
      subject: { kind: 'cluster' },
      text: 'Partitions with replicas out of sync: 8 topics (t0, t1, t2, t3, t4 and 3 more).',
    });
    expect(judgeCluster({ ...well, topics: topics.slice(0, 3) }).reasons).toHaveLength(3);
  });

  it('without any broker is unhealthy', () => {
    const empty = { ...well, registeredBrokers: 0, brokers: [] };
    expect(told(judgeCluster(empty))).toBe('unhealthy: NO_BROKERS critical');
    const { reasons } = judgeCluster({ ...empty, nothingAt: 'zk:2181/nope' });
    expect(reasons[0]?.text).toMatch(/nothing at zk:2181\/nope.*wrong path/);
  });

  it('is unknown until ZooKeeper has been read', () => {
    expect(told(judgeCluster({ ...well, ready: false }))).toBe('unknown: NOT_READ_YET unknown');
  });
});

describe('the controller', () => {
  const facts = { ready: true, brokerId: 0, registered: true, answers: true } as const;

  it.each([
    [{}, 'healthy:'],
    [{ brokerId: null, registered: false }, 'unhealthy: NO_CONTROLLER critical'],
    [{ registered: false }, 'unhealthy: CONTROLLER_NOT_REGISTERED critical'],
    [{ answers: false }, 'unhealthy: CONTROLLER_DOES_NOT_ANSWER critical'],
    [{ ready: false, brokerId: null }, 'unknown: NOT_READ_YET unknown'],
  ] as const)('with %j is judged %s', (differing, expected) => {
    expect(told(judgeController({ ...facts, ...differing }))).toBe(expected);
  });
});

describe('ZooKeeper', () => {
  const server: ZooKeeperServerView = {
    address: 'zk:2181',
    state: 'answers',
    ruok: true,
    figuresFrom: 'mntr',
    version: '3.8.4',
    mode: 'standalone',
    latencyMs: { min: 0, avg: 0.5, max: 12 },
    outstandingRequests: 0,
    connections: 4,
    sessions: 4,
    znodes: 150,
    watches: 100,
    ephemerals: 4,
    checkedAtMs: 1,
    answerMs: 2,
    error: null,
  };
  const judged = (...servers: Partial<ZooKeeperServerView>[]) =>
    judgeZooKeeper({
      connectString: 'zk:2181',
      connected: true,
      ageMs: 0,
      stale: false,
      servers: servers.map((each) => ({ ...server, ...each })),
    });

  it.each([
    [{}, 'healthy:'],
    [{ state: 'unreachable', ruok: null, mode: null }, 'degraded: ZOOKEEPER_SERVER_AWAY warning'],
    [{ ruok: false }, 'unhealthy: ZOOKEEPER_NOT_OK critical'],
    [{ latencyMs: { min: 0, avg: 250, max: 900 } }, 'degraded: ZOOKEEPER_SLOW warning'],
    [{ answerMs: 1_500 }, 'degraded: ZOOKEEPER_SLOW warning'],
    [{ outstandingRequests: 40 }, 'degraded: ZOOKEEPER_OUTSTANDING warning'],
    [{ state: 'not-allowed', ruok: null, figuresFrom: 'none' }, 'healthy: ZOOKEEPER_FIGURES_UNKNOWN info'],
    [{ state: 'unknown', figuresFrom: 'none', ruok: null }, 'healthy:'],
  ] as const)('with a server that says %j is judged %s', (differing, expected) => {
    expect(told(judged(differing))).toBe(expected);
  });

  it('with servers that none leads can write nothing', () => {
    expect(told(judged({ mode: 'follower' }, { mode: 'follower' }))).toBe('unhealthy: ZOOKEEPER_NO_LEADER critical');
    expect(told(judged({ mode: 'follower' }, { mode: 'leader' }))).toBe('healthy:');
  });

  it('that hangs is unhealthy while its connections still stand, but one that only answers no word is not', () => {
    const away = { ...server, state: 'unreachable', ruok: null, mode: null } as const;
    const facts = { connectString: 'zk:2181', connected: true, ageMs: 4_100 };
    const hangs = judgeZooKeeper({ ...facts, stale: true, servers: [away, away] });
    expect(told(hangs)).toMatch(/^unhealthy: ZOOKEEPER_UNREACHABLE critical/);
    expect(hangs.reasons[0]?.text).toMatch(/^ZooKeeper has stopped answering; what is shown is 4 s old/);
    expect(judgeZooKeeper({ ...facts, stale: false, servers: [away] }).verdict).toBe('degraded');
    expect(judgeZooKeeper({ ...facts, stale: true, servers: [away, server] }).verdict).toBe('degraded');
    expect(judgeZooKeeper({ ...facts, stale: true, servers: [] }).verdict).toBe('healthy');
  });

  it('without a session is unhealthy and says how old the knowledge is', () => {
    const verdict = judgeZooKeeper({
      connectString: 'zk:2181',
      connected: false,
      ageMs: 12_400,
      stale: true,
      servers: [],
    });
    expect(told(verdict)).toBe('unhealthy: ZOOKEEPER_UNREACHABLE critical');
    expect(verdict.reasons[0]?.text).toContain('12 s old');
  });
});

describe('a judgement', () => {
  it('goes by the gravest finding and puts it first', () => {
    const zk = { kind: 'zookeeper', id: 'zk' } as const;
    const info = reason('ZOOKEEPER_FIGURES_UNKNOWN', zk, { address: 'zk' });
    const warning = reason('ZOOKEEPER_OUTSTANDING', zk, { address: 'zk', requests: 40 });
    const critical = reason('ZOOKEEPER_NOT_OK', zk, { address: 'zk' });
    const unknown = reason('NOT_READ_YET', zk, {});
    expect(told(judge([info, unknown, warning, critical]))).toBe(
      'unhealthy: ZOOKEEPER_NOT_OK critical ZOOKEEPER_OUTSTANDING warning NOT_READ_YET unknown ZOOKEEPER_FIGURES_UNKNOWN info',
    );
    expect(judge([info, unknown]).verdict).toBe('unknown');
    expect(judge([info]).verdict).toBe('healthy');
  });
});

it('has a title of its own for every reason code', () => {
  const titles = reasonCodes.map(titleOf);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i || title === reasonCodes[i])).toEqual([]);
});

/** The anchor that a heading gets when the document is shown. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-');

it('explains findings in headings that exist', () => {
  const docs = join(__dirname, '..', '..', '..', '..', 'docs');
  const missing = reasonCodes.flatMap((code) => {
    const [file, anchor] = helpOf(code)?.split('#') ?? [];
    if (file === undefined) return [];
    const headings = readFileSync(join(docs, file), 'utf8').matchAll(/^#+ (.*)$/gm);
    return Array.from(headings, ([, heading]) => anchorOf(heading ?? '')).includes(anchor ?? '') ? [] : [helpOf(code)];
  });
  expect(missing).toEqual([]);
});

it('lists every finding in the document on health, with the same severity', () => {
  const text = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'health.md'), 'utf8');
  const rows = Array.from(text.matchAll(/^\| `([A-Z_]+)` \| (\w+)/gm), ([, code, severity]) => `${code} ${severity}`);
  expect(rows.sort()).toEqual(reasonCodes.map((code) => `${code} ${severityOf(code)}`).sort());
});
