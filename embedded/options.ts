/** What startCluster() can be told, and what each broker's server.properties becomes. */
import { join } from 'node:path';
import type { BrokerSettings, ClusterOptions, FaultOptions, LinkOptions } from './types';

export interface BrokerPlace {
  brokerId: number;
  port: number;
  brokers: number;
  zookeeper: string;
  directory: string;
}

type Known<T> = Readonly<Record<keyof T, true>>;

export const clusterOptions: Known<ClusterOptions> = {
  brokers: true,
  processes: true,
  zookeeper: true,
  settings: true,
  brokerSettings: true,
  ports: true,
  directory: true,
  timeoutMs: true,
  onProgress: true,
};
export const linkOptions: Known<LinkOptions> = { oneWay: true };
export const faultOptions: Known<FaultOptions> = { broker: true, times: true };

/**
 * Refuses what no compiler has looked at: a misspelled option would otherwise be passed over.
 * @throws Error naming the option and those that there are
 */
export function checkOptions(call: string, given: unknown, known: Readonly<Record<string, true>>): void {
  const allowed = Object.keys(known).join(', ');
  if (typeof given !== 'object' || given === null)
    throw new Error(`${call} takes an object with options (${allowed}), not ${String(given)}`);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new Error(`${call} has no option ${unknown}; there are ${allowed}`);
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
