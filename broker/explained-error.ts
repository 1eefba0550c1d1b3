/** Errors of a start that tell the user all there is to know: their sentence is shown without a stack trace. */
import { DirectoryLockedError } from '../runtime/directory-lock';
import { ConfigException } from '../settings';
import { IdentityError } from './cluster-zookeeper/cluster-identity';
import { RegistrationError } from './cluster-zookeeper/registration';
import { BindError } from './net/socket-server';

const explained = [DirectoryLockedError, ConfigException, IdentityError, RegistrationError, BindError];

export function isExplained(error: unknown): error is Error {
  return explained.some((type) => error instanceof type);
}
