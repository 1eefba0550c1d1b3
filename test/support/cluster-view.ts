/** What every broker of a cluster says of it, asked one by one: the views of brokers that are cut off differ. */
import { VersionedConnection } from '../../client';
import type { Cluster } from '../../embedded';
import { metadata, type MetadataResponse } from '../../protocol/apis';
import { systemClock } from '../../runtime/clock';
import { eventually } from './eventually';

const ANSWER_TIMEOUT_MS = 3_000;

/** A connection to one broker and to no other; the caller closes it. */
export function connectTo(cluster: Cluster, brokerId: number): Promise<VersionedConnection> {
  const broker = cluster.brokers[brokerId];
  if (!broker) throw new Error(`there is no broker ${brokerId}`);
  const limits = { connectTimeoutMs: ANSWER_TIMEOUT_MS, requestTimeoutMs: ANSWER_TIMEOUT_MS };
  return VersionedConnection.open({
    host: broker.host,
    port: broker.port,
    clientId: 'test',
    clock: systemClock,
    ...limits,
  });
}

/** Runs `use` with a connection to one broker and to no other. */
export async function onBroker<T>(
  cluster: Cluster,
  brokerId: number,
  use: (connection: VersionedConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectTo(cluster, brokerId);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** The cluster and all its topics as one broker knows them. */
export function viewOf(cluster: Cluster, brokerId: number): Promise<MetadataResponse> {
  return onBroker(cluster, brokerId, (connection) => connection.send(metadata, { topics: null }));
}

export interface PartitionView {
  leader: number;
  leaderEpoch: number;
  isr: number[];
}

/** One partition as one broker knows it. */
export async function partitionView(
  cluster: Cluster,
  brokerId: number,
  topic: string,
  partition = 0,
): Promise<PartitionView> {
  const { topics } = await viewOf(cluster, brokerId);
  const found = topics
    .find(({ name }) => name === topic)
    ?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
  if (found === undefined) throw new Error(`broker ${brokerId} knows no ${topic}-${partition}`);
  return { leader: found.leaderId, leaderEpoch: found.leaderEpoch, isr: found.isrNodes.toSorted() };
}

/**
 * Waits until all brokers know one another and the same controller, and each partition has the same leader with a whole ISR
 * in the eyes of all of them.
 */
export async function whole(cluster: Cluster, timeoutMs = 60_000): Promise<void> {
  const size = cluster.brokers.length;
  const lacking = async (): Promise<string> => {
    const views = await Promise.all(cluster.brokers.map(({ id }) => viewOf(cluster, id)));
    const texts = views.map((view) => {
      const partitions = view.topics.flatMap(({ name, partitions: all }) =>
        all.map((each) => `${name}-${each.partitionIndex} ${each.leaderId} ${each.isrNodes.toSorted().join('+')}`),
      );
      return [`controller ${view.controllerId} of ${view.brokers.length}`, ...partitions.toSorted()];
    });
    const [first = []] = texts;
    const differs = texts.findIndex((text) => text.join() !== first.join());
    if (differs > 0) {
      const line = first.findIndex((text, index) => text !== texts[differs]?.[index]);
      return `broker 0 says ${first[line]}, broker ${differs} ${texts[differs]?.[line]}`;
    }
    const lagging = views[0]?.topics.some(({ partitions }) =>
      partitions.some(({ isrNodes, replicaNodes, leaderId }) => leaderId < 0 || isrNodes.length < replicaNodes.length),
    );
    if (lagging) return first.join(', ');
    return views[0]?.brokers.length === size && views[0].controllerId >= 0 ? '' : (first[0] ?? '');
  };
  await eventually(
    'every ISR is whole in the eyes of every broker',
    async () => {
      const text = await lacking();
      if (text !== '') throw new Error(text);
      return true;
    },
    timeoutMs,
  );
}

/** Undoes what a test that failed may have left: frozen brokers and cut links. */
export async function healAll(cluster: Cluster): Promise<void> {
  const running = cluster.brokers.filter(({ running: up }) => up);
  for (const { id } of running) cluster.resume(id);
  for (const { id } of running) {
    await cluster.healLink(id, 'zookeeper');
    for (const other of running) if (other.id !== id) await cluster.healLink(id, other.id);
  }
}
