/**
 * DeleteRecords, versions 0-2: raises the log start offset of partitions that this broker leads (-1: to the high
 * watermark), and is answered when all live replicas have followed or the time is up (KIP-107).
 */
import { Errors, type InputOf, type TopicPartition, type WireError } from '../../protocol';
import { deleteRecords, type DeleteRecordsResponse } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'metadata' | 'replicas'>;
type PartitionAnswer = { partitionIndex: number; lowWatermark: number; errorCode: number };

const NO_LOW_WATERMARK = -1;

export function deleteRecordsHandler(parts: Parts): Handler {
  return handler(
    deleteRecords,
    async (request) => {
      const wishes: { topicPartition: TopicPartition; offset: number }[] = [];
      const unknown: TopicPartition[] = [];
      for (const { name: topic, partitions } of request.topics) {
        for (const { partitionIndex: partition, offset } of partitions) {
          const topicPartition = { topic, partition };
          if (parts.metadata.partition(topicPartition) === null) unknown.push(topicPartition);
          else wishes.push({ topicPartition, offset });
        }
      }
      const results = wishes.length === 0 ? [] : await parts.replicas.deleteRecords(wishes, request.timeoutMs);
      const refused = unknown.map((topicPartition) => ({
        topicPartition,
        error: Errors.UNKNOWN_TOPIC_OR_PARTITION,
        lowWatermark: NO_LOW_WATERMARK,
      }));
      return group([...results, ...refused]);
    },
    (request, error) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          lowWatermark: NO_LOW_WATERMARK,
          errorCode: error.code,
        })),
      })),
    }),
  );
}

function group(
  results: readonly { topicPartition: TopicPartition; error: WireError; lowWatermark: number }[],
): InputOf<DeleteRecordsResponse> {
  const topics = new Map<string, PartitionAnswer[]>();
  for (const { topicPartition, error, lowWatermark } of results) {
    const answers = topics.get(topicPartition.topic) ?? [];
    answers.push({ partitionIndex: topicPartition.partition, lowWatermark, errorCode: error.code });
    topics.set(topicPartition.topic, answers);
  }
  return { topics: [...topics].map(([name, partitions]) => ({ name, partitions })) };
}
