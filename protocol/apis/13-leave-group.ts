/**
 * LeaveGroup (key 13): members leave a group.
 *
 * v0   one member
 * v1   response: throttle time
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   several members, static ones by instance id (KIP-345)
 * v4   compact types and tagged fields (KIP-482)
 * v5   a reason, for the log (KIP-800)
 */
import { api } from '../api';
import { array, int16, int32, string, type TypeOf } from '../schema';

export const leaveGroup = api(
  13,
  'LeaveGroup',
  { versions: '0-5', flexible: '4+' },
  {
    request: {
      groupId: string('0+'),
      memberId: string('0-2'),
      members: array('3+', {
        memberId: string('3+'),
        groupInstanceId: string('3+', { nullable: '3+', default: null }),
        reason: string('5+', { nullable: '5+', default: null, ignorable: true }),
      }),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      errorCode: int16('0+'),
      members: array('3+', {
        memberId: string('3+'),
        groupInstanceId: string('3+', { nullable: '3+' }),
        errorCode: int16('3+'),
      }),
    },
  },
);

export type LeaveGroupRequest = TypeOf<typeof leaveGroup.request>;
export type LeaveGroupResponse = TypeOf<typeof leaveGroup.response>;
