/**
 * Fetch, versions 0-17: stored record batches, for consumers up to the high watermark (read_committed: the last stable
 * offset), for followers up to the log's end. Waits until min.bytes are there or max.wait.ms is over; something that the
 * client must know ends the wait at once.
 *
 * v3 limits the whole answer, but always gives one batch; v4 isolation levels; v5 log start offsets; v7 sessions
 * (KIP-227); v9 leader epochs; v11 reading from followers (KIP-392); v12 truncation by diverging epoch (KIP-595); v13
 * topic ids; v15 follower's broker epoch; v16 where the leader is (KIP-951). Clients before v4 cannot read batches of
 * format 2: they get UNSUPPORTED_VERSION for partitions with records, as with log.message.downconversion.enable=false.
 */
import { Errors, ZERO_UUID, type InputOf, type WireError } from '../../protocol';
import { fetch, type FetchRequest, type FetchResponse } from '../../protocol/apis';
import type { FetchIsolation } from '../log';
import {
  fetchError,
  isError,
  openFetchContext,
  type AnsweredEntry,
  type FetchAnswer,
  type FetchEntry,
  type FetchParams,
} from '../replication';
import type { RequestContext } from '../net/request-context';
import { CurrentLeaders } from './current-leader';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'config' | 'metadata' | 'replicas'>;
type ResponseTopic = InputOf<FetchResponse['responses'][number]>;

const CONSUMER = -1;
const FIRST_VERSION_WITH_SOFT_LIMITS = 3;
const FIRST_VERSION_WITH_BATCHES = 4;
const FIRST_VERSION_WITH_STORAGE_ERROR = 6;
const FIRST_VERSION_WITH_ZSTD = 10;
const FIRST_VERSION_WITH_CLIENT_RACK = 11;
const FIRST_VERSION_WITH_TOPIC_IDS = 13;
const FIRST_VERSION_WITH_REPLICA_STATE = 15;
const FIRST_VERSION_WITH_ENDPOINTS = 16;

export function fetchHandler(parts: Parts): Handler {
  return handler(
    fetch,
    (request, context) => {
      const replicaId =
        context.apiVersion >= FIRST_VERSION_WITH_REPLICA_STATE ? request.replicaState.replicaId : request.replicaId;
      const isFromFollower = replicaId >= 0;
      const fetching = openFetchContext(parts.replicas.fetchSessions, request, {
        version: context.apiVersion,
        isFromFollower,
        topicName: (topicId) => parts.metadata.topicName(topicId),
      });
      const finish = (answers: readonly AnsweredEntry[]): InputOf<FetchResponse> =>
        respond(parts, context, isFromFollower, fetching.finish(answers));
      const entries = [...fetching.entries()];
      if (entries.length === 0 && fetching.session === null) return finish([]);
      const params = paramsOf(parts, request, context, { replicaId, session: fetching.session });
      const answers = parts.replicas.fetch(params, entries);
      return answers instanceof Promise ? answers.then(finish) : finish(answers);
    },
    (request, error, context) => errorForAll(request, error, context),
  );
}

function paramsOf(
  parts: Parts,
  request: FetchRequest,
  context: RequestContext,
  { replicaId, session }: Pick<FetchParams, 'replicaId' | 'session'>,
): FetchParams {
  const { apiVersion } = context;
  const maxBytes = Math.min(request.maxBytes, parts.config.int('fetch.max.bytes'));
  return {
    replicaId,
    maxWaitMs: request.maxWaitMs,
    minBytes: Math.min(request.minBytes, maxBytes),
    maxBytes,
    isolation: isolationOf(replicaId, request.isolationLevel),
    hardMaxBytes: apiVersion < FIRST_VERSION_WITH_SOFT_LIMITS,
    client:
      apiVersion >= FIRST_VERSION_WITH_CLIENT_RACK
        ? { rackId: request.rackId, listenerName: context.listenerName }
        : null,
    closed: context.closed,
    session,
  };
}

function isolationOf(replicaId: number, level: number): FetchIsolation {
  if (replicaId !== CONSUMER) return 'log_end';
  return level === 1 ? 'last_stable' : 'high_watermark';
}

function respond(
  parts: Parts,
  context: RequestContext,
  isFromFollower: boolean,
  result: { error: WireError; sessionId: number; answers: readonly AnsweredEntry[] },
): InputOf<FetchResponse> {
  const topics: (ResponseTopic & { partitions: FetchAnswer[] })[] = [];
  let leaders: CurrentLeaders | null = null;
  let last: (typeof topics)[number] | null = null;
  for (const { entry, answer } of result.answers) {
    const told = adapt(parts, context, isFromFollower, entry, answer);
    if (context.apiVersion >= FIRST_VERSION_WITH_ENDPOINTS && needsLeader(told.error)) {
      leaders ??= new CurrentLeaders(parts, context.listenerName);
      told.currentLeader = leaders.of(entry.topic ?? '', entry.partition);
    }
    if (last === null || !isSameTopic(last, entry)) {
      last = { topic: entry.topic ?? '', topicId: entry.topicId, partitions: [] };
      topics.push(last);
    }
    last.partitions.push(told);
  }
  return {
    errorCode: result.error.code,
    sessionId: result.sessionId,
    responses: topics,
    nodeEndpoints: leaders?.endpoints ?? [],
  };
}

function isSameTopic(last: ResponseTopic, entry: FetchEntry): boolean {
  return entry.topicId === ZERO_UUID ? last.topic === entry.topic : last.topicId === entry.topicId;
}

function needsLeader(error: WireError): boolean {
  return error === Errors.NOT_LEADER_OR_FOLLOWER || error === Errors.FENCED_LEADER_EPOCH;
}

/** What clients of old versions would not understand is told in words they know. */
function adapt(
  parts: Parts,
  context: RequestContext,
  isFromFollower: boolean,
  entry: FetchEntry,
  answer: FetchAnswer,
): FetchAnswer {
  const { apiVersion } = context;
  if (apiVersion >= FIRST_VERSION_WITH_ZSTD) return answer;
  if (isError(answer)) {
    const isUnknownToClient =
      answer.error === Errors.KAFKA_STORAGE_ERROR && apiVersion < FIRST_VERSION_WITH_STORAGE_ERROR;
    return isUnknownToClient ? fetchError(entry.partition, Errors.NOT_LEADER_OR_FOLLOWER) : answer;
  }
  const found = parts.replicas.find(entry.topic ?? '', entry.partition);
  const log = 'code' in found ? null : found.log;
  if (log?.config.compressionType === 'zstd') return fetchError(entry.partition, Errors.UNSUPPORTED_COMPRESSION_TYPE);
  if (apiVersion < FIRST_VERSION_WITH_BATCHES && answer.sizeBytes > 0 && !isFromFollower) {
    return fetchError(entry.partition, Errors.UNSUPPORTED_VERSION);
  }
  return answer;
}

function errorForAll(request: FetchRequest, error: WireError, { apiVersion }: RequestContext): InputOf<FetchResponse> {
  if (apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS) return { errorCode: error.code };
  return {
    errorCode: error.code,
    responses: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => fetchError(partition, error)),
    })),
  };
}
