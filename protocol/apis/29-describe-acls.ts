/**
 * DescribeAcls (key 29): lists ACLs by a filter (KIP-140).
 *
 * v0   literal resource names
 * v1   pattern type: literal or prefixed (KIP-290); when throttled, the broker answers at once and the client keeps
 *      silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 * v3   resource type user, for delegation tokens (KIP-373)
 */
import { api } from '../api';
import { array, int16, int32, int8, string, type TypeOf } from '../schema';

export const describeAcls = api(
  29,
  'DescribeAcls',
  { versions: '0-3', flexible: '2+' },
  {
    request: {
      resourceTypeFilter: int8('0+'),
      resourceNameFilter: string('0+', { nullable: '0+' }),
      patternTypeFilter: int8('1+', { default: 3 }),
      principalFilter: string('0+', { nullable: '0+' }),
      hostFilter: string('0+', { nullable: '0+' }),
      operation: int8('0+'),
      permissionType: int8('0+'),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      resources: array('0+', {
        resourceType: int8('0+'),
        resourceName: string('0+'),
        patternType: int8('1+', { default: 3 }),
        acls: array('0+', {
          principal: string('0+'),
          host: string('0+'),
          operation: int8('0+'),
          permissionType: int8('0+'),
        }),
      }),
    },
  },
);

export type DescribeAclsRequest = TypeOf<typeof describeAcls.request>;
export type DescribeAclsResponse = TypeOf<typeof describeAcls.response>;
