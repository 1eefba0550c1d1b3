/**
 * RenewDelegationToken (key 39): prolongs a delegation token (KIP-48).
 *
 * v0   token and period
 * v1   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { bigint64, bytes, int16, int32, type TypeOf } from '../schema';

export const renewDelegationToken = api(
  39,
  'RenewDelegationToken',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      hmac: bytes('0+'),
      renewPeriodMs: bigint64('0+'),
    },
    response: {
      errorCode: int16('0+'),
      expiryTimestampMs: bigint64('0+'),
      throttleTimeMs: int32('0+'),
    },
  },
);

export type RenewDelegationTokenRequest = TypeOf<typeof renewDelegationToken.request>;
export type RenewDelegationTokenResponse = TypeOf<typeof renewDelegationToken.response>;
