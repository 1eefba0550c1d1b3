/** Asks brokers whether they serve: not whether they listen, but whether each knows all the others and a controller. */
import { VersionedConnection } from '../client';
import { metadata } from '../protocol/apis';
import type { Clock } from '../runtime/clock';
import { StopWaiting, waitUntil } from './wait-until';

export interface ServingOptions {
  ports: readonly number[];
  /** How many live brokers each must know. */
  brokers: number;
  timeoutMs: number;
  clock: Clock;
  /** Why waiting is of no use any more, e.g. a process that ended; null while there is hope. */
  givenUp?: () => string | null;
  /** Told each time one more broker serves. */
  onServing?: (port: number) => void;
}

const PROBE_TIMEOUT_MS = 2000;
const PROBE_EVERY_MS = 20;

/** Resolves when every port is that of a broker which serves; the error names those that do not, and what they lack. */
export async function waitUntilServing(options: ServingOptions): Promise<void> {
  await Promise.all(
    options.ports.map(async (port) => {
      let lacks = 'it does not answer';
      const probe = async (): Promise<true | null> => {
        const reason = options.givenUp?.() ?? null;
        if (reason !== null) throw new StopWaiting(reason);
        lacks = await whatLacks(port, options.brokers, options.clock);
        return lacks === '' ? true : null;
      };
      try {
        const what = `the broker on port ${port} served`;
        await waitUntil(probe, { what, timeoutMs: options.timeoutMs, clock: options.clock, everyMs: PROBE_EVERY_MS });
        options.onServing?.(port);
      } catch (error) {
        throw error instanceof StopWaiting ? error : new Error(`${(error as Error).message}: ${lacks}`);
      }
    }),
  );
}

/** Empty when the broker serves, else what it lacks. */
async function whatLacks(port: number, brokers: number, clock: Clock): Promise<string> {
  let connection: VersionedConnection | undefined;
  try {
    connection = await VersionedConnection.open({
      host: '127.0.0.1',
      port,
      clientId: 'gregor-supervisor',
      connectTimeoutMs: PROBE_TIMEOUT_MS,
      requestTimeoutMs: PROBE_TIMEOUT_MS,
      clock,
    });
    const answer = await connection.send(metadata, { topics: [], allowAutoTopicCreation: false });
    if (answer.brokers.length < brokers) return `it knows ${answer.brokers.length} of ${brokers} brokers`;
    return answer.controllerId < 0 ? 'it knows no controller' : '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    connection?.close();
  }
}
