/** The cluster over ZooKeeper. */
export { ZooKeeperCluster, type RegistrationInfo, type ZooKeeperClusterOptions } from './zookeeper-cluster';
export { IdentityError, type StoredIdentity } from './cluster-identity';
export { RegistrationError } from './registration';
export type { Admin } from './admin';
export type { ConfigListeners, DynamicBrokerConfig } from './config-listeners';
export type { Controller } from './controller';
