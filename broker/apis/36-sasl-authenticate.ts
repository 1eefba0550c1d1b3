/** SaslAuthenticate, versions 0-2: a connection of a listener without SASL is authenticated from its start. */
import { Errors } from '../../protocol';
import { saslAuthenticate } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function saslAuthenticateHandler(): Handler {
  return handler(saslAuthenticate, () => ({
    errorCode: Errors.ILLEGAL_SASL_STATE.code,
    errorMessage: 'SaslAuthenticate request received after successful authentication',
  }));
}
