/** Opens the service's port, with bounds on how long a client may take to say what it wants. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { isIPv6 } from 'node:net';
import type { CoordinatorConfig } from '../../settings/coordinator';
import { answerUnreadable } from './unreadable-requests';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;
const TIMEOUT_CHECK_MS = 1_000;
/** The position in each of a thousand partitions has to find room in an address. */
const MAX_HEADER_BYTES = 32_768;
const MAX_HEADERS = 100;
/** Connections beside the live streams. */
const MAX_SHORT_CONNECTIONS = 400;
/** A socket on which nothing moves is closed; longer than any answer takes, live streams have heartbeats. */
const IDLE_MS = 300_000;

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, as a browser on this machine reaches it. */
  readonly url: string;
  /** Ends open streams and connections. */
  close(): Promise<void>;
}

const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === '';

function urlOf(host: string, port: number): string {
  const name = isAnyAddress(host) ? 'localhost' : host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}

/** Rejects with the system's error when the address cannot be bound (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export async function listen(app: RequestListener, config: CoordinatorConfig): Promise<HttpServer> {
  const options = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The app's own check of names says what is wrong.
    requireHostHeader: false,
  };
  const server: Server = createServer(options, app);
  answerUnreadable(server, {
    headerBytes: MAX_HEADER_BYTES,
    headersMs: HEADERS_TIMEOUT_MS,
    requestMs: REQUEST_TIMEOUT_MS,
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_SHORT_CONNECTIONS + config['http.live.connections'];
  server.timeout = IDLE_MS;
  const host = config['http.host'];
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config['http.port'], host, () => resolve());
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : config['http.port'];
  return {
    host,
    port,
    url: urlOf(host, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
