/** The OpenAPI 3.1 document, derived from the table of routes: what is declared is what is documented. */
import type { TObject, TSchema } from '@sinclair/typebox';
import { ErrorAnswer } from '../schemas';
import type { Route } from './route';

type Json = Record<string, unknown>;

const NAME = 'Gregor coordinator';
const VERSION = '1';

/** What may go wrong with any route of a kind, by status. */
const common: Readonly<Record<number, string>> = {
  403: 'Called from a page of another site, or not enabled',
  421: 'Called under a name that is not in http.allowed.hosts',
  422: 'Stored records cannot be read, or a policy of the cluster forbids it',
  429: 'Too many requests',
  500: 'A fault of the coordinator',
  502: 'The cluster answered with an error',
  503: 'No broker or ZooKeeper can be reached',
  504: 'No answer in time',
};

/** Schemas by name; a named schema inside another becomes a reference. */
class Components {
  readonly schemas: Record<string, Json> = {};

  refer(schema: TSchema): Json {
    return this.walk(schema) as Json;
  }

  private walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((element) => this.walk(element));
    if (typeof value !== 'object' || value === null) return value;
    const { $id: name, ...rest } = value as { $id?: string } & Json;
    const walked = (): Json => Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, this.walk(inner)]));
    if (name === undefined) return walked();
    if (!(name in this.schemas)) {
      this.schemas[name] = {};
      this.schemas[name] = walked();
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}

function parametersOf(schema: TObject | undefined, place: 'path' | 'query', components: Components): Json[] {
  const required: readonly string[] = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = components.refer(property);
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function statusesOf(route: Route): readonly number[] {
  return typeof route.status === 'number' ? [route.status] : typeof route.status === 'function' ? [200, 503] : [200];
}

function responsesOf(route: Route, components: Components): Json {
  const mediaType = route.mediaType ?? 'application/json';
  const schema = components.refer(route.answer);
  const error = (description: string): Json => ({
    description,
    content: { 'application/json': { schema: components.refer(ErrorAnswer) } },
  });
  const errors: Record<number, string> = { ...common };
  if (route.params || route.query || route.body) errors[400] = 'A parameter or the body is not allowed';
  if (route.params || route.query || route.body) errors[404] = 'There is no such thing';
  if (route.action) errors[401] = 'The token is missing or wrong';
  if (route.action) errors[409] = 'It contradicts what is there';
  if (route.body) errors[411] = 'The length of the body is missing';
  if (route.body) errors[413] = 'The body is too large';
  if (route.body) errors[415] = 'The body is not JSON';
  const good = statusesOf(route);
  const answers = [
    ...good.map((status) => [status, { description: route.summary, content: { [mediaType]: { schema } } }] as const),
    ...Object.entries(errors)
      .filter(([status]) => !good.includes(Number(status)))
      .map(([status, description]) => [Number(status), error(description)] as const),
  ];
  return Object.fromEntries(answers);
}

/** Stable and unique: `get /api/topics/{topic}` → `getApiTopicsTopic`. */
export function operationIdOf(route: Pick<Route, 'method' | 'path'>): string {
  const words = route.path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '');
  return route.method + words.map((word) => (word[0] as string).toUpperCase() + word.slice(1)).join('');
}

function operationOf(route: Route, components: Components): Json {
  const parameters = [
    ...parametersOf(route.params, 'path', components),
    ...parametersOf(route.query, 'query', components),
  ];
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: components.refer(route.body) } } } }
      : {}),
    ...(route.action ? { security: [{ token: [] }] } : {}),
    responses: responsesOf(route, components),
  };
}

/** What is no route: it does not answer once. */
function liveOperation(components: Components): Json {
  const id = { type: 'integer', minimum: 0 };
  const error = { 'application/json': { schema: components.refer(ErrorAnswer) } };
  return {
    operationId: 'getApiLive',
    tags: ['Events'],
    summary: 'The live stream: server-sent events, each with a LiveEvent as its data and the event’s id as its id',
    parameters: [
      { name: 'after', in: 'query', required: false, description: 'Only events after this id', schema: id },
      {
        name: 'Last-Event-ID',
        in: 'header',
        required: false,
        description: 'The same, as browsers send it',
        schema: id,
      },
    ],
    responses: {
      200: { description: 'Events without end', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      400: { description: 'The id is none', content: error },
      403: { description: common[403], content: error },
      421: { description: common[421], content: error },
      429: { description: common[429], content: error },
      503: { description: 'There are http.live.connections streams already', content: error },
    },
  };
}

export function openApiDocument(routes: readonly Route[]): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operationOf(route, components);
  paths['/api/live'] = { get: liveOperation(components) };
  const tags = [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name }));
  return {
    openapi: '3.1.0',
    info: {
      title: NAME,
      version: VERSION,
      description: 'The cluster as the coordinator sees it, and what can be done with it.',
    },
    tags,
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}
