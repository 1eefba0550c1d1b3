/**
 * DescribeProducers (key 61): shows the producers whose state a partition's leader holds (KIP-664).
 *
 * v0   flexible
 */
import { api } from '../api';
import { array, arrayOf, bigint64, int16, int32, int64, string, type TypeOf } from '../schema';

export const describeProducers = api(
  61,
  'DescribeProducers',
  { versions: '0', flexible: '0+' },
  {
    request: {
      topics: array('0+', {
        name: string('0+'),
        partitionIndexes: arrayOf('0+', int32('0+')),
      }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
          errorMessage: string('0+', { nullable: '0+', default: null }),
          activeProducers: array('0+', {
            producerId: int64('0+'),
            producerEpoch: int32('0+'),
            lastSequence: int32('0+', { default: -1 }),
            lastTimestamp: bigint64('0+', { default: -1n }),
            coordinatorEpoch: int32('0+'),
            currentTxnStartOffset: int64('0+', { default: -1 }),
          }),
        }),
      }),
    },
  },
);

export type DescribeProducersRequest = TypeOf<typeof describeProducers.request>;
export type DescribeProducersResponse = TypeOf<typeof describeProducers.response>;
