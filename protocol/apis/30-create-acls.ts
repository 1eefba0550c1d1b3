/**
 * CreateAcls (key 30): creates ACLs (KIP-140).
 *
 * v0   literal resource names
 * v1   pattern type: literal or prefixed (KIP-290); when throttled, the broker answers at once and the client keeps
 *      silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 * v3   resource type user, for delegation tokens (KIP-373)
 */
import { api } from '../api';
import { array, int16, int32, int8, string, type TypeOf } from '../schema';

export const createAcls = api(
  30,
  'CreateAcls',
  { versions: '0-3', flexible: '2+' },
  {
    request: {
      creations: array('0+', {
        resourceType: int8('0+'),
        resourceName: string('0+'),
        resourcePatternType: int8('1+', { default: 3 }),
        principal: string('0+'),
        host: string('0+'),
        operation: int8('0+'),
        permissionType: int8('0+'),
      }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      results: array('0+', {
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
    },
  },
);

export type CreateAclsRequest = TypeOf<typeof createAcls.request>;
export type CreateAclsResponse = TypeOf<typeof createAcls.response>;
