/**
 * Which replica a consumer should read from (KIP-392): with Kafka's RackAwareReplicaSelector one in its own rack.
 */
import type { MetadataCache } from '../metadata/metadata-cache';
import type { FetchParams } from './fetch-types';
import type { Partition } from './partition';

export interface ReplicaSelector {
  /** Broker id to read from instead; null when this broker will do. */
  select(partition: Partition, params: FetchParams, fetchOffset: number): number | null;
}

const RACK_AWARE = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';

/** The selector that replica.selector.class names; null for none, and for Kafka's LeaderSelector. */
export function replicaSelectorFor(
  className: string | null,
  metadata: Pick<MetadataCache, 'liveBrokers' | 'endpoint'>,
  ownId: number,
): ReplicaSelector | null {
  return className === RACK_AWARE ? new RackAwareReplicaSelector(metadata, ownId) : null;
}

class RackAwareReplicaSelector implements ReplicaSelector {
  constructor(
    private readonly metadata: Pick<MetadataCache, 'liveBrokers' | 'endpoint'>,
    private readonly ownId: number,
  ) {}

  select(partition: Partition, params: FetchParams, fetchOffset: number): number | null {
    const { client } = params;
    if (client === null || client.rackId === '' || params.replicaId !== -1 || !partition.isLeader) return null;
    if (this.rackOf(this.ownId) === client.rackId) return null;
    let best: { id: number; logEndOffset: number; lastCaughtUpMs: number } | null = null;
    for (const follower of partition.followerStates) {
      // One that lags would be chosen again and again while the consumer cannot get on.
      if (!partition.isr.includes(follower.brokerId)) continue;
      if (follower.logEndOffset < fetchOffset || follower.logStartOffset > fetchOffset) continue;
      if (this.rackOf(follower.brokerId) !== client.rackId) continue;
      if (this.metadata.endpoint(follower.brokerId, client.listenerName) === null) continue;
      const { brokerId: id, logEndOffset, lastCaughtUpMs } = follower;
      if (best === null || logEndOffset > best.logEndOffset) best = { id, logEndOffset, lastCaughtUpMs };
    }
    return best?.id ?? null;
  }

  private rackOf(brokerId: number): string | null {
    return this.metadata.liveBrokers.get(brokerId)?.rack ?? null;
  }
}
