/** CreateAcls, versions 0-3: refused for each entry by a broker without an authorizer. */
import { Errors } from '../../protocol';
import { createAcls } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function createAclsHandler(): Handler {
  const refused = { errorCode: Errors.SECURITY_DISABLED.code, errorMessage: 'No Authorizer is configured.' };
  return handler(createAcls, (request) => ({ results: request.creations.map(() => refused) }));
}
