/**
 * CreatePartitions, versions 0-3, at the controller: others answer NOT_CONTROLLER per topic. Answers as CreateTopics
 * does, when every partition has a leader (KIP-195).
 */
import { createPartitions } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function createPartitionsHandler({ admin }: Pick<BrokerParts, 'admin'>): Handler {
  return handler(
    createPartitions,
    (request) => admin.createPartitions(request),
    (request, error) => ({
      results: request.topics.map(({ name }) => ({ name, errorCode: error.code, errorMessage: error.meaning })),
    }),
  );
}
