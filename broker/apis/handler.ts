/**
 * A handler answers one API. It may answer at once or with a promise; what it throws is mapped in dispatch:
 * a KafkaError becomes the response's error code, anything else is logged and becomes UNKNOWN_SERVER_ERROR.
 */
import type { Api, Fields, InputOf, MessageOf, WireError } from '../../protocol';
import type { RequestContext } from '../net/request-context';

/** A request that gets no answer: Produce with acks=0. */
export const NO_RESPONSE = Symbol('no response');
/** The connection is to be closed instead of answered: Produce with acks=0 that failed. */
export const CLOSE_CONNECTION = Symbol('close connection');

export type Answer<S extends Fields> = InputOf<MessageOf<S>> | typeof NO_RESPONSE | typeof CLOSE_CONNECTION;

export interface Handler<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly api: Api<Q, S>;
  handle(request: MessageOf<Q>, context: RequestContext): Answer<S> | Promise<Answer<S>>;
  /**
   * The response that carries a request-level error. Left out where the response has a top-level errorCode;
   * needed where errors are told per topic, partition or group.
   */
  failed?(request: MessageOf<Q>, error: WireError, context: RequestContext): InputOf<MessageOf<S>>;
}

/** Ties a handler's function to its API, so that request and response types are inferred. */
export function handler<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  handle: Handler<Q, S>['handle'],
  failed?: Handler<Q, S>['failed'],
): Handler {
  return { api, handle, failed } as unknown as Handler;
}
