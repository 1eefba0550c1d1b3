/** Brokers and the controller as ZooKeeper has them, and what brokers say themselves. */
import { metadata } from '../../../protocol/apis';
import {
  BROKER_IDS_PATH,
  brokerPath,
  CONTROLLER_EPOCH_PATH,
  CONTROLLER_PATH,
  decodeController,
  decodeControllerEpoch,
} from '../../../zookeeper/znodes';
import type { ZnodeTree } from '../../parts';
import type { StepContext } from '../lesson';

/** Ids of the registered brokers, in order. */
export function registered(tree: ZnodeTree): number[] {
  const names = tree.get(BROKER_IDS_PATH)?.children ?? new Set<string>();
  return [...names].map(Number).sort((one, other) => one - other);
}

/** The id in /controller; null while there is none. */
export function controllerOf(tree: ZnodeTree): number | null {
  const node = tree.get(CONTROLLER_PATH);
  return node ? decodeController(node.data).brokerId : null;
}

export function controllerEpochOf(tree: ZnodeTree): number {
  const node = tree.get(CONTROLLER_EPOCH_PATH);
  return node ? decodeControllerEpoch(node.data) : 0;
}

/** The transaction that registered a broker; null while it is not registered. */
export function brokerEpochOf(tree: ZnodeTree, brokerId: number): bigint | null {
  return tree.get(brokerPath(brokerId))?.stat.czxid ?? null;
}

/** What a broker answers to Metadata: how it sees the cluster. */
export interface BrokersOwnView {
  readonly controllerId: number;
  readonly brokerIds: readonly number[];
  readonly clusterId: string | null;
}

export async function askBroker({ kafka }: StepContext, brokerId: number): Promise<BrokersOwnView> {
  const request = { topics: [], allowAutoTopicCreation: false };
  const { controllerId, brokers, clusterId } = await kafka.wire().toBroker(brokerId, metadata, request);
  const brokerIds = brokers.map(({ nodeId }) => nodeId).sort((one, other) => one - other);
  return { controllerId, brokerIds, clusterId };
}
