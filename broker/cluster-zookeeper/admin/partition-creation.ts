/** Plans new partitions of a topic that exists (kafka.server.ZkAdminManager.createPartitions). */
import { KafkaError } from '../../../protocol';
import type { CreatePartitionsRequest } from '../../../protocol/apis';
import type { ZooKeeperOperations } from '../../../zookeeper';
import * as znodes from '../../../zookeeper/znodes';
import { orNull } from '../zk-reads';
import { placeReplicas, type PlacementBroker } from './replica-placement';

export interface PlannedPartitions {
  readonly assignment: znodes.TopicAssignment;
  readonly added: number;
}

type Wish = CreatePartitionsRequest['topics'][number];

/** @throws KafkaError that says what is wrong */
export async function planPartitions(zk: ZooKeeperOperations, wish: Wish): Promise<PlannedPartitions> {
  const node = await orNull(zk.getData(znodes.topicPath(wish.name)));
  const existing = node && znodes.decodeTopicAssignment(wish.name, node.data);
  if (!existing || existing.partitions.size === 0) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${wish.name}' does not exist.`);
  }
  const assignments = [...existing.partitions.values()];
  if (assignments.some(({ addingReplicas, removingReplicas }) => addingReplicas.length + removingReplicas.length > 0)) {
    const text = `A partition reassignment is in progress for the topic '${wish.name}'.`;
    throw new KafkaError('REASSIGNMENT_IN_PROGRESS', text);
  }
  const added = wish.count - existing.partitions.size;
  checkCount(existing.partitions.size, wish.count);
  const brokers = await registeredBrokers(zk);
  const first = existing.partitions.get(0)?.replicas ?? [];
  const placed = wish.assignments
    ? manualPlacement(
        wish.assignments.map(({ brokerIds }) => brokerIds),
        added,
        existing.partitions.size,
        first,
        brokers,
      )
    : placeBehind(brokers, added, existing.partitions.size, first);
  const partitions = new Map(existing.partitions);
  for (const [index, replicas] of placed) partitions.set(index, { replicas, addingReplicas: [], removingReplicas: [] });
  return { assignment: { topicId: existing.topicId, partitions }, added };
}

function checkCount(current: number, wanted: number): void {
  if (wanted < current) {
    const text = `Topic currently has ${current} partitions, which is higher than the requested ${wanted}.`;
    throw new KafkaError('INVALID_PARTITIONS', text);
  }
  if (wanted === current) throw new KafkaError('INVALID_PARTITIONS', `Topic already has ${current} partitions.`);
}

/** Goes on where the topic's first partition began. */
function placeBehind(
  brokers: readonly PlacementBroker[],
  added: number,
  firstPartition: number,
  first: readonly number[],
): Map<number, number[]> {
  const index = brokers.findIndex(({ id }) => id >= (first[0] ?? 0));
  const start = Math.max(0, index);
  return placeReplicas(brokers, {
    partitions: added,
    replicationFactor: first.length,
    startIndex: start,
    shift: start,
    firstPartition,
  });
}

function manualPlacement(
  lists: readonly number[][],
  added: number,
  firstPartition: number,
  first: readonly number[],
  brokers: readonly PlacementBroker[],
): Map<number, number[]> {
  const invalid = (text: string): never => {
    throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', text);
  };
  const known = new Set(brokers.map(({ id }) => id));
  const unknown = [...new Set(lists.flat())].filter((id) => !known.has(id));
  if (unknown.length > 0) invalid(`Unknown broker(s) in replica assignment: ${unknown.join(', ')}.`);
  if (lists.length !== added) {
    invalid(`Increasing the number of partitions by ${added} but ${lists.length} assignments provided.`);
  }
  for (const [offset, replicas] of lists.entries()) {
    const partition = firstPartition + offset;
    if (replicas.length === 0) invalid(`Cannot have replication factor of 0 for partition id ${partition}.`);
    if (new Set(replicas).size < replicas.length) {
      invalid(
        `Duplicate brokers not allowed in replica assignment: ${replicas.join(', ')} for partition id ${partition}.`,
      );
    }
  }
  const odd = lists.flatMap((replicas, offset) => (replicas.length === first.length ? [] : [firstPartition + offset]));
  if (odd.length > 0) {
    const sizes = odd.map((partition) => lists[partition - firstPartition]?.length).join(', ');
    invalid(
      `Inconsistent replication factor between partitions, partition 0 has ${first.length} while partitions ` +
        `[${odd.join(', ')}] have replication factors [${sizes}], respectively.`,
    );
  }
  return new Map(lists.map((replicas, offset) => [firstPartition + offset, replicas]));
}

/** In ascending order; as Kafka does here, from ZooKeeper and not from the metadata cache. */
async function registeredBrokers(zk: ZooKeeperOperations): Promise<PlacementBroker[]> {
  const { children } = await zk.getChildren(znodes.BROKER_IDS_PATH);
  const ids = children.map(Number).filter(Number.isInteger);
  const nodes = await Promise.all(ids.map((id) => orNull(zk.getData(znodes.brokerPath(id)))));
  const brokers = ids.flatMap((id, index) => {
    const data = nodes[index]?.data ?? null;
    return data === null ? [] : [{ id, rack: znodes.decodeBrokerRegistration(id, data).rack }];
  });
  const withRack = brokers.filter(({ rack }) => rack !== null);
  if (withRack.length > 0 && withRack.length < brokers.length) {
    const text =
      'Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.';
    throw new KafkaError('UNKNOWN_SERVER_ERROR', text);
  }
  return brokers.sort((one, other) => one.id - other.id);
}
