/** RenewDelegationToken, versions 0-2: tokens are only given to clients that have authenticated, which none has on a PLAINTEXT listener. */
import { Errors } from '../../protocol';
import { renewDelegationToken } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function renewDelegationTokenHandler(): Handler {
  return handler(renewDelegationToken, () => ({ errorCode: Errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code }));
}
