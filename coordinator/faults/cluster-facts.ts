/**
 * What of a cluster a fault on purpose can break, as it stands in ZooKeeper: a picture of it from before the fault, and
 * each change of a znode after it as a fact. Pure.
 */
import {
  BROKER_IDS_PATH,
  CONTROLLER_EPOCH_PATH,
  CONTROLLER_PATH,
  decodeController,
  decodeControllerEpoch,
  decodePartitionState,
  NO_LEADER,
  TOPICS_PATH,
} from '../../zookeeper/znodes';
import type { ClusterState } from '../observe/cluster-state';
import type { TreeChange } from '../parts';

export interface PartitionPicture {
  readonly topic: string;
  readonly partition: number;
  readonly internal: boolean;
  /** -1 for none. */
  readonly leader: number;
  readonly isr: readonly number[];
}

export interface Picture {
  /** Broker epoch of each registered broker: tells one registration from the next. */
  readonly registered: ReadonlyMap<number, bigint>;
  readonly controllerId: number | null;
  /** By `topic-partition`. */
  readonly partitions: ReadonlyMap<string, PartitionPicture>;
}

export type Fact =
  | { kind: 'broker-gone'; brokerId: number }
  | { kind: 'broker-registered'; brokerId: number; epoch: bigint }
  | { kind: 'controller'; brokerId: number | null }
  | { kind: 'controller-epoch'; epoch: number }
  | { kind: 'partition'; topic: string; partition: number; leader: number; isr: readonly number[] }
  | { kind: 'partition-gone'; topic: string; partition: number };

export function keyOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}-${partition}`;
}

export function pictureOf(state: ClusterState): Picture {
  const partitions = new Map<string, PartitionPicture>();
  for (const topic of state.topics.values()) {
    for (const each of topic.partitions) {
      if (!each.state) continue;
      const { leader, isr } = each.state;
      const { name, internal } = topic;
      partitions.set(keyOf(each), { topic: name, partition: each.partition, internal, leader, isr });
    }
  }
  const registered = new Map(Array.from(state.brokers.values(), ({ brokerId, stat }) => [brokerId, stat.czxid]));
  return { registered, controllerId: state.controller?.brokerId ?? null, partitions };
}

const brokerPattern = new RegExp(`^${BROKER_IDS_PATH}/(\\d+)$`);
const statePattern = new RegExp(`^${TOPICS_PATH}/([^/]+)/partitions/(\\d+)/state$`);

/** Null for a change that tells nothing about brokers, controller and partitions, also when its payload is broken. */
export function factOf(change: Pick<TreeChange, 'kind' | 'path' | 'after'>): Fact | null {
  try {
    return decodeFact(change);
  } catch {
    return null;
  }
}

function decodeFact({ path, after }: Pick<TreeChange, 'path' | 'after'>): Fact | null {
  const data = after?.data ?? null;
  if (path === CONTROLLER_PATH) {
    return { kind: 'controller', brokerId: after ? decodeController(data).brokerId : null };
  }
  if (path === CONTROLLER_EPOCH_PATH) {
    return data ? { kind: 'controller-epoch', epoch: decodeControllerEpoch(data) } : null;
  }
  const broker = brokerPattern.exec(path);
  if (broker) {
    const brokerId = Number(broker[1]);
    if (!after) return { kind: 'broker-gone', brokerId };
    return { kind: 'broker-registered', brokerId, epoch: after.stat.czxid };
  }
  const state = statePattern.exec(path);
  if (!state) return null;
  const [topic, partition] = [state[1] as string, Number(state[2])];
  if (!after) return { kind: 'partition-gone', topic, partition };
  const { leader, isr } = decodePartitionState(topic, partition, data);
  return { kind: 'partition', topic, partition, leader, isr };
}

export function hasLeader({ leader }: Pick<PartitionPicture, 'leader'>): boolean {
  return leader !== NO_LEADER;
}
