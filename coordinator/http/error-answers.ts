/**
 * What a client is told of whatever a handler or a library threw: a status, a stable name and a sentence, as JSON. Errors of
 * Kafka keep Kafka's name. What nobody foresaw is logged and told as INTERNAL_ERROR, without its text.
 */
import type { ErrorRequestHandler } from 'express';
import { ConnectionError } from '../../client';
import { errorForCode, Errors, KafkaError, type WireError } from '../../protocol';
import type { Logger } from '../../runtime/logger';
import type { ErrorAnswer } from '../schemas';
import { ApiError } from './api-error';

type Status = ApiError['status'];

const kafkaStatus: Readonly<Record<string, Status>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 404,
  UNKNOWN_TOPIC_ID: 404,
  GROUP_ID_NOT_FOUND: 404,
  RESOURCE_NOT_FOUND: 404,
  TOPIC_ALREADY_EXISTS: 409,
  NON_EMPTY_GROUP: 409,
  GROUP_SUBSCRIBED_TO_TOPIC: 409,
  REBALANCE_IN_PROGRESS: 409,
  UNKNOWN_MEMBER_ID: 409,
  REASSIGNMENT_IN_PROGRESS: 409,
  ELECTION_NOT_NEEDED: 409,
  MESSAGE_TOO_LARGE: 413,
  RECORD_LIST_TOO_LARGE: 413,
  TOPIC_DELETION_DISABLED: 403,
  POLICY_VIOLATION: 422,
  UNSUPPORTED_VERSION: 422,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 422,
  CORRUPT_MESSAGE: 422,
  INVALID_RECORD: 422,
  OFFSET_OUT_OF_RANGE: 400,
  REQUEST_TIMED_OUT: 504,
  UNKNOWN_SERVER_ERROR: 502,
};

function statusOf(error: WireError): Status {
  const known = kafkaStatus[error.name];
  if (known !== undefined) return known;
  if (error.name.endsWith('_AUTHORIZATION_FAILED')) return 403;
  if (error.name.startsWith('INVALID_')) return 400;
  return error.retriable ? 503 : 502;
}

/** A Kafka error as the answer has it. `text` is what the broker said; its meaning when the broker said nothing. */
export function kafkaApiError(error: WireError, text?: string | null): ApiError {
  return new ApiError(statusOf(error), error.name, text || error.meaning);
}

/** @throws ApiError unless the code is 0 */
export function checkKafkaError(code: number, text?: string | null): void {
  if (code !== 0) throw kafkaApiError(errorForCode(code), text);
}

/** What kafkajs throws; its errors wrap each other, and the innermost one carries Kafka's code. */
interface KafkaJsError extends Error {
  type?: string;
  code?: unknown;
  cause?: unknown;
  errors?: unknown[];
}

/** Errors of kafkajs that mean a broker does not answer, by their names. */
const unreachable =
  /Connection|Timeout|BrokerNotFound|NoBrokerAvailable|MetadataNotLoaded|CoordinatorNotFound|RetriesExceeded/;

function fromKafkaJs(error: KafkaJsError, depth = 0): ApiError | null {
  if (!error.name.startsWith('KafkaJS') || depth > 5) return null;
  for (const inner of [...(error.errors ?? []), error.cause]) {
    const found = inner instanceof Error ? fromKafkaJs(inner, depth + 1) : null;
    if (found) return found;
  }
  if (typeof error.code === 'number') return kafkaApiError(errorForCode(error.code), error.message);
  if (error.type !== undefined && error.type in Errors) {
    return kafkaApiError(Errors[error.type as keyof typeof Errors], error.message);
  }
  if (unreachable.test(error.name)) return new ApiError(503, 'BROKERS_UNREACHABLE', error.message);
  return new ApiError(502, 'CLIENT_ERROR', error.message);
}

/** What body-parser and the router throw. */
interface HttpError extends Error {
  status?: number;
  type?: string;
  limit?: number;
}

function fromLibrary(error: HttpError): ApiError | null {
  switch (error.type) {
    case 'entity.too.large':
      return new ApiError(413, 'BODY_TOO_LARGE', `The body may have ${error.limit} bytes (http.max.body.bytes)`);
    case 'entity.parse.failed':
      return new ApiError(400, 'INVALID_REQUEST', 'The body is no JSON');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be plain UTF-8 JSON, not compressed');
    default:
  }
  const { status } = error;
  if (status === 404) return new ApiError(404, 'NOT_FOUND', 'There is nothing at this address');
  if (status === undefined || status < 400 || status > 499) return null;
  return new ApiError(400, 'INVALID_REQUEST', 'The request cannot be read');
}

/** The answer to whatever was thrown; null when it is a fault of the service itself. */
export function apiErrorOf(thrown: unknown): ApiError | null {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof KafkaError) return kafkaApiError(thrown.error, thrown.message);
  if (thrown instanceof ConnectionError) return new ApiError(503, 'BROKERS_UNREACHABLE', thrown.message);
  if (!(thrown instanceof Error)) return null;
  if (thrown.name === 'NoBrokers') return new ApiError(503, 'BROKERS_UNREACHABLE', thrown.message);
  return fromKafkaJs(thrown) ?? fromLibrary(thrown);
}

/** The last of the app's handlers. */
export function errorAnswers(logger: Logger): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = apiErrorOf(thrown);
    if (!error) logger.error(`${request.method} ${JSON.stringify(request.path)} failed`, thrown);
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const body: ErrorAnswer = error
      ? { error: error.code, message: error.message }
      : { error: 'INTERNAL_ERROR', message: 'The coordinator failed at this; its log tells more' };
    response.status(error?.status ?? 500).json(body);
  };
}
