/**
 * AlterUserScramCredentials (key 51): sets or removes SCRAM credentials of users (KIP-554).
 *
 * v0   flexible
 */
import { api } from '../api';
import { array, bytes, int16, int32, int8, string, type TypeOf } from '../schema';

export const alterUserScramCredentials = api(
  51,
  'AlterUserScramCredentials',
  { versions: '0', flexible: '0+' },
  {
    request: {
      deletions: array('0+', {
        name: string('0+'),
        mechanism: int8('0+'),
      }),
      upsertions: array('0+', {
        name: string('0+'),
        mechanism: int8('0+'),
        iterations: int32('0+'),
        salt: bytes('0+'),
        saltedPassword: bytes('0+'),
      }),
    },
    response: {
      throttleTimeMs: int32('0+'),
      results: array('0+', {
        user: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
    },
  },
);

export type AlterUserScramCredentialsRequest = TypeOf<typeof alterUserScramCredentials.request>;
export type AlterUserScramCredentialsResponse = TypeOf<typeof alterUserScramCredentials.response>;
