/**
 * ListTransactions (key 66): lists transactions that this broker coordinates (KIP-664).
 *
 * v0   flexible; filters by state and producer id
 * v1   filter by duration (KIP-994)
 */
import { api } from '../api';
import { array, arrayOf, bigint64, int16, int32, int64, string, type TypeOf } from '../schema';

export const listTransactions = api(
  66,
  'ListTransactions',
  { versions: '0-1', flexible: '0+' },
  {
    request: {
      stateFilters: arrayOf('0+', string('0+')),
      producerIdFilters: arrayOf('0+', int64('0+')),
      durationFilter: bigint64('1+', { default: -1n }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      unknownStateFilters: arrayOf('0+', string('0+')),
      transactionStates: array('0+', {
        transactionalId: string('0+'),
        producerId: int64('0+'),
        transactionState: string('0+'),
      }),
    },
  },
);

export type ListTransactionsRequest = TypeOf<typeof listTransactions.request>;
export type ListTransactionsResponse = TypeOf<typeof listTransactions.response>;
