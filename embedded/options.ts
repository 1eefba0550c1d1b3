/** What startCluster() can be told, and what each broker's server.properties becomes. */
import type { BrokerSettings } from './types';
import { join } from 'node:path';

export interface BrokerPlace {
  brokerId: number;
  port: number;
  brokers: number;
  zookeeper: string;
  directory: string;
}

/** Kafka replicates its internal topics three times where it can. */
const INTERNAL_REPLICAS = 3;

/**
 * Properties of one broker. Those that differ from Kafka's defaults: what the place dictates, and what makes a cluster of
 * one or two brokers and its first consumer group ready at once.
 */
export function propertiesFor(place: BrokerPlace, ...settings: (BrokerSettings | undefined)[]): Record<string, string> {
  const internalReplicas = Math.min(INTERNAL_REPLICAS, place.brokers);
  const merged: BrokerSettings = Object.assign(
    {
      'broker.id': place.brokerId,
      listeners: `PLAINTEXT://127.0.0.1:${place.port}`,
      'zookeeper.connect': place.zookeeper,
      // A third of Kafka's: a test that kills a broker waits this long for others to take over.
      'zookeeper.session.timeout.ms': 6000,
      'log.dirs': join(place.directory, 'data'),
      'offsets.topic.replication.factor': internalReplicas,
      'offsets.topic.num.partitions': 5,
      'transaction.state.log.replication.factor': internalReplicas,
      'transaction.state.log.min.isr': Math.min(2, internalReplicas),
      'transaction.state.log.num.partitions': 5,
      'group.initial.rebalance.delay.ms': 0,
      // All brokers of a cluster are closed together, and the last ones find nobody to hand their leaderships to.
      'controlled.shutdown.retry.backoff.ms': 200,
    },
    ...settings,
  );
  return Object.fromEntries(Object.entries(merged).map(([key, value]) => [key, String(value)]));
}
