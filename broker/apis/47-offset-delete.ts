/**
 * OffsetDelete, version 0: deletes single committed offsets of a group. Topics that the group's members read are
 * refused with GROUP_SUBSCRIBED_TO_TOPIC (KIP-496).
 */
import { Errors, type TopicPartition } from '../../protocol';
import { offsetDelete } from '../../protocol/apis';
import type { GroupCoordinator } from '../group';
import type { MetadataCache } from '../metadata/metadata-cache';
import { handler, type Handler } from './handler';
import { byTopic } from './partition-errors';

export function offsetDeleteHandler(parts: {
  readonly groups: GroupCoordinator;
  readonly metadata: MetadataCache;
}): Handler {
  return handler(offsetDelete, async (request) => {
    const asked = request.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
    );
    const exists = (topicPartition: TopicPartition): boolean => parts.metadata.partition(topicPartition) !== null;
    const { error, partitions } = await parts.groups.deleteOffsets(request.groupId, asked.filter(exists));
    if (error !== Errors.NONE) return { errorCode: error.code };
    const unknown = asked
      .filter((topicPartition) => !exists(topicPartition))
      .map((topicPartition) => ({ topicPartition, error: Errors.UNKNOWN_TOPIC_OR_PARTITION }));
    return { topics: byTopic([...unknown, ...partitions]) };
  });
}
