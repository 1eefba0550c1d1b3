/**
 * A real ZooKeeper for tests: quick ticks (sessions from 200 ms on), no waiting for the disk, a temporary folder that
 * goes away with it. And what tests do to sessions.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../runtime/clock';
import { silentLogger } from '../../runtime/logger';
import { ZooKeeperProcess } from '../../supervisor/zookeeper-process';
import { attachAndClose, connect, type ConnectOptions, type SessionInfo, type ZooKeeperClient } from '../../zookeeper';

export interface TestZooKeeperOptions {
  /** Kept after stop() when given. */
  dir?: string;
  port?: number;
  /** Milliseconds; 100 when left out. */
  tickTime?: number;
  /** More lines for its configuration file. */
  settings?: Record<string, string | number>;
}

export interface TestZooKeeper {
  readonly port: number;
  readonly connectString: string;
  readonly pid: number | undefined;
  /** Ends it for good, and removes its temporary folder. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after kill() or while it runs. */
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
}

export async function startZooKeeper(options: TestZooKeeperOptions = {}): Promise<TestZooKeeper> {
  const directory = options.dir ?? (await mkdtemp(join(tmpdir(), 'gregor-zookeeper-')));
  const server = await ZooKeeperProcess.start({
    directory,
    tickTimeMs: options.tickTime ?? 100,
    sync: false,
    settings: { minSessionTimeout: 200, maxSessionTimeout: 60_000, ...options.settings },
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    port: server.port,
    connectString: server.connectString,
    get pid() {
      return server.pid;
    },
    async stop() {
      await server.kill();
      if (options.dir === undefined) await rm(directory, { recursive: true, force: true });
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
  };
}

/** A client with everything that a test does not care about filled in. */
export function connectForTest(connectString: string, options: Partial<ConnectOptions> = {}): Promise<ZooKeeperClient> {
  return connect({
    connectString,
    sessionTimeoutMs: 10_000,
    connectionTimeoutMs: 10_000,
    clock: systemClock,
    logger: silentLogger,
    name: 'test',
    ...options,
  });
}

/** Expires a session as the server would, by closing it from another connection. */
export async function expireSession(connectString: string, session: SessionInfo): Promise<void> {
  const { sessionId, sessionPassword } = session;
  await attachAndClose(connectString, sessionId, sessionPassword, { clock: systemClock, logger: silentLogger });
}
