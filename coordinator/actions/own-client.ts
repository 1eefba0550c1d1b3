/**
 * A client for one action. Brokers answer the requests of a connection one after the other: making a large topic over the
 * connection that the polls share would keep them waiting, and their time-out would end it in the middle.
 */
import { ClusterClient, hostPortText } from '../../client';
import type { CoordinatorParts } from '../parts';

export type ClientParts = Pick<CoordinatorParts, 'kafka' | 'observation' | 'clock' | 'config'>;

const CLIENT_ID = 'gregor-coordinator-action';
/** For what is only looked up, retries included. */
export const LOOK_TIMEOUT_MS = 5_000;
/** For a group, whose coordinator may have to be made first: with it begins __consumer_offsets. */
export const GROUP_TIMEOUT_MS = 10_000;
/** For changes; longer than what the broker is given for them, so that its answer comes first. */
export const CHANGE_TIMEOUT_MS = 20_000;
export const BROKER_TIMEOUT_MS = 15_000;

/** All registered brokers, those first that answered lately: one that hangs would be waited for. */
function bootstrapServers({ kafka, observation }: ClientParts): string {
  const { brokers } = observation.cluster();
  const answers = brokers.filter(({ registered, probe }) => registered && probe.state === 'answers');
  const addresses = answers.flatMap(({ brokerId }) => kafka.addressOf(brokerId) ?? []);
  const first = addresses.map(hostPortText);
  return [...new Set([...first, ...kafka.bootstrapServers().split(',')])].join(',');
}

/**
 * Runs `use` with a client of its own, which is closed afterwards.
 * @throws NoBrokers when none is registered; ConnectionError when none can be reached
 */
export async function withClient<T>(
  parts: ClientParts,
  timeoutMs: number,
  use: (cluster: ClusterClient) => Promise<T>,
): Promise<T> {
  const cluster = new ClusterClient({
    bootstrapServers: bootstrapServers(parts),
    clientId: CLIENT_ID,
    clock: parts.clock,
    timeoutMs,
    connectTimeoutMs: parts.config['probe.timeout.ms'],
  });
  try {
    return await use(cluster);
  } finally {
    await cluster.close();
  }
}
