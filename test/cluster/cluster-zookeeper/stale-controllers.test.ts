/**
 * Controllers that were replaced without knowing it, as real processes: paused for longer than their session, or cut off from
 * ZooKeeper. The controller epoch fences them: what they still decide, or have sent, changes nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../embedded';
import { errorForCode } from '../../../protocol';
import { createTopics } from '../../../protocol/apis';
import type { ZooKeeperClient } from '../../../zookeeper';
import { CONTROLLER_PATH, decodeController } from '../../../zookeeper/znodes';
import { connectTo, healAll, onBroker, whole } from '../../support/cluster-view';
import { eventually } from '../../support/eventually';
import { appendTo, controllerSeenBy, createOn, equalReplicas } from '../../support/one-broker';
import { startProcessCluster } from '../../support/process-cluster';

jest.setTimeout(180_000);

const WAIT_MS = 60_000;
const settings = { 'zookeeper.session.timeout.ms': 2_000, 'min.insync.replicas': 2 };

let cluster: Cluster;
let zk: ZooKeeperClient;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ cluster, zk, close } = await startProcessCluster(settings));
});

afterEach(() => healAll(cluster));

afterAll(() => close?.());

interface Election {
  controller: number;
  epoch: number;
}

async function election(): Promise<Election> {
  const controller = decodeController((await zk.session.getData(CONTROLLER_PATH)).data).brokerId;
  return { controller, epoch: Number(String((await zk.session.getData('/controller_epoch')).data)) };
}

/** Waits until another broker is the controller and both of those that are not stale know it. */
async function successorOf(stale: Election): Promise<Election> {
  return eventually(
    'another controller',
    async () => {
      const now = await election();
      const others = [0, 1, 2].filter((id) => id !== stale.controller);
      const seen = await Promise.all(others.map((id) => controllerSeenBy(cluster, id)));
      // Read one after the other: the epoch may be a successor's, and the controller still the stale one.
      const elected = now.epoch > stale.epoch && now.controller !== stale.controller;
      const known = elected && seen.every((id) => id === now.controller);
      if (!known) throw new Error(`${JSON.stringify(now)}, seen ${seen.join(' ')}`);
      return now;
    },
    WAIT_MS,
  );
}

/** What a broker's log has of a stale controller's requests. */
function refusedBy(brokerId: number, controller: number): string[] {
  const log = readFileSync(join(cluster.brokers[brokerId]?.directory ?? '', 'server.log'), 'utf8');
  return log.match(new RegExp(`Ignoring \\w+ request from controller ${controller} since .*`, 'g')) ?? [];
}

/** The cluster is one again, under the new controller and no later one, and can do what needs a controller. */
async function expectOneController(now: Election, topic: string): Promise<void> {
  await whole(cluster);
  expect(await election()).toEqual(now);
  for (const id of [0, 1, 2]) expect(await controllerSeenBy(cluster, id)).toBe(now.controller);
  await createOn(cluster, now.controller, topic, [0, 1, 2]);
  await whole(cluster);
  expect(await appendTo(cluster, 0, topic, 'written', { acks: -1, timeoutMs: 10_000 })).toBe('NONE');
  expect(await equalReplicas(cluster, topic)).toEqual(['written']);
}

test('a controller that was paused for longer than its session makes way for its successor', async () => {
  await whole(cluster);
  const stale = await election();
  const connection = await connectTo(cluster, stale.controller);
  cluster.pause(stale.controller);
  // Waits in its socket, and is the first thing that it sees when it goes on: it believes itself the controller then.
  const topics = [{ name: 'asked-of-a-stale-controller', numPartitions: 1, replicationFactor: 3 }];
  const asked = connection.send(createTopics, { topics, timeoutMs: WAIT_MS }, { timeoutMs: WAIT_MS });
  const now = await successorOf(stale);
  cluster.resume(stale.controller);
  const { errorCode } = (await asked).topics[0] ?? {};
  connection.close();
  expect(errorForCode(errorCode ?? 0).name).toBe('NOT_CONTROLLER');
  expect(await zk.session.exists('/brokers/topics/asked-of-a-stale-controller')).toBeNull();
  await expectOneController(now, 'after-the-pause');
});

test('a controller cut off from ZooKeeper only is replaced, changes nothing, and follows when it is back', async () => {
  await whole(cluster);
  const stale = await election();
  await cluster.cutLink(stale.controller, 'zookeeper');
  const now = await successorOf(stale);
  const topics = [{ name: 'never-made', numPartitions: 1, replicationFactor: 3 }];
  // It has no ZooKeeper to write to; whether it says so or does not answer is its own affair.
  const refused = await onBroker(cluster, stale.controller, (connection) =>
    connection.send(createTopics, { topics, timeoutMs: 500 }, { timeoutMs: 2_000 }),
  ).then(
    (answer) => answer.topics[0]?.errorCode !== 0,
    () => true,
  );
  expect(refused).toBe(true);
  expect(await zk.session.exists('/brokers/topics/never-made')).toBeNull();
  await cluster.healLink(stale.controller, 'zookeeper');
  await expectOneController(now, 'after-the-cut');
});

test("a stale controller's requests that arrive late are refused by their epoch", async () => {
  await whole(cluster);
  const stale = await election();
  const [receiver] = [0, 1, 2].filter((id) => id !== stale.controller) as [number];
  await cluster.cutLink(stale.controller, receiver, { oneWay: true });
  // Makes it send LeaderAndIsr and UpdateMetadata to everybody; those to the receiver are under way from now on.
  await createOn(cluster, stale.controller, 'told-late', [stale.controller, receiver]);
  await cluster.cutLink(stale.controller, 'zookeeper');
  const now = await successorOf(stale);
  expect(refusedBy(receiver, stale.controller)).toEqual([]);
  await cluster.healLink(stale.controller, receiver);
  await eventually('refusal of a late request', () => refusedBy(receiver, stale.controller)[0], WAIT_MS);
  await cluster.healLink(stale.controller, 'zookeeper');
  await expectOneController(now, 'after-late-requests');
});
