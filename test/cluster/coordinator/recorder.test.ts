/** The flight recorder beside a real cluster: against ZooKeeper's own reader of its log, and against what a watcher saw. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { isEphemeral } from '../../../coordinator/observe/session-owners';
import type { ZnodeChange, ZnodeView } from '../../../coordinator/schemas';
import { payloadOf, withoutSecrets } from '../../../coordinator/recorder';
import { startCluster, type Cluster } from '../../../embedded';
import type { Stat, ZooKeeperClient } from '../../../zookeeper';
import { eventually, eventuallyPasses } from '../../support/eventually';
import { readTransactions } from '../../support/transaction-log-echo';
import { runRecorder, type RunningRecorder } from '../../support/coordinator/running-recorder';
import { connectForTest, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

interface SeenNode {
  data: Buffer | null;
  stat: Stat;
  children: string[];
}

/** What stood in ZooKeeper while nothing changed, and the zxid of the newest change in it. */
interface Picture {
  nodes: Map<string, SeenNode>;
  newest: bigint;
}

async function readTree(client: ZooKeeperClient): Promise<Picture> {
  const nodes = new Map<string, SeenNode>();
  let newest = 0n;
  const visit = async (path: string): Promise<void> => {
    const { data, stat } = await client.session.getData(path);
    const { children } = await client.session.getChildren(path);
    nodes.set(path, { data, stat, children: children.toSorted() });
    for (const zxid of [stat.mzxid, stat.pzxid]) if (zxid > newest) newest = zxid;
    const below = children.map((name) => (path === '/' ? `/${name}` : `${path}/${name}`));
    await Promise.all(below.filter((child) => child !== '/zookeeper').map(visit));
  };
  await visit('/');
  return { nodes, newest };
}

/** A picture of one moment: two readings in a row that are the same. */
async function stillPicture(client: ZooKeeperClient): Promise<Picture> {
  let before: Picture | null = null;
  return eventually('the tree stood still', async () => {
    // Null when a node vanished while the tree was read.
    const now = await readTree(client).catch(() => null);
    const same = now !== null && now.newest === before?.newest && now.nodes.size === before.nodes.size;
    before = now;
    return same && now;
  });
}

const hex = (zxid: bigint): string => `0x${zxid.toString(16)}`;

/** The node as the recorder should show it, apart from freshness and meaning. */
function expectedView(path: string, { data, stat, children }: SeenNode): object {
  const shown = withoutSecrets(path, data);
  return {
    path,
    data: shown && payloadOf(shown, 1_048_576),
    stat: {
      czxid: hex(stat.czxid),
      mzxid: hex(stat.mzxid),
      pzxid: hex(stat.pzxid),
      ctimeMs: stat.ctimeMs,
      mtimeMs: stat.mtimeMs,
      version: stat.version,
      cversion: stat.cversion,
      aversion: stat.aversion,
      ephemeralOwner: isEphemeral(stat) ? `0x${stat.ephemeralOwner.toString('hex')}` : null,
      dataLength: shown?.length ?? 0,
      numChildren: stat.numChildren,
    },
    children: children.filter((name) => name !== 'zookeeper'),
  };
}

function shownView({ path, data, stat, children }: ZnodeView): object {
  return { path, data, stat, children: children.map(({ name }) => name).filter((name) => name !== 'zookeeper') };
}

/** The sequence of the last change up to a zxid, once the recorder has it. */
function sequenceAt(recorder: RunningRecorder, zxid: bigint): Promise<number> {
  return eventually(`the recorder has ${hex(zxid)}`, async () => {
    const changes = await recorder.all();
    if (!changes.some((change) => change.zxid === hex(zxid))) return 0;
    return changes.findLast((change) => change.zxid !== null && BigInt(change.zxid) <= zxid)?.sequence;
  });
}

async function expectTreeAt(recorder: RunningRecorder, { nodes }: Picture, sequence: number): Promise<void> {
  const shown = new Map<string, object | null>();
  const expected = new Map<string, object | null>();
  for (const [path, node] of nodes) {
    const view = await recorder.recorder.nodeAt(path, sequence);
    shown.set(path, view && shownView(view));
    expected.set(path, expectedView(path, node));
  }
  expect(shown).toEqual(expected);
}

describe('the flight recorder beside a cluster', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gregor-recorder-zookeeper-'));
  let zookeeper: TestZooKeeper;
  let cluster: Cluster;
  let client: ZooKeeperClient;
  let fromLog: RunningRecorder;
  let fromWatches: RunningRecorder;
  const pictures: { picture: Picture; sequence: number }[] = [];

  const takePicture = async (): Promise<void> => {
    const picture = await stillPicture(client);
    pictures.push({ picture, sequence: await sequenceAt(fromLog, picture.newest) });
  };

  beforeAll(async () => {
    zookeeper = await startZooKeeper({ dir });
    const logs = { 'zookeeper.transaction.log.dir': join(dir, 'data') };
    // Small segments, so that what is asked for lies in several of them.
    fromLog = runRecorder(zookeeper.connectString, { ...logs, 'recorder.segment.bytes': '8192' });
    fromWatches = runRecorder(zookeeper.connectString);
    await eventually('the watches are set', () => fromWatches.tree.ready);
    cluster = await startCluster({ brokers: 3, processes: true, zookeeper: zookeeper.connectString });
    client = await connectForTest(zookeeper.connectString);
    await takePicture();
    await runTheStory();
  }, 180_000);

  afterAll(async () => {
    await client?.close();
    await fromLog?.close();
    await fromWatches?.close();
    await cluster?.close();
    await zookeeper?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function runTheStory(): Promise<void> {
    const kafka = new Kafka({ brokers: [...cluster.addresses], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 6, replicationFactor: 3 }] });
    await admin.createTopics({ topics: [{ topic: 'letters', numPartitions: 1, replicationFactor: 1 }] });
    await takePicture();
    const { data } = await client.session.getData('/controller');
    const controller = (JSON.parse(String(data)) as { brokerid: number }).brokerid;
    await cluster.kill(controller);
    await eventually(
      'another broker is the controller and leads',
      async () => {
        const now = await client.session.getData('/controller').catch(() => null);
        const state = await client.session.getData('/brokers/topics/orders/partitions/0/state');
        const isr = (JSON.parse(String(state.data)) as { isr: number[] }).isr;
        return now && !String(now.data).includes(`"brokerid":${controller},`) && !isr.includes(controller);
      },
      60_000,
    );
    await takePicture();
    await cluster.start(controller);
    await admin.deleteTopics({ topics: ['letters'] });
    await eventually(
      'the topic is gone',
      async () => !(await client.session.exists('/brokers/topics/letters')),
      30_000,
    );
    await takePicture();
    await admin.disconnect();
  }

  it('has every change that ZooKeeper’s own reader finds, with its zxid, its session and its time', async () => {
    const theirs = (await readTransactions(join(dir, 'data', 'version-2')))
      .map((line) => /^(\w+) (\w+) \d+ (\d+) (.*)$/.exec(line) as unknown as [string, string, string, string, string])
      .filter(([, , , , body]) => !/(^|[ ;])error -/.test(body))
      .map(([, zxid, session, time]) => `${zxid} ${session} ${time}`);
    const last = BigInt(`0x${theirs.at(-1)?.split(' ')[0]}`);
    await sequenceAt(fromLog, last);
    const changes = await fromLog.all();
    const ours = changes.map(({ zxid, session, timeMs }) => `${zxid?.slice(2)} ${session?.slice(2)} ${timeMs}`);
    expect([...new Set(ours)]).toEqual(theirs);
    expect(changes.map(({ sequence }) => sequence)).toEqual(changes.map((_, index) => index + 1));
    expect((await fromLog.recorder.history({ limit: 1 })).gaps).toEqual([]);
  }, 60_000);

  it('knows which broker did what', async () => {
    const changes = await fromLog.all();
    const elections = changes.filter(({ path, kind }) => path === '/controller' && kind === 'created');
    expect(elections).toHaveLength(2);
    for (const { text, owner } of elections) {
      expect(text).toBe(`Broker ${owner?.brokerId} became the controller.`);
    }
    const begun = changes.find(({ path }) => path === '/brokers/topics/orders/partitions/0/state');
    expect(begun?.owner).toEqual(elections[0]?.owner);
    expect(begun?.text).toMatch(/^Partition orders-0 begins: broker \d leads \(leader epoch 0, ISR (\d, ){2}\d\)\.$/);
    const killed = elections[0]?.owner?.brokerId;
    const after = changes.filter(({ sequence }) => sequence > (pictures[1]?.sequence ?? 0));
    expect(after.find(({ path }) => path === `/brokers/ids/${killed}`)?.text).toBe(
      `Broker ${killed} is no longer registered.`,
    );
    expect(after.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Broker \d became the leader of orders-\d/),
    );
  });

  it('shows the tree as a watcher saw it at each moment', async () => {
    expect(pictures).toHaveLength(4);
    for (const { picture, sequence } of pictures) await expectTreeAt(fromLog, picture, sequence);
    const letters = '/brokers/topics/letters';
    expect(await fromLog.recorder.nodeAt(letters, pictures[0]?.sequence ?? 0)).toBeNull();
    expect(await fromLog.recorder.nodeAt(letters, pictures[2]?.sequence ?? 0)).not.toBeNull();
    expect(await fromLog.recorder.nodeAt(letters, pictures[3]?.sequence ?? 0)).toBeNull();
  }, 60_000);

  it('tells live what it records', async () => {
    expect(fromLog.seen.map(({ sequence }) => sequence)).toEqual(
      (await fromLog.all()).map(({ sequence }) => sequence).slice(-fromLog.seen.length),
    );
    expect(fromLog.told.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['znode', 'broker', 'controller', 'partition', 'topic']),
    );
  });

  it('keeps no password of a session', async () => {
    const changes = await fromLog.all();
    const sessions = changes.filter(({ path, kind }) => path.startsWith('/gregor/sessions/') && kind === 'created');
    expect(sessions.length).toBeGreaterThanOrEqual(4);
    expect(sessions.map(({ after }) => (JSON.parse(after?.text ?? '{}') as { password: string }).password)).toEqual(
      sessions.map(() => '(hidden)'),
    );
  });

  it('from watches says the same, or says that it missed something', async () => {
    const { picture } = pictures.at(-1) as { picture: Picture };
    // Either may be a moment behind the other.
    const watched = await eventuallyPasses(async () => {
      const [exact, told] = [await fromLog.all(), await fromWatches.all()];
      expect(told.length).toBeGreaterThan(picture.nodes.size);
      expect(disagreements(exact, told, [...picture.nodes.keys()])).toEqual([]);
      return told;
    });
    expect(watched.every(({ source, timeFrom }) => source === 'watch' && timeFrom === 'observed')).toBe(true);
  });

  it('goes on where it ended after a restart, with what happened meanwhile', async () => {
    const before = await fromLog.all();
    await fromLog.close({ keep: true });
    await client.session.createRecursive('/meanwhile/it/happened', Buffer.from('1'));
    await client.session.setData('/meanwhile/it/happened', Buffer.from('2'), -1);
    const { dataDir } = fromLog;
    fromLog = runRecorder(zookeeper.connectString, {
      'zookeeper.transaction.log.dir': join(dir, 'data'),
      'data.dir': dataDir,
    });
    const picture = await stillPicture(client);
    const sequence = await sequenceAt(fromLog, picture.newest);
    const changes = await fromLog.all();
    // Which sessions were its own an earlier coordinator knew.
    const kept = ({ owner, ...change }: ZnodeChange): object =>
      owner?.kind === 'broker' ? { ...change, owner } : change;
    expect(changes.slice(0, before.length).map(kept)).toEqual(before.map(kept));
    const texts = changes
      .filter(({ path }) => path.startsWith('/meanwhile/'))
      .map(({ kind, path }) => `${kind} ${path}`);
    expect(texts).toEqual([
      'created /meanwhile/it',
      'created /meanwhile/it/happened',
      'changed /meanwhile/it/happened',
    ]);
    await expectTreeAt(fromLog, picture, sequence);
  }, 60_000);

  it('goes on when ZooKeeper was killed and has started again, in its next log, without a gap', async () => {
    await zookeeper.kill();
    await zookeeper.restart();
    await client.session.create('/after-the-kill', Buffer.from('x'));
    const picture = await stillPicture(client);
    await expectTreeAt(fromLog, picture, await sequenceAt(fromLog, picture.newest));
    expect((await fromLog.recorder.history({ limit: 10_000 })).gaps).toEqual([]);
    const files = readdirSync(join(dir, 'data', 'version-2')).filter((name) => name.startsWith('log.'));
    expect(files.length).toBeGreaterThan(1);
  }, 90_000);
});

/** What the watches told otherwise than the log has it; versions that they declare missed are no disagreement. */
function disagreements(
  exact: readonly ZnodeChange[],
  watched: readonly ZnodeChange[],
  paths: readonly string[],
): string[] {
  const found: string[] = [];
  for (const change of watched) {
    const { path, kind, version, zxid, session } = change;
    const true_ = exact.filter((other) => other.path === path && (zxid === null || other.zxid === zxid));
    const fits = true_.some((other) =>
      kind === 'deleted'
        ? other.kind === 'deleted'
        : other.version === version && JSON.stringify(other.after) === JSON.stringify(change.after),
    );
    if (!fits) found.push(`${kind} ${path} version ${version} at ${zxid} did not happen so`);
    const writer = exact.find((other) => other.path === path && other.zxid === zxid && other.kind === 'created');
    if (session !== null && writer && writer.session !== session)
      found.push(`${path} at ${zxid} was not by ${session}`);
  }
  for (const path of paths) {
    const of = (changes: readonly ZnodeChange[]): ZnodeChange[] =>
      changes.filter((change) => change.path === path && change.kind !== 'deleted');
    // Only where the node was neither deleted: then every version is either told or declared missed.
    if (exact.some((change) => change.path === path && change.kind === 'deleted')) continue;
    const told = of(watched).reduce((sum, { missedVersions }) => sum + 1 + missedVersions, 0);
    if (of(watched).length > 0 && told !== of(exact).length) {
      found.push(`${path}: ${told} versions told or missed, ${of(exact).length} happened`);
    }
  }
  return found;
}
