/** The coordinator's tree of znodes, over a real ZooKeeper: it is what ZooKeeper has, and what it told leads there. */
import type { ZnodeTree } from '../../../coordinator/parts';
import { createOwnerOf } from '../../../coordinator/observe/session-owners';
import { seededRandom } from '../../../runtime/random';
import { freePorts } from '../../../supervisor/ports';
import { type ZooKeeperClient, ZkError } from '../../../zookeeper';
import {
  contradictions,
  linesOf,
  untilEqual,
  watchTree,
  type WatchedTree,
} from '../../support/coordinator/watched-tree';
import { createSecret } from '../../support/coordinator/secret-znode';
import { eventually } from '../../support/eventually';
import { isZooKeeperAnswer, TcpProxy } from '../../support/tcp-proxy';
import { connectForTest, expireSession, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

const text = (value: string): Buffer => Buffer.from(value);

let server: TestZooKeeper;
let writer: ZooKeeperClient;
const open: { close(): Promise<void> }[] = [];

/** Closed after the test. */
const kept = <T extends { close(): Promise<void> }>(closable: T): T => {
  open.push(closable);
  return closable;
};

const isFresh = (tree: ZnodeTree): boolean => !tree.freshness().stale;

async function ready(watched: WatchedTree): Promise<WatchedTree> {
  await eventually('the first read', () => watched.tree.ready && isFresh(watched.tree));
  return watched;
}

beforeAll(async () => {
  server = await startZooKeeper();
});

beforeEach(async () => {
  writer = kept(await connectForTest(server.connectString));
});

afterEach(async () => {
  for (const closable of open.splice(0)) await closable.close();
  const cleaner = await connectForTest(server.connectString);
  const { children } = await cleaner.session.getChildren('/');
  for (const name of children) if (name !== 'zookeeper') await cleaner.session.deleteRecursive(`/${name}`);
  await cleaner.close();
});

afterAll(() => server.stop());

/** Errors that come of several writers at once. */
const collisions = ['NO_NODE', 'NODE_EXISTS', 'NOT_EMPTY', 'BAD_VERSION', 'NO_CHILDREN_FOR_EPHEMERALS'];

/** Creates, sets, deletes and creates anew, alone and in transactions, under few paths, so that much collides. */
async function writeAtRandom({ session }: ZooKeeperClient, seed: number, operations: number): Promise<void> {
  const random = seededRandom(seed);
  const pathAt = (): string => Array.from({ length: 1 + random.below(3) }, () => `/n${random.below(4)}`).join('');
  const one = async (): Promise<unknown> => {
    const path = pathAt();
    const data = text(`${seed}-${random.below(1_000)}`);
    switch (random.below(7)) {
      case 0:
      case 1:
        return session.create(path, data, random.below(3) === 0 ? 'ephemeral' : 'persistent');
      case 2:
        return session.delete(path, -1);
      case 3:
        return session.deleteRecursive(path);
      case 4:
        return session.multi([
          { op: 'delete', path, version: -1 },
          { op: 'create', path, data, mode: 'persistent' },
          { op: 'setData', path, data, version: 0 },
        ]);
      default:
        return session.setData(path, data, -1);
    }
  };
  const caught = async (): Promise<void> => {
    try {
      await one();
    } catch (error) {
      if (!(error instanceof ZkError) || !collisions.includes(error.code)) throw error;
    }
  };
  // Some at once, some after each other.
  for (let done = 0; done < operations;) {
    const burst = 1 + random.below(20);
    await Promise.all(Array.from({ length: burst }, caught));
    done += burst;
  }
}

describe('the tree of znodes that the coordinator keeps', () => {
  it.each([1, 2, 3])('is what ZooKeeper has after random writes by several clients (seed %i)', async (seed) => {
    await writeAtRandom(writer, seed, 200);
    const watched = await ready(kept(watchTree(server.connectString)));
    const others = [writer, kept(await connectForTest(server.connectString))];
    await Promise.all(others.map((client, at) => writeAtRandom(client, seed * 100 + at, 1_500)));
    await untilEqual(watched, writer);
    expect(contradictions(watched)).toEqual([]);
    expect(watched.changes.length).toBeGreaterThan(500);
    expect(watched.gaps).toEqual([]);
  });

  it('is whole also when others write while it is read for the first time', async () => {
    await writeAtRandom(writer, 7, 500);
    const watched = kept(watchTree(server.connectString));
    await writeAtRandom(writer, 8, 1_500);
    await untilEqual(await ready(watched), writer);
    expect(contradictions(watched)).toEqual([]);
  });

  it('tells versions that nobody saw', async () => {
    await writer.session.create('/often', text('0'));
    const proxy = await TcpProxy.start(server.port);
    const watched = await ready(kept(watchTree(proxy.connectString)));
    proxy.refuse = true;
    for (const value of ['1', '2', '3']) await writer.session.setData('/often', text(value), -1);
    proxy.refuse = false;
    await untilEqual(watched, writer);
    const seen = watched.changes.map(({ kind, path, after, missedVersions }) => [
      kind,
      path,
      after?.data?.toString(),
      missedVersions,
    ]);
    expect(seen).toEqual([['changed', '/often', '3', 2]]);
    await proxy.stop();
  });

  it('is stale while ZooKeeper is away, says since when, and goes on by itself without a gap when it is back', async () => {
    await writer.session.create('/before', null);
    const watched = await ready(kept(watchTree(server.connectString)));
    const { tree } = watched;
    await server.kill();
    const killedAtMs = Date.now();
    await eventually('staleness', () => tree.freshness().stale);
    expect(tree.freshness().why).toBe('There is no connection to ZooKeeper.');
    expect(tree.get('/before')).toBeDefined();
    await server.restart();
    await eventually('freshness', () => isFresh(tree) && (tree.freshness().asOfMs ?? 0) > killedAtMs);
    await writer.session.create('/after', null);
    await untilEqual(watched, writer);
    expect(watched.gaps).toEqual([]);
    expect(contradictions(watched)).toEqual([]);
  });

  it('is stale when ZooKeeper hangs, although its connection stands', async () => {
    const { tree } = await ready(kept(watchTree(server.connectString, { sessionTimeoutMs: 60_000 })));
    server.pause();
    try {
      await eventually('staleness', () => tree.freshness().stale);
      const { why, asOfMs, ageMs } = tree.freshness();
      expect(why).toBe('ZooKeeper does not answer.');
      expect(asOfMs).not.toBeNull();
      expect(ageMs).toBeGreaterThan(400);
    } finally {
      server.resume();
    }
    await eventually('freshness', () => isFresh(tree));
  });

  it('has a gap where its session expired, and then all that changed meanwhile', async () => {
    await writer.session.create('/kept', text('0'));
    await writer.session.create('/removed', null);
    await writer.session.create('/anew', text('old'));
    const proxy = await TcpProxy.start(server.port);
    const watched = await ready(kept(watchTree(proxy.connectString)));
    const firstSession = watched.zookeeper.session.sessionId;
    proxy.refuse = true;
    await expireSession(server.connectString, watched.zookeeper.session);
    await writer.session.setData('/kept', text('1'), -1);
    await writer.session.setData('/kept', text('2'), -1);
    await writer.session.delete('/removed', -1);
    await writer.session.delete('/anew', -1);
    await writer.session.create('/anew', text('new'));
    proxy.refuse = false;
    await untilEqual(watched, writer);
    expect(watched.zookeeper.session.sessionId).not.toEqual(firstSession);
    expect(watched.gaps).toMatchObject([{ why: 'The coordinator’s ZooKeeper session expired.' }]);
    expect(watched.gaps[0]?.fromMs).toBeLessThanOrEqual(watched.gaps[0]?.toMs ?? 0);
    const told = watched.changes.map(({ kind, path, missedVersions }) => `${kind} ${path} ${missedVersions}`);
    expect(told.toSorted()).toEqual(
      ['changed /kept 1', 'created /anew 0', 'deleted /anew 0', 'deleted /removed 0'].toSorted(),
    );
    // The watches of the new session work as those of the first did.
    await writeAtRandom(writer, 11, 300);
    await untilEqual(watched, writer);
    expect(contradictions(watched)).toEqual([]);
    await proxy.stop();
  });

  it('is never taken for whole when its session expires during the first read', async () => {
    await writeAtRandom(writer, 21, 1_000);
    const proxy = await TcpProxy.start(server.port);
    let answers = 0;
    const lost = proxy.loseNextAnswer((chunk) => isZooKeeperAnswer(chunk) && ++answers === 3, { thenRefuse: true });
    const watched = kept(watchTree(proxy.connectString));
    const sizes: number[] = [];
    watched.tree.onReady(() => sizes.push(watched.tree.size));
    await lost;
    await expireSession(server.connectString, watched.zookeeper.session);
    expect(sizes).toEqual([]);
    proxy.refuse = false;
    await untilEqual(await ready(watched), writer);
    expect(sizes).toEqual([linesOf(watched.tree).length]);
    await proxy.stop();
  });

  it('is read once ZooKeeper comes, when it starts first', async () => {
    const [port = 0] = await freePorts(1);
    const watched = kept(watchTree(`127.0.0.1:${port}`));
    expect(watched.tree.ready).toBe(false);
    expect(watched.tree.freshness()).toEqual({
      asOfMs: null,
      ageMs: null,
      stale: true,
      why: 'ZooKeeper has not been reached yet.',
    });
    const late = await startZooKeeper({ port });
    try {
      await ready(watched);
      expect([...(watched.tree.get('/')?.children ?? [])]).toEqual(['zookeeper']);
    } finally {
      await watched.close();
      await late.stop();
    }
  });

  it('begins with a chroot that somebody makes later', async () => {
    const watched = await ready(kept(watchTree(`${server.connectString}/later/kafka`)));
    expect(watched.tree.size).toBe(0);
    await writer.session.createRecursive('/later/kafka/brokers/ids', null);
    await eventually('the nodes below the chroot', () => watched.tree.get('/brokers/ids'));
    await writer.session.deleteRecursive('/later');
    await eventually('their end', () => watched.tree.size === 0);
    await writer.session.createRecursive('/later/kafka/controller', text('again'));
    await eventually('the chroot that was made anew', () => watched.tree.get('/controller')?.data?.toString());
    expect(contradictions(watched)).toEqual([]);
  });

  it('goes on without a node that it may not read, and never invents what is in it', async () => {
    await createSecret(server.connectString, '/secret');
    await writer.session.create('/open', text('for all'));
    const { tree } = await ready(kept(watchTree(server.connectString)));
    const seen = tree.get('/secret');
    await writer.session.delete('/secret', -1);
    // Servers from 3.8.4 on do not even tell that it is there, older ones tell its stat.
    expect(seen ? [seen.data, seen.stat.dataLength] : null).toEqual(seen ? [null, 6] : null);
    expect(tree.get('/open')?.data?.toString()).toBe('for all');
    expect(tree.freshness()).toMatchObject({ stale: false, why: null });
  });

  it('holds no more nodes than its bound, and says so', async () => {
    for (let at = 0; at < 20; at++) await writer.session.create(`/node-${at}`, null);
    const { tree } = kept(watchTree(server.connectString, { maxNodes: 10 }));
    await eventually('the first read', () => tree.ready);
    expect(tree.size).toBeLessThanOrEqual(10);
    expect(tree.freshness()).toMatchObject({
      stale: true,
      why: expect.stringContaining('more than 10 znodes') as string,
    });
  });

  it('knows whose sessions the brokers’ are, also after they have ended', async () => {
    const watched = await ready(kept(watchTree(server.connectString)));
    const ownerOf = createOwnerOf(watched.tree, watched.zookeeper.session);
    const broker = kept(await connectForTest(server.connectString));
    const { sessionId } = broker.session;
    expect(ownerOf(sessionId)).toEqual({ kind: 'unknown', brokerId: null });
    expect(ownerOf(watched.zookeeper.session.sessionId)).toEqual({ kind: 'coordinator', brokerId: null });
    await broker.session.createRecursive('/brokers/ids', null);
    await broker.session.create('/brokers/ids/7', null, 'ephemeral');
    await eventually('the broker', () => ownerOf(sessionId).brokerId === 7);
    await broker.close();
    await eventually('its end', () => watched.tree.get('/brokers/ids/7') === undefined);
    expect(ownerOf(sessionId)).toEqual({ kind: 'broker', brokerId: 7 });
  });
});
