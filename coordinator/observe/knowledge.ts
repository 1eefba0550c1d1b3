/** All that is known at one moment, as the views are made of it. */
import type { Freshness, ZooKeeperServerView } from '../schemas';
import type { SessionState } from '../../zookeeper';
import type { ProbeFact } from './broker-probe';
import type { KnownBroker, ClusterState } from './cluster-state';
import type { KnownGroup } from './group-store';
import type { OffsetStore } from './offset-store';
import type { ReadFact } from './polls';

/** A broker that was registered at some time, and when that was last so. */
export interface RememberedBroker {
  readonly broker: KnownBroker;
  readonly lastSeenAtMs: number;
}

export interface Limits {
  readonly probeSlowMs: number;
  readonly probeTimeoutMs: number;
  /** Knowledge older than this is stale. */
  readonly staleAfterMs: number;
}

export interface Knowledge {
  readonly nowMs: number;
  readonly state: ClusterState;
  /** Of what was read from ZooKeeper. */
  readonly freshness: Freshness;
  readonly probeOf: (brokerId: number) => ProbeFact;
  readonly readOf: (brokerId: number) => Readonly<ReadFact>;
  readonly remembered: ReadonlyMap<number, RememberedBroker>;
  readonly offsets: OffsetStore;
  readonly groups: ReadonlyMap<string, KnownGroup>;
  /** `host:port` of the HTTP listeners, by broker. */
  readonly httpListeners: ReadonlyMap<number, string>;
  readonly zookeeper: {
    readonly connectString: string;
    readonly session: {
      readonly state: SessionState;
      readonly sessionId: string | null;
      readonly timeoutMs: number;
      readonly sinceMs: number | null;
    };
    readonly servers: readonly ZooKeeperServerView[];
    readonly knownZnodes: number;
  };
  readonly limits: Limits;
}
