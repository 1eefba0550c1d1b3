/**
 * ExpireDelegationToken (key 40): ends a delegation token at a given time, or at once (KIP-48).
 *
 * v0   token and period, negative for at once
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { bigint64, bytes, int16, int32, type TypeOf } from '../schema';

export const expireDelegationToken = api(
  40,
  'ExpireDelegationToken',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      hmac: bytes('0+'),
      expiryTimePeriodMs: bigint64('0+'),
    },
    response: {
      errorCode: int16('0+'),
      expiryTimestampMs: bigint64('0+'),
      throttleTimeMs: int32('0+'),
    },
  },
);

export type ExpireDelegationTokenRequest = TypeOf<typeof expireDelegationToken.request>;
export type ExpireDelegationTokenResponse = TypeOf<typeof expireDelegationToken.response>;
