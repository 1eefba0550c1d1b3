/**
 * CreateTopics, versions 0-7, at the controller: others answer NOT_CONTROLLER per topic. Answers when every partition
 * has a leader in this broker's metadata, REQUEST_TIMED_OUT when the time is up before (the topic is there then). v1 can
 * validate only; v4 takes -1 for the broker's defaults (KIP-464); v5 answers the topic's configuration (KIP-525); v7 its id.
 */
import { createTopics } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function createTopicsHandler({ admin }: Pick<BrokerParts, 'admin'>): Handler {
  return handler(
    createTopics,
    (request) => admin.createTopics(request),
    (request, error) => ({
      topics: request.topics.map(({ name }) => ({ name, errorCode: error.code, errorMessage: error.meaning })),
    }),
  );
}
