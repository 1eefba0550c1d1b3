/**
 * Reads and writes the configurations under /config (kafka.zk.KafkaZkClient.setOrCreateEntityConfigs): last writer wins,
 * but nobody writes while a KRaft controller owns the cluster or none does. A change is announced after it was made.
 */
import { KafkaError } from '../../../protocol';
import type { ZooKeeperOperations } from '../../../zookeeper';
import { isZkError, ZkError } from '../../../zookeeper/errors';
import * as znodes from '../../../zookeeper/znodes';
import { orNull } from '../zk-reads';

/** @param entityPath below /config, sanitized: `topics/orders` */
export async function readEntityConfig(zk: ZooKeeperOperations, entityPath: string): Promise<Map<string, string>> {
  const node = await orNull(zk.getData(znodes.configPath(entityPath)));
  return new Map(Object.entries(znodes.decodeEntityConfig(entityPath, node?.data ?? null)));
}

/**
 * Sets a configuration as a whole, without telling anybody.
 * @throws KafkaError STALE_CONTROLLER_EPOCH when there is no ZooKeeper controller
 */
export async function writeEntityConfig(
  zk: ZooKeeperOperations,
  entityPath: string,
  config: ReadonlyMap<string, string>,
): Promise<void> {
  const path = znodes.configPath(entityPath);
  const data = znodes.encodeEntityConfig(Object.fromEntries(config));
  const version = await controllerVersion(zk, entityPath);
  const set = async (): Promise<boolean> => {
    const result = await zk.multi([
      { op: 'check', path: znodes.CONTROLLER_PATH, version },
      { op: 'setData', path, data, version: -1 },
    ]);
    if (result.ok) return true;
    if (result.failedIndex === 0) throw controllerMoved('Controller changed while a configuration was written');
    if (result.code !== 'NO_NODE') throw new ZkError(result.code, path);
    return false;
  };
  if (await set()) return;
  try {
    await zk.createRecursive(path, data);
  } catch (error) {
    if (!isZkError(error, 'NODE_EXISTS')) throw error;
    await set();
  }
}

/** Tells all brokers that a configuration was changed. */
export async function announceConfigChange(zk: ZooKeeperOperations, entityPath: string): Promise<void> {
  const data = znodes.encodeConfigChange(entityPath);
  await zk.create(znodes.CONFIG_CHANGE_CREATE_PATH, data, 'persistent-sequential');
}

async function controllerVersion(zk: ZooKeeperOperations, entityPath: string): Promise<number> {
  const node = await orNull(zk.getData(znodes.CONTROLLER_PATH));
  if (node === null) throw controllerMoved(`Cannot set entity configs for ${entityPath} when there is no controller.`);
  if (znodes.decodeController(node.data).kraftControllerEpoch > 0) {
    throw controllerMoved(`Cannot set entity configs for ${entityPath} directly when there is a KRaft controller.`);
  }
  return node.stat.version;
}

/** Kafka's ControllerMovedException has the code of STALE_CONTROLLER_EPOCH. */
function controllerMoved(text: string): KafkaError {
  return new KafkaError('STALE_CONTROLLER_EPOCH', text);
}
