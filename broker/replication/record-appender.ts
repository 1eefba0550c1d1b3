/**
 * The produce path: appends to the partitions that this broker leads, and waits for the ISR where acks=-1 asks for it
 * (ReplicaManager.appendRecords). Makes no promise where nothing waits, since this runs once per produced batch.
 */
import { Errors, isInternalTopic, KafkaError, type WireError } from '../../protocol';
import { RecordsError } from '../../protocol/records';
import type { Logger } from '../../runtime/logger';
import type { LogAppendInfo } from '../log';
import type { DeadlineTimer } from './deadline-timer';
import { DelayedProduce } from './delayed-produce';
import { isWireError, type HostedPartitions } from './hosted-partitions';
import type { Partition } from './partition';
import type { MaybePromise } from './replica-log';
import type { AppendRequest, AppendResult } from './types';

type Entry = AppendRequest['entries'][number];

const NO_RECORD_ERRORS: AppendResult['recordErrors'] = [];

/** What has been appended so far, for the metrics. */
export interface AppendCounters {
  records: number;
  bytes: number;
  failedRequests: number;
}

export class RecordAppender {
  readonly counters: AppendCounters = { records: 0, bytes: 0, failedRequests: 0 };

  constructor(
    private readonly hosted: HostedPartitions,
    private readonly timer: DeadlineTimer,
    private readonly logger: Logger,
  ) {}

  append(request: AppendRequest): MaybePromise<AppendResult[]> {
    const { requiredAcks, entries } = request;
    if (requiredAcks !== 0 && requiredAcks !== 1 && requiredAcks !== -1) {
      return entries.map((entry) => failedResult(entry, Errors.INVALID_REQUIRED_ACKS));
    }
    const results: AppendResult[] = [];
    let appended = 0;
    for (const entry of entries) {
      const result = this.appendOne(request, entry);
      results.push(result);
      if (result.error === Errors.NONE) appended++;
    }
    if (appended === 0) return results;
    // Only now, so that a fetch that waits for several of these partitions gets them together.
    this.wake(results);
    return requiredAcks === -1 ? this.waitForIsr(request, results) : results;
  }

  private appendOne(request: AppendRequest, entry: Entry): AppendResult {
    const { topic, partition } = entry.topicPartition;
    if (!request.internalTopicsAllowed && isInternalTopic(topic)) {
      const text = `Cannot append to internal topic ${topic}`;
      return this.refused(entry, null, new KafkaError('INVALID_TOPIC_EXCEPTION', text));
    }
    const found = this.hosted.find(topic, partition);
    if (isWireError(found)) return failedResult(entry, found);
    try {
      return this.succeeded(entry, found.append(entry.records, request.origin, request.requiredAcks));
    } catch (error) {
      return this.refused(entry, found, error);
    }
  }

  private wake(results: readonly AppendResult[]): void {
    for (const { error, topicPartition } of results) {
      if (error === Errors.NONE) this.hosted.get(topicPartition.topic, topicPartition.partition)?.wake();
    }
  }

  private waitForIsr(request: AppendRequest, results: AppendResult[]): MaybePromise<AppendResult[]> {
    let settle: ((results: AppendResult[]) => void) | null = null;
    const operation = new DelayedProduce(results, this.hosted, (final) => settle?.(final));
    operation.tryComplete();
    if (operation.isCompleted) return results;
    return new Promise((resolve) => {
      settle = resolve;
      const lists = [];
      for (const { topicPartition, error } of results) {
        if (error !== Errors.NONE) continue;
        const partition = this.hosted.get(topicPartition.topic, topicPartition.partition);
        if (partition) lists.push(partition.produceWaiters);
      }
      operation.wait(lists, this.timer, request.timeoutMs);
    });
  }

  private succeeded(entry: Entry, info: LogAppendInfo): AppendResult {
    if (!info.duplicate) {
      this.counters.records += info.lastOffset - info.firstOffset + 1;
      this.counters.bytes += entry.records.length;
    }
    return {
      topicPartition: entry.topicPartition,
      error: Errors.NONE,
      errorMessage: null,
      recordErrors: NO_RECORD_ERRORS,
      baseOffset: info.firstOffset,
      logAppendTimeMs: info.logAppendTimeMs,
      logStartOffset: info.logStartOffset,
      nextOffset: info.lastOffset + 1,
    };
  }

  private refused(entry: Entry, partition: Partition | null, thrown: unknown): AppendResult {
    const error = appendErrorOf(thrown);
    this.counters.failedRequests++;
    if (error === Errors.UNKNOWN_SERVER_ERROR) {
      const { topic, partition: index } = entry.topicPartition;
      this.logger.error(`Error processing append operation on partition ${topic}-${index}`, thrown);
    }
    const result = failedResult(entry, error);
    if (!isValidationError(error)) return result;
    const details = thrown as { recordErrors?: readonly { batchIndex: number; message: string | null }[] };
    return {
      ...result,
      errorMessage: (thrown as Error).message,
      recordErrors: (details.recordErrors ?? []).map(({ batchIndex, message }) => ({
        batchIndex,
        batchIndexErrorMessage: message,
      })),
      logStartOffset: partition?.log?.logStartOffset ?? -1,
    };
  }
}

/** Errors that blame records: only these come with a text and the log start offset. */
function isValidationError(error: WireError): boolean {
  return error === Errors.INVALID_RECORD || error === Errors.INVALID_TIMESTAMP;
}

/** The wire error behind what an append threw. */
export function appendErrorOf(thrown: unknown): WireError {
  if (thrown instanceof KafkaError) return thrown.error;
  if (thrown instanceof RecordsError) return Errors[thrown.errorName];
  return Errors.UNKNOWN_SERVER_ERROR;
}

function failedResult(entry: Entry, error: WireError): AppendResult {
  return {
    topicPartition: entry.topicPartition,
    error,
    errorMessage: null,
    recordErrors: NO_RECORD_ERRORS,
    baseOffset: -1,
    logAppendTimeMs: -1n,
    logStartOffset: -1,
    nextOffset: -1,
  };
}
