/**
 * The coordinator as a whole: takes its folder, has its parts built, serves them, and stops them in the reverse order. The
 * service is there at once, whether or not ZooKeeper and brokers are, and says what it does not know yet.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../runtime/clock';
import { DirectoryLockedError, lockDirectory } from '../runtime/directory-lock';
import { createLogger, type Logger } from '../runtime/logger';
import { Metrics } from '../runtime/metrics';
import { TaskGroup } from '../runtime/task-group';
import { ConfigException } from '../settings';
import type { CoordinatorConfig } from '../settings/coordinator';
import { parseConnectString } from '../zookeeper';
import { buildParts } from './build-parts';
import { createApp, type HttpServer, listen } from './http';
import { loadToken } from './http/token';
import type { CoordinatorParts, Ground } from './parts';

/** Why the coordinator cannot start, in a sentence for people. */
export class StartError extends Error {
  constructor(text: string, cause?: unknown) {
    super(text, { cause });
    this.name = 'StartError';
  }
}

export interface CoordinatorServerOptions {
  config: CoordinatorConfig;
  logger?: Logger;
  clock?: Clock;
}

export class CoordinatorServer {
  readonly config: CoordinatorConfig;
  private readonly ground: Ground;
  private readonly logger: Logger;
  /** What has been started, to be stopped in the reverse order. */
  private readonly started: { name: string; stop: () => void | Promise<void> }[] = [];
  private starting: Promise<void> | null = null;
  private stopping: Promise<void> | null = null;
  private builtParts: CoordinatorParts | null = null;
  private http: HttpServer | null = null;

  constructor({ config, logger = createLogger(), clock = systemClock }: CoordinatorServerOptions) {
    this.config = config;
    this.logger = logger.for('gregor.coordinator.Server', '[Coordinator] ');
    const tasks = new TaskGroup('coordinator', clock, this.logger);
    this.ground = { config, clock, logger, metrics: new Metrics(), tasks };
  }

  /** @throws Error before start() has built them */
  get parts(): CoordinatorParts {
    if (!this.builtParts) throw new Error('the coordinator has not been started');
    return this.builtParts;
  }

  /** `http://host:port`. @throws Error before the start */
  get url(): string {
    if (!this.http) throw new Error('the coordinator has not been started');
    return this.http.url;
  }

  /** Resolves when it serves. @throws StartError, ConfigException; what was started by then is stopped again */
  start(): Promise<void> {
    this.starting ??= this.startNow();
    return this.starting;
  }

  /** Stops everything; also when called in the middle of the start. Bounded in time. */
  stop(): Promise<void> {
    this.stopping ??= this.stopNow();
    return this.stopping;
  }

  private async startNow(): Promise<void> {
    try {
      checkConnectString(this.config);
      const { token, file } = await this.takeDataDirectory();
      if (this.stopping) throw new StartError('it was stopped during its start');
      this.builtParts = buildParts(this.ground, token, (name, stop) => this.onStop(name, stop));
      const { url } = await this.serve(this.builtParts);
      this.logger.info(`started: ${url}`);
      if (file !== null && this.config['actions.enabled']) {
        this.logger.info(`Actions need the token in ${file}; the dashboard takes it as ${url}/#token=<token>`);
      }
    } catch (error) {
      await this.stopStarted();
      throw error;
    }
  }

  /** One process at a time writes there. Gives the token. */
  private async takeDataDirectory(): Promise<{ token: string; file: string | null }> {
    const directory = this.config['data.dir'];
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const lock = await lockDirectory(join(directory, '.lock'));
      this.onStop('the lock of data.dir', () => lock.release());
      return await loadToken(this.config);
    } catch (error) {
      if (error instanceof DirectoryLockedError) {
        throw new StartError(`another coordinator uses data.dir ${directory} (${error.lockFile} is held)`, error);
      }
      throw new StartError(`data.dir ${directory} cannot be used: ${(error as Error).message}`, error);
    }
  }

  private async serve(parts: CoordinatorParts): Promise<HttpServer> {
    try {
      const http = await listen(createApp(parts), this.config);
      this.http = http;
      this.onStop('the HTTP server', () => http.close());
      return http;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      const place = `${this.config['http.host']}:${this.config['http.port']}`;
      const why = code === 'EADDRINUSE' ? 'something else listens there' : code;
      throw new StartError(`${place} (http.host, http.port) cannot be bound: ${why}`, error);
    }
  }

  private onStop(name: string, stop: () => void | Promise<void>): void {
    this.started.push({ name, stop });
  }

  private async stopNow(): Promise<void> {
    await this.stopStarted();
    this.logger.info('stopped');
  }

  private async stopStarted(): Promise<void> {
    for (let part = this.started.pop(); part; part = this.started.pop()) {
      try {
        await part.stop();
      } catch (error) {
        this.logger.error(`Stopping ${part.name} failed`, error);
      }
    }
  }
}

function checkConnectString(config: CoordinatorConfig): void {
  try {
    parseConnectString(config['zookeeper.connect']);
  } catch (error) {
    throw new ConfigException((error as Error).message);
  }
}
