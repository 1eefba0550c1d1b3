/**
 * Spreads replicas over brokers, and over racks where brokers tell theirs (Kafka's AdminUtils, KIP-36): leaders go
 * round, and followers with a shift that grows with each round, so that a broker's followers lie on many others.
 */
import type { Random } from '../../runtime/random';
import { CommandError } from '../command';

export interface BrokerRack {
  id: number;
  rack: string | null;
}

/**
 * Replicas of partitions 0 to `partitionCount` - 1.
 * @throws CommandError when there are too few brokers
 */
export function proposeReplicas(
  brokers: readonly BrokerRack[],
  partitionCount: number,
  replicationFactor: number,
  random: Random,
): number[][] {
  if (replicationFactor > brokers.length) {
    throw new CommandError(
      `Replication factor: ${replicationFactor} larger than available brokers: ${brokers.length}.`,
    );
  }
  const racks = new Map(brokers.map(({ id, rack }) => [id, rack]));
  const inRacks = brokers.every(({ rack }) => rack !== null);
  const order = inRacks ? alternateRacks(brokers) : brokers.map(({ id }) => id).toSorted((a, b) => a - b);
  const rackCount = inRacks ? new Set(racks.values()).size : 1;
  const start = random.below(order.length);
  let shift = random.below(order.length);
  return Array.from({ length: partitionCount }, (_, partition) => {
    if (partition > 0 && partition % order.length === 0) shift += 1;
    const first = (partition + start) % order.length;
    return inRacks
      ? spreadOverRacks(order, racks, first, shift * rackCount, replicationFactor, rackCount)
      : Array.from(
          { length: replicationFactor },
          (_none, index) => order[place(first, shift, index, order.length)] as number,
        );
  });
}

/** Where replica number `index` lies: the leader at `first`, the others behind it, never on the same broker. */
function place(first: number, shift: number, index: number, brokerCount: number): number {
  if (index === 0) return first;
  return (first + 1 + ((shift + index - 1) % (brokerCount - 1))) % brokerCount;
}

/** A broker of the first rack, one of the second and so on, round and round. */
function alternateRacks(brokers: readonly BrokerRack[]): number[] {
  const byRack = new Map<string, number[]>();
  for (const { id, rack } of brokers.toSorted((one, other) => one.id - other.id)) {
    const name = rack ?? '';
    byRack.set(name, [...(byRack.get(name) ?? []), id]);
  }
  const queues = [...byRack].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, ids]) => ids);
  const order: number[] = [];
  for (let round = 0; order.length < brokers.length; round += 1) {
    for (const queue of queues) if (queue[round] !== undefined) order.push(queue[round] as number);
  }
  return order;
}

/** No rack twice before every rack has one, no broker twice at all. */
function spreadOverRacks(
  order: readonly number[],
  racks: ReadonlyMap<number, string | null>,
  first: number,
  shift: number,
  replicationFactor: number,
  rackCount: number,
): number[] {
  const chosen = [order[first] as number];
  const used = new Set([racks.get(chosen[0] as number)]);
  for (let index = 1; chosen.length < replicationFactor; index += 1) {
    const broker = order[place(first, shift, index, order.length)] as number;
    const rack = racks.get(broker);
    if (chosen.includes(broker) || (used.has(rack) && used.size < rackCount)) continue;
    chosen.push(broker);
    used.add(rack);
  }
  return chosen;
}
