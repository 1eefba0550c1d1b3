/** DeleteRecords requests that wait until every live replica has dropped the records (kafka.server.DelayedDeleteRecords). */
import { Errors, type TopicPartition, type WireError } from '../../protocol';
import { isWireError, type HostedPartitions } from './hosted-partitions';
import { DelayedOperation } from './purgatory';

export const NO_LOW_WATERMARK = -1;

export interface DeleteRecordsResult {
  readonly topicPartition: TopicPartition;
  error: WireError;
  /** The lowest log start offset among the live replicas; -1 on error. */
  lowWatermark: number;
  /** Log start offset that was asked for. */
  readonly requestedOffset: number;
}

export class DelayedDeleteRecords extends DelayedOperation {
  private readonly pending: Set<DeleteRecordsResult>;

  constructor(
    private readonly results: DeleteRecordsResult[],
    private readonly hosted: HostedPartitions,
    private readonly answer: (results: DeleteRecordsResult[]) => void,
  ) {
    super();
    this.pending = new Set(results.filter((result) => result.error === Errors.NONE));
  }

  override tryComplete(): void {
    for (const result of this.pending) {
      const { topic, partition } = result.topicPartition;
      const found = this.hosted.find(topic, partition);
      if (isWireError(found)) this.settle(result, found, NO_LOW_WATERMARK);
      else if (!found.isLeader) this.settle(result, Errors.NOT_LEADER_OR_FOLLOWER, NO_LOW_WATERMARK);
      else {
        const lowWatermark = found.lowWatermark();
        if (lowWatermark >= result.requestedOffset) this.settle(result, Errors.NONE, lowWatermark);
      }
    }
    if (this.pending.size === 0) this.forceComplete();
  }

  protected override onComplete(): void {
    for (const result of this.pending) result.error = Errors.REQUEST_TIMED_OUT;
    this.answer(this.results);
  }

  private settle(result: DeleteRecordsResult, error: WireError, lowWatermark: number): void {
    result.error = error;
    result.lowWatermark = lowWatermark;
    this.pending.delete(result);
  }
}
