/**
 * What stands before every route: headers that keep a browser from doing more with an answer than it should, the names under
 * which the service may be called, no calls from other sites' pages, a bound on requests, and the token of actions.
 *
 * A page of another site can make a browser send requests here (it is on the user's own machine), and with a name that
 * changes its address (DNS rebinding) even read the answers. The first is stopped by Origin and Sec-Fetch-Site, the second by
 * the Host header; both are set by browsers and out of a page's reach.
 */
import type { RequestHandler } from 'express';
import { isIP } from 'node:net';
import { rateLimit } from 'express-rate-limit';
import type { CoordinatorConfig } from '../../settings/coordinator';
import { ApiError } from './api-error';
import { isToken } from './token';

const RATE_WINDOW_SECONDS = 10;

/** For answers that no browser shall show as a page of its own. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** With every answer. */
export const PROTECTIVE_HEADERS = {
  'Content-Security-Policy': API_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export const protectiveHeaders: RequestHandler = (_request, response, next) => {
  response.set(PROTECTIVE_HEADERS);
  next();
};

/** The name in a Host header, in lower case and without port and brackets; null when it is no host at all. */
export function hostNameOf(header: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

const isLoopback = (host: string): boolean => host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Whether the service answers under this name. An IP address cannot be rebound, so that of the interface itself may stand. */
export function isAllowedHost(host: string, config: CoordinatorConfig, localAddress: string | undefined): boolean {
  const allowed = config['http.allowed.hosts'].map((name) => name.toLowerCase());
  if (allowed.includes('*') || allowed.includes(host)) return true;
  if (host === 'localhost' || isLoopback(host) || host === config['http.host'].toLowerCase()) return true;
  const ownAddress = localAddress?.replace(/^::ffff:/, '');
  return isIP(host) !== 0 && host === ownAddress;
}

export function hostGuard(config: CoordinatorConfig): RequestHandler {
  return (request, _response, next) => {
    const host = hostNameOf(request.headers.host);
    if (host !== null && isAllowedHost(host, config, request.socket.localAddress)) {
      next();
      return;
    }
    next(new ApiError(421, 'HOST_NOT_ALLOWED', 'The service does not answer under this name; see http.allowed.hosts'));
  };
}

const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** Whether Origin names the very host that was called. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/** Following a link into the service is allowed; asking or sending from within a page of another site is not. */
export const sameOriginGuard: RequestHandler = (request, _response, next) => {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isLink = isReading(request.method) && request.headers['sec-fetch-mode'] === 'navigate';
  const fromElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink;
  if (fromElsewhere || (origin !== undefined && !isOwnOrigin(origin, host))) {
    next(new ApiError(403, 'CROSS_ORIGIN', 'Pages of other sites may not call this service'));
    return;
  }
  next();
};

/** A bound on the requests of one address, on average over ten seconds. */
export function rateGuard(config: CoordinatorConfig): RequestHandler {
  const perSecond = config['http.requests.per.second'];
  return rateLimit({
    windowMs: RATE_WINDOW_SECONDS * 1000,
    limit: perSecond * RATE_WINDOW_SECONDS,
    standardHeaders: true,
    legacyHeaders: false,
    // No proxy is trusted, and a header that claims one is no reason to write to the console.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => {
      next(new ApiError(429, 'TOO_MANY_REQUESTS', `More than ${perSecond} requests per second`));
    },
  });
}

export function actionGuard(config: CoordinatorConfig, token: string): RequestHandler {
  return (request, response, next) => {
    if (!config['actions.enabled']) {
      next(new ApiError(403, 'ACTIONS_DISABLED', 'Nothing can be changed through this service: actions.enabled=false'));
      return;
    }
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && isToken(given, token)) {
      next();
      return;
    }
    response.set('WWW-Authenticate', 'Bearer');
    const text = given === undefined ? 'This needs the token: Authorization: Bearer <token>' : 'The token is wrong';
    next(new ApiError(401, 'UNAUTHORIZED', text));
  };
}
