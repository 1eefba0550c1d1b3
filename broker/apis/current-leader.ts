/** Tells clients that came to the wrong broker who leads now (KIP-951). */
import type { MetadataCache } from '../metadata/metadata-cache';
import { isWireError, type ReplicaManager } from '../replication';

export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** Collects the leaders to be named in one response, and where they are. */
export class CurrentLeaders {
  private readonly nodes = new Map<number, NodeEndpoint>();

  constructor(
    private readonly parts: { readonly replicas: ReplicaManager; readonly metadata: MetadataCache },
    private readonly listenerName: string,
  ) {}

  /** Addresses of the leaders named so far, as far as they have the client's listener. */
  get endpoints(): NodeEndpoint[] {
    return [...this.nodes.values()];
  }

  /** Leader and epoch as known here, -1 where unknown. */
  of(topic: string, partition: number): { leaderId: number; leaderEpoch: number } {
    const { replicas, metadata } = this.parts;
    const found = replicas.find(topic, partition);
    const known = metadata.partition({ topic, partition });
    const leader = isWireError(found)
      ? { leaderId: known?.leader ?? -1, leaderEpoch: known?.leaderEpoch ?? -1 }
      : { leaderId: found.leaderId ?? -1, leaderEpoch: found.leaderEpoch };
    const endpoint = metadata.endpoint(leader.leaderId, this.listenerName);
    if (endpoint) {
      const rack = metadata.liveBrokers.get(leader.leaderId)?.rack ?? null;
      this.nodes.set(leader.leaderId, { nodeId: leader.leaderId, host: endpoint.host, port: endpoint.port, rack });
    }
    return leader;
  }
}
