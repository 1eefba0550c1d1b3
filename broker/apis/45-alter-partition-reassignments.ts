/**
 * AlterPartitionReassignments, version 0, at the controller: moves partitions to other brokers, or with null replicas
 * cancels such a move. Answers when the moves have been written down, not when they are complete (KIP-455).
 */
import { alterPartitionReassignments } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function alterPartitionReassignmentsHandler({ controller }: Pick<BrokerParts, 'controller'>): Handler {
  return handler(alterPartitionReassignments, (request) => controller.alterPartitionReassignments(request));
}
