/**
 * UpdateMetadata, versions 0-8, from the controller: live brokers, and leaders and replicas of partitions. Fenced by
 * broker epoch and controller epoch. This is the only way by which a broker learns about the cluster.
 */
import { Errors } from '../../protocol';
import { updateMetadata } from '../../protocol/apis';
import { isBrokerEpochStale } from './broker-epoch';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'cluster' | 'replicas' | 'logger'>;

export function updateMetadataHandler(parts: Parts): Handler {
  return handler(updateMetadata, async (request) => {
    if (isBrokerEpochStale(parts, 'UpdateMetadata', request)) return { errorCode: Errors.STALE_BROKER_EPOCH.code };
    const error = await parts.replicas.updateMetadata(request);
    return { errorCode: error.code };
  });
}
