/**
 * The faults of a history. Each is played from its beginning to its repair; which broker it strikes and how long it lasts is
 * drawn from a seeded source. Whether the cluster gets well again is for the caller to see.
 */
import type { Cluster } from '../../../embedded';
import { sleep, systemClock } from '../../../runtime/clock';
import type { Random } from '../../../runtime/random';
import type { ZooKeeperClient } from '../../../zookeeper';
import { eventually } from '../eventually';
import { viewOf } from '../cluster-view';
import type { TestZooKeeper } from '../zookeeper';

export interface FaultWorld {
  cluster: Cluster;
  zookeeper: TestZooKeeper;
  /** A session of the test's own. */
  client: ZooKeeperClient;
  topic: string;
  random: Random;
}

/** Plays a fault; what it did, in words. */
type Fault = (world: FaultWorld) => Promise<string>;

const NOTICE_TIMEOUT_MS = 30_000;
const LONGEST_MS = 2_000;

/** How long the fault goes on once it has shown; the length is part of it, nothing is waited for. */
const last = ({ random }: FaultWorld): Promise<void> => sleep(systemClock, random.below(LONGEST_MS));

const coin = ({ random }: FaultWorld): boolean => random.below(2) === 0;

/** The controller, a leader, or any broker. */
async function victim(world: FaultWorld): Promise<{ id: number; name: string }> {
  const { cluster, topic, random } = world;
  const drawn = { role: random.below(3), any: random.below(cluster.brokers.length) };
  return eventually(
    'a controller and a leader',
    async () => {
      const view = await viewOf(cluster, drawn.any);
      const partitions = view.topics.find(({ name }) => name === topic)?.partitions ?? [];
      const leader = partitions.find(({ partitionIndex }) => partitionIndex === 0)?.leaderId ?? -1;
      const id = [view.controllerId, leader, drawn.any][drawn.role] ?? -1;
      if (id < 0) throw new Error(`${view.controllerId} ${leader}`);
      const roles = [id === view.controllerId && 'the controller', id === leader && `leader of ${topic}-0`];
      return { id, name: `broker ${id}${roles.map((role) => (role ? `, ${role}` : '')).join('')}` };
    },
    NOTICE_TIMEOUT_MS,
  );
}

async function registration({ client }: FaultWorld, id: number): Promise<bigint | null> {
  return (await client.session.exists(`/brokers/ids/${id}`))?.czxid ?? null;
}

/** Which registration the broker has; it may just be about to register. */
async function registered(world: FaultWorld, id: number): Promise<bigint> {
  return eventually(`broker ${id} is registered`, () => registration(world, id), NOTICE_TIMEOUT_MS);
}

/** Waits until ZooKeeper has expired the session that the broker had. */
async function forgotten(world: FaultWorld, id: number, before: bigint): Promise<void> {
  const gone = async (): Promise<boolean> => (await registration(world, id)) !== before;
  await eventually(`broker ${id} is forgotten`, gone, NOTICE_TIMEOUT_MS);
}

async function kill(world: FaultWorld): Promise<string> {
  const { id, name } = await victim(world);
  await world.cluster.kill(id);
  await last(world);
  await world.cluster.start(id);
  return `kill -9 of ${name}`;
}

async function pause(world: FaultWorld): Promise<string> {
  const { id, name } = await victim(world);
  const before = await registered(world, id);
  world.cluster.pause(id);
  try {
    await forgotten(world, id, before);
    await last(world);
  } finally {
    world.cluster.resume(id);
  }
  return `SIGSTOP of ${name}, for longer than its session`;
}

async function restart(world: FaultWorld): Promise<string> {
  const { id, name } = await victim(world);
  await world.cluster.restart(id);
  return `orderly restart of ${name}`;
}

async function restartZooKeeper(world: FaultWorld): Promise<string> {
  const hard = coin(world);
  if (hard) await world.zookeeper.kill();
  await world.zookeeper.restart();
  return hard ? 'kill -9 and restart of ZooKeeper' : 'restart of ZooKeeper';
}

async function expireSession(world: FaultWorld): Promise<string> {
  const { id, name } = await victim(world);
  await world.cluster.expireSession(id);
  return `expiry of the session of ${name}`;
}

async function cutFromZooKeeper(world: FaultWorld): Promise<string> {
  const { id, name } = await victim(world);
  const before = await registered(world, id);
  const ways = ['both ways', 'from the broker', 'to the broker'] as const;
  const way = ways[world.random.below(ways.length)] as (typeof ways)[number];
  if (way === 'to the broker') await world.cluster.cutLink('zookeeper', id, { oneWay: true });
  else await world.cluster.cutLink(id, 'zookeeper', { oneWay: way !== 'both ways' });
  try {
    await forgotten(world, id, before);
    await last(world);
  } finally {
    await world.cluster.healLink(id, 'zookeeper');
  }
  return `partition of ${name} and ZooKeeper, ${way}`;
}

function cutBrokers(oneWay: boolean): Fault {
  return async (world) => {
    const { cluster, random } = world;
    const { id, name } = await victim(world);
    const other = (id + 1 + random.below(cluster.brokers.length - 1)) % cluster.brokers.length;
    const [from, to] = coin(world) ? [id, other] : [other, id];
    await cluster.cutLink(from, to, { oneWay });
    try {
      // Long enough for a follower to lag. When one of the two is the controller, nobody may learn of it.
      await sleep(systemClock, LONGEST_MS);
      await last(world);
    } finally {
      await cluster.healLink(from, to);
    }
    return `partition of ${name} and broker ${other}${oneWay ? `, only from ${from} to ${to}` : ''}`;
  };
}

export const faults: Readonly<Record<string, Fault>> = {
  kill,
  pause,
  restart,
  restartZooKeeper,
  expireSession,
  cutFromZooKeeper,
  cutTwoBrokers: cutBrokers(false),
  cutOneWay: cutBrokers(true),
};

/** All kinds of faults, each once, in an order that the source decides. */
export function shuffledFaults(random: Random): string[] {
  const left = Object.keys(faults);
  return Array.from(left.slice(), () => left.splice(random.below(left.length), 1)[0] as string);
}
