/** SaslHandshake, versions 0-1: on a listener without SASL there is nothing to shake hands about. */
import { Errors } from '../../protocol';
import { saslHandshake } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function saslHandshakeHandler(): Handler {
  return handler(saslHandshake, () => ({ errorCode: Errors.ILLEGAL_SASL_STATE.code, mechanisms: [] }));
}
