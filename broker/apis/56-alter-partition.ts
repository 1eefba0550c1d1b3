/**
 * AlterPartition, versions 0-3, between brokers: a leader asks the controller to change its partition's ISR (KIP-497).
 * v1 adds the recovery state (KIP-704), v2 names topics by id and knows INELIGIBLE_REPLICA (KIP-841), v3 gives each
 * replica with its broker epoch (KIP-903), at which a ZooKeeper controller does not look.
 */
import { alterPartition } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function alterPartitionHandler({ controller }: Pick<BrokerParts, 'controller'>): Handler {
  return handler(alterPartition, (request, context) => controller.alterPartition(request, context.apiVersion));
}
