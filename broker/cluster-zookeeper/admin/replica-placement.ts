/**
 * Which brokers get the replicas of new partitions (kafka.admin.AdminUtils). Pure: randomness comes as two numbers.
 * Without racks the brokers stand in a circle; leaders go round it, and the followers of a partition stand behind its
 * leader at a distance that grows with every round. With racks the circle alternates between them, and a rack gets a
 * second replica only when every rack has one.
 */
import { KafkaError } from '../../../protocol';
import type { Random } from '../../../runtime/random';

export interface PlacementBroker {
  readonly id: number;
  readonly rack: string | null;
}

export interface Placement {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Where in the circle the first leader stands, and how far behind their leader followers begin. */
  readonly startIndex: number;
  readonly shift: number;
  /** Number of the first partition; 0 for a new topic. */
  readonly firstPartition: number;
}

/** Where a new topic starts: anywhere, so that topics with few partitions do not all end on the same brokers. */
export function randomStart(brokers: number, random: Random): { startIndex: number; shift: number } {
  return { startIndex: random.below(Math.max(1, brokers)), shift: random.below(Math.max(1, brokers)) };
}

/**
 * @param brokers in ascending order of their ids
 * @returns replicas by partition, the preferred leader first
 * @throws KafkaError INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR; UNKNOWN_SERVER_ERROR when only some brokers have a rack
 */
export function placeReplicas(brokers: readonly PlacementBroker[], placement: Placement): Map<number, number[]> {
  const { partitions, replicationFactor } = placement;
  if (partitions <= 0) throw new KafkaError('INVALID_PARTITIONS', 'Number of partitions must be larger than 0.');
  if (replicationFactor <= 0) {
    throw new KafkaError('INVALID_REPLICATION_FACTOR', 'Replication factor must be larger than 0.');
  }
  if (replicationFactor > brokers.length) {
    const text = `Replication factor: ${replicationFactor} larger than available brokers: ${brokers.length}.`;
    throw new KafkaError('INVALID_REPLICATION_FACTOR', text);
  }
  if (brokers.every(({ rack }) => rack === null))
    return placeWithoutRacks(
      brokers.map(({ id }) => id),
      placement,
    );
  return placeOnRacks(brokers, placement);
}

function placeWithoutRacks(circle: readonly number[], placement: Placement): Map<number, number[]> {
  const { partitions, replicationFactor, startIndex, firstPartition } = placement;
  const assignment = new Map<number, number[]>();
  let { shift } = placement;
  for (let partition = firstPartition; partition < firstPartition + partitions; partition++) {
    if (partition > 0 && partition % circle.length === 0) shift++;
    const first = (partition + startIndex) % circle.length;
    const replicas = [circle[first] as number];
    for (let follower = 0; follower < replicationFactor - 1; follower++) {
      replicas.push(circle[followerIndex(first, shift, follower, circle.length)] as number);
    }
    assignment.set(partition, replicas);
  }
  return assignment;
}

function placeOnRacks(brokers: readonly PlacementBroker[], placement: Placement): Map<number, number[]> {
  const racks = new Map<number, string>();
  for (const { id, rack } of brokers) {
    if (rack === null) {
      throw new KafkaError(
        'UNKNOWN_SERVER_ERROR',
        'Not all brokers have rack information for replica rack aware assignment.',
      );
    }
    racks.set(id, rack);
  }
  const circle = alternateRacks(racks);
  const { partitions, startIndex, firstPartition } = placement;
  const assignment = new Map<number, number[]>();
  let { shift } = placement;
  for (let partition = firstPartition; partition < firstPartition + partitions; partition++) {
    if (partition > 0 && partition % circle.length === 0) shift++;
    const first = (partition + startIndex) % circle.length;
    assignment.set(partition, replicasOnRacks(circle, racks, first, shift, placement.replicationFactor));
  }
  return assignment;
}

function replicasOnRacks(
  circle: readonly number[],
  racks: ReadonlyMap<number, string>,
  first: number,
  shift: number,
  replicationFactor: number,
): number[] {
  const rackCount = new Set(racks.values()).size;
  const leader = circle[first] as number;
  const replicas = [leader];
  const usedRacks = new Set([racks.get(leader)]);
  for (let step = 0; replicas.length < replicationFactor; step++) {
    const broker = circle[followerIndex(first, shift * rackCount, step, circle.length)] as number;
    const rack = racks.get(broker);
    const rackIsFree = !usedRacks.has(rack) || usedRacks.size === rackCount;
    if (!rackIsFree || replicas.includes(broker)) continue;
    replicas.push(broker);
    usedRacks.add(rack);
  }
  return replicas;
}

function followerIndex(first: number, shift: number, follower: number, brokers: number): number {
  return (first + 1 + ((shift + follower) % (brokers - 1))) % brokers;
}

/** One broker of each rack in turn, racks in the order of their names: r1: 0,1 r2: 2,3 gives 0,2,1,3. */
export function alternateRacks(racks: ReadonlyMap<number, string>): number[] {
  const byRack = new Map<string, number[]>();
  for (const id of [...racks.keys()].sort((a, b) => a - b)) {
    const rack = racks.get(id) as string;
    byRack.set(rack, [...(byRack.get(rack) ?? []), id]);
  }
  const queues = [...byRack.keys()].sort().map((rack) => byRack.get(rack) as number[]);
  const result: number[] = [];
  for (let round = 0; result.length < racks.size; round++) {
    for (const queue of queues) {
      const id = queue[round];
      if (id !== undefined) result.push(id);
    }
  }
  return result;
}
