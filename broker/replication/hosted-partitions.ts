/**
 * The partitions that have a replica on this broker, including those whose log directory has failed. Owns the map;
 * who may change it is the replica manager.
 */
import { Errors, KafkaError, type TopicPartition, type WireError } from '../../protocol';
import type { MetadataCache } from '../metadata/metadata-cache';
import type { Partition } from './partition';

type Hosted = Partition | 'offline';

export class HostedPartitions {
  private readonly topics = new Map<string, Map<number, Hosted>>();
  private count = 0;

  constructor(private readonly metadata: Pick<MetadataCache, 'partition'>) {}

  /** How many are hosted, offline ones included. */
  get size(): number {
    return this.count;
  }

  get(topic: string, partition: number): Partition | null {
    const hosted = this.topics.get(topic)?.get(partition);
    return hosted === undefined || hosted === 'offline' ? null : hosted;
  }

  isOffline(topic: string, partition: number): boolean {
    return this.topics.get(topic)?.get(partition) === 'offline';
  }

  /** The partition, or the error that tells a client why it is not here. */
  find(topic: string, partition: number): Partition | WireError {
    const hosted = this.topics.get(topic)?.get(partition);
    if (hosted === 'offline') return Errors.KAFKA_STORAGE_ERROR;
    if (hosted !== undefined) return hosted;
    // It exists elsewhere: the client's metadata is old.
    const isKnown = this.metadata.partition({ topic, partition }) !== null;
    return isKnown ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.UNKNOWN_TOPIC_OR_PARTITION;
  }

  /** The partition; KafkaError when it is not here. */
  require(topic: string, partition: number): Partition {
    const found = this.find(topic, partition);
    if (isWireError(found)) throw new KafkaError(found);
    return found;
  }

  put(partition: Partition): void {
    this.set(partition.topicPartition, partition);
  }

  markOffline(topicPartition: TopicPartition): void {
    this.set(topicPartition, 'offline');
  }

  delete({ topic, partition }: TopicPartition): void {
    const partitions = this.topics.get(topic);
    if (!partitions?.delete(partition)) return;
    this.count--;
    if (partitions.size === 0) this.topics.delete(topic);
  }

  /** All but the offline ones. */
  *online(): Generator<Partition> {
    for (const partitions of this.topics.values()) {
      for (const hosted of partitions.values()) if (hosted !== 'offline') yield hosted;
    }
  }

  offlineCount(): number {
    let offline = 0;
    for (const partitions of this.topics.values()) {
      for (const hosted of partitions.values()) if (hosted === 'offline') offline++;
    }
    return offline;
  }

  private set({ topic, partition }: TopicPartition, hosted: Hosted): void {
    let partitions = this.topics.get(topic);
    if (!partitions) {
      partitions = new Map();
      this.topics.set(topic, partitions);
    }
    if (!partitions.has(partition)) this.count++;
    partitions.set(partition, hosted);
  }
}

export function isWireError(found: Partition | WireError): found is WireError {
  return 'code' in found;
}
