/**
 * The fetch path: reads from the logs that this broker hosts, for consumers and for followers, and waits for min.bytes
 * (ReplicaManager.fetchMessages). Records go out as the stored bytes. A read gives a promise only where the log has to
 * ask the disk; then the partitions after it are read after it, because it counts against their size limit.
 */
import { Errors, KafkaError, type WireError } from '../../protocol';
import type { AnswerMemory } from '../../runtime/answer-memory';
import type { Logger } from '../../runtime/logger';
import type { FetchData } from '../log';
import type { DeadlineTimer } from './deadline-timer';
import { DelayedFetch } from './delayed-fetch';
import { NO_EPOCH, type FetchEntry } from './fetch-entry';
import {
  endOffset,
  fetchError,
  hasDivergingEpoch,
  hasPreferredReplica,
  isError,
  isFromFollower,
  NO_RECORDS,
  onlyLeader,
  type AnsweredEntry,
  type FetchAnswer,
  type FetchParams,
} from './fetch-types';
import { isWireError, type HostedPartitions } from './hosted-partitions';
import type { Partition } from './partition';
import type { WatchList } from './purgatory';
import type { RecordTraces } from './record-trace';
import type { MaybePromise, ReplicaLog } from './replica-log';
import type { ReplicaSelector } from './replica-selector';
import type { ReplicationQuota } from './replication-quota';

interface ReadState {
  readonly entries: readonly FetchEntry[];
  readonly params: FetchParams;
  readonly answers: AnsweredEntry[];
  /** False when a fetch is read again after waiting: the follower's state was recorded before. */
  readonly recordsFollower: boolean;
  bytesLeft: number;
  minOneBatch: boolean;
}

export class RecordFetcher {
  constructor(
    private readonly hosted: HostedPartitions,
    private readonly timer: DeadlineTimer,
    private readonly selector: ReplicaSelector | null,
    private readonly traces: RecordTraces,
    private readonly quota: ReplicationQuota,
    private readonly memory: AnswerMemory,
    private readonly logger: Logger,
  ) {}

  /**
   * Reads `entries`, at once or when there is enough or the time is up. For an incremental fetch the answers are those
   * of the partitions that have news by then.
   */
  fetch(params: FetchParams, entries: readonly FetchEntry[]): MaybePromise<AnsweredEntry[]> {
    const answers = this.readAll(params, entries, true);
    return answers instanceof Promise
      ? answers.then((read) => this.answerOrWait(params, entries, read))
      : this.answerOrWait(params, entries, answers);
  }

  private answerOrWait(
    params: FetchParams,
    entries: readonly FetchEntry[],
    answers: AnsweredEntry[],
  ): MaybePromise<AnsweredEntry[]> {
    if (params.maxWaitMs <= 0 || cannotWait(params, answers)) return this.counted(params, answers);
    return new Promise((resolve, reject) => {
      const watched = params.session?.attention ?? entries;
      const onClosed = (): void => operation.abandon();
      const isHeldBack = (partition: Partition): boolean => this.isHeldBack(partition, params);
      const operation = new DelayedFetch(params, watched, this.hosted, isHeldBack, () => {
        params.closed?.removeEventListener('abort', onClosed);
        Promise.resolve(this.readAll(params, [...watched], false))
          .then((read) => this.counted(params, read))
          .then(resolve, reject);
      });
      operation.tryComplete();
      if (operation.isCompleted) return;
      params.closed?.addEventListener('abort', onClosed);
      operation.wait(params.session ? [params.session.waiters] : this.waitersOf(entries), this.timer, params.maxWaitMs);
    });
  }

  /** A follower that is not in sync gets nothing of a throttled partition while the quota is used up. */
  private isHeldBack(partition: Partition, params: FetchParams): boolean {
    const { topic, partition: index } = partition.topicPartition;
    if (!isFromFollower(params) || !this.quota.isThrottled(topic, index)) return false;
    return !partition.isr.includes(params.replicaId) && this.quota.isExceeded;
  }

  private counted(params: FetchParams, answers: AnsweredEntry[]): AnsweredEntry[] {
    if (!isFromFollower(params)) return answers;
    for (const { entry, answer } of answers) {
      if (answer.sizeBytes === 0 || !this.quota.isThrottled(entry.topic as string, entry.partition)) continue;
      this.quota.record(answer.sizeBytes);
    }
    return answers;
  }

  private waitersOf(entries: readonly FetchEntry[]): WatchList[] {
    const lists: WatchList[] = [];
    for (const entry of entries) {
      const partition = entry.topic === null ? null : this.hosted.get(entry.topic, entry.partition);
      if (partition) lists.push(partition.fetchWaiters);
    }
    return lists;
  }

  private readAll(
    params: FetchParams,
    entries: readonly FetchEntry[],
    recordsFollower: boolean,
  ): MaybePromise<AnsweredEntry[]> {
    const allowedBytes = Math.min(params.maxBytes, this.memory.allowanceBytes);
    const state: ReadState = {
      entries,
      params,
      answers: [],
      recordsFollower,
      bytesLeft: allowedBytes,
      minOneBatch: !params.hardMaxBytes,
    };
    const answers = this.readFrom(state, 0);
    if (!(answers instanceof Promise)) return answers;
    const release = this.memory.hold(Math.min(mostBytes(entries), allowedBytes));
    return answers.finally(release);
  }

  private readFrom(state: ReadState, first: number): MaybePromise<AnsweredEntry[]> {
    for (let i = first; i < state.entries.length; i++) {
      const entry = state.entries[i] as FetchEntry;
      const answer = this.read(state, entry);
      if (answer instanceof Promise) {
        return answer.then((value) => {
          collect(state, entry, value);
          return this.readFrom(state, i + 1);
        });
      }
      collect(state, entry, answer);
    }
    return state.answers;
  }

  private read(state: ReadState, entry: FetchEntry): MaybePromise<FetchAnswer> {
    // Until it is read to its end, a session has to look at it again.
    entry.noteRead(false);
    entry.isUnknown = false;
    const partition = entry.topic === null ? Errors.UNKNOWN_TOPIC_ID : this.hosted.find(entry.topic, entry.partition);
    if (isWireError(partition)) {
      entry.isUnknown = isUnknown(partition);
      return fetchError(entry.partition, partition);
    }
    if (entry.session) entry.watch(partition);
    try {
      const answer = this.readPartition(state, entry, partition);
      return answer instanceof Promise ? answer.catch((error: unknown) => this.failed(entry, error)) : answer;
    } catch (error) {
      return this.failed(entry, error);
    }
  }

  private failed(entry: FetchEntry, thrown: unknown): FetchAnswer {
    if (thrown instanceof KafkaError) return fetchError(entry.partition, thrown.error);
    this.logger.error(`Error processing fetch of ${entry.topic}-${entry.partition} at ${entry.fetchOffset}`, thrown);
    return fetchError(entry.partition, Errors.UNKNOWN_SERVER_ERROR);
  }

  private readPartition(state: ReadState, entry: FetchEntry, partition: Partition): MaybePromise<FetchAnswer> {
    const { params } = state;
    if (!partition.acceptsTopicId(entry.topicId)) return fetchError(entry.partition, Errors.INCONSISTENT_TOPIC_ID);
    const preferred = this.selector?.select(partition, params, entry.fetchOffset) ?? null;
    if (preferred !== null) {
      return {
        ...emptyAnswer(entry, partition.accessibleLog(entry.currentLeaderEpoch, false)),
        preferredReadReplica: preferred,
      };
    }
    const log = partition.accessibleLog(entry.currentLeaderEpoch, onlyLeader(params));
    const follower = isFromFollower(params) ? partition.follower(params.replicaId) : null;
    if (isFromFollower(params) && follower === null) {
      // This leader has not heard yet that the follower is a replica, or the follower not that it is none any more.
      const known = entry.currentLeaderEpoch !== NO_EPOCH;
      return fetchError(entry.partition, known ? Errors.UNKNOWN_LEADER_EPOCH : Errors.NOT_LEADER_OR_FOLLOWER);
    }
    const leaderEndOffset = log.logEndOffset;
    if (entry.lastFetchedEpoch !== NO_EPOCH) {
      const divergingEpoch = divergence(log, entry);
      if (divergingEpoch !== null) return { ...emptyAnswer(entry, log), divergingEpoch };
    }
    const maxBytes = Math.min(entry.maxBytes, state.bytesLeft);
    entry.noteRead(entry.fetchOffset >= endOffset(log, params.isolation));
    const read = log.read(entry.fetchOffset, maxBytes, { isolation: params.isolation, minOneBatch: state.minOneBatch });
    if (follower !== null && state.recordsFollower) {
      // Recorded whether or not the disk has answered: the follower has everything before its fetch offset anyway.
      partition.recordFollowerFetch(follower, entry.fetchOffset, entry.logStartOffset, leaderEndOffset);
    }
    if (this.isHeldBack(partition, params)) return emptyAnswer(entry, log);
    if (!(read instanceof Promise)) return this.recordsAnswer(partition, entry, read, params);
    const { leaderEpoch } = partition;
    return read.then((data) => {
      if (partition.leaderEpoch !== leaderEpoch) return fetchError(entry.partition, Errors.NOT_LEADER_OR_FOLLOWER);
      return this.recordsAnswer(partition, entry, data, params);
    });
  }

  private recordsAnswer(partition: Partition, entry: FetchEntry, data: FetchData, params: FetchParams): FetchAnswer {
    if (data.sizeBytes > 0 && !isFromFollower(params)) {
      this.traces.fetched(partition.topicPartition, entry.fetchOffset, data.records);
    }
    return {
      partitionIndex: entry.partition,
      errorCode: Errors.NONE.code,
      error: Errors.NONE,
      highWatermark: data.highWatermark,
      lastStableOffset: data.lastStableOffset,
      logStartOffset: data.logStartOffset,
      abortedTransactions: params.isolation === 'last_stable' ? data.abortedTransactions : null,
      records: data.records,
      sizeBytes: data.sizeBytes,
    };
  }
}

/** What the partitions together may give: all that has to be set aside when it is less than the answer may have. */
function mostBytes(entries: readonly FetchEntry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += Math.max(0, entry.maxBytes);
  return bytes;
}

function collect(state: ReadState, entry: FetchEntry, answer: FetchAnswer): void {
  state.answers.push({ entry, answer });
  if (answer.sizeBytes === 0) return;
  state.minOneBatch = false;
  state.bytesLeft = Math.max(0, state.bytesLeft - answer.sizeBytes);
}

/** There is enough to answer, nothing to wait for, or something that the fetcher must know at once. */
function cannotWait(params: FetchParams, answers: readonly AnsweredEntry[]): boolean {
  let bytes = 0;
  let unknown = 0;
  for (const { entry, answer } of answers) {
    if (entry.isUnknown) unknown++;
    else if (isError(answer) || hasDivergingEpoch(answer) || hasPreferredReplica(answer)) return true;
    bytes += answer.sizeBytes;
  }
  return bytes >= params.minBytes || unknown === (params.session?.entries.size ?? answers.length);
}

function isUnknown(error: WireError): boolean {
  return error === Errors.UNKNOWN_TOPIC_ID || error === Errors.UNKNOWN_TOPIC_OR_PARTITION;
}

/** Where the fetcher's log parts from ours (KIP-595); null when it does not. */
function divergence(log: ReplicaLog, entry: FetchEntry): { epoch: number; endOffset: number } | null {
  const end = log.endOffsetForEpoch(entry.lastFetchedEpoch);
  if (end === null) throw new KafkaError('OFFSET_OUT_OF_RANGE', 'the last fetched epoch is not known here');
  if (entry.fetchOffset < log.logStartOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE');
  if (end.epoch < entry.lastFetchedEpoch || end.endOffset < entry.fetchOffset) {
    return { epoch: end.epoch, endOffset: end.endOffset };
  }
  return null;
}

function emptyAnswer(entry: FetchEntry, log: ReplicaLog): FetchAnswer {
  return {
    partitionIndex: entry.partition,
    errorCode: Errors.NONE.code,
    error: Errors.NONE,
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    abortedTransactions: null,
    records: NO_RECORDS,
    sizeBytes: 0,
  };
}
