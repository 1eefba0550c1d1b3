/**
 * The one observation that counts as a sign of death: the host is there and says that nobody listens. A process that hangs,
 * a host that is gone, a cut link, a name that does not resolve: all of those look different, and none of them counts.
 */
import { Connection, ConnectionError } from '../../../client';
import { sleep, type Clock } from '../../../runtime/clock';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ATTEMPTS = 3;
/** Between the first attempt and the last one lie at least 300 ms. */
const PAUSE_MS = 150;
const CONNECT_TIMEOUT_MS = 1_000;

/** Whether a failed connection attempt was refused by the host, on each address that the name stands for. */
export function isRefusal(error: unknown): boolean {
  const cause = error instanceof ConnectionError ? error.cause : error;
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(isRefusal);
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
}

/**
 * Whether every address refuses three times over at least 300 ms. Gives up with false at the first other outcome.
 * @param onFirst called when each address has refused once
 */
export async function refusesAll(
  addresses: readonly Address[],
  clock: Clock,
  signal: AbortSignal,
  onFirst: () => void = () => undefined,
): Promise<boolean> {
  if (addresses.length === 0) return false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep(clock, PAUSE_MS, signal);
    const outcomes = await Promise.all(addresses.map((address) => isRefused(address, clock, signal)));
    if (outcomes.includes(false)) return false;
    if (attempt === 0) onFirst();
  }
  return true;
}

async function isRefused({ host, port }: Address, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const timeouts = { connectTimeoutMs: CONNECT_TIMEOUT_MS, requestTimeoutMs: CONNECT_TIMEOUT_MS };
  try {
    const connection = await Connection.open({ host, port, clientId: 'fast-fence', clock, signal, ...timeouts });
    connection.close();
    return false;
  } catch (error) {
    return isRefusal(error);
  }
}
