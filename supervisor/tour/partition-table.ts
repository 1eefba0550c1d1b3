/** Leader, replicas and in-sync replicas of the tour's topic, as some broker tells them. */
import type { Admin, PartitionMetadata } from 'kafkajs';
import type { Clock } from '../../runtime/clock';
import type { Screen } from '../screen';
import { waitUntil } from '../wait-until';

const TIMEOUT_MS = 30_000;

/**
 * The topic's partitions in order, as soon as all of them have leaders: brokers learn of a new topic, or a new leader, from the
 * controller and one after the other, so that the one that happens to be asked may not know yet.
 */
export function ledPartitions(admin: Admin, topic: string, clock: Clock): Promise<PartitionMetadata[]> {
  const ask = async (): Promise<PartitionMetadata[] | null> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions ?? [];
    const led = partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);
    return led ? partitions.toSorted((a, b) => a.partitionId - b.partitionId) : null;
  };
  return waitUntil(ask, {
    what: `every partition of ${topic} had a leader`,
    timeoutMs: TIMEOUT_MS,
    clock,
    everyMs: 50,
  });
}

export async function showPartitions(admin: Admin, topic: string, screen: Screen, clock: Clock): Promise<void> {
  const rows = (await ledPartitions(admin, topic, clock)).map(({ partitionId, leader, replicas, isr }) => [
    partitionId,
    leader,
    replicas.join(','),
    isr.join(','),
  ]);
  screen.table(['partition', 'leader', 'replicas', 'in sync'], rows);
}
