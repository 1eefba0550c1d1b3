/**
 * One route of the REST interface: what it takes, what it answers, what it does. Validation of requests, the OpenAPI
 * document and the tests' check of answers derive from these declarations.
 */
import type { Static, TObject, TSchema } from '@sinclair/typebox';

export type Method = 'get' | 'post' | 'patch' | 'delete';

type ValueOf<S> = S extends TSchema ? Static<S> : Record<string, never>;

export interface RouteRequest<P, Q, B> {
  params: ValueOf<P>;
  query: ValueOf<Q>;
  body: B extends TSchema ? Static<B> : undefined;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
}

export interface RouteDeclaration<
  P extends TObject | undefined,
  Q extends TObject | undefined,
  B extends TSchema | undefined,
  A extends TSchema,
> {
  method: Method;
  /** In OpenAPI's notation: `/api/topics/{topic}` */
  path: string;
  tag: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  answer: A;
  /** Media type of the answer; application/json when left out. Anything else is sent as the text that the handler gives. */
  mediaType?: string;
  /** Status of a good answer; 200 when left out. */
  status?: number | ((answer: Static<A>) => number);
  /** Changes something: needs the token, and actions.enabled. */
  action?: boolean;
  handle(request: RouteRequest<P, Q, B>): Promise<Static<A>> | Static<A>;
}

/** A route whose types are forgotten, for tables of them. */
export type Route = Omit<
  RouteDeclaration<TObject | undefined, TObject | undefined, TSchema | undefined, TSchema>,
  'handle'
> & {
  handle(request: RouteRequest<TObject, TObject, TSchema>): unknown;
};

/** Declares a route; the handler's types follow from the schemas. */
export function route<
  A extends TSchema,
  P extends TObject | undefined = undefined,
  Q extends TObject | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(declaration: RouteDeclaration<P, Q, B, A>): Route {
  return declaration as unknown as Route;
}
