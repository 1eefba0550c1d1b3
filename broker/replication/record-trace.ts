/**
 * What happens to single records, for those who want to watch: about once a second one appended batch is followed until
 * all of the ISR has it and until a consumer has fetched it. Costs a comparison per append otherwise. Owns the traces.
 */
import type { TopicPartition } from '../../protocol';
import { batch, forEachBatch } from '../../protocol/records';
import type { Clock } from '../../runtime/clock';

export interface RecordTrace {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the last record of the batch. */
  readonly offset: number;
  readonly leaderEpoch: number;
  /** Wall clock in milliseconds, as all times here. */
  readonly appendedMs: number;
  /** When each follower was known to have it. */
  readonly replicatedMs: Record<number, number>;
  /** When the high watermark passed it. */
  committedMs: number | null;
  /** When a consumer was first given it. */
  fetchedMs: number | null;
}

const KEPT = 100;
/** How many of the latest are still followed: what is not committed and fetched by then is left as it is. */
const FOLLOWED = 4;
const SAMPLE_EVERY_MS = 1_000;

export class RecordTraces {
  private readonly traces: RecordTrace[] = [];
  private nextSampleMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  /** The latest last. */
  get all(): readonly RecordTrace[] {
    return this.traces;
  }

  /** A leader has appended a batch that ends with `offset`. */
  appended({ topic, partition }: TopicPartition, offset: number, leaderEpoch: number): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.nextSampleMs) return;
    this.nextSampleMs = nowMs + SAMPLE_EVERY_MS;
    const appendedMs = this.clock.nowMs();
    this.traces.push({
      topic,
      partition,
      offset,
      leaderEpoch,
      appendedMs,
      replicatedMs: {},
      committedMs: null,
      fetchedMs: null,
    });
    if (this.traces.length > KEPT) this.traces.shift();
  }

  /** A follower has everything before `endOffset`. */
  replicated(topicPartition: TopicPartition, brokerId: number, endOffset: number): void {
    this.forEachOpen(topicPartition, endOffset, (trace) => (trace.replicatedMs[brokerId] ??= this.clock.nowMs()));
  }

  /** Everything before `highWatermark` is committed. */
  committed(topicPartition: TopicPartition, highWatermark: number): void {
    this.forEachOpen(topicPartition, highWatermark, (trace) => (trace.committedMs ??= this.clock.nowMs()));
  }

  /** A consumer was given records, beginning with the batch that holds `startOffset`. */
  fetched(topicPartition: TopicPartition, startOffset: number, records: readonly Buffer[]): void {
    this.forEachOpen(topicPartition, Number.POSITIVE_INFINITY, (trace) => {
      if (trace.fetchedMs !== null || trace.offset < startOffset || trace.offset >= endOf(records)) return;
      trace.fetchedMs = this.clock.nowMs();
    });
  }

  private forEachOpen(
    { topic, partition }: TopicPartition,
    endOffset: number,
    use: (trace: RecordTrace) => void,
  ): void {
    for (let i = Math.max(0, this.traces.length - FOLLOWED); i < this.traces.length; i++) {
      const trace = this.traces[i] as RecordTrace;
      if (trace.partition === partition && trace.topic === topic && trace.offset < endOffset) use(trace);
    }
  }
}

/** Offset after the last record of whole batches. */
function endOf(records: readonly Buffer[]): number {
  const last = records.at(-1);
  let endOffset = -1;
  if (last) forEachBatch(last, (at) => (endOffset = batch.nextOffset(last, at)));
  return endOffset;
}
