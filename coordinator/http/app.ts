/**
 * The service's HTTP interface as an express app over the coordinator's parts. What a request passes, in this order: headers
 * for the answer, the bound on requests, the Host and Origin checks; for an action the token, before its body is read; the
 * check against the schemas; the handler. Every answer but the dashboard's files and the documents is JSON or plain text.
 */
import express, { type Express, type RequestHandler } from 'express';
import type { CoordinatorConfig } from '../../settings/coordinator';
import type { Logger } from '../../runtime/logger';
import type { CoordinatorParts } from '../parts';
import { ApiError } from './api-error';
import { serveDocuments } from './documents';
import { errorAnswers } from './error-answers';
import { actionGuard, hostGuard, protectiveHeaders, rateGuard, sameOriginGuard } from './guards';
import { LiveStreams } from './live';
import { openApiDocument } from './openapi';
import type { Route } from './route';
import { routesOf } from './routes';
import { serveDashboard } from './static';
import { validator } from './validate';

const SVG = 'image/svg+xml';
/** A picture that is opened as a page of its own may have colours, but do nothing. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

const nothing = (): undefined => undefined;

/** `/api/topics/{topic}` → `/api/topics/:topic` */
const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const jsonOnly: RequestHandler = (request, _response, next) => {
  const isJson = request.is('application/json') === 'application/json';
  next(isJson ? undefined : new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json'));
};

/** The reader of bodies would wait for the end of one that is too large before it says so. */
function sizeGuard(limitBytes: number): RequestHandler {
  return (request, response, next) => {
    const length = Number(request.headers['content-length'] ?? Number.NaN);
    if (length <= limitBytes) {
      next();
      return;
    }
    response.set('Connection', 'close');
    const tooLarge = new ApiError(413, 'BODY_TOO_LARGE', `The body may have ${limitBytes} bytes (http.max.body.bytes)`);
    const unknown = new ApiError(411, 'LENGTH_REQUIRED', 'The body must be sent with its length (Content-Length)');
    next(Number.isNaN(length) ? unknown : tooLarge);
  };
}

function bodyReaders(config: CoordinatorConfig): RequestHandler[] {
  const limit = config['http.max.body.bytes'];
  return [jsonOnly, sizeGuard(limit), express.json({ limit, inflate: false, strict: true })];
}

function handlerOf(route: Route): RequestHandler {
  const params = route.params ? validator('path', route.params) : nothing;
  const query = route.query ? validator('query', route.query) : nothing;
  const body = route.body ? validator('body', route.body) : nothing;
  return async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await route.handle({
      params: (params(request.params) ?? {}) as never,
      query: (query(request.query) ?? {}) as never,
      body: body(request.body),
      signal: gone.signal,
    });
    if (response.destroyed) return;
    const status = typeof route.status === 'function' ? route.status(answer) : route.status;
    response.status(status ?? 200);
    if (route.mediaType === undefined) {
      response.json(answer);
      return;
    }
    if (route.mediaType === SVG) response.set('Content-Security-Policy', PICTURE_POLICY);
    response.type(route.mediaType).send(String(answer));
  };
}

/** A line per action, for whoever wants to know later who did what; nothing of it can break the line. */
function actionLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const { method, path, ip } = request;
    response.on('finish', () => {
      logger.info(`${method} ${JSON.stringify(path)} from ${ip ?? 'nowhere'}: ${response.statusCode}`);
    });
    next();
  };
}

function mount(app: Express, routes: readonly Route[], parts: CoordinatorParts, logger: Logger): void {
  const guards = [actionLog(logger), actionGuard(parts.config, parts.token)];
  const readers = bodyReaders(parts.config);
  for (const route of routes) {
    const before = [...(route.action ? guards : []), ...(route.body ? readers : [])];
    app[route.method](expressPath(route.path), ...before, handlerOf(route));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    app.all(expressPath(path), (_request, response, next) => {
      response.set('Allow', allowed.join(', '));
      next(new ApiError(405, 'METHOD_NOT_ALLOWED', `Possible here: ${allowed.join(', ')}`));
    });
  }
}

/** The app; serve it with listen(). Registers its metrics with the parts', so it can be made once per set of parts. */
export function createApp(parts: CoordinatorParts): Express {
  const { config, metrics, events, clock } = parts;
  const logger = parts.logger.for('coordinator.http');
  const routes = routesOf(parts);
  const live = new LiveStreams({ events, clock, maxConnections: config['http.live.connections'] });
  metrics.gauge('gregor_coordinator_live_streams', 'Live streams that are open', () => live.open);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  // Answers of the API are not kept by anybody; files have their own.
  app.set('etag', false);
  app.use((_request, _response, next) => {
    metrics.add('gregor_coordinator_http_requests_total', 'HTTP requests to the coordinator');
    next();
  });
  app.use(protectiveHeaders, rateGuard(config), hostGuard(config), sameOriginGuard);
  app.get('/api/live', live.handle);
  const document = openApiDocument(routes);
  app.get('/api/openapi.json', (_request, response) => void response.json(document));
  mount(app, routes, parts, logger);
  serveDocuments(app);
  serveDashboard(app);
  app.use((_request, _response, next) => next(new ApiError(404, 'NOT_FOUND', 'There is nothing at this address')));
  app.use(errorAnswers(logger));
  return app;
}
