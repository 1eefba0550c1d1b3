/** Produce requests with acks=-1 that wait for the high watermark (kafka.server.DelayedProduce). */
import { Errors, type WireError } from '../../protocol';
import { isWireError, type HostedPartitions } from './hosted-partitions';
import { DelayedOperation } from './purgatory';
import type { AppendResult } from './types';

export class DelayedProduce extends DelayedOperation {
  private pending = 0;
  private readonly isPending: boolean[];

  /** @param results as the appends ended; becomes the answer */
  constructor(
    private readonly results: AppendResult[],
    private readonly hosted: HostedPartitions,
    private readonly answer: (results: AppendResult[]) => void,
  ) {
    super();
    this.isPending = results.map((result) => result.error === Errors.NONE);
    for (const waits of this.isPending) if (waits) this.pending++;
  }

  override tryComplete(): void {
    for (let i = 0; i < this.results.length; i++) {
      if (!this.isPending[i]) continue;
      const result = this.results[i] as AppendResult;
      const error = this.acknowledgement(result);
      if (error === null) continue;
      this.isPending[i] = false;
      this.pending--;
      if (error !== Errors.NONE) this.results[i] = { ...result, error };
    }
    if (this.pending === 0) this.forceComplete();
  }

  protected override onComplete(): void {
    this.results.forEach((result, i) => {
      if (this.isPending[i]) this.results[i] = { ...result, error: Errors.REQUEST_TIMED_OUT };
    });
    this.answer(this.results);
  }

  private acknowledgement(result: AppendResult): WireError | null {
    const { topic, partition } = result.topicPartition;
    const found = this.hosted.find(topic, partition);
    return isWireError(found) ? found : found.acknowledgement(result.nextOffset);
  }
}
