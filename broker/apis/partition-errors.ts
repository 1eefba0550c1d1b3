/** Errors per partition in the shape that responses have them: grouped by topic, in the order given. */
import type { TopicPartition, WireError } from '../../protocol';

interface TopicErrors {
  name: string;
  partitions: { partitionIndex: number; errorCode: number }[];
}

export function byTopic(
  results: Iterable<{ readonly topicPartition: TopicPartition; readonly error: WireError }>,
): TopicErrors[] {
  const topics = new Map<string, TopicErrors>();
  for (const { topicPartition, error } of results) {
    const { topic, partition } = topicPartition;
    let errors = topics.get(topic);
    if (!errors) {
      errors = { name: topic, partitions: [] };
      topics.set(topic, errors);
    }
    errors.partitions.push({ partitionIndex: partition, errorCode: error.code });
  }
  return [...topics.values()];
}
