/** How records move: sampled ones as brokers trace them, and rates from offsets that were polled. Pure. */
import type { PartitionRate, RecordFlow, TracedRecord } from '../schemas';
import { assignees } from './group-view';
import type { Knowledge } from './knowledge';
import { leaderOf } from './cluster-state';

/** The busiest partitions; a picture of more shows nothing. */
const MOST_PARTITIONS = 500;

/**
 * @param records traced records; null when no broker tells any
 * @param traced whether a broker tells traces
 */
export function recordFlow(
  knowledge: Knowledge,
  records: readonly TracedRecord[],
  traced: (brokerId: number) => boolean,
): RecordFlow {
  const anyTraced = [...knowledge.state.brokers.keys()].some(traced);
  const rates = ratesOf(knowledge);
  const polled = [...knowledge.state.brokers.keys()].some((id) => knowledge.readOf(id).offsetsAtMs !== null);
  const withoutTraces = polled ? 'offsets' : 'none';
  return { nowMs: knowledge.nowMs, source: anyTraced ? 'traces' : withoutTraces, records: [...records], rates };
}

function ratesOf(knowledge: Knowledge): PartitionRate[] {
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
