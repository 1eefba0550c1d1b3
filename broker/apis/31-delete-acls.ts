/** DeleteAcls, versions 0-3: refused for each filter by a broker without an authorizer. */
import { Errors } from '../../protocol';
import { deleteAcls } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function deleteAclsHandler(): Handler {
  const refused = { errorCode: Errors.SECURITY_DISABLED.code, errorMessage: 'No Authorizer is configured.' };
  return handler(deleteAcls, (request) => ({ filterResults: request.filters.map(() => refused) }));
}
