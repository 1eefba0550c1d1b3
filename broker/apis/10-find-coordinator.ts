/**
 * FindCoordinator, versions 0-6: which broker coordinates a group, named by the listener that the client came in on. v0
 * knows groups only; v1 adds the type of coordinator; from v4 on several keys at once (KIP-699); v6 knows share groups,
 * which a ZooKeeper cluster does not have. The first question of a cluster's life creates the internal topic.
 */
import { Errors, GROUP_METADATA_TOPIC, KafkaError, type WireError } from '../../protocol';
import { findCoordinator } from '../../protocol/apis';
import type { Logger } from '../../runtime/logger';
import type { ClusterChange } from '../cluster/cluster-change';
import type { GroupCoordinator } from '../group';
import type { MetadataCache } from '../metadata/metadata-cache';
import { handler, type Handler } from './handler';

interface Parts {
  readonly groups: GroupCoordinator;
  readonly metadata: MetadataCache;
  readonly cluster: ClusterChange;
  readonly logger: Logger;
}

/** Wire codes of what kind of coordinator is looked for. */
const KeyType = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const;
const FIRST_VERSION_WITH_SEVERAL_KEYS = 4;
const FIRST_VERSION_WITH_SHARE_GROUPS = 6;

interface Coordinator {
  readonly error: WireError;
  readonly errorText?: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export function findCoordinatorHandler(parts: Parts): Handler {
  return handler(
    findCoordinator,
    async (request, { apiVersion, listenerName }) => {
      const find = (key: string): Promise<Coordinator> =>
        findOne(parts, request.keyType, key, listenerName, apiVersion);
      if (apiVersion < FIRST_VERSION_WITH_SEVERAL_KEYS) {
        const { error, errorText, nodeId, host, port } = await find(request.key);
        // Kafka's answer says NONE, in letters, when all is well.
        const errorMessage = errorText ?? (error === Errors.NONE ? error.name : error.meaning);
        return { errorCode: error.code, errorMessage, nodeId, host, port };
      }
      const coordinators = [];
      for (const key of request.coordinatorKeys) {
        const { error, errorText, nodeId, host, port } = await find(key);
        coordinators.push({ key, nodeId, host, port, errorCode: error.code, errorMessage: errorText ?? '' });
      }
      return { coordinators };
    },
    (request, error, { apiVersion }) => {
      const { nodeId, host, port } = nobody(error);
      const failure = { nodeId, host, port, errorCode: error.code, errorMessage: error.meaning };
      if (apiVersion < FIRST_VERSION_WITH_SEVERAL_KEYS) return failure;
      return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...failure })) };
    },
  );
}

async function findOne(
  parts: Parts,
  keyType: number,
  key: string,
  listenerName: string,
  apiVersion: number,
): Promise<Coordinator> {
  switch (keyType) {
    case KeyType.GROUP:
      return findGroupCoordinator(parts, key, listenerName);
    case KeyType.TRANSACTION:
      parts.logger.warn(`Transactional id ${key} is refused: this broker has no transactions yet`);
      return nobody(Errors.UNSUPPORTED_VERSION, 'This broker does not support transactions yet');
    case KeyType.SHARE:
      return nobody(
        apiVersion < FIRST_VERSION_WITH_SHARE_GROUPS ? Errors.INVALID_REQUEST : Errors.COORDINATOR_NOT_AVAILABLE,
      );
    default:
      throw new KafkaError('INVALID_REQUEST', `Unknown coordinator type ${keyType}`);
  }
}

async function findGroupCoordinator(parts: Parts, groupId: string, listenerName: string): Promise<Coordinator> {
  const { metadata, cluster } = parts;
  if (metadata.partitions(GROUP_METADATA_TOPIC) === null) {
    try {
      await cluster.autoCreateTopic(GROUP_METADATA_TOPIC);
    } catch (error) {
      parts.logger.warn(`${GROUP_METADATA_TOPIC} could not be created`, error);
    }
    return nobody(Errors.COORDINATOR_NOT_AVAILABLE);
  }
  const partition = parts.groups.partitionFor(groupId);
  const leader = metadata.partition({ topic: GROUP_METADATA_TOPIC, partition })?.leader ?? -1;
  const endpoint = metadata.endpoint(leader, listenerName);
  if (endpoint === null) return nobody(Errors.COORDINATOR_NOT_AVAILABLE);
  return { error: Errors.NONE, nodeId: leader, host: endpoint.host, port: endpoint.port };
}

function nobody(error: WireError, errorText?: string): Coordinator {
  return { error, errorText, nodeId: -1, host: '', port: -1 };
}
