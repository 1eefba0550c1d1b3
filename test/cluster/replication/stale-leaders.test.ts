/**
 * Leaders that were replaced without knowing it, as real processes: paused for longer than their session, cut off from
 * ZooKeeper, from the controller, from their followers. What they then take alone is neither acknowledged with acks=all nor
 * shown to consumers; when they return they truncate, and follow.
 */
import type { Cluster } from '../../../embedded';
import { alterPartitionReassignments, electLeaders } from '../../../protocol/apis';
import { healAll, onBroker, partitionView, whole } from '../../support/cluster-view';
import { eventually } from '../../support/eventually';
import { appendTo, consumedFrom, controllerSeenBy, createOn, equalReplicas, storedAt } from '../../support/one-broker';
import { startProcessCluster } from '../../support/process-cluster';

jest.setTimeout(180_000);

const WAIT_MS = 60_000;
const settings = {
  'zookeeper.session.timeout.ms': 2_000,
  'min.insync.replicas': 2,
  'replica.lag.time.max.ms': 1_500,
};

let cluster: Cluster;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ cluster, close } = await startProcessCluster(settings));
});

afterEach(() => healAll(cluster));

afterAll(() => close?.());

/** Three brokers in their parts: who decides, who leads and will be replaced, who may be the next. */
interface Roles {
  topic: string;
  controller: number;
  leader: number;
  other: number;
}

/** A topic whose leader is not the controller, with one committed record in three equal replicas. */
async function prepare(topic: string): Promise<Roles> {
  await whole(cluster);
  const controller = await controllerSeenBy(cluster, 0);
  const [leader, other] = [0, 1, 2].filter((id) => id !== controller) as [number, number];
  await createOn(cluster, controller, topic, [leader, other, controller]);
  await whole(cluster);
  expect(await partitionView(cluster, leader, topic)).toMatchObject({ leader, isr: [0, 1, 2] });
  expect(await appendTo(cluster, leader, topic, 'committed', { acks: -1, timeoutMs: 10_000 })).toBe('NONE');
  await equalReplicas(cluster, topic);
  return { topic, controller, leader, other };
}

/** Waits until another broker leads, in its own eyes; gives it. */
async function successorOf({ topic, leader, other, controller }: Roles): Promise<number> {
  return Number(
    await eventually(
      `somebody other than ${leader} leads`,
      async () => {
        const views = await Promise.all([other, controller].map((id) => partitionView(cluster, id, topic)));
        const [first] = views.map((view) => view.leader);
        if (first === undefined || first < 0 || first === leader || views.some((view) => view.leader !== first))
          throw new Error(JSON.stringify(views));
        return String(first);
      },
      WAIT_MS,
    ),
  );
}

/** A new leader takes writes as soon as it has followers. */
async function acknowledged(brokerId: number, topic: string, value: string): Promise<void> {
  await eventually(
    `broker ${brokerId} acknowledges ${value}`,
    async () => {
      const error = await appendTo(cluster, brokerId, topic, value, { acks: -1, timeoutMs: 10_000 });
      // Refused before it was written, so it may be sent again.
      if (error !== 'NOT_ENOUGH_REPLICAS' && error !== 'NOT_LEADER_OR_FOLLOWER') expect(error).toBe('NONE');
      return error === 'NONE';
    },
    WAIT_MS,
  );
}

/** The stale leader still takes writes, and neither acknowledges them with acks=all nor shows them. */
async function expectHarmless({ topic, leader }: Roles): Promise<void> {
  expect(await partitionView(cluster, leader, topic)).toMatchObject({ leader });
  expect(await appendTo(cluster, leader, topic, 'stale, acks=1', { acks: 1 })).toBe('NONE');
  expect(await appendTo(cluster, leader, topic, 'stale, acks=all', { acks: -1 })).not.toBe('NONE');
  expect(storedAt(cluster, leader, topic)).toContain('stale, acks=1');
  expect(await consumedFrom(cluster, leader, topic)).toEqual(['committed']);
}

/** All three replicas are in sync again and hold what was committed, and nothing else. */
async function expectRejoined({ topic, leader }: Roles, successor: number): Promise<void> {
  await whole(cluster);
  expect(await equalReplicas(cluster, topic)).toEqual(['committed', 'kept']);
  expect(await partitionView(cluster, leader, topic)).toMatchObject({ leader: successor, isr: [0, 1, 2] });
}

test('a leader cut off from ZooKeeper only is replaced, does no harm, and truncates when it is back', async () => {
  const roles = await prepare('cut-from-zookeeper');
  await cluster.cutLink(roles.leader, 'zookeeper');
  const successor = await successorOf(roles);
  await acknowledged(successor, roles.topic, 'kept');
  await expectHarmless(roles);
  await cluster.healLink(roles.leader, 'zookeeper');
  await expectRejoined(roles, successor);
});

describe('a leader whose last records nobody else has', () => {
  /** Cuts the leader off from both other brokers and writes to it. */
  async function diverge({ topic, leader, other, controller }: Roles): Promise<void> {
    for (const id of [other, controller]) await cluster.cutLink(id, leader);
    // The fetches that wait at the leader are answered with the first; that answer must not be taken when it arrives.
    for (const value of ['stale 1', 'stale 2'])
      expect(await appendTo(cluster, leader, topic, value, { acks: 1 })).toBe('NONE');
    expect(storedAt(cluster, leader, topic)).toEqual(['committed', 'stale 1', 'stale 2']);
  }

  async function heal({ leader, other, controller }: Roles): Promise<void> {
    for (const id of [other, controller]) await cluster.healLink(id, leader);
  }

  it('drops them after a pause that was longer than its session', async () => {
    const roles = await prepare('paused');
    await diverge(roles);
    cluster.pause(roles.leader);
    const successor = await successorOf(roles);
    await acknowledged(successor, roles.topic, 'kept');
    cluster.resume(roles.leader);
    await heal(roles);
    await expectRejoined(roles, successor);
  });

  it('drops them after its session has expired', async () => {
    const roles = await prepare('expired');
    await diverge(roles);
    await cluster.expireSession(roles.leader);
    const successor = await successorOf(roles);
    await acknowledged(successor, roles.topic, 'kept');
    await heal(roles);
    await expectRejoined(roles, successor);
  });
});

describe('a leader that the controller cannot reach', () => {
  it.each([
    ['in both directions', false],
    ['while it can reach the controller', true],
  ])('%s does no harm after another one was elected, and truncates when it hears of it', async (_how, oneWay) => {
    const roles = await prepare(oneWay ? 'not-told' : 'cut-from-controller');
    const { topic, controller, leader, other } = roles;
    const order = { name: topic, partitions: [{ partitionIndex: 0, replicas: [other, controller, leader] }] };
    const reordered = await onBroker(cluster, controller, (connection) =>
      connection.send(alterPartitionReassignments, { topics: [order] }),
    );
    expect(reordered.responses[0]?.partitions[0]?.errorCode).toBe(0);
    await whole(cluster);
    await cluster.cutLink(controller, leader, { oneWay });
    const election = { electionType: 0, topicPartitions: [{ topic, partitions: [0] }], timeoutMs: 1_000 };
    await onBroker(cluster, controller, (connection) => connection.send(electLeaders, election));
    expect(await successorOf(roles)).toBe(other);
    await acknowledged(other, topic, 'kept');
    await expectHarmless(roles);
    await cluster.healLink(controller, leader);
    await expectRejoined(roles, other);
  });
});

test.each([
  ['in both directions', 'other', 'leader', false],
  ['from the follower to the leader only', 'other', 'leader', true],
  ['from the leader to the follower only', 'leader', 'other', true],
] as const)('acks=all goes on when packets are lost %s: that follower leaves the ISR, and returns', async (...row) => {
  const [, from, to, oneWay] = row;
  const roles = await prepare(`two-brokers-${from}-${oneWay ? 'one-way' : 'both-ways'}`);
  const { topic, leader, controller } = roles;
  await cluster.cutLink(roles[from], roles[to], { oneWay });
  // Waits until the follower counts no more.
  expect(await appendTo(cluster, leader, topic, 'kept', { acks: -1, timeoutMs: WAIT_MS })).toBe('NONE');
  expect(await partitionView(cluster, leader, topic)).toMatchObject({ leader, isr: [leader, controller].toSorted() });
  expect(await consumedFrom(cluster, leader, topic)).toEqual(['committed', 'kept']);
  await cluster.healLink(roles[from], roles[to]);
  await expectRejoined(roles, leader);
});
