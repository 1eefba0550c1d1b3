/**
 * UpdateFeatures, versions 0-1, at the controller. A ZooKeeper-mode broker supports no features that could be finalized,
 * so every update is refused with INVALID_REQUEST (KIP-584, KIP-778).
 */
import { updateFeatures } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function updateFeaturesHandler({ controller }: Pick<BrokerParts, 'controller'>): Handler {
  return handler(updateFeatures, (request, context) => controller.updateFeatures(request, context.apiVersion));
}
