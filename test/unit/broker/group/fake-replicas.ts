/** Partitions of `__consumer_offsets` in memory, whose acknowledgements and failures a test decides about. */
import { Errors, partitionKey, type TopicPartition, type WireError } from '../../../../protocol';
import { batch, readAllRecords, type LogRecord } from '../../../../protocol/records';
import type { FetchData, Log } from '../../../../broker/log';
import type {
  AppendRequest,
  AppendResult,
  LeadershipChange,
  ReplicaAppender,
} from '../../../../broker/replication/types';

export class FakeLog {
  logStartOffset = 0;
  readonly batches: Buffer[] = [];
  reads = 0;
  /** What a read waits for. */
  gate: Promise<void> | null = null;
  failNextRead = false;

  get logEndOffset(): number {
    const last = this.batches.at(-1);
    return last ? batch.lastOffset(last) + 1 : this.logStartOffset;
  }

  append(records: Buffer): number {
    const bytes = Buffer.from(records);
    const baseOffset = this.logEndOffset;
    batch.setBaseOffset(bytes, 0, baseOffset);
    this.batches.push(bytes);
    return baseOffset;
  }

  async read(offset: number, maxBytes: number): Promise<FetchData> {
    this.reads += 1;
    if (this.gate) await this.gate;
    if (this.failNextRead) {
      this.failNextRead = false;
      throw new Error('the disk is on fire');
    }
    const records: Buffer[] = [];
    let sizeBytes = 0;
    for (const bytes of this.batches) {
      if (batch.lastOffset(bytes) < offset) continue;
      if (records.length > 0 && sizeBytes + bytes.length > maxBytes) break;
      records.push(bytes);
      sizeBytes += bytes.length;
    }
    const { logStartOffset, logEndOffset } = this;
    const ends = { highWatermark: logEndOffset, lastStableOffset: logEndOffset, abortedTransactions: null };
    return { records, sizeBytes, logStartOffset, logEndOffset, ...ends };
  }

  records(): LogRecord[] {
    return this.batches.flatMap((bytes) => readAllRecords(bytes));
  }
}

interface HeldAppend {
  readonly topicPartition: TopicPartition;
  readonly baseOffset: number;
  readonly settle: (error: WireError) => void;
}

export class FakeReplicas implements ReplicaAppender {
  readonly logs = new Map<string, FakeLog>();
  readonly held: HeldAppend[] = [];
  /** Acknowledge only when told to. */
  holdAppends = false;
  /** What every append comes to. */
  error: WireError = Errors.NONE;
  private readonly listeners = new Set<(change: LeadershipChange) => void>();

  log(partition: number): FakeLog {
    const key = partitionKey({ topic: '__consumer_offsets', partition });
    let log = this.logs.get(key);
    if (!log) {
      log = new FakeLog();
      this.logs.set(key, log);
    }
    return log;
  }

  change(partition: number, role: LeadershipChange['role'], leaderEpoch = 0): void {
    if (role === 'leader') this.log(partition);
    const topicPartition = { topic: '__consumer_offsets', partition };
    for (const listener of this.listeners) listener({ topicPartition, role, leaderEpoch });
  }

  append(request: AppendRequest): AppendResult[] | Promise<AppendResult[]> {
    const [entry] = request.entries;
    if (!entry) throw new Error('nothing to append');
    const { topicPartition, records } = entry;
    const result = (error: WireError, baseOffset: number): AppendResult[] => [
      {
        topicPartition,
        error,
        errorMessage: null,
        recordErrors: [],
        baseOffset: error === Errors.NONE ? baseOffset : -1,
        logAppendTimeMs: -1n,
        logStartOffset: 0,
        nextOffset: 0,
      },
    ];
    if (this.error !== Errors.NONE) return result(this.error, -1);
    const baseOffset = this.log(topicPartition.partition).append(records);
    if (!this.holdAppends || request.requiredAcks === 0) return result(Errors.NONE, baseOffset);
    return new Promise((resolve) => {
      this.held.push({ topicPartition, baseOffset, settle: (error) => resolve(result(error, baseOffset)) });
    });
  }

  /** Acknowledges, or fails, what is held. */
  release(error: WireError = Errors.NONE): void {
    for (const append of this.held.splice(0)) append.settle(error);
  }

  logOf(topicPartition: TopicPartition): Log | null {
    return (this.logs.get(partitionKey(topicPartition)) ?? null) as unknown as Log | null;
  }

  leaderEpochOf(): number | null {
    return 0;
  }

  onLeadershipChange(listener: (change: LeadershipChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
