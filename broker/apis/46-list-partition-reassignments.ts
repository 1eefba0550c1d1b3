/** ListPartitionReassignments, version 0, at the controller: the moves of partitions that are under way (KIP-455). */
import { listPartitionReassignments } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function listPartitionReassignmentsHandler({ controller }: Pick<BrokerParts, 'controller'>): Handler {
  return handler(listPartitionReassignments, (request) => controller.listPartitionReassignments(request));
}
