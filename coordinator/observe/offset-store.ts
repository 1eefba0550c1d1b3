/**
 * What was last heard of offsets and sizes, by partition: high watermark, log start offset, how fast the former moves, and
 * the bytes of each replica. Old values stay when a broker is away; each knows when it was read.
 */
import type { DescribeLogDirsResponse, ListOffsetsResponse } from '../../protocol/apis';

export interface PartitionOffsets {
  highWatermark: number | null;
  logStartOffset: number | null;
  /** When the high watermark was read. */
  atMs: number;
  /** Between the last two readings. */
  recordsPerSecond: number;
}

export interface ReplicaSize {
  readonly bytes: number;
  /** Records behind the high watermark, as the replica's own broker reckons. */
  readonly offsetLag: number;
}

type ByPartition<T> = Map<string, Map<number, T>>;

export class OffsetStore {
  private readonly offsets: ByPartition<PartitionOffsets> = new Map();
  private readonly sizes = new Map<number, { bytes: number; replicas: ByPartition<ReplicaSize> }>();

  of(topic: string, partition: number): PartitionOffsets | undefined {
    return this.offsets.get(topic)?.get(partition);
  }

  highWatermark(topic: string, partition: number): number | null {
    return this.of(topic, partition)?.highWatermark ?? null;
  }

  /** Takes an answer to ListOffsets; partitions that answered with an error keep what was known. */
  take(kind: 'latest' | 'earliest', answer: ListOffsetsResponse, atMs: number): void {
    for (const { name, partitions } of answer.topics) {
      for (const { partitionIndex, errorCode, offset } of partitions) {
        if (errorCode !== 0 || offset < 0) continue;
        const slot = slotIn(this.offsets, name, partitionIndex, newOffsets);
        if (kind === 'earliest') slot.logStartOffset = offset;
        else moveTo(slot, offset, atMs);
      }
    }
  }

  /** Takes an answer to DescribeLogDirs, which replaces all that was known of this broker's replicas. */
  takeSizes(brokerId: number, answer: DescribeLogDirsResponse): void {
    const replicas: ByPartition<ReplicaSize> = new Map();
    let bytes = 0;
    for (const { topics } of answer.results) {
      for (const { name, partitions } of topics) {
        for (const { partitionIndex, partitionSize, offsetLag, isFutureKey } of partitions) {
          bytes += partitionSize;
          // A replica on its way to another directory is no copy more.
          if (isFutureKey) continue;
          slotIn(replicas, name, partitionIndex, () => ({ bytes: partitionSize, offsetLag: Math.max(0, offsetLag) }));
        }
      }
    }
    this.sizes.set(brokerId, { bytes, replicas });
  }

  sizeOf(brokerId: number, topic: string, partition: number): ReplicaSize | undefined {
    return this.sizes.get(brokerId)?.replicas.get(topic)?.get(partition);
  }

  /** Bytes of all replicas on a broker; null when it was never heard. */
  bytesOf(brokerId: number): number | null {
    return this.sizes.get(brokerId)?.bytes ?? null;
  }

  /** Forgets topics that are gone, so that one made anew under the same name begins afresh. */
  keepOnly(topicExists: (topic: string) => boolean): void {
    for (const topic of this.offsets.keys()) if (!topicExists(topic)) this.offsets.delete(topic);
    for (const { replicas } of this.sizes.values()) {
      for (const topic of replicas.keys()) if (!topicExists(topic)) replicas.delete(topic);
    }
  }
}

function newOffsets(): PartitionOffsets {
  return { highWatermark: null, logStartOffset: null, atMs: 0, recordsPerSecond: 0 };
}

function moveTo(slot: PartitionOffsets, highWatermark: number, atMs: number): void {
  const seconds = (atMs - slot.atMs) / 1000;
  if (slot.highWatermark !== null && seconds > 0) {
    slot.recordsPerSecond = Math.max(0, (highWatermark - slot.highWatermark) / seconds);
  }
  slot.highWatermark = highWatermark;
  slot.atMs = atMs;
}

function slotIn<T>(map: ByPartition<T>, topic: string, partition: number, make: () => T): T {
  let partitions = map.get(topic);
  if (!partitions) map.set(topic, (partitions = new Map()));
  let slot = partitions.get(partition);
  if (slot === undefined) partitions.set(partition, (slot = make()));
  return slot;
}
