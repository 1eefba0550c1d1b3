/**
 * SyncGroup (key 14): the leader of a group hands in the assignment; every member waits for its part.
 *
 * v0   assignments as opaque bytes
 * v1   response: throttle time
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   group instance id of static members (KIP-345)
 * v4   compact types and tagged fields (KIP-482)
 * v5   protocol type and name, checked against the group's (KIP-559)
 */
import { api } from '../api';
import { array, bytes, int16, int32, string, type TypeOf } from '../schema';

export const syncGroup = api(
  14,
  'SyncGroup',
  { versions: '0-5', flexible: '4+' },
  {
    request: {
      groupId: string('0+'),
      generationId: int32('0+'),
      memberId: string('0+'),
      groupInstanceId: string('3+', { nullable: '3+', default: null }),
      protocolType: string('5+', { nullable: '5+', default: null, ignorable: true }),
      protocolName: string('5+', { nullable: '5+', default: null, ignorable: true }),
      assignments: array('0+', {
        memberId: string('0+'),
        assignment: bytes('0+'),
      }),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      errorCode: int16('0+'),
      protocolType: string('5+', { nullable: '5+', default: null, ignorable: true }),
      protocolName: string('5+', { nullable: '5+', default: null, ignorable: true }),
      assignment: bytes('0+'),
    },
  },
);

export type SyncGroupRequest = TypeOf<typeof syncGroup.request>;
export type SyncGroupResponse = TypeOf<typeof syncGroup.response>;
