/**
 * What one Fetch request means with respect to sessions (KIP-227): which partitions it fetches, and which of the
 * answers the client needs to be told (kafka.server.FetchContext).
 *
 * | session id, epoch | meaning                                                        |
 * |-------------------|----------------------------------------------------------------|
 * | any, -1           | all partitions are listed; the session, if any, ends           |
 * | any, 0            | all partitions are listed; a new session is asked for          |
 * | n, e              | only what changed since request e-1 of session n is listed     |
 */
import { Errors, ZERO_UUID, type WireError } from '../../protocol';
import type { FetchRequest } from '../../protocol/apis';
import {
  FINAL_EPOCH,
  INITIAL_EPOCH,
  INVALID_SESSION_ID,
  nextEpoch,
  type FetchSession,
  type FetchSessionCache,
} from './fetch-session-cache';
import { FetchEntry } from './fetch-entry';
import { hasDivergingEpoch, hasPreferredReplica, isError, type AnsweredEntry, type FetchAnswer } from './fetch-types';

export interface FetchContext {
  /** Not NONE when the request does not fit its session: nothing is fetched then. */
  readonly error: WireError;
  /** Of an incremental fetch. */
  readonly session: FetchSession | null;
  /** The partitions to be read; of an incremental fetch those that may have news. */
  entries(): Iterable<FetchEntry>;
  /** Ends the request: what to answer, and with which session id. */
  finish(answers: readonly AnsweredEntry[]): {
    readonly error: WireError;
    readonly sessionId: number;
    readonly answers: readonly AnsweredEntry[];
  };
}

export interface FetchContextOptions {
  readonly version: number;
  readonly isFromFollower: boolean;
  /** Name of a topic id; null when it is unknown. */
  topicName(topicId: string): string | null;
}

const FIRST_VERSION_WITH_TOPIC_IDS = 13;

/** Finds out what a request means; changes its session if it has one. */
export function openFetchContext(
  cache: FetchSessionCache,
  request: FetchRequest,
  options: FetchContextOptions,
): FetchContext {
  const { sessionId, sessionEpoch } = request;
  if (sessionEpoch === FINAL_EPOCH || sessionEpoch === INITIAL_EPOCH) {
    if (sessionId !== INVALID_SESSION_ID) cache.remove(sessionId);
    const entries = entriesOf(request, options);
    return sessionEpoch === FINAL_EPOCH ? sessionless(entries) : full(cache, entries, options);
  }
  const session = cache.get(sessionId);
  if (session === null) return failed(Errors.FETCH_SESSION_ID_NOT_FOUND);
  if (session.epoch !== sessionEpoch) return failed(Errors.INVALID_FETCH_SESSION_EPOCH);
  const usesTopicIds = options.version >= FIRST_VERSION_WITH_TOPIC_IDS;
  if (session.usesTopicIds !== usesTopicIds) return failed(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
  updateSession(session, request, options);
  if (session.entries.size === 0) {
    cache.remove(session.id);
    return sessionless(new Map());
  }
  session.epoch = nextEpoch(session.epoch);
  cache.touch(session);
  return incremental(session, options);
}

function failed(error: WireError): FetchContext {
  return {
    error,
    session: null,
    entries: () => [],
    finish: () => ({ error, sessionId: INVALID_SESSION_ID, answers: [] }),
  };
}

function sessionless(entries: Map<string, FetchEntry>): FetchContext {
  return {
    error: Errors.NONE,
    session: null,
    entries: () => entries.values(),
    finish: (answers) => ({ error: Errors.NONE, sessionId: INVALID_SESSION_ID, answers }),
  };
}

function full(cache: FetchSessionCache, entries: Map<string, FetchEntry>, options: FetchContextOptions): FetchContext {
  return {
    error: Errors.NONE,
    session: null,
    entries: () => entries.values(),
    finish(answers) {
      for (const { entry, answer } of answers) remember(entry, answer);
      const usesTopicIds = options.version >= FIRST_VERSION_WITH_TOPIC_IDS;
      const sessionId = cache.create(options.isFromFollower, usesTopicIds, entries);
      return { error: Errors.NONE, sessionId, answers };
    },
  };
}

function incremental(session: FetchSession, options: FetchContextOptions): FetchContext {
  const expectedEpoch = session.epoch;
  return {
    error: Errors.NONE,
    session,
    *entries() {
      for (const entry of session.attention) {
        entry.topic ??= options.topicName(entry.topicId);
        yield entry;
      }
    },
    finish(answers) {
      // The client sent its request again on another connection, and the session went on there.
      if (session.epoch !== expectedEpoch) {
        return { error: Errors.INVALID_FETCH_SESSION_EPOCH, sessionId: session.id, answers: [] };
      }
      const news = answers.filter(({ entry, answer }) => isNews(entry, answer));
      for (const { entry, answer } of news) remember(entry, answer);
      for (const { entry } of answers) if (entry.isSettled) session.attention.delete(entry);
      return { error: Errors.NONE, sessionId: session.id, answers: news };
    },
  };
}

function isNews(entry: FetchEntry, answer: FetchAnswer): boolean {
  return (
    answer.sizeBytes > 0 ||
    answer.highWatermark !== entry.toldHighWatermark ||
    answer.logStartOffset !== entry.toldLogStartOffset ||
    isError(answer) ||
    hasPreferredReplica(answer) ||
    hasDivergingEpoch(answer)
  );
}

function remember(entry: FetchEntry, answer: FetchAnswer): void {
  // A partition with an error is told anew once it is well again; a follower that has to truncate takes nothing else of its answer.
  entry.toldHighWatermark = isError(answer) || hasDivergingEpoch(answer) ? -1 : answer.highWatermark;
  entry.toldLogStartOffset = answer.logStartOffset;
}

function keyOf(topicId: string, topic: string | null, partition: number): string {
  return topicId === ZERO_UUID ? `${topic}:${partition}` : `${topicId}:${partition}`;
}

type RequestPartition = FetchRequest['topics'][number]['partitions'][number];

function update(entry: FetchEntry, partition: RequestPartition): void {
  // Who follows in another epoch may have left the last answer unread.
  if (entry.currentLeaderEpoch !== partition.currentLeaderEpoch) entry.toldHighWatermark = -1;
  entry.currentLeaderEpoch = partition.currentLeaderEpoch;
  entry.fetchOffset = partition.fetchOffset;
  entry.lastFetchedEpoch = partition.lastFetchedEpoch;
  entry.logStartOffset = partition.logStartOffset;
  entry.maxBytes = partition.partitionMaxBytes;
}

function entriesOf(request: FetchRequest, options: FetchContextOptions): Map<string, FetchEntry> {
  const entries = new Map<string, FetchEntry>();
  const byId = options.version >= FIRST_VERSION_WITH_TOPIC_IDS;
  for (const topic of request.topics) {
    const name = byId ? options.topicName(topic.topicId) : topic.topic;
    for (const partition of topic.partitions) {
      const entry = new FetchEntry(name, topic.topicId, partition.partition);
      update(entry, partition);
      entries.set(keyOf(topic.topicId, name, partition.partition), entry);
    }
  }
  return entries;
}

function updateSession(session: FetchSession, request: FetchRequest, options: FetchContextOptions): void {
  for (const topic of request.topics) {
    const name = session.usesTopicIds ? options.topicName(topic.topicId) : topic.topic;
    for (const partition of topic.partitions) {
      const key = keyOf(topic.topicId, name, partition.partition);
      const entry = session.entries.get(key) ?? new FetchEntry(name, topic.topicId, partition.partition);
      update(entry, partition);
      session.noteRequest(key, entry);
    }
  }
  for (const topic of request.forgottenTopicsData) {
    for (const partition of topic.partitions) session.forget(keyOf(topic.topicId, topic.topic, partition));
  }
}
