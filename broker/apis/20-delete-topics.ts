/**
 * DeleteTopics, versions 0-6, at the controller: others answer NOT_CONTROLLER per topic. Answers when this broker's
 * metadata shows the topics no more, REQUEST_TIMED_OUT when the time is up before. v3 knows TOPIC_DELETION_DISABLED;
 * v6 deletes by id as well (KIP-516).
 */
import { deleteTopics } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

export function deleteTopicsHandler({ admin }: Pick<BrokerParts, 'admin'>): Handler {
  return handler(
    deleteTopics,
    (request, context) => admin.deleteTopics(request, context.apiVersion),
    (request, error) => ({
      responses: [
        ...request.topics.map(({ name, topicId }) => ({ name, topicId, errorCode: error.code })),
        ...request.topicNames.map((name) => ({ name, errorCode: error.code })),
      ],
    }),
  );
}
