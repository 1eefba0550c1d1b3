/** A failure that an administrator is told: the error code together with a text of its own. */
import { Errors, KafkaError, type ErrorName, type WireError } from '../../../protocol';
import { ConfigException } from '../../../settings/config-exception';
import { isZkError } from '../../../zookeeper/errors';

export interface AdminOutcome {
  readonly error: WireError;
  readonly text: string | null;
}

export const SUCCESS: AdminOutcome = { error: Errors.NONE, text: null };
export const NOT_CONTROLLER: AdminOutcome = { error: Errors.NOT_CONTROLLER, text: null };

export function outcome(name: ErrorName, text: string | null = null): AdminOutcome {
  return { error: Errors[name], text };
}

/** What an exception says to an administrator; whatever is not meant for one is an unknown server error. */
export function outcomeOf(thrown: unknown): AdminOutcome {
  if (thrown instanceof KafkaError) return { error: thrown.error, text: thrown.message };
  // Without its session this broker is no controller any more; whoever asked is to look for the next one.
  if (isZkError(thrown, 'SESSION_EXPIRED')) return NOT_CONTROLLER;
  if (thrown instanceof ConfigException) return { error: Errors.INVALID_CONFIG, text: thrown.message };
  return { error: Errors.UNKNOWN_SERVER_ERROR, text: Errors.UNKNOWN_SERVER_ERROR.meaning };
}
