/**
 * The broker's optional HTTP listener (gregor.http.listener, off by default): metrics under the names of Kafka's JMX
 * exporter, the startup story, and where sampled records are. For people and the coordinator; no client or broker needs it.
 */
import type { Server } from 'node:http';
import type { Metrics } from '../runtime/metrics';
import type { StartupEvents } from './startup-events';

export interface HttpListenerOptions {
  host: string;
  port: number;
  metrics: Metrics;
  events: StartupEvents;
  /** What /trace shows, as plain values. */
  trace: () => unknown;
}

export class HttpListener {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** Binds and serves; rejects when the address is in use. */
  static async open(options: HttpListenerOptions): Promise<HttpListener> {
    // Loaded only here: it is a fifth of what a broker loads, and most brokers have no such listener.
    const { default: express } = await import('express');
    const app = express();
    app.disable('x-powered-by');
    app.get('/metrics', async (_request, response) => {
      response.type('text/plain; version=0.0.4').send(await options.metrics.render());
    });
    app.get('/startup', (_request, response) => void response.json(options.events.list()));
    app.get('/trace', (_request, response) => void response.json(options.trace()));
    return new Promise((resolve, reject) => {
      const server = app.listen(options.port, options.host);
      server.once('error', reject);
      server.once('listening', () => {
        const address = server.address();
        resolve(new HttpListener(server, typeof address === 'object' && address ? address.port : options.port));
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}
