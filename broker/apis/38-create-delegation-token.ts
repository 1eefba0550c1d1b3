/** CreateDelegationToken, versions 0-3: tokens are only given to clients that have authenticated, which none has on a PLAINTEXT listener. */
import { Errors } from '../../protocol';
import { createDelegationToken } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function createDelegationTokenHandler(): Handler {
  return handler(createDelegationToken, () => ({ errorCode: Errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code }));
}
