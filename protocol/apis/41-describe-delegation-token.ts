/**
 * DescribeDelegationToken (key 41): lists delegation tokens by owner (KIP-48).
 *
 * v0   null owners: all that one may see
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 * v3   response: who asked for the token (KIP-373)
 */
import { api } from '../api';
import { array, bigint64, bytes, int16, int32, string, type TypeOf } from '../schema';

export const describeDelegationToken = api(
  41,
  'DescribeDelegationToken',
  { versions: '0-3', flexible: '2+' },
  {
    request: {
      owners: array(
        '0+',
        {
          principalType: string('0+'),
          principalName: string('0+'),
        },
        { nullable: '0+' },
      ),
    },
    response: {
      errorCode: int16('0+'),
      tokens: array('0+', {
        principalType: string('0+'),
        principalName: string('0+'),
        tokenRequesterPrincipalType: string('3+'),
        tokenRequesterPrincipalName: string('3+'),
        issueTimestamp: bigint64('0+'),
        expiryTimestamp: bigint64('0+'),
        maxTimestamp: bigint64('0+'),
        tokenId: string('0+'),
        hmac: bytes('0+'),
        renewers: array('0+', {
          principalType: string('0+'),
          principalName: string('0+'),
        }),
      }),
      throttleTimeMs: int32('0+'),
    },
  },
);

export type DescribeDelegationTokenRequest = TypeOf<typeof describeDelegationToken.request>;
export type DescribeDelegationTokenResponse = TypeOf<typeof describeDelegationToken.response>;
