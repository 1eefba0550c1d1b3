/**
 * DescribeUserScramCredentials (key 50): lists which SCRAM mechanisms users have, without their secrets (KIP-554).
 *
 * v0   flexible; null or no users: all
 */
import { api } from '../api';
import { array, int16, int32, int8, string, type TypeOf } from '../schema';

export const describeUserScramCredentials = api(
  50,
  'DescribeUserScramCredentials',
  { versions: '0', flexible: '0+' },
  {
    request: {
      users: array(
        '0+',
        {
          name: string('0+'),
        },
        { nullable: '0+' },
      ),
    },
    response: {
      throttleTimeMs: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      results: array('0+', {
        user: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        credentialInfos: array('0+', {
          mechanism: int8('0+'),
          iterations: int32('0+'),
        }),
      }),
    },
  },
);

export type DescribeUserScramCredentialsRequest = TypeOf<typeof describeUserScramCredentials.request>;
export type DescribeUserScramCredentialsResponse = TypeOf<typeof describeUserScramCredentials.response>;
