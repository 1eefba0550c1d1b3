/** DescribeDelegationToken, versions 0-3: tokens are only given to clients that have authenticated, which none has on a PLAINTEXT listener. */
import { Errors } from '../../protocol';
import { describeDelegationToken } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function describeDelegationTokenHandler(): Handler {
  return handler(describeDelegationToken, () => ({ errorCode: Errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code }));
}
