/**
 * Winning or losing /controller. The node and the next controller epoch are written in one transaction, so whoever has
 * the node has the epoch. A lost answer is told from a lost election by reading both again.
 */
import { isZkError, ZkError } from '../../../zookeeper/errors';
import type { Watch, ZooKeeperOperations } from '../../../zookeeper';
import * as znodes from '../../../zookeeper/znodes';
import { orNull } from '../zk-reads';
import { ControllerMovedError } from './guarded-writer';

export interface ElectedEpoch {
  readonly epoch: number;
  /** Data version of /controller_epoch, which every write of this controller checks. */
  readonly epochZkVersion: number;
}

/** Id in /controller; -1 when there is no controller. With a watch, that is set whether the node exists or not. */
export async function readControllerId(zk: ZooKeeperOperations, watch?: Watch): Promise<number> {
  if (watch) await zk.exists(znodes.CONTROLLER_PATH, watch);
  const node = await orNull(zk.getData(znodes.CONTROLLER_PATH));
  return node ? znodes.decodeController(node.data).brokerId : -1;
}

/**
 * Tries to become the controller.
 * @throws ControllerMovedError when another broker was faster
 */
export async function electController(zk: ZooKeeperOperations, brokerId: number, nowMs: number): Promise<ElectedEpoch> {
  const { epoch, version } = await readOrCreateEpoch(zk);
  const next = epoch + 1;
  const result = await zk.multi([
    { op: 'create', path: znodes.CONTROLLER_PATH, data: znodes.encodeController(brokerId, nowMs), mode: 'ephemeral' },
    { op: 'setData', path: znodes.CONTROLLER_EPOCH_PATH, data: znodes.encodeControllerEpoch(next), version },
  ]);
  if (result.ok) return { epoch: next, epochZkVersion: result.results[1]?.stat?.version ?? version + 1 };
  if (result.code !== 'NODE_EXISTS' && result.code !== 'BAD_VERSION')
    throw new ZkError(result.code, znodes.CONTROLLER_PATH);
  return confirmElection(zk, brokerId, next);
}

/** After a refusal: it may have been our own earlier attempt that succeeded. */
async function confirmElection(zk: ZooKeeperOperations, brokerId: number, epoch: number): Promise<ElectedEpoch> {
  const controllerId = await readControllerId(zk);
  if (controllerId === -1) {
    throw new ControllerMovedError(`${znodes.CONTROLLER_PATH} went away while checking whether the election succeeded`);
  }
  if (controllerId === brokerId) {
    const { data, stat } = await zk.getData(znodes.CONTROLLER_EPOCH_PATH);
    if (znodes.decodeControllerEpoch(data) === epoch) return { epoch, epochZkVersion: stat.version };
  }
  throw new ControllerMovedError('Controller moved to another broker. Aborting controller startup procedure');
}

async function readOrCreateEpoch(zk: ZooKeeperOperations): Promise<{ epoch: number; version: number }> {
  for (;;) {
    const node = await orNull(zk.getData(znodes.CONTROLLER_EPOCH_PATH));
    if (node) return { epoch: znodes.decodeControllerEpoch(node.data), version: node.stat.version };
    try {
      const initial = znodes.encodeControllerEpoch(znodes.INITIAL_CONTROLLER_EPOCH);
      await zk.create(znodes.CONTROLLER_EPOCH_PATH, initial);
      return { epoch: znodes.INITIAL_CONTROLLER_EPOCH, version: 0 };
    } catch (error) {
      if (!isZkError(error, 'NODE_EXISTS')) throw error;
    }
  }
}
