/** Finding out whether a broker lives at an address. */
import { Connection, type Connect } from '../../client/connection';
import type { Clock } from '../../runtime/clock';
import type { RegisteredEndpoint } from '../../zookeeper/znodes';

const PROBE_TIMEOUT_MS = 1500;

/**
 * Whether something at the address speaks Kafka's protocol. An open port alone is not enough: the proxy in front of a
 * dead container accepts connections, too.
 */
export async function answersAsBroker(
  { host, port }: RegisteredEndpoint,
  clock: Clock,
  connect: Connect = Connection.open,
): Promise<boolean> {
  const timeoutMs = PROBE_TIMEOUT_MS;
  try {
    const connection = await connect({
      host,
      port,
      clientId: 'registration-probe',
      connectTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
      clock,
    });
    try {
      await connection.apiVersions();
      return true;
    } finally {
      connection.close();
    }
  } catch {
    return false;
  }
}
