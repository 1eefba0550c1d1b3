/**
 * TxnOffsetCommit (key 28): stores offsets of a group within a transaction (KIP-98).
 *
 * v0   offsets by topic and partition
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   leader epoch of each offset (KIP-320)
 * v3   compact types and tagged fields (KIP-482); generation and member, to fence (KIP-447)
 * v4   the client knows TRANSACTION_ABORTABLE (KIP-890)
 */
import { api } from '../api';
import { array, int16, int32, int64, string, type TypeOf } from '../schema';

export const txnOffsetCommit = api(
  28,
  'TxnOffsetCommit',
  { versions: '0-4', flexible: '3+' },
  {
    request: {
      transactionalId: string('0+'),
      groupId: string('0+'),
      producerId: int64('0+'),
      producerEpoch: int16('0+'),
      generationId: int32('3+', { default: -1 }),
      memberId: string('3+'),
      groupInstanceId: string('3+', { nullable: '3+', default: null }),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          committedOffset: int64('0+'),
          committedLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
          committedMetadata: string('0+', { nullable: '0+' }),
        }),
      }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
        }),
      }),
    },
  },
);

export type TxnOffsetCommitRequest = TypeOf<typeof txnOffsetCommit.request>;
export type TxnOffsetCommitResponse = TypeOf<typeof txnOffsetCommit.response>;
