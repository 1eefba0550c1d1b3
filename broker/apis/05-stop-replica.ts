/**
 * StopReplica, versions 0-4, from the controller: end replicas on this broker, with or without deleting them. Fenced by
 * broker epoch and controller epoch as a whole, by leader epoch per partition (v3 on; a deletion overrides it).
 */
import { Errors } from '../../protocol';
import { stopReplica } from '../../protocol/apis';
import { isBrokerEpochStale } from './broker-epoch';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'cluster' | 'replicas' | 'logger'>;

export function stopReplicaHandler(parts: Parts): Handler {
  return handler(stopReplica, async (request) => {
    if (isBrokerEpochStale(parts, 'StopReplica', request)) return { errorCode: Errors.STALE_BROKER_EPOCH.code };
    const { error, outcomes } = await parts.replicas.stopReplicas(request);
    return {
      errorCode: error.code,
      partitionErrors: outcomes.map(({ topicPartition, error: partitionError }) => ({
        topicName: topicPartition.topic,
        partitionIndex: topicPartition.partition,
        errorCode: partitionError.code,
      })),
    };
  });
}
