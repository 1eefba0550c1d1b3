/**
 * DeleteGroups (key 42): deletes empty groups (KIP-229).
 *
 * v0   by name
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, string, type TypeOf } from '../schema';

export const deleteGroups = api(
  42,
  'DeleteGroups',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      groupsNames: arrayOf('0+', string('0+')),
    },
    response: {
      throttleTimeMs: int32('0+'),
      results: array('0+', {
        groupId: string('0+'),
        errorCode: int16('0+'),
      }),
    },
  },
);

export type DeleteGroupsRequest = TypeOf<typeof deleteGroups.request>;
export type DeleteGroupsResponse = TypeOf<typeof deleteGroups.response>;
