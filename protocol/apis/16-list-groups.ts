/**
 * ListGroups (key 16): lists the groups that this broker coordinates.
 *
 * v0   id and protocol type
 * v1   response: throttle time
 * v2   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v3   compact types and tagged fields (KIP-482)
 * v4   filter by state, and the state in the response (KIP-518)
 * v5   filter by type, and the type in the response (KIP-848)
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, string, type TypeOf } from '../schema';

export const listGroups = api(
  16,
  'ListGroups',
  { versions: '0-5', flexible: '3+' },
  {
    request: {
      statesFilter: arrayOf('4+', string('0+')),
      typesFilter: arrayOf('5+', string('0+')),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      errorCode: int16('0+'),
      groups: array('0+', {
        groupId: string('0+'),
        protocolType: string('0+'),
        groupState: string('4+', { ignorable: true }),
        groupType: string('5+', { ignorable: true }),
      }),
    },
  },
);

export type ListGroupsRequest = TypeOf<typeof listGroups.request>;
export type ListGroupsResponse = TypeOf<typeof listGroups.response>;
