/**
 * SaslAuthenticate (key 36): carries the tokens of a SASL exchange (KIP-152).
 *
 * v0   token there and back
 * v1   response: for how long the session is good (KIP-368)
 * v2   compact types and tagged fields (KIP-482)
 */
import { api } from '../api';
import { bigint64, bytes, int16, string, type TypeOf } from '../schema';

export const saslAuthenticate = api(
  36,
  'SaslAuthenticate',
  { versions: '0-2', flexible: '2+' },
  {
    request: {
      authBytes: bytes('0+'),
    },
    response: {
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      authBytes: bytes('0+'),
      sessionLifetimeMs: bigint64('1+', { ignorable: true }),
    },
  },
);

export type SaslAuthenticateRequest = TypeOf<typeof saslAuthenticate.request>;
export type SaslAuthenticateResponse = TypeOf<typeof saslAuthenticate.response>;
