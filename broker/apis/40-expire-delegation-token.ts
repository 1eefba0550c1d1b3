/** ExpireDelegationToken, versions 0-2: tokens are only given to clients that have authenticated, which none has on a PLAINTEXT listener. */
import { Errors } from '../../protocol';
import { expireDelegationToken } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function expireDelegationTokenHandler(): Handler {
  return handler(expireDelegationToken, () => ({ errorCode: Errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code }));
}
