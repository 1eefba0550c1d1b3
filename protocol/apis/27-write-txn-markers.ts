/**
 * WriteTxnMarkers (key 27): the transaction coordinator has the outcome of transactions written into partitions.
 * Between brokers only (KIP-98).
 *
 * v0   markers by producer and topic
 * v1   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, int64, string, type TypeOf } from '../schema';

export const writeTxnMarkers = api(
  27,
  'WriteTxnMarkers',
  { versions: '0-1', flexible: '1+' },
  {
    request: {
      markers: array('0+', {
        producerId: int64('0+'),
        producerEpoch: int16('0+'),
        transactionResult: bool('0+'),
        topics: array('0+', {
          name: string('0+'),
          partitionIndexes: arrayOf('0+', int32('0+')),
        }),
        coordinatorEpoch: int32('0+'),
      }),
    },
    response: {
      markers: array('0+', {
        producerId: int64('0+'),
        topics: array('0+', {
          name: string('0+'),
          partitions: array('0+', {
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
          }),
        }),
      }),
    },
  },
);

export type WriteTxnMarkersRequest = TypeOf<typeof writeTxnMarkers.request>;
export type WriteTxnMarkersResponse = TypeOf<typeof writeTxnMarkers.response>;
