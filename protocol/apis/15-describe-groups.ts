/**
 * DescribeGroups (key 15): shows groups of the classic protocol with their members.
 *
 * v0   state, protocol, members
 * v1   response: throttle time
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   what the client may do with the group (KIP-430)
 * v4   group instance id of static members (KIP-345)
 * v5   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, arrayOf, bool, bytes, int16, int32, string, type TypeOf } from '../schema';

export const describeGroups = api(
  15,
  'DescribeGroups',
  { versions: '0-5', flexible: '5+' },
  {
    request: {
      groups: arrayOf('0+', string('0+')),
      includeAuthorizedOperations: bool('3+'),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      groups: array('0+', {
        errorCode: int16('0+'),
        groupId: string('0+'),
        groupState: string('0+'),
        protocolType: string('0+'),
        protocolData: string('0+'),
        members: array('0+', {
          memberId: string('0+'),
          groupInstanceId: string('4+', { nullable: '4+', default: null, ignorable: true }),
          clientId: string('0+'),
          clientHost: string('0+'),
          memberMetadata: bytes('0+'),
          memberAssignment: bytes('0+'),
        }),
        authorizedOperations: int32('3+', { default: -2147483648 }),
      }),
    },
  },
);

export type DescribeGroupsRequest = TypeOf<typeof describeGroups.request>;
export type DescribeGroupsResponse = TypeOf<typeof describeGroups.response>;
