/** AllocateProducerIds, version 0, between brokers: a block of producer ids from the controller (KIP-730). */
import { allocateProducerIds } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function allocateProducerIdsHandler({ controller }: Pick<BrokerParts, 'controller'>): Handler {
  return handler(allocateProducerIds, async ({ brokerId, brokerEpoch }) => {
    const { firstId, length } = await controller.allocateProducerIds(brokerId, brokerEpoch);
    return { errorCode: 0, producerIdStart: firstId, producerIdLen: length };
  });
}
