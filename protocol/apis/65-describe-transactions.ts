/**
 * DescribeTransactions (key 65): shows transactions by transactional id (KIP-664).
 *
 * v0   flexible
 */
import { api } from '../api';
import { array, arrayOf, bigint64, int16, int32, int64, string, type TypeOf } from '../schema';

export const describeTransactions = api(
  65,
  'DescribeTransactions',
  { versions: '0', flexible: '0+' },
  {
    request: {
      transactionalIds: arrayOf('0+', string('0+')),
    },
    response: {
      throttleTimeMs: int32('0+'),
      transactionStates: array('0+', {
        errorCode: int16('0+'),
        transactionalId: string('0+'),
        transactionState: string('0+'),
        transactionTimeoutMs: int32('0+'),
        transactionStartTimeMs: bigint64('0+'),
        producerId: int64('0+'),
        producerEpoch: int16('0+'),
        topics: array('0+', {
          topic: string('0+'),
          partitions: arrayOf('0+', int32('0+')),
        }),
      }),
    },
  },
);

export type DescribeTransactionsRequest = TypeOf<typeof describeTransactions.request>;
export type DescribeTransactionsResponse = TypeOf<typeof describeTransactions.response>;
