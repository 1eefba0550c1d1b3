/** DeleteRecords: raises log start offsets, then waits until every live replica has followed (KIP-107). */
import { Errors, isInternalTopic, KafkaError, type TopicPartition } from '../../protocol';
import type { Logger } from '../../runtime/logger';
import type { DeadlineTimer } from './deadline-timer';
import { DelayedDeleteRecords, NO_LOW_WATERMARK, type DeleteRecordsResult } from './delayed-delete-records';
import { isWireError, type HostedPartitions } from './hosted-partitions';
import type { Partition } from './partition';
import type { MaybePromise } from './replica-log';

/** Offset that stands for "everything up to the high watermark". */
const HIGH_WATERMARK = -1;

export class RecordDeleter {
  constructor(
    private readonly hosted: HostedPartitions,
    private readonly timer: DeadlineTimer,
    private readonly logger: Logger,
  ) {}

  delete(
    wishes: readonly { readonly topicPartition: TopicPartition; readonly offset: number }[],
    timeoutMs: number,
  ): MaybePromise<DeleteRecordsResult[]> {
    const results = wishes.map(({ topicPartition, offset }) => this.deleteLocally(topicPartition, offset));
    const isDone = results.every(
      (result) => result.error !== Errors.NONE || result.lowWatermark >= result.requestedOffset,
    );
    if (isDone) return results;
    return new Promise((resolve) => {
      const operation = new DelayedDeleteRecords(results, this.hosted, resolve);
      operation.tryComplete();
      if (operation.isCompleted) return;
      const partitions = results.map(({ topicPartition: { topic, partition } }) => this.hosted.get(topic, partition));
      const lists = partitions.filter((partition) => partition !== null).map((partition) => partition.deleteWaiters);
      operation.wait(lists, this.timer, timeoutMs);
    });
  }

  private deleteLocally(topicPartition: TopicPartition, offset: number): DeleteRecordsResult {
    const { topic, partition: index } = topicPartition;
    const refused = { topicPartition, lowWatermark: NO_LOW_WATERMARK, requestedOffset: NO_LOW_WATERMARK };
    if (isInternalTopic(topic)) return { ...refused, error: Errors.INVALID_TOPIC_EXCEPTION };
    const found = this.hosted.find(topic, index);
    if (isWireError(found)) return { ...refused, error: found };
    try {
      const requestedOffset = raiseLogStart(found, offset);
      return { topicPartition, error: Errors.NONE, requestedOffset, lowWatermark: found.lowWatermark() };
    } catch (error) {
      if (error instanceof KafkaError) return { ...refused, error: error.error };
      this.logger.error(`Error processing delete records operation on partition ${topic}-${index}`, error);
      return { ...refused, error: Errors.UNKNOWN_SERVER_ERROR };
    }
  }
}

function raiseLogStart(partition: Partition, offset: number): number {
  const log = partition.leaderLog;
  if (log === null) throw new KafkaError('NOT_LEADER_OR_FOLLOWER');
  if (!log.config.cleanupPolicy.has('delete')) {
    throw new KafkaError('POLICY_VIOLATION', 'Records cannot be deleted due to the configured cleanup policy');
  }
  const requestedOffset = offset === HIGH_WATERMARK ? log.highWatermark : offset;
  if (requestedOffset < 0) throw new KafkaError('OFFSET_OUT_OF_RANGE', `The offset ${requestedOffset} is not valid`);
  if (log.maybeIncrementLogStartOffset(requestedOffset)) partition.wakeAll();
  return requestedOffset;
}
