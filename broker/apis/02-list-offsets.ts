/**
 * ListOffsets, versions 0-9: offsets by time. -1 is the latest (log end for followers, high watermark or last stable
 * offset for consumers), -2 the earliest; v7 -3 the record with the largest timestamp; v8 -4 the earliest local; v9 -5
 * the latest tiered, which there is none of. v2 isolation levels; v4 leader epochs; v5 OFFSET_NOT_AVAILABLE while a new
 * leader's high watermark has not reached the start of its epoch (KIP-207).
 *
 * v0 gives a list of offsets at which segments begin, newest first. Gregor knows only the two ends for it, and for a
 * time the offset of the record.
 */
import { Errors, KafkaError, wireErrorOf, type InputOf, type WireError } from '../../protocol';
import { listOffsets, type ListOffsetsRequest, type ListOffsetsResponse } from '../../protocol/apis';
import { requirePartition, type Partition, type ReplicaLog } from '../replication';
import type { RequestContext } from '../net/request-context';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'replicas' | 'logger'>;
type Asked = ListOffsetsRequest['topics'][number]['partitions'][number];
type Answer = InputOf<ListOffsetsResponse['topics'][number]['partitions'][number]>;
type Found = { timestamp: bigint; offset: number; leaderEpoch: number | null } | null;

const CONSUMER = -1;
const DEBUGGING = -2;
const LATEST = -1n;
const EARLIEST = -2n;
const EARLIEST_LOCAL = -4n;
const READ_COMMITTED = 1;
const FIRST_VERSION_WITH_LEADER_EPOCH = 4;
const FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE = 5;

/** First version that knows each special timestamp. */
const KNOWN_SINCE: ReadonlyMap<bigint, number> = new Map([
  [LATEST, 0],
  [EARLIEST, 0],
  [-3n, 7],
  [EARLIEST_LOCAL, 8],
  [-5n, 9],
]);

export function listOffsetsHandler(parts: Parts): Handler {
  return handler(
    listOffsets,
    async (request, context) => {
      const duplicates = duplicatesIn(request);
      const topics = request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          partitions.map((asked) =>
            duplicates.has(`${name}-${asked.partitionIndex}`) && context.apiVersion > 0
              ? errorAnswer(asked, Errors.INVALID_REQUEST)
              : answerOne(parts, request, context, name, asked),
          ),
        ),
      }));
      return { topics: await Promise.all(topics) };
    },
    (request, error) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((asked) => errorAnswer(asked, error)),
      })),
    }),
  );
}

async function answerOne(
  parts: Parts,
  request: ListOffsetsRequest,
  context: RequestContext,
  topic: string,
  asked: Asked,
): Promise<Answer> {
  const { apiVersion } = context;
  const knownSince = KNOWN_SINCE.get(asked.timestamp);
  if (asked.timestamp < 0n && (knownSince === undefined || apiVersion < knownSince)) {
    return errorAnswer(asked, Errors.UNSUPPORTED_VERSION);
  }
  try {
    const partition = requirePartition(parts.replicas, topic, asked.partitionIndex);
    const log = partition.accessibleLog(asked.currentLeaderEpoch, request.replicaId !== DEBUGGING);
    const limit = lastFetchableOffset(log, request);
    if (apiVersion === 0) return { ...noError(asked), oldStyleOffsets: await oldStyleOffsets(log, asked, limit) };
    const lagging = request.replicaId === CONSUMER && isHighWatermarkLagging(partition, log);
    const found = await lookUp(partition, log, asked.timestamp, limit, lagging);
    if (found === null) return noError(asked);
    const { timestamp, offset, leaderEpoch } = found;
    const answer = { ...noError(asked), timestamp, offset };
    return apiVersion < FIRST_VERSION_WITH_LEADER_EPOCH ? answer : { ...answer, leaderEpoch: leaderEpoch ?? -1 };
  } catch (error) {
    return errorAnswer(asked, toldError(parts, error, apiVersion, topic, asked));
  }
}

/** Where the asker may read up to. */
function lastFetchableOffset(log: ReplicaLog, request: ListOffsetsRequest): number {
  if (request.replicaId !== CONSUMER) return log.logEndOffset;
  return request.isolationLevel === READ_COMMITTED ? log.lastStableOffset : log.highWatermark;
}

/** A new leader does not know yet how much of the epochs before its own was committed. */
function isHighWatermarkLagging(partition: Partition, log: ReplicaLog): boolean {
  const start = partition.leaderEpochStartOffset;
  return start !== null && start > log.highWatermark;
}

async function lookUp(
  partition: Partition,
  log: ReplicaLog,
  timestamp: bigint,
  limit: number,
  lagging: boolean,
): Promise<Found> {
  if (timestamp === LATEST) {
    if (lagging) throw new KafkaError('OFFSET_NOT_AVAILABLE');
    return { timestamp: -1n, offset: limit, leaderEpoch: partition.leaderEpoch };
  }
  const found = await log.fetchOffsetByTimestamp(timestamp);
  if (timestamp === EARLIEST || timestamp === EARLIEST_LOCAL) return found;
  if (found !== null && found.offset < limit) return found;
  if (lagging) throw new KafkaError('OFFSET_NOT_AVAILABLE');
  return null;
}

async function oldStyleOffsets(log: ReplicaLog, asked: Asked, limit: number): Promise<number[]> {
  const ends = limit > log.logStartOffset ? [limit, log.logStartOffset] : [limit];
  const most = Math.max(0, asked.maxNumOffsets);
  if (asked.timestamp === LATEST) return ends.slice(0, most);
  if (asked.timestamp === EARLIEST) return [log.logStartOffset].slice(0, most);
  const found = await log.fetchOffsetByTimestamp(asked.timestamp);
  return (found !== null && found.offset < limit ? [found.offset] : ends).slice(0, most);
}

function toldError(parts: Parts, thrown: unknown, version: number, topic: string, asked: Asked): WireError {
  const error = wireErrorOf(thrown);
  if (error === Errors.OFFSET_NOT_AVAILABLE && version < FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE) {
    return Errors.LEADER_NOT_AVAILABLE;
  }
  if (!(thrown instanceof KafkaError)) {
    parts.logger.error(`Error while looking up offsets of ${topic}-${asked.partitionIndex}`, thrown);
  }
  return error;
}

function noError(asked: Asked): Answer {
  return { partitionIndex: asked.partitionIndex, errorCode: Errors.NONE.code };
}

function errorAnswer(asked: Asked, error: WireError): Answer {
  return { partitionIndex: asked.partitionIndex, errorCode: error.code, timestamp: -1n, offset: -1 };
}

/** `topic-partition` of what is asked for more than once. */
function duplicatesIn(request: ListOffsetsRequest): ReadonlySet<string> {
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`;
      if (seen.has(key)) duplicates.add(key);
      seen.add(key);
    }
  }
  return duplicates;
}
