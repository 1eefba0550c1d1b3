/**
 * CreatePartitions (key 37): gives topics more partitions. Only the controller does it (KIP-195).
 *
 * v0   new count, optional assignment of the added ones
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 * v3   the client knows THROTTLING_QUOTA_EXCEEDED (KIP-599)
 */
import { api } from '../api';
import { array, arrayOf, bool, int16, int32, string, type TypeOf } from '../schema';

export const createPartitions = api(
  37,
  'CreatePartitions',
  { versions: '0-3', flexible: '2+' },
  {
    request: {
      topics: array('0+', {
        name: string('0+'),
        count: int32('0+'),
        assignments: array(
          '0+',
          {
            brokerIds: arrayOf('0+', int32('0+')),
          },
          { nullable: '0+' },
        ),
      }),
      timeoutMs: int32('0+'),
      validateOnly: bool('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      results: array('0+', {
        name: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
      }),
    },
  },
);

export type CreatePartitionsRequest = TypeOf<typeof createPartitions.request>;
export type CreatePartitionsResponse = TypeOf<typeof createPartitions.response>;
