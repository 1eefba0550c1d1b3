/** Replication: everything that other folders use of broker/replication/. */
export { openFetchContext, type FetchContext } from './fetch-context';
export type { FetchEntry } from './fetch-entry';
export { fetchError, isError, type AnsweredEntry, type FetchAnswer, type FetchParams } from './fetch-types';
export { isWireError } from './hosted-partitions';
export type { LeaderEndpoint } from './leader-endpoint';
export type { Partition } from './partition';
export type { ReplicaLog, ReplicaLogs } from './replica-log';
export { ReplicaManager, requirePartition, type ReplicaManagerParts } from './replica-manager';
export { replicationConfigOf, type ReplicationConfig } from './replication-config';
export { throttleRatesOf } from './replication-quota';
export type * from './types';
