/**
 * Envelope (key 58): carries a client's request from a broker to the controller; advertised, but in ZooKeeper mode
 * used in a migration only (KIP-590).
 *
 * v0   flexible; request, principal, client's address as bytes
 */
import { api } from '../api';
import { bytes, int16, type TypeOf } from '../schema';

export const envelope = api(
  58,
  'Envelope',
  { versions: '0', flexible: '0+' },
  {
    request: {
      requestData: bytes('0+'),
      requestPrincipal: bytes('0+', { nullable: '0+' }),
      clientHostAddress: bytes('0+'),
    },
    response: {
      responseData: bytes('0+', { nullable: '0+', default: null }),
      errorCode: int16('0+'),
    },
  },
);

export type EnvelopeRequest = TypeOf<typeof envelope.request>;
export type EnvelopeResponse = TypeOf<typeof envelope.response>;
