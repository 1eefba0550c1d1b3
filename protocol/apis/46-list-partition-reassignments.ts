/**
 * ListPartitionReassignments (key 46): lists reassignments that are going on. Only the controller knows (KIP-455).
 *
 * v0   flexible; null topics: all
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, string, type TypeOf } from '../schema';

export const listPartitionReassignments = api(
  46,
  'ListPartitionReassignments',
  { versions: '0', flexible: '0+' },
  {
    request: {
      timeoutMs: int32('0+', { default: 60000 }),
      topics: array(
        '0+',
        {
          name: string('0+'),
          partitionIndexes: arrayOf('0+', int32('0+')),
        },
        { nullable: '0+', default: null },
      ),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          replicas: arrayOf('0+', int32('0+')),
          addingReplicas: arrayOf('0+', int32('0+')),
          removingReplicas: arrayOf('0+', int32('0+')),
        }),
      }),
    },
  },
);

export type ListPartitionReassignmentsRequest = TypeOf<typeof listPartitionReassignments.request>;
export type ListPartitionReassignmentsResponse = TypeOf<typeof listPartitionReassignments.response>;
