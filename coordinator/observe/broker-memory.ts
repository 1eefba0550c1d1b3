/**
 * Brokers that were registered at some time: one that has left is shown as not registered for a while, and for as long as
 * replicas are assigned to it. Owns what was known of them last.
 */
import type { ClusterState } from './cluster-state';
import type { RememberedBroker } from './knowledge';

const REMEMBERED_FOR_MS = 10 * 60_000;

export class BrokerMemory {
  private readonly brokers = new Map<number, RememberedBroker>();

  get all(): ReadonlyMap<number, RememberedBroker> {
    return this.brokers;
  }

  /** @param seen brokers that answered, registered or not */
  update(state: ClusterState, seen: (brokerId: number) => boolean, nowMs: number): void {
    for (const [brokerId, broker] of state.brokers) this.brokers.set(brokerId, { broker, lastSeenAtMs: nowMs });
    for (const [brokerId, { broker, lastSeenAtMs }] of this.brokers) {
      if (state.brokers.has(brokerId)) continue;
      if (seen(brokerId)) this.brokers.set(brokerId, { broker, lastSeenAtMs: nowMs });
      else if (nowMs - lastSeenAtMs > REMEMBERED_FOR_MS && !holdsReplicas(brokerId, state))
        this.brokers.delete(brokerId);
    }
  }
}

function holdsReplicas(brokerId: number, { topics }: ClusterState): boolean {
  for (const { partitions } of topics.values()) {
    if (partitions.some(({ replicas }) => replicas.includes(brokerId))) return true;
  }
  return false;
}
