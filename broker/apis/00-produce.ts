/**
 * Produce, versions 0-11: appends record batches to partitions that this broker leads. acks=0 gets no answer, and a
 * closed connection when something failed; acks=1 is answered after the append, acks=-1 when all of the ISR has it.
 * v3 takes exactly one batch of format 2 per partition; v7 allows zstd; v8 tells which records were refused (KIP-467);
 * v10 names the leader to go to (KIP-951). v0-2 are there so that clients see them advertised; their message formats are
 * refused with UNSUPPORTED_FOR_MESSAGE_FORMAT.
 *
 * Runs once per produced batch: synchronous where nothing waits.
 */
import { Errors, type InputOf, type WireError } from '../../protocol';
import { produce, type ProduceRequest, type ProduceResponse } from '../../protocol/apis';
import { batch } from '../../protocol/records';
import type { AppendResult } from '../replication';
import type { RequestContext } from '../net/request-context';
import { CurrentLeaders } from './current-leader';
import { CLOSE_CONNECTION, handler, NO_RESPONSE, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'metadata' | 'replicas'>;
type Topic = ProduceRequest['topicData'][number];
type PartitionAnswer = InputOf<ProduceResponse['responses'][number]['partitionResponses'][number]>;
type Answer = InputOf<ProduceResponse> | typeof NO_RESPONSE | typeof CLOSE_CONNECTION;

const ZSTD = 4;
const FIRST_VERSION_WITH_ONE_BATCH = 3;
const FIRST_VERSION_WITH_ZSTD = 7;
const FIRST_VERSION_WITH_LEADERS = 10;
/** What follows offset and size in the oldest format, at the least. */
const LEAST_RECORD_BYTES = 14;
/** The one client id that may write to internal topics. */
const ADMIN_CLIENT_ID = '__admin_client';

/** What is wrong before the append; the others are in the order of the request. */
interface Refusal {
  readonly topic: string;
  readonly partition: number;
  readonly error: WireError;
}

export function produceHandler(parts: Parts): Handler {
  return handler(
    produce,
    (request, context) => {
      if (request.transactionalId === null && hasTransactionalRecords(request)) {
        const refusal = Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        return request.acks === 0 ? CLOSE_CONNECTION : errorForAll(request, refusal);
      }
      const entries: { topicPartition: { topic: string; partition: number }; records: Buffer }[] = [];
      let refused: Refusal[] | null = null;
      for (const topic of request.topicData) {
        for (const { index, records } of topic.partitionData) {
          const error = objection(parts, topic, index, records, context.apiVersion);
          if (error !== null) (refused ??= []).push({ topic: topic.name, partition: index, error });
          else
            entries.push({
              topicPartition: { topic: topic.name, partition: index },
              records: records as NonNullable<typeof records>,
            });
        }
      }
      if (entries.length === 0) return answer(parts, request, context, [], refused);
      const appended = parts.replicas.append({
        requiredAcks: request.acks,
        timeoutMs: request.timeoutMs,
        origin: 'client',
        internalTopicsAllowed: context.clientId === ADMIN_CLIENT_ID,
        entries,
      });
      return appended instanceof Promise
        ? appended.then((results) => answer(parts, request, context, results, refused))
        : answer(parts, request, context, appended, refused);
    },
    errorForAll,
  );
}

/** ProduceRequest.validateRecords, and whether the topic exists. */
function objection(
  parts: Parts,
  topic: Topic,
  partition: number,
  records: Topic['partitionData'][number]['records'],
  version: number,
): WireError | null {
  if (parts.metadata.partition({ topic: topic.name, partition }) === null) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
  if (records === null) return Errors.INVALID_RECORD;
  if (version < FIRST_VERSION_WITH_ONE_BATCH) {
    if (records.length >= batch.HEADER_BYTES_UP_TO_MAGIC) return null;
    return records.length === 0 ? Errors.INVALID_RECORD : Errors.CORRUPT_MESSAGE;
  }
  const size = nextBatchBytes(records);
  if (size === 'corrupt') return Errors.CORRUPT_MESSAGE;
  if (size === null || batch.magic(records) !== batch.MAGIC_V2) return Errors.INVALID_RECORD;
  if (size < batch.BATCH_HEADER_BYTES) return Errors.CORRUPT_MESSAGE;
  if (version < FIRST_VERSION_WITH_ZSTD && batch.compressionId(records) === ZSTD) {
    return Errors.UNSUPPORTED_COMPRESSION_TYPE;
  }
  const next = nextBatchBytes(records.subarray(size));
  if (next === null) return null;
  return next === 'corrupt' ? Errors.CORRUPT_MESSAGE : Errors.INVALID_RECORD;
}

/**
 * The size of the whole batch at the front, whatever its format; null when it is cut off, which Kafka takes for the end
 * of the records, and 'corrupt' for a size or magic that no format has (ByteBufferLogInputStream).
 */
function nextBatchBytes(bytes: Buffer): number | 'corrupt' | null {
  if (bytes.length < batch.LOG_OVERHEAD_BYTES) return null;
  const sizeBytes = batch.batchSizeBytes(bytes);
  if (sizeBytes - batch.LOG_OVERHEAD_BYTES < LEAST_RECORD_BYTES) return 'corrupt';
  if (bytes.length < batch.HEADER_BYTES_UP_TO_MAGIC) return null;
  const magic = batch.magic(bytes);
  if (magic < 0 || magic > batch.MAGIC_V2) return 'corrupt';
  return sizeBytes > bytes.length ? null : sizeBytes;
}

function hasTransactionalRecords(request: ProduceRequest): boolean {
  for (const topic of request.topicData) {
    for (const { records } of topic.partitionData) {
      if (records === null || records.length < batch.BATCH_HEADER_BYTES) continue;
      if (batch.magic(records) === batch.MAGIC_V2 && batch.isTransactional(records)) return true;
    }
  }
  return false;
}

function answer(
  parts: Parts,
  request: ProduceRequest,
  context: RequestContext,
  results: readonly AppendResult[],
  refused: readonly Refusal[] | null,
): Answer {
  if (request.acks === 0) {
    const failed = refused !== null || results.some((result) => result.error !== Errors.NONE);
    return failed ? CLOSE_CONNECTION : NO_RESPONSE;
  }
  const topics = new Map<string, PartitionAnswer[]>();
  let leaders: CurrentLeaders | null = null;
  for (const result of results) {
    const { topic, partition } = result.topicPartition;
    const partitionAnswer = appendedAnswer(result);
    if (result.error === Errors.NOT_LEADER_OR_FOLLOWER && context.apiVersion >= FIRST_VERSION_WITH_LEADERS) {
      leaders ??= new CurrentLeaders(parts, context.listenerName);
      partitionAnswer.currentLeader = leaders.of(topic, partition);
    }
    add(topics, topic, partitionAnswer);
  }
  for (const { topic, partition, error } of refused ?? []) add(topics, topic, errorAnswer(partition, error));
  const responses = [];
  for (const [name, partitionResponses] of topics) responses.push({ name, partitionResponses });
  return leaders === null ? { responses } : { responses, nodeEndpoints: leaders.endpoints };
}

function add(topics: Map<string, PartitionAnswer[]>, topic: string, partitionAnswer: PartitionAnswer): void {
  const answers = topics.get(topic);
  if (answers) answers.push(partitionAnswer);
  else topics.set(topic, [partitionAnswer]);
}

function appendedAnswer(
  result: AppendResult,
): PartitionAnswer & { currentLeader?: { leaderId: number; leaderEpoch: number } } {
  return {
    index: result.topicPartition.partition,
    errorCode: result.error.code,
    baseOffset: result.baseOffset,
    logAppendTimeMs: result.logAppendTimeMs,
    logStartOffset: result.logStartOffset,
    recordErrors: result.recordErrors,
    errorMessage: result.errorMessage,
  };
}

function errorAnswer(partition: number, error: WireError): PartitionAnswer {
  return { index: partition, errorCode: error.code, baseOffset: -1 };
}

function errorForAll(request: ProduceRequest, error: WireError): InputOf<ProduceResponse> {
  return {
    responses: request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index }) => errorAnswer(index, error)),
    })),
  };
}
