/**
 * How commands reach a cluster: the bootstrap addresses, the client properties of --command-config and its kin, and
 * what is said when nobody answers.
 */
import { readFile } from 'node:fs/promises';
import { ClusterClient, Connection, ConnectionError, parseBootstrapServers, type HostPort } from '../client';
import { sleep } from '../runtime/clock';
import { parseProperties } from '../settings';
import { CommandError, type CommandIo } from './command';
import { UsageError } from './options';

/** How long a command waits for the first broker to accept a connection. */
const FIRST_CONTACT_TIMEOUT_MS = 5_000;
const RETRY_PAUSE_MS = 200;
/** default.api.timeout.ms of Kafka's admin client. */
const API_TIMEOUT_MS = 60_000;

/** Reads a .properties file that an option names. @throws CommandError when it cannot be read */
export async function readPropertiesFile(file: string): Promise<Map<string, string>> {
  try {
    return parseProperties(await readFile(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(code === 'ENOENT' ? `There is no file ${file}` : `Cannot read ${file}: ${message}`);
  }
}

/**
 * Connects to a cluster, or ends the command with a sentence that says what to do.
 * @param properties of Kafka's clients; those about time-outs and the client id count
 */
export async function openCluster(
  bootstrapServers: string,
  io: CommandIo,
  properties: ReadonlyMap<string, string> = new Map(),
  defaultClientId = 'admin-client',
): Promise<ClusterClient> {
  refuseSecurity(properties);
  const addresses = parseAddresses(bootstrapServers);
  const timeoutMs = Number(properties.get('default.api.timeout.ms') ?? API_TIMEOUT_MS);
  await firstContact(addresses, bootstrapServers, Math.min(timeoutMs, FIRST_CONTACT_TIMEOUT_MS), io);
  return new ClusterClient({
    bootstrapServers,
    clientId: properties.get('client.id') ?? defaultClientId,
    clock: io.clock,
    timeoutMs,
  });
}

/** Runs `use` with a connection to the cluster and closes it afterwards. */
export async function withCluster<T>(
  bootstrapServers: string,
  io: CommandIo,
  properties: ReadonlyMap<string, string>,
  use: (cluster: ClusterClient) => Promise<T>,
): Promise<T> {
  const cluster = await openCluster(bootstrapServers, io, properties);
  try {
    return await use(cluster);
  } finally {
    await cluster.close();
  }
}

function parseAddresses(bootstrapServers: string): HostPort[] {
  try {
    return parseBootstrapServers(bootstrapServers);
  } catch (error) {
    throw new UsageError((error as Error).message, 'Brokers are given as host:port, for example localhost:9092.');
  }
}

function refuseSecurity(properties: ReadonlyMap<string, string>): void {
  const protocol = properties.get('security.protocol') ?? 'PLAINTEXT';
  if (protocol.toUpperCase() === 'PLAINTEXT') return;
  throw new CommandError(`security.protocol=${protocol} is not supported so far; only PLAINTEXT is.`);
}

/** Waits until one of the addresses accepts a connection. */
async function firstContact(
  addresses: readonly HostPort[],
  written: string,
  timeoutMs: number,
  io: CommandIo,
): Promise<void> {
  const { clock, interrupted } = io;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let lastProblem = '';
  for (;;) {
    for (const address of addresses) {
      const connectTimeoutMs = Math.max(1, deadlineMs - clock.monotonicMs());
      try {
        const connection = await Connection.open({
          ...address,
          clientId: null,
          clock,
          connectTimeoutMs,
          requestTimeoutMs: connectTimeoutMs,
          signal: interrupted,
        });
        connection.close();
        return;
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        lastProblem = describeProblem(error);
      }
    }
    if (interrupted.aborted) throw new CommandError('Interrupted', 130);
    if (clock.monotonicMs() + RETRY_PAUSE_MS >= deadlineMs) break;
    await sleep(clock, RETRY_PAUSE_MS);
  }
  throw new CommandError(
    `No broker answers at ${written} (${lastProblem}; tried for ${timeoutMs / 1000} s). ` +
      'Start one with bin/kafka-server-start.sh config/server.properties, or name a broker that runs.',
  );
}

function describeProblem(error: ConnectionError): string {
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no such host';
  return error.message;
}
