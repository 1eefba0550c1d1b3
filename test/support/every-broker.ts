/** Waiting until all brokers know of something: each learns it from the controller by itself, and a client asks any of them. */
import { VersionedConnection } from '../../client';
import { metadata, type MetadataResponse } from '../../protocol/apis';
import { systemClock } from '../../runtime/clock';
import { eventuallyPasses } from './eventually';

type TopicMetadata = MetadataResponse['topics'][number];

const TIMEOUTS = { connectTimeoutMs: 5_000, requestTimeoutMs: 10_000 };
const WAIT_MS = 30_000;

/** What one broker, `host:port`, answers about a topic. */
async function askOne(address: string, topic: string): Promise<TopicMetadata | undefined> {
  const [host = '', port = ''] = address.split(':');
  const options = { host, port: Number(port), clientId: 'every-broker', clock: systemClock, ...TIMEOUTS };
  const connection = await VersionedConnection.open(options);
  try {
    const request = { topics: [{ name: topic }], allowAutoTopicCreation: false };
    return (await connection.send(metadata, request)).topics[0];
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
    addresses.map((address) => eventuallyPasses(async () => check(await askOne(address, topic)), WAIT_MS)),
  );
}

/** Waits until each broker knows so many partitions of the topic, each with a leader. */
export function everyBrokerKnows(addresses: readonly string[], topic: string, partitions: number): Promise<void> {
  return everyBrokerSays(addresses, topic, (answer) => {
    const leaders = answer?.partitions.map(({ leaderId }) => leaderId >= 0) ?? [];
    expect({ topic, leaders }).toEqual({ topic, leaders: Array.from({ length: partitions }, () => true) });
  });
}
