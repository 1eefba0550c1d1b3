/**
 * AlterPartitionReassignments (key 45): starts or cancels the reassignment of replicas. Only the controller does it
 * (KIP-455).
 *
 * v0   flexible; null replicas cancel
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, string, type TypeOf } from '../schema';

export const alterPartitionReassignments = api(
  45,
  'AlterPartitionReassignments',
  { versions: '0', flexible: '0+' },
  {
    request: {
      timeoutMs: int32('0+', { default: 60000 }),
      topics: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          replicas: arrayOf('0+', int32('0+'), { nullable: '0+', default: null }),
        }),
      }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      responses: array('0+', {
        name: string('0+'),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
          errorMessage: string('0+', { nullable: '0+' }),
        }),
      }),
    },
  },
);

export type AlterPartitionReassignmentsRequest = TypeOf<typeof alterPartitionReassignments.request>;
export type AlterPartitionReassignmentsResponse = TypeOf<typeof alterPartitionReassignments.response>;
