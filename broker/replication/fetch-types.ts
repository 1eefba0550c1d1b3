/** What a fetch asks for and gets, between the handler, the sessions and the replica manager. */
import { Errors, type InputOf, type WireError } from '../../protocol';
import type { FetchResponse } from '../../protocol/apis';
import type { FetchIsolation } from '../log';
import type { FetchSession } from './fetch-session-cache';
import type { Partition } from './partition';
import type { ReplicaLog } from './replica-log';

export const NO_EPOCH = -1;

/** One partition of a fetch. Sessions keep these and change them with each request. */
export class FetchEntry {
  currentLeaderEpoch = NO_EPOCH;
  fetchOffset = -1;
  /** Epoch of the last record that the fetcher has; -1 when it gave none. */
  lastFetchedEpoch = NO_EPOCH;
  /** The fetching follower's own log start offset; -1 from a consumer. */
  logStartOffset = -1;
  maxBytes = -1;
  /** High watermark and log start offset as the session's client last heard them. */
  toldHighWatermark = -1;
  toldLogStartOffset = -1;
  /** Neither hosted here nor in the metadata when it was read last. */
  isUnknown = false;
  /** Set when it is kept by a session. */
  session: FetchSession | null = null;
  private watched: Partition | null = null;
  private changes = 0;
  private changesRead = 0;
  private wasCaughtUp = false;

  constructor(
    /** Null while the topic id is not known here. */
    public topic: string | null,
    readonly topicId: string,
    readonly partition: number,
  ) {}

  /** Is told by `partition` whenever there may be something new to read. */
  watch(partition: Partition): void {
    if (this.watched === partition) return;
    this.unwatch();
    this.watched = partition;
    partition.sessionEntries.add(this);
  }

  unwatch(): void {
    this.watched?.sessionEntries.delete(this);
    this.watched = null;
  }

  /** The partition has changed: the session's next answer has to look at it, and perhaps the one that waits. */
  changed(): void {
    this.changes++;
    this.session?.noteChange(this);
  }

  /** It was read just now. @param caughtUp there is nothing more than what was read */
  noteRead(caughtUp: boolean): void {
    this.changesRead = this.changes;
    this.wasCaughtUp = caughtUp;
  }

  /** Nothing to look at before the partition or the client changes something. */
  get isSettled(): boolean {
    return this.wasCaughtUp && this.changes === this.changesRead;
  }
}

/** Who fetches, and how much. */
export interface FetchParams {
  /** -1 consumer, -2 debugging, otherwise the follower's broker id */
  readonly replicaId: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolation: FetchIsolation;
  /** Before version 3 not even the first batch may exceed the limits. */
  readonly hardMaxBytes: boolean;
  /** Since version 11 consumers may read from followers (KIP-392); they then say where they are. */
  readonly client: { readonly rackId: string; readonly listenerName: string } | null;
  /** Ends the wait when nobody is left to get the answer. */
  readonly closed: AbortSignal | null;
  /** The session of an incremental fetch: only its partitions with changes are looked at. */
  readonly session: FetchSession | null;
}

export function isFromFollower(params: FetchParams): boolean {
  return params.replicaId >= 0;
}

/** Followers and old consumers are served by the leader only. */
export function onlyLeader(params: FetchParams): boolean {
  return params.replicaId >= 0 || (params.replicaId === -1 && params.client === null);
}

/** How far a fetch may read in a log. */
export function endOffset(log: ReplicaLog, isolation: FetchIsolation): number {
  switch (isolation) {
    case 'log_end':
      return log.logEndOffset;
    case 'high_watermark':
      return log.highWatermark;
    case 'last_stable':
      return log.lastStableOffset;
  }
}

type ResponsePartition = InputOf<FetchResponse['responses'][number]['partitions'][number]>;

/** The answer for one partition, in the shape in which it goes on the wire. */
export type FetchAnswer = ResponsePartition & {
  readonly error: WireError;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly sizeBytes: number;
  currentLeader?: { leaderId: number; leaderEpoch: number };
};

const NOTHING: readonly Buffer[] = [];

/** An answer and the partition it is for. */
export interface AnsweredEntry {
  readonly entry: FetchEntry;
  readonly answer: FetchAnswer;
}

export function fetchError(partition: number, error: WireError): FetchAnswer {
  return {
    partitionIndex: partition,
    errorCode: error.code,
    error,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    records: NOTHING,
    sizeBytes: 0,
  };
}

export function hasDivergingEpoch(answer: FetchAnswer): boolean {
  return answer.divergingEpoch !== undefined;
}

export function hasPreferredReplica(answer: FetchAnswer): boolean {
  return answer.preferredReadReplica !== undefined && answer.preferredReadReplica >= 0;
}

export function isError(answer: FetchAnswer): boolean {
  return answer.error !== Errors.NONE;
}

/** Records without any. */
export const NO_RECORDS = NOTHING;
