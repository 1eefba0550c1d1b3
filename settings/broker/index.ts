/** All configuration keys of a broker, by theme and by name, and the types of their names. */
import type { ConfigKey, ConfigType } from '../definition';
import { gregorKeys } from './gregor';
import { groupKeys } from './group';
import { nextGroupKeys } from './group-next';
import { kraftKeys } from './kraft';
import { logKeys } from './log';
import { logCleanerKeys } from './log-cleaner';
import { metricsKeys } from './metrics';
import { networkKeys } from './network';
import { quotaKeys } from './quota';
import { remoteLogKeys } from './remote-log';
import { replicationKeys } from './replication';
import { saslKeys } from './sasl';
import { securityKeys } from './security';
import { serverKeys } from './server';
import { sslKeys } from './ssl';
import { transactionKeys } from './transaction';
import { zookeeperKeys } from './zookeeper';

/** The themes in the order in which the documentation shows them. */
export const brokerThemes = {
  Server: serverKeys,
  ZooKeeper: zookeeperKeys,
  Network: networkKeys,
  Log: logKeys,
  'Log compaction': logCleanerKeys,
  Replication: replicationKeys,
  Groups: groupKeys,
  Transactions: transactionKeys,
  Quotas: quotaKeys,
  Metrics: metricsKeys,
  Security: securityKeys,
  SASL: saslKeys,
  TLS: sslKeys,
  'Tiered storage': remoteLogKeys,
  KRaft: kraftKeys,
  'New kinds of groups': nextGroupKeys,
  Gregor: gregorKeys,
} as const;

type DeclaredKey = (typeof brokerThemes)[keyof typeof brokerThemes][number];

/** Names of the broker keys of the given type; a misspelt name does not compile. */
export type BrokerKeyOf<T extends ConfigType> = Extract<DeclaredKey, { type: T }>['name'];
export type BrokerKeyName = DeclaredKey['name'];

/** Apache Kafka's keys and Gregor's, by name. */
export const brokerKeys: ReadonlyMap<string, ConfigKey> = new Map(
  Object.values(brokerThemes)
    .flatMap((keys): readonly ConfigKey[] => keys)
    .map((key) => [key.name, key]),
);
