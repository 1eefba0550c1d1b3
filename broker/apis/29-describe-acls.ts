/** DescribeAcls, versions 0-3: a broker without an authorizer has no ACLs, and says so. */
import { Errors } from '../../protocol';
import { describeAcls } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function describeAclsHandler(): Handler {
  return handler(describeAcls, () => ({
    errorCode: Errors.SECURITY_DISABLED.code,
    errorMessage: 'No Authorizer is configured on the broker',
  }));
}
