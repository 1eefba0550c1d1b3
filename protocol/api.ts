/** An API of the wire protocol: key, name, and its request and response definitions. */
import type { Fields, Message } from './schema';
import { message } from './schema';

export interface Api<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly key: number;
  readonly name: string;
  readonly request: Message<Q>;
  readonly response: Message<S>;
}

/**
 * Declares an API. `versions` are those of request and response alike; from the first of `flexible` on, compact types
 * and tagged fields are used (KIP-482).
 */
export function api<Q extends Fields, S extends Fields>(
  key: number,
  name: string,
  ranges: { versions: string; flexible: string },
  definition: { request: Q; response: S },
): Api<Q, S> {
  return {
    key,
    name,
    request: message(`${name}Request`, ranges, definition.request),
    response: message(`${name}Response`, ranges, definition.response),
  };
}
