/**
 * From a request frame to its handler and back to response bytes. The one place where what a handler throws becomes a
 * wire error, and where a frame that cannot be read becomes the end of its connection (never of the process).
 */
import {
  contains,
  decodeRequest,
  encodeResponse,
  Errors,
  KafkaError,
  ProtocolError,
  Reader,
  readRequestHeaderRest,
  readRequestHeaderStart,
  wireErrorOf,
} from '../../protocol';
import type { RequestHeader, WireError } from '../../protocol';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { CLOSE_CONNECTION, NO_RESPONSE, type Answer, type Handler } from '../apis/handler';
import type { RequestContext } from './request-context';

const API_VERSIONS_KEY = 18;

/** What a connection is to do: send these chunks, send nothing, or close. */
export type Outcome =
  | { readonly kind: 'respond'; readonly chunks: readonly Buffer[] }
  | { readonly kind: 'silent' }
  | { readonly kind: 'close'; readonly why: string };

const SILENT: Outcome = { kind: 'silent' };

/** Facts about the connection that become part of each request's context. */
export type ConnectionFacts = Pick<
  RequestContext,
  'listenerName' | 'clientHost' | 'connectionId' | 'principal' | 'closed'
>;

/** Lets a test make requests fail: gives the error that the next request of an API is to get, or null. */
export type RequestFault = (apiKey: number, clientId: string | null) => WireError | 'close' | null;

export class Dispatch {
  private readonly handlers = new Map<number, Handler>();

  /** Set by tests and the embedded cluster only. */
  fault: RequestFault | null = null;

  constructor(
    handlers: readonly Handler[],
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    for (const handler of handlers) {
      if (this.handlers.has(handler.api.key)) throw new Error(`two handlers for ${handler.api.name}`);
      this.handlers.set(handler.api.key, handler);
    }
  }

  /** Handles one frame (without its size). Synchronous where the handler is, so that the hot path makes no promise. */
  handle(frame: Buffer, connection: ConnectionFacts): Outcome | Promise<Outcome> {
    let parsed: ParsedRequest | Outcome;
    try {
      parsed = this.parse(frame, connection);
    } catch (error) {
      return { kind: 'close', why: (error as Error).message };
    }
    if ('kind' in parsed) return parsed;
    const { handler, request, context } = parsed;
    const injected = this.fault?.(context.apiKey, context.clientId);
    if (injected) return this.injectFault(injected, handler, request, context);
    let answer: Answer<never> | Promise<Answer<never>>;
    try {
      answer = handler.handle(request, context) as Answer<never> | Promise<Answer<never>>;
    } catch (error) {
      return this.failed(error, handler, request, context);
    }
    if (!(answer instanceof Promise)) return this.encode(answer, handler, request, context);
    return answer.then(
      (value) => this.encode(value, handler, request, context),
      (error: unknown) => this.failed(error, handler, request, context),
    );
  }

  private parse(frame: Buffer, connection: ConnectionFacts): ParsedRequest | Outcome {
    const reader = new Reader(frame);
    const start = readRequestHeaderStart(reader);
    const handler = this.handlers.get(start.apiKey);
    if (!handler) throw new ProtocolError(`unknown API key ${start.apiKey}`);
    const { api } = handler;
    if (!contains(api.request.versions, start.apiVersion)) {
      if (start.apiKey === API_VERSIONS_KEY) return unsupportedApiVersions(handler, start.correlationId);
      throw new ProtocolError(`${api.name} has no version ${start.apiVersion}`);
    }
    const clientId = readRequestHeaderRest(reader, api, start.apiVersion);
    const request = decodeRequest(api, start.apiVersion, reader) as never;
    return { handler, request, context: this.contextOf(start, clientId, connection) };
  }

  /** Field by field: spreading two objects took a tenth of the time of a small produce request. */
  private contextOf(
    { apiKey, apiVersion, correlationId }: Omit<RequestHeader, 'clientId'>,
    clientId: string | null,
    { listenerName, clientHost, connectionId, principal, closed }: ConnectionFacts,
  ): RequestContext {
    const receivedAtMs = this.clock.monotonicMs();
    return {
      apiKey,
      apiVersion,
      correlationId,
      clientId,
      listenerName,
      clientHost,
      connectionId,
      principal,
      receivedAtMs,
      closed,
    };
  }

  private encode(answer: Answer<never>, handler: Handler, request: object, context: RequestContext): Outcome {
    if (answer === NO_RESPONSE) return SILENT;
    if (answer === CLOSE_CONNECTION) return { kind: 'close', why: `${handler.api.name} with acks=0 failed` };
    try {
      const chunks = encodeResponse(handler.api, context.apiVersion, context.correlationId, answer);
      return { kind: 'respond', chunks };
    } catch (error) {
      this.logger.error(`Cannot encode the response to ${describe(handler, context)}`, error);
      return { kind: 'close', why: `no response to ${handler.api.name} could be encoded` };
    }
  }

  private failed(thrown: unknown, handler: Handler, request: object, context: RequestContext): Outcome {
    if (!(thrown instanceof KafkaError)) {
      this.logger.error(`Unexpected error while handling ${describe(handler, context)}`, thrown);
    }
    const text = thrown instanceof KafkaError ? thrown.message : null;
    return this.errorResponse(wireErrorOf(thrown), text, handler, request, context);
  }

  private errorResponse(
    error: WireError,
    text: string | null,
    handler: Handler,
    request: object,
    context: RequestContext,
  ): Outcome {
    const { fields } = handler.api.response;
    let response: object;
    if (handler.failed) response = handler.failed(request as never, error, context);
    else if ('errorCode' in fields)
      response = { errorCode: error.code, ...('errorMessage' in fields && { errorMessage: text }) };
    else return { kind: 'close', why: `${handler.api.name} failed with ${error.name}` };
    return this.encode(response as never, handler, request, context);
  }

  private injectFault(fault: WireError | 'close', handler: Handler, request: object, context: RequestContext): Outcome {
    if (fault === 'close') return { kind: 'close', why: `fault injected into ${handler.api.name}` };
    return this.errorResponse(fault, 'injected by a test', handler, request, context);
  }
}

interface ParsedRequest {
  handler: Handler;
  request: never;
  context: RequestContext;
}

/** A client that asks in a version we do not know learns the versions we do know, in the form of version 0 (KIP-511). */
function unsupportedApiVersions(handler: Handler, correlationId: number): Outcome {
  const { versions } = handler.api.request;
  const own = { apiKey: API_VERSIONS_KEY, minVersion: versions.min, maxVersion: versions.max };
  const body = { errorCode: Errors.UNSUPPORTED_VERSION.code, apiKeys: [own] };
  return { kind: 'respond', chunks: encodeResponse(handler.api, 0, correlationId, body as never) };
}

function describe(handler: Handler, context: RequestContext): string {
  return `${handler.api.name} v${context.apiVersion} of client ${context.clientId ?? '(none)'} on ${context.connectionId}`;
}
