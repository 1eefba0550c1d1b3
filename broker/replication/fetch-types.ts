/** What a fetch asks for and gets, between the handler, the sessions and the replica manager. */
import { Errors, type InputOf, type WireError } from '../../protocol';
import type { FetchResponse } from '../../protocol/apis';
import type { FetchIsolation } from '../log';
import type { FetchEntry } from './fetch-entry';
import type { FetchSession } from './fetch-session-cache';
import type { ReplicaLog } from './replica-log';

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
