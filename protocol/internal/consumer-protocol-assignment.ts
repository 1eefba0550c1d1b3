/**
 * ConsumerProtocolAssignment: what the leader gives a consumer through SyncGroup. The versions go with those of the
 * subscription.
 *
 * v0   partitions, and data of the assignor's own
 * v1   as 0
 * v2   as 0
 * v3   as 0
 */
import { message, array, arrayOf, bytes, int32, string, type TypeOf } from '../schema';

export const consumerProtocolAssignment = message(
  'ConsumerProtocolAssignment',
  { versions: '0-3', flexible: 'none' },
  {
    assignedPartitions: array('0+', {
      topic: string('0+'),
      partitions: arrayOf('0+', int32('0+')),
    }),
    userData: bytes('0+', { nullable: '0+', default: null }),
  },
);

export type ConsumerProtocolAssignment = TypeOf<typeof consumerProtocolAssignment>;
