/**
 * Heartbeat (key 12): a member tells that it is alive, and learns whether a rebalance is going on.
 *
 * v0   group, generation, member
 * v1   response: throttle time
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   group instance id of static members (KIP-345)
 * v4   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { int16, int32, string, type TypeOf } from '../schema';

export const heartbeat = api(
  12,
  'Heartbeat',
  { versions: '0-4', flexible: '4+' },
  {
    request: {
      groupId: string('0+'),
      generationId: int32('0+'),
      memberId: string('0+'),
      groupInstanceId: string('3+', { nullable: '3+', default: null }),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      errorCode: int16('0+'),
    },
  },
);

export type HeartbeatRequest = TypeOf<typeof heartbeat.request>;
export type HeartbeatResponse = TypeOf<typeof heartbeat.response>;
