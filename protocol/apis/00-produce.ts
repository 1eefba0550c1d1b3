/**
 * Produce (key 0): appends record batches to partitions that the broker leads. With acks 0 there is no response at
 * all.
 *
 * v0   magic 0; response: first offset
 * v1   response: throttle time
 * v2   magic 1; response: log append time (KIP-32)
 * v3   magic 2, the record batch; transactional id for authorization (KIP-98)
 * v4   the client knows KAFKA_STORAGE_ERROR (KIP-112)
 * v5   response: log start offset
 * v6   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v7   zstd may be used (KIP-110)
 * v8   response: which records were wrong, and a text (KIP-467)
 * v9   compact types and tagged fields (KIP-482)
 * v10  response, tagged: the current leader and its endpoint, so that a client needs no Metadata after a move
 *      (KIP-951)
 * v11  the client knows TRANSACTION_ABORTABLE (KIP-890)
 */
import { api } from '../api';
import { array, bigint64, int16, int32, int64, records, string, struct, type TypeOf } from '../schema';

export const produce = api(
  0,
  'Produce',
  { versions: '0-11', flexible: '9+' },
  {
    request: {
      transactionalId: string('3+', { nullable: '3+', default: null }),
      acks: int16('0+'),
      timeoutMs: int32('0+'),
      topicData: array('0+', {
        name: string('0+'),
        partitionData: array('0+', {
          index: int32('0+'),
          records: records('0+', { nullable: '0+' }),
        }),
      }),
    },
    response: {
      responses: array('0+', {
        name: string('0+'),
        partitionResponses: array('0+', {
          index: int32('0+'),
          errorCode: int16('0+'),
          baseOffset: int64('0+'),
          logAppendTimeMs: bigint64('2+', { default: -1n, ignorable: true }),
          logStartOffset: int64('5+', { default: -1, ignorable: true }),
          recordErrors: array(
            '8+',
            {
              batchIndex: int32('8+'),
              batchIndexErrorMessage: string('8+', { nullable: '8+', default: null }),
            },
            { ignorable: true },
          ),
          errorMessage: string('8+', { nullable: '8+', default: null, ignorable: true }),
          currentLeader: struct(
            '10+',
            {
              leaderId: int32('10+', { default: -1 }),
              leaderEpoch: int32('10+', { default: -1 }),
            },
            { tag: 0, tagged: '10+' },
          ),
        }),
      }),
      throttleTimeMs: int32('1+', { ignorable: true }),
      nodeEndpoints: array(
        '10+',
        {
          nodeId: int32('10+'),
          host: string('10+'),
          port: int32('10+'),
          rack: string('10+', { nullable: '10+', default: null }),
        },
        { tag: 0, tagged: '10+' },
      ),
    },
  },
);

export type ProduceRequest = TypeOf<typeof produce.request>;
export type ProduceResponse = TypeOf<typeof produce.response>;
