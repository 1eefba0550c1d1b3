/**
 * CreateDelegationToken (key 38): creates a delegation token (KIP-48).
 *
 * v0   for oneself
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 * v3   for another owner; response: who asked (KIP-373)
 */
import { api } from '../api';
import { array, bigint64, bytes, int16, int32, string, type TypeOf } from '../schema';

export const createDelegationToken = api(
  38,
  'CreateDelegationToken',
  { versions: '0-3', flexible: '2+' },
  {
    request: {
      ownerPrincipalType: string('3+', { nullable: '3+' }),
      ownerPrincipalName: string('3+', { nullable: '3+' }),
      renewers: array('0+', {
        principalType: string('0+'),
        principalName: string('0+'),
      }),
      maxLifetimeMs: bigint64('0+'),
    },
    response: {
      errorCode: int16('0+'),
      principalType: string('0+'),
      principalName: string('0+'),
      tokenRequesterPrincipalType: string('3+'),
      tokenRequesterPrincipalName: string('3+'),
      issueTimestampMs: bigint64('0+'),
      expiryTimestampMs: bigint64('0+'),
      maxTimestampMs: bigint64('0+'),
      tokenId: string('0+'),
      hmac: bytes('0+'),
      throttleTimeMs: int32('0+'),
    },
  },
);

export type CreateDelegationTokenRequest = TypeOf<typeof createDelegationToken.request>;
export type CreateDelegationTokenResponse = TypeOf<typeof createDelegationToken.response>;
