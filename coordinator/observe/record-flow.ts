/** How records move: sampled ones as brokers trace them, and rates from offsets that were polled. Pure. */
import type { PartitionRate, RecordFlow } from '../schemas';
import { assignees } from './group-view';
import type { Knowledge } from './knowledge';
import { leaderOf } from './cluster-state';

/** The busiest partitions; a picture of more shows nothing. */
const MOST_PARTITIONS = 500;

/**
 * Where the flow is known from.
 * @param traced whether a broker tells traces
 */
export function sourcesOf(
  { state, readOf }: Knowledge,
  traced: (brokerId: number) => boolean,
): Pick<RecordFlow, 'source' | 'tracedBrokers'> {
  const brokerIds = [...state.brokers.keys()];
  const tracedBrokers = brokerIds.filter(traced);
  if (tracedBrokers.length > 0) return { source: 'traces', tracedBrokers };
  const isPolled = brokerIds.some((brokerId) => readOf(brokerId).offsetsAtMs !== null);
  return { source: isPolled ? 'offsets' : 'none', tracedBrokers };
}

/** How many records per second each partition takes and each group reads of it; partitions where nothing moves are left out. */
export function ratesOf(knowledge: Knowledge): PartitionRate[] {
  const { state, offsets } = knowledge;
  const readers = readersByPartition(knowledge);
  const rates: PartitionRate[] = [];
  for (const { name, partitions } of state.topics.values()) {
    for (const known of partitions) {
      const itsReaders = readers.get(`${name}-${known.partition}`) ?? [];
      const recordsPerSecond = offsets.of(name, known.partition)?.recordsPerSecond ?? 0;
      if (recordsPerSecond === 0 && itsReaders.length === 0) continue;
      rates.push({
        topic: name,
        partition: known.partition,
        leader: leaderOf(known),
        recordsPerSecond,
        readers: itsReaders,
      });
    }
  }
  if (rates.length <= MOST_PARTITIONS) return rates;
  return rates.sort((one, other) => other.recordsPerSecond - one.recordsPerSecond).slice(0, MOST_PARTITIONS);
}

/** Groups with members that have a partition assigned or read it. */
function readersByPartition({ groups }: Knowledge): Map<string, PartitionRate['readers']> {
  const readers = new Map<string, PartitionRate['readers']>();
  for (const group of groups.values()) {
    const assigned = assignees(group);
    for (const [topic, partitions] of group.positions) {
      for (const [partition, { recordsPerSecond, lag }] of partitions) {
        const key = `${topic}-${partition}`;
        const memberId = assigned.get(key) ?? null;
        if (memberId === null && recordsPerSecond === 0) continue;
        const reader = { groupId: group.groupId, memberId, recordsPerSecond, lag };
        const known = readers.get(key);
        if (known) known.push(reader);
        else readers.set(key, [reader]);
      }
    }
  }
  return readers;
}
