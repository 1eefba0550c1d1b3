/**
 * JoinGroup (key 11): a member enters a group and waits until the round of joining is over.
 *
 * v0   one time-out for session and rebalance
 * v1   a rebalance time-out of its own (KIP-62)
 * v2   response: throttle time
 * v3   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v4   a new member is given its id first and has to join again with it (KIP-394)
 * v5   group instance id of static members (KIP-345)
 * v6   compact types and tagged fields (KIP-482)
 * v7   response: protocol type, and a protocol that may be null (KIP-559)
 * v8   a reason, for the log (KIP-800)
 * v9   response: whether the leader may skip the assignment, when a static leader returns (KIP-814)
 */
import { api } from '../api';
import { array, bool, bytes, int16, int32, string, type TypeOf } from '../schema';

export const joinGroup = api(
  11,
  'JoinGroup',
  { versions: '0-9', flexible: '6+' },
  {
    request: {
      groupId: string('0+'),
      sessionTimeoutMs: int32('0+'),
      rebalanceTimeoutMs: int32('1+', { default: -1, ignorable: true }),
      memberId: string('0+'),
      groupInstanceId: string('5+', { nullable: '5+', default: null }),
      protocolType: string('0+'),
      protocols: array('0+', {
        name: string('0+'),
        metadata: bytes('0+'),
      }),
      reason: string('8+', { nullable: '8+', default: null, ignorable: true }),
    },
    response: {
      throttleTimeMs: int32('2+', { ignorable: true }),
      errorCode: int16('0+'),
      generationId: int32('0+', { default: -1 }),
      protocolType: string('7+', { nullable: '7+', default: null, ignorable: true }),
      protocolName: string('0+', { nullable: '7+' }),
      leader: string('0+'),
      skipAssignment: bool('9+'),
      memberId: string('0+'),
      members: array('0+', {
        memberId: string('0+'),
        groupInstanceId: string('5+', { nullable: '5+', default: null, ignorable: true }),
        metadata: bytes('0+'),
      }),
    },
  },
);

export type JoinGroupRequest = TypeOf<typeof joinGroup.request>;
export type JoinGroupResponse = TypeOf<typeof joinGroup.response>;
