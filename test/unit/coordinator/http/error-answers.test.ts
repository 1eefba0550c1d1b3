/** What a client is told of errors of Kafka, of kafkajs and of the service. */
import {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { ConnectionError } from '../../../../client';
import { ApiError } from '../../../../coordinator/http/api-error';
import { apiErrorOf, checkKafkaError } from '../../../../coordinator/http/error-answers';
import { Errors, KafkaError, type ErrorName } from '../../../../protocol';
import { RecordsError } from '../../../../protocol/records';

const told = (thrown: unknown) => {
  const error = apiErrorOf(thrown);
  return error && [error.status, error.code];
};

/** As kafkajs' retries wrap what they end with; its types know nothing of the cause. */
const wrapped = (cause: Error): Error => Object.assign(new KafkaJSNonRetriableError(cause.message), { cause });

describe('an error', () => {
  it.each<[ErrorName, number]>([
    ['UNKNOWN_TOPIC_OR_PARTITION', 404],
    ['TOPIC_ALREADY_EXISTS', 409],
    ['INVALID_REPLICATION_FACTOR', 400],
    ['INVALID_CONFIG', 400],
    ['TOPIC_AUTHORIZATION_FAILED', 403],
    ['NOT_ENOUGH_REPLICAS', 503],
    ['REQUEST_TIMED_OUT', 504],
    ['MESSAGE_TOO_LARGE', 413],
    ['NON_EMPTY_GROUP', 409],
    ['UNKNOWN_SERVER_ERROR', 502],
  ])('of Kafka keeps its name: %s is %i', (name, status) => {
    expect(told(new KafkaError(name))).toEqual([status, name]);
  });

  it('of Kafka always has a status of an error', () => {
    for (const name of Object.keys(Errors) as ErrorName[]) {
      expect(apiErrorOf(new KafkaError(name))?.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('says what the broker said, and the meaning of the error when it said nothing', () => {
    expect(() => checkKafkaError(38, 'Replication factor: 5 larger than available brokers: 3.')).toThrow(/larger than/);
    expect(() => checkKafkaError(38)).toThrow(Errors.INVALID_REPLICATION_FACTOR.meaning);
    expect(() => checkKafkaError(0, 'ignored')).not.toThrow();
  });

  it('of kafkajs is told by the error of Kafka inside', () => {
    const inner = new KafkaJSProtocolError({ type: 'NOT_ENOUGH_REPLICAS', code: 19, message: 'too few' } as never);
    expect(told(inner)).toEqual([503, 'NOT_ENOUGH_REPLICAS']);
    expect(told(wrapped(inner))).toEqual([503, 'NOT_ENOUGH_REPLICAS']);
    const outer = new KafkaJSNumberOfRetriesExceeded(inner, { retryCount: 3, retryTime: 100 });
    expect(told(outer)).toEqual([503, 'NOT_ENOUGH_REPLICAS']);
  });

  it('of a connection says that brokers cannot be reached', () => {
    expect(told(new ConnectionError('refused'))).toEqual([503, 'BROKERS_UNREACHABLE']);
    const closed = new KafkaJSConnectionError('Closed connection', { broker: 'localhost:1' });
    expect(told(closed)).toEqual([503, 'BROKERS_UNREACHABLE']);
    expect(told(wrapped(closed))).toEqual([503, 'BROKERS_UNREACHABLE']);
    expect(told(new KafkaJSNonRetriableError('No such thing'))).toEqual([502, 'CLIENT_ERROR']);
  });

  it('of stored bytes is told as what it is', () => {
    expect(told(new RecordsError('CORRUPT_MESSAGE', 'damaged'))).toEqual([422, 'CORRUPT_MESSAGE']);
  });

  it('that nobody foresaw is nothing to be told', () => {
    expect([told(new TypeError('x is not a function')), told('text'), told(undefined)]).toEqual([null, null, null]);
    expect(told(new ApiError(404, 'X', 'x'))).toEqual([404, 'X']);
  });
});
