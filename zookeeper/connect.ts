/** Opens a ZooKeeper client. */
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { type Random, systemRandom } from '../runtime/random';
import { Client } from './client';
import { parseConnectString } from './connect-string';
import { ServerConnection } from './connection';
import { ZkError } from './errors';
import { Session } from './session';
import type { ZooKeeperClient } from './types';

export interface ConnectOptions {
  /** `host1:2181,host2:2181/chroot`; the chroot may be left out. */
  connectString: string;
  /** Asked of the server, which may grant another within its own bounds. */
  sessionTimeoutMs: number;
  /** How long the first connect may take. */
  connectionTimeoutMs: number;
  clock: Clock;
  logger: Logger;
  /** Whose client it is, for the log: `Kafka server`. */
  name: string;
  /** How many requests may be unanswered at once; 10 when left out (zookeeper.max.in.flight.requests). */
  maxInFlight?: number;
  /** Creates the chroot when it does not exist; true when left out. */
  createChroot?: boolean;
  random?: Random;
}

const DEFAULT_MAX_IN_FLIGHT = 10;

/**
 * Connects, or rejects with ZkError CONNECTION_LOSS when no server could be reached within connectionTimeoutMs.
 * Throws at once when the connect string makes no sense.
 */
export async function connect(options: ConnectOptions): Promise<ZooKeeperClient> {
  const { chroot, serverList } = parseConnectString(options.connectString);
  if (chroot !== '' && options.createChroot !== false) {
    const client = await connectOnce(options, serverList, `${options.name} chroot creator`);
    try {
      await client.session.createRecursive(chroot, null, { ignoreExisting: true });
    } finally {
      await client.close();
    }
  }
  return connectOnce(options, options.connectString, options.name);
}

async function connectOnce(options: ConnectOptions, connectString: string, name: string): Promise<ZooKeeperClient> {
  const { clock, connectionTimeoutMs } = options;
  const client = newClient(options, connectString, name);
  let timedOut = false;
  const timer = clock.after(connectionTimeoutMs, () => {
    timedOut = true;
    void client.close();
  });
  try {
    await client.opened();
  } catch (error) {
    if (!timedOut) throw error;
    const text = `timed out after ${connectionTimeoutMs} ms waiting for a connection to ${connectString}`;
    throw new ZkError('CONNECTION_LOSS', null, text);
  } finally {
    timer.cancel();
  }
  return client;
}

/**
 * Gives a client at once and connects it in the background, for as long as it takes: for a program that starts before
 * ZooKeeper does. Operations wait until then. Does not create the chroot. Throws when the connect string makes no sense.
 * @returns `connected` resolves with the first connection, and rejects when the client is closed before
 */
export function connectInBackground(options: Omit<ConnectOptions, 'connectionTimeoutMs' | 'createChroot'>): {
  client: ZooKeeperClient;
  connected: Promise<void>;
} {
  parseConnectString(options.connectString);
  const client = newClient(options, options.connectString, options.name);
  return { client, connected: client.opened() };
}

function newClient(
  options: Omit<ConnectOptions, 'connectionTimeoutMs' | 'createChroot'>,
  connectString: string,
  name: string,
): Client {
  const { clock, sessionTimeoutMs } = options;
  const prefix = `[ZooKeeperClient ${name}] `;
  const connectionLogger = options.logger.for('org.apache.zookeeper.ClientCnxn', prefix);
  const random = options.random ?? systemRandom;
  return new Client({
    connectString,
    logger: options.logger.for('kafka.zookeeper.ZooKeeperClient', prefix),
    newSession: () => {
      const transport = new ServerConnection({
        connectString,
        sessionTimeoutMs,
        clock,
        logger: connectionLogger,
        random,
      });
      return new Session({
        transport,
        clock,
        logger: connectionLogger,
        maxInFlight: options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT,
      });
    },
  });
}
