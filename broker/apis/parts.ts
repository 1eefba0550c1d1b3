/** The parts of a broker that handlers work with; each handler names the few that it needs. Built by server.ts. */
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { Metrics } from '../../runtime/metrics';
import type { Random } from '../../runtime/random';
import type { BrokerConfig } from '../../settings';
import type { Admin, Controller } from '../cluster-zookeeper';
import type { ClusterChange } from '../cluster/cluster-change';
import type { GroupCoordinator } from '../group';
import type { LogManager } from '../log';
import type { MetadataCache } from '../metadata/metadata-cache';
import type { ReplicaManager } from '../replication';
import type { ProducerIdManager } from '../transaction';

export interface BrokerParts {
  readonly brokerId: number;
  readonly clusterId: string;
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly metadata: MetadataCache;
  readonly logs: LogManager;
  readonly replicas: ReplicaManager;
  readonly groups: GroupCoordinator;
  readonly producerIds: ProducerIdManager;
  /** What this broker may change in the cluster. */
  readonly cluster: ClusterChange;
  /** Serves what only the active controller serves. */
  readonly controller: Controller;
  readonly admin: Admin;
}
