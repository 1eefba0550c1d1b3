/** The in-memory ZooKeeper against the real one: the same seeded random operations must give the same answers and events. */
import { systemClock } from '../../../runtime/clock';
import { type Random, seededRandom } from '../../../runtime/random';
import type { CreateMode, MultiOp, Stat, WatchEvent, ZooKeeperClient } from '../../../zookeeper';
import { eventually } from '../../support/eventually';
import { InMemoryZooKeeper } from '../../support/in-memory-zookeeper';
import { connectForTest, expireSession, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

const SEEDS = [1, 2, 3, 4, 5, 6];
const STEPS = 400;
const CLIENTS = 2;

/** One of the two ZooKeepers, with as many clients and what their watches have seen. */
interface Side {
  clients: ZooKeeperClient[];
  events: string[];
  expire(client: ZooKeeperClient): Promise<void>;
}

type Step = (side: Side) => Promise<unknown>;

let zookeeper: TestZooKeeper;
const opened: ZooKeeperClient[] = [];

beforeAll(async () => {
  zookeeper = await startZooKeeper();
}, 60_000);

afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
});

afterAll(() => zookeeper?.stop());

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}

function randomPath(random: Random): string {
  const depth = 1 + random.below(3);
  return Array.from({ length: depth }, () => `/${pick(random, ['a', 'b', 'c'])}`).join('');
}

function randomData(random: Random): Buffer | null {
  return pick(random, [null, Buffer.alloc(0), Buffer.from('x'), Buffer.from('some data')]);
}

const MODES: CreateMode[] = [
  'persistent',
  'persistent',
  'persistent',
  'ephemeral',
  'persistent-sequential',
  'ephemeral-sequential',
];
const VERSIONS = [-1, -1, -1, 0, 0, 1, 2];

function randomOp(random: Random): MultiOp {
  const path = randomPath(random);
  const version = pick(random, VERSIONS);
  const data = randomData(random);
  const mode = pick(random, MODES);
  switch (random.below(7)) {
    case 0:
    case 1:
    case 2:
      return { op: 'create', path, data, mode };
    case 3:
    case 4:
      return { op: 'setData', path, data, version };
    case 5:
      return { op: 'delete', path, version };
    default:
      return { op: 'check', path, version };
  }
}

function randomStep(random: Random): Step {
  const who = random.below(CLIENTS);
  const path = randomPath(random);
  const withWatch = random.below(2) === 0;
  const watchOf = (side: Side): ((event: WatchEvent) => void) | undefined =>
    withWatch ? (event) => side.events.push(`${who} ${event.type} ${event.path}`) : undefined;
  const on = (side: Side): ZooKeeperClient['session'] => (side.clients[who] as ZooKeeperClient).session;
  const kind = random.below(100);
  if (kind < 2) return (side) => side.expire(side.clients[who] as ZooKeeperClient);
  if (kind < 5) return (side) => on(side).deleteRecursive(path);
  if (kind < 8) return (side) => on(side).createRecursive(path, null, { ignoreExisting: true });
  if (kind < 25) {
    const ops = Array.from({ length: 1 + random.below(4) }, () => randomOp(random));
    return (side) => on(side).multi(ops);
  }
  if (kind < 35) return (side) => on(side).getData(path, watchOf(side));
  if (kind < 45) return (side) => on(side).exists(path, watchOf(side));
  if (kind < 55) return (side) => on(side).getChildren(path, watchOf(side));
  const op = randomOp(random);
  return (side) => {
    if (op.op === 'create') return on(side).create(op.path, op.data, op.mode);
    if (op.op === 'setData') return on(side).setData(op.path, op.data, op.version);
    if (op.op === 'delete') return on(side).delete(op.path, op.version);
    return on(side).exists(op.path);
  };
}

/** What can be compared: transaction ids by which are equal and how they follow, owners by client, no times. */
function comparable(value: unknown, side: Side): unknown {
  if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`;
  if (Array.isArray(value)) return value.map((item) => comparable(item, side));
  if (value === null || typeof value !== 'object') return value;
  if ('czxid' in value) return comparableStat(value as Stat, side);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'children' ? (item as string[]).toSorted() : comparable(item, side),
    ]),
  );
}

function comparableStat(stat: Stat, side: Side): unknown {
  const order = [stat.czxid, stat.mzxid, stat.pzxid].toSorted((one, other) => Number(one - other));
  const owner = side.clients.findIndex((client) => client.session.sessionId.equals(stat.ephemeralOwner));
  return {
    zxids: [stat.czxid, stat.mzxid, stat.pzxid].map((zxid) => order.indexOf(zxid)),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
    owner: stat.ephemeralOwner.equals(Buffer.alloc(8)) ? 'none' : owner,
  };
}

async function outcomeOf(step: Step, side: Side): Promise<{ result: unknown; events: string[] }> {
  side.events = [];
  const result = await step(side).then(
    (value) => comparable(value, side),
    (error: { code: string }) => `rejected ${error.code}`,
  );
  // Whatever an operation sets off arrives before the answer to a later read of the same client.
  await Promise.all(side.clients.map((client) => client.session.exists('/')));
  return { result, events: side.events.toSorted() };
}

async function expireAndReopen(client: ZooKeeperClient, expire: () => Promise<void>): Promise<void> {
  const before = client.session.sessionId;
  await expire();
  await eventually(
    'a new session',
    () => client.session.state === 'connected' && !client.session.sessionId.equals(before),
  );
}

async function realSide(chroot: string): Promise<Side> {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => connectForTest(`${zookeeper.connectString}${chroot}`)),
  );
  return {
    clients,
    events: [],
    expire: (client) => expireAndReopen(client, () => expireSession(zookeeper.connectString, client.session)),
  };
}

async function memorySide(chroot: string): Promise<Side> {
  const memory = new InMemoryZooKeeper({ clock: systemClock });
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => memory.connect({ chroot })));
  return {
    clients,
    events: [],
    expire: (client) => expireAndReopen(client, async () => memory.expire(client.session)),
  };
}

describe('the in-memory ZooKeeper', () => {
  it.each(SEEDS)(
    'answers as the real one does (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const chroot = `/seed${seed}`;
      const [real, memory] = await Promise.all([realSide(chroot), memorySide(chroot)]);
      opened.push(...real.clients, ...memory.clients);
      for (let index = 0; index < STEPS; index++) {
        const step = randomStep(random);
        const [expected, seen] = await Promise.all([outcomeOf(step, real), outcomeOf(step, memory)]);
        expect({ step: index, ...seen }).toEqual({ step: index, ...expected });
      }
    },
    60_000,
  );
});
