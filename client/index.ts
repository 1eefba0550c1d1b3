/** The wire client that brokers, tools and tests share. */
export { hostPortText, parseBootstrapServers, type HostPort } from './bootstrap';
export { ClusterClient, type ClusterClientOptions } from './cluster-client';
export { Connection, ConnectionError, type ConnectionOptions, type VersionBounds } from './connection';
export { VersionedConnection } from './versioned-connection';
