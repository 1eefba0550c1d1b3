/** Which cluster this is, and which broker: cluster id, broker id, and what the log directories remember of both. */
import type { Random } from '../../runtime/random';
import type { ZooKeeperOperations } from '../../zookeeper';
import { isZkError } from '../../zookeeper/errors';
import {
  BROKER_SEQUENCE_ID_DATA,
  BROKER_SEQUENCE_ID_PATH,
  CLUSTER_ID_PATH,
  decodeClusterId,
  encodeClusterId,
  generatedBrokerId,
} from '../../zookeeper/znodes';
import { uuidText } from './topic-id';
import { orNull } from './zk-reads';

/** The log directories belong to another cluster or another broker. */
export class IdentityError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'IdentityError';
  }
}

/** What a log directory's meta.properties says about who wrote it; null where it says nothing. */
export interface StoredIdentity {
  readonly logDir: string;
  readonly clusterId: string | null;
  readonly brokerId: number | null;
}

/** Reads /cluster/id; the first broker ever creates it. */
export async function readOrCreateClusterId(zk: ZooKeeperOperations, random: Random): Promise<string> {
  const node = await orNull(zk.getData(CLUSTER_ID_PATH));
  if (node) return decodeClusterId(node.data);
  const proposed = uuidText(random);
  try {
    await zk.createRecursive(CLUSTER_ID_PATH, encodeClusterId(proposed));
    return proposed;
  } catch (error) {
    if (!isZkError(error, 'NODE_EXISTS')) throw error;
    return decodeClusterId((await zk.getData(CLUSTER_ID_PATH)).data);
  }
}

/**
 * Checks that the directories agree with the cluster, among themselves and with the configuration. Pure.
 * @param configuredId broker.id, -1 when it is not set
 * @returns the id, null when neither configuration nor directories name one
 * @throws IdentityError that says which two do not agree and what to do
 */
export function checkIdentity(
  stored: readonly StoredIdentity[],
  clusterId: string,
  configuredId: number,
): number | null {
  for (const { logDir, clusterId: storedId } of stored) {
    if (storedId === null || storedId === clusterId) continue;
    throw new IdentityError(
      `The Cluster ID ${clusterId} doesn't match stored clusterId ${storedId} in ${logDir}/meta.properties: the directory ` +
        `belongs to another cluster than the one in this ZooKeeper. If ZooKeeper is the wrong one, correct zookeeper.connect. ` +
        `If ZooKeeper lost its data or the cluster was meant to start anew, choose an empty log.dirs, or remove ` +
        `${logDir} and all records in it. In containers the directory is a volume: "docker compose down --volumes" begins anew ` +
        `with all of them empty, and docs/compose.md tells how to keep one.`,
    );
  }
  const named = stored.filter(({ brokerId }) => brokerId !== null);
  const [first] = named;
  const different = named.find(({ brokerId }) => brokerId !== first?.brokerId);
  if (first && different) {
    throw new IdentityError(
      `${first.logDir}/meta.properties says broker.id ${first.brokerId}, ${different.logDir}/meta.properties says ` +
        `${different.brokerId}: these directories come from different brokers. Take out of log.dirs those that are not this broker's.`,
    );
  }
  if (configuredId < 0) return first?.brokerId ?? null;
  if (first && first.brokerId !== configuredId) {
    throw new IdentityError(
      `Configured broker.id ${configuredId} doesn't match stored broker.id ${first.brokerId} in ${first.logDir}/meta.properties. ` +
        'If you moved your data, make sure your configured broker.id matches. If you intend to create a new broker, ' +
        'you should remove all data in your data directories (log.dirs).',
    );
  }
  return configuredId;
}

/** Takes the next free id above reserved.broker.max.id. */
export async function generateBrokerId(zk: ZooKeeperOperations, reservedBrokerMaxId: number): Promise<number> {
  await zk.createRecursive(BROKER_SEQUENCE_ID_PATH, null, { ignoreExisting: true });
  const stat = await zk.setData(BROKER_SEQUENCE_ID_PATH, BROKER_SEQUENCE_ID_DATA, -1);
  return generatedBrokerId(stat, reservedBrokerMaxId);
}
