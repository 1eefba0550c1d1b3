/** Waiting until all brokers know of something: each learns it from the controller by itself, and a client asks any of them. */
import { VersionedConnection } from '../../client';
import { metadata, type MetadataResponse } from '../../protocol/apis';
import { systemClock } from '../../runtime/clock';
import { eventually, eventuallyPasses } from './eventually';

type TopicMetadata = MetadataResponse['topics'][number];

const TIMEOUTS = { connectTimeoutMs: 5_000, requestTimeoutMs: 10_000 };
const WAIT_MS = 30_000;

/** What one broker, `host:port`, knows of the cluster, and of one topic. */
async function askOne(address: string, topic?: string): Promise<MetadataResponse> {
  const [host = '', port = ''] = address.split(':');
  const options = { host, port: Number(port), clientId: 'every-broker', clock: systemClock, ...TIMEOUTS };
  const connection = await VersionedConnection.open(options);
  try {
    const topics = topic === undefined ? [] : [{ name: topic }];
    return await connection.send(metadata, { topics, allowAutoTopicCreation: false });
  } finally {
    connection.close();
  }
}

/**
 * Asks each broker until its answer about the topic passes the check.
 * @param addresses `host:port` of the brokers
 * @param check made of expect()
 */
export async function everyBrokerSays(
  addresses: readonly string[],
  topic: string,
  check: (answer: TopicMetadata | undefined) => void,
): Promise<void> {
  await Promise.all(
    addresses.map((address) => eventuallyPasses(async () => check((await askOne(address, topic)).topics[0]), WAIT_MS)),
  );
}

/** Waits until each broker knows so many partitions of the topic, each with a leader. */
export function everyBrokerKnows(addresses: readonly string[], topic: string, partitions: number): Promise<void> {
  return everyBrokerSays(addresses, topic, (answer) => {
    const leaders = answer?.partitions.map(({ leaderId }) => leaderId) ?? [];
    if (leaders.length === partitions && leaders.every((leader) => leader >= 0)) return;
    throw new Error(`${topic} should have ${partitions} partitions; their leaders are ${leaders.join() || 'unknown'}`);
  });
}

/**
 * Waits until no broker lists a broker that was stopped. Java's admin client, once sent to such a one, as the
 * coordinator of a group for example, waits for it until its time is out.
 */
export async function everyBrokerForgets(addresses: readonly string[], brokerId: number): Promise<void> {
  const forgets = async (address: string): Promise<boolean> =>
    (await askOne(address)).brokers.every(({ nodeId }) => nodeId !== brokerId);
  await Promise.all(
    addresses.map((address) => eventually(`${address} forgets broker ${brokerId}`, () => forgets(address), WAIT_MS)),
  );
}
