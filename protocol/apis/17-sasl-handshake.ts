/**
 * SaslHandshake (key 17): chooses the SASL mechanism of a connection. Never flexible, since old clients negotiate it
 * wrongly (KAFKA-9577).
 *
 * v0   the mechanism's tokens follow without any header (KIP-43)
 * v1   they follow in SaslAuthenticate requests (KIP-152)
 */
import { api } from '../api';
import { arrayOf, int16, string, type TypeOf } from '../schema';

export const saslHandshake = api(
  17,
  'SaslHandshake',
  { versions: '0-1', flexible: 'none' },
  {
    request: {
      mechanism: string('0+'),
    },
    response: {
      errorCode: int16('0+'),
      mechanisms: arrayOf('0+', string('0+')),
    },
  },
);

export type SaslHandshakeRequest = TypeOf<typeof saslHandshake.request>;
export type SaslHandshakeResponse = TypeOf<typeof saslHandshake.response>;
