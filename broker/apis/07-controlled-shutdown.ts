/**
 * ControlledShutdown, versions 0-3: a broker that wants to stop asks the controller to move its leaderships away, and
 * learns what it still leads. v2 carries the broker epoch (KIP-380). Another broker than the controller answers
 * STALE_CONTROLLER_EPOCH.
 */
import { controlledShutdown } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function controlledShutdownHandler({ controller }: Pick<BrokerParts, 'controller'>): Handler {
  return handler(controlledShutdown, async ({ brokerId, brokerEpoch }) => {
    const remaining = await controller.controlledShutdown(brokerId, brokerEpoch);
    return {
      errorCode: 0,
      remainingPartitions: remaining.map(({ topic, partition }) => ({ topicName: topic, partitionIndex: partition })),
    };
  });
}
