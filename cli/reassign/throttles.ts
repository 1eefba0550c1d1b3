/**
 * Throttles of a reassignment: brokers get a rate, topics the replicas that it holds for (KIP-73). Set when a
 * reassignment starts, cleared when it is verified to be over.
 */
import type { ClusterClient } from '../../client';
import { changeConfigs } from '../configs/change';
import { ResourceType } from '../configs/describe';
import { partitionName, type PartitionReplicas } from './assignment';
import type { Reassignment } from './reassignments';

type Print = (line: string) => void;

const LEADER_RATE = 'leader.replication.throttled.rate';
const FOLLOWER_RATE = 'follower.replication.throttled.rate';
const DIRECTORY_RATE = 'replica.alter.log.dirs.io.max.bytes.per.second';
const LEADER_REPLICAS = 'leader.replication.throttled.replicas';
const FOLLOWER_REPLICAS = 'follower.replication.throttled.replicas';

/** From which brokers to which a partition's records are copied. */
export interface Move {
  topic: string;
  partition: number;
  sources: readonly number[];
  destinations: readonly number[];
}

/** All moves that there will be: those under way, and those proposed. */
export function movesOf(
  current: ReadonlyMap<string, Reassignment>,
  proposed: readonly PartitionReplicas[],
  replicasNow: readonly PartitionReplicas[],
): Move[] {
  const moves = new Map<string, Move>();
  for (const [name, { topic, partition, replicas, adding }] of current) {
    const sources = replicas.filter((broker) => !adding.includes(broker));
    moves.set(name, { topic, partition, sources, destinations: adding });
  }
  for (const { topic, partition, replicas } of proposed) {
    const name = partitionName({ topic, partition });
    const now = replicasNow.find((entry) => partitionName(entry) === name);
    const sources = moves.get(name)?.sources ?? now?.replicas ?? [];
    const destinations = replicas.filter((broker) => !sources.includes(broker));
    moves.set(name, { topic, partition, sources, destinations });
  }
  return [...moves.values()];
}

/** `0:1,0:2,3:1`, partition and broker. */
export function throttledReplicas(moves: readonly Move[], topic: string, side: 'sources' | 'destinations'): string {
  const replicas = moves
    .filter((move) => move.topic === topic)
    .flatMap((move) => move[side].map((broker) => `${move.partition}:${broker}`));
  return [...new Set(replicas)].toSorted().join(',');
}

/** Limits what brokers copy for the moves, in bytes a second. */
export async function throttleMoves(
  cluster: ClusterClient,
  moves: readonly Move[],
  bytesPerSecond: number,
  print: Print,
): Promise<void> {
  for (const topic of new Set(moves.map((move) => move.topic))) {
    const throttles = new Map([
      [LEADER_REPLICAS, throttledReplicas(moves, topic, 'sources')],
      [FOLLOWER_REPLICAS, throttledReplicas(moves, topic, 'destinations')],
    ]);
    await changeConfigs(cluster, { resourceType: ResourceType.TOPIC, resourceName: topic }, throttles, []);
  }
  const rate = String(bytesPerSecond);
  const brokers = new Set(moves.flatMap(({ sources, destinations }) => [...sources, ...destinations]));
  await changeBrokers(
    cluster,
    [...brokers],
    new Map([
      [LEADER_RATE, rate],
      [FOLLOWER_RATE, rate],
    ]),
    [],
  );
  print(`The inter-broker throttle limit was set to ${rate} B/s`);
}

/** Limits what brokers copy between their log directories, in bytes a second. */
export async function throttleDirectories(
  cluster: ClusterClient,
  brokers: readonly number[],
  bytesPerSecond: number,
  print: Print,
): Promise<void> {
  await changeBrokers(cluster, brokers, new Map([[DIRECTORY_RATE, String(bytesPerSecond)]]), []);
  print(`The replica-alter-dir throttle limit was set to ${bytesPerSecond} B/s`);
}

/** Clears all throttles: nobody knows any more which brokers an earlier reassignment had as its sources. */
export async function clearThrottles(
  cluster: ClusterClient,
  partitions: readonly PartitionReplicas[],
  print: Print,
): Promise<void> {
  const alive = (await cluster.metadata([])).brokers.map(({ nodeId }) => nodeId);
  const targets = partitions.flatMap(({ replicas }) => replicas);
  const brokers = [...new Set([...alive, ...targets])].toSorted((one, other) => one - other);
  print(`Clearing broker-level throttles on broker${brokers.length === 1 ? '' : 's'} ${brokers.join(',')}`);
  const rates = [LEADER_RATE, FOLLOWER_RATE, DIRECTORY_RATE];
  await changeBrokers(
    cluster,
    brokers.filter((broker) => alive.includes(broker)),
    new Map(),
    rates,
  );
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  print(`Clearing topic-level throttles on topic${topics.length === 1 ? '' : 's'} ${topics.join(',')}`);
  for (const topic of topics) {
    const resource = { resourceType: ResourceType.TOPIC, resourceName: topic };
    await changeConfigs(cluster, resource, new Map(), [LEADER_REPLICAS, FOLLOWER_REPLICAS]);
  }
}

async function changeBrokers(
  cluster: ClusterClient,
  brokers: readonly number[],
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  for (const broker of brokers) {
    await changeConfigs(cluster, { resourceType: ResourceType.BROKER, resourceName: String(broker) }, added, deleted);
  }
}
