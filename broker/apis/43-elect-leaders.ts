/**
 * ElectLeaders, versions 0-2, at the controller: others answer NOT_CONTROLLER per partition. Gives leadership back to the
 * preferred replicas, or from v1 on elects a leader outside the ISR where no other is left (KIP-183, KIP-460).
 */
import { electLeaders } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

/** First version whose response has an error of its own. */
const FIRST_WITH_ERROR_CODE = 1;

export function electLeadersHandler({ controller }: Pick<BrokerParts, 'controller'>): Handler {
  return handler(
    electLeaders,
    (request, context) => controller.electLeaders(request, context.apiVersion),
    (request, error, context) => ({
      errorCode: context.apiVersion >= FIRST_WITH_ERROR_CODE ? error.code : undefined,
      replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({
          partitionId,
          errorCode: error.code,
          errorMessage: error.meaning,
        })),
      })),
    }),
  );
}
