/**
 * Records that all in-sync replicas got after a fault: from the traces of their leader, or, where it has none (Apache Kafka), from
 * high watermarks that grew between two looks. One for each fault; owns the high watermarks that it saw first.
 */
import type { Observation } from '../parts';
import { keyOf, type PartitionPicture } from './cluster-facts';
import type { CommittedRecord } from './consequence-tracker';

/** Topics that are looked at; one record that is acknowledged again is enough. */
const MOST_TOPICS = 10;

export class CommittedRecords {
  private readonly firstSeen = new Map<string, number>();

  constructor(
    private readonly observation: Pick<Observation, 'flow' | 'topic'>,
    private readonly startedAtMs: number,
  ) {}

  /** @param partitions in which records are awaited */
  look(partitions: readonly PartitionPicture[], nowMs: number): CommittedRecord[] {
    if (partitions.length === 0) return [];
    const { tracedBrokers, records } = this.observation.flow(this.startedAtMs);
    const traced = records.flatMap((record): CommittedRecord[] => {
      const { topic, partition, appendedMs, committedMs } = record;
      return committedMs === null ? [] : [{ topic, partition, appendedMs, committedMs, from: 'traces' }];
    });
    const polled = partitions.filter(({ leader }) => !tracedBrokers.includes(leader));
    return [...traced, ...this.fromOffsets(polled, nowMs)];
  }

  private fromOffsets(partitions: readonly PartitionPicture[], nowMs: number): CommittedRecord[] {
    const topics = [...new Set(partitions.map(({ topic }) => topic))].slice(0, MOST_TOPICS);
    return topics.flatMap((topic) => {
      const awaited = new Set(partitions.filter((each) => each.topic === topic).map(({ partition }) => partition));
      const views = this.observation.topic(topic)?.partitions ?? [];
      return views
        .filter(
          ({ partition, highWatermark }) => awaited.has(partition) && this.hasGrown(topic, partition, highWatermark),
        )
        .map(({ partition }): CommittedRecord => {
          return { topic, partition, appendedMs: nowMs, committedMs: nowMs, from: 'offsets' };
        });
    });
  }

  private hasGrown(topic: string, partition: number, highWatermark: number | null): boolean {
    if (highWatermark === null) return false;
    const key = keyOf({ topic, partition });
    const first = this.firstSeen.get(key);
    if (first === undefined) this.firstSeen.set(key, highWatermark);
    return first !== undefined && highWatermark > first;
  }
}
