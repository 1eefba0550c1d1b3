/**
 * The brokers that the client tests talk to: a cluster of Gregor's, or, with AGAINST=apache-kafka, one of Apache Kafka's.
 * The same expectations must hold for both; that is how one knows that they are Kafka's behaviour and not only ours.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../../embedded';
import { propertiesFor } from '../../embedded/options';
import { freePorts } from '../../supervisor/ports';
import { startApacheKafka } from './apache-kafka';
import type { BrokerProcess } from './broker-process';
import { startZooKeeper } from './zookeeper';

export interface BrokerSetup {
  /** How many; 1 when left out. */
  brokers?: number;
  settings?: Readonly<Record<string, string | number | boolean>>;
  /** Further settings for a broker, made when its port is known. */
  settingsFor?: (brokerId: number, port: number) => Readonly<Record<string, string | number | boolean>>;
}

export interface BrokersUnderTest {
  /** Whether they are Apache Kafka's. */
  readonly apache: boolean;
  readonly bootstrap: string;
  readonly addresses: readonly string[];
  readonly brokers: readonly { id: number; port: number; logDir: string }[];
  /** A clean stop. */
  stop(brokerId: number): Promise<void>;
  /** Starts one that was stopped, on its old port and data. */
  start(brokerId: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts them on free ports; they share temporary directories that close() removes. */
export async function startBrokers(setup: BrokerSetup = {}): Promise<BrokersUnderTest> {
  return process.env['AGAINST'] === 'apache-kafka' ? startApacheBrokers(setup) : startOurs(setup);
}

async function startOurs({ brokers = 1, settings, settingsFor }: BrokerSetup): Promise<BrokersUnderTest> {
  const ports = await freePorts(brokers);
  const cluster = await startCluster({
    brokers,
    ports,
    ...(settings && { settings }),
    ...(settingsFor && { brokerSettings: Object.fromEntries(ports.map((port, id) => [id, settingsFor(id, port)])) }),
  });
  return {
    apache: false,
    bootstrap: cluster.bootstrap,
    addresses: cluster.addresses,
    brokers: cluster.brokers.map(({ id, port, directory }) => ({ id, port, logDir: `${directory}/data` })),
    stop: (brokerId) => cluster.stop(brokerId),
    start: (brokerId) => cluster.start(brokerId),
    close: () => cluster.close(),
  };
}

async function startApacheBrokers({ brokers = 1, settings, settingsFor }: BrokerSetup): Promise<BrokersUnderTest> {
  const ports = await freePorts(brokers);
  const zookeeper = await startZooKeeper();
  const root = await mkdtemp(join(tmpdir(), 'gregor-apache-brokers-'));
  const start = async (brokerId: number): Promise<BrokerProcess> => {
    const port = ports[brokerId] as number;
    const directory = join(root, String(brokerId));
    const place = { brokerId, port, brokers, zookeeper: zookeeper.connectString, directory };
    const properties = propertiesFor(place, settings, settingsFor?.(brokerId, port));
    return startApacheKafka({ zookeeper: zookeeper.connectString, brokerId, port, directory, settings: properties });
  };
  const started: BrokerProcess[] = [];
  for (const brokerId of ports.keys()) started.push(await start(brokerId));
  const addresses = started.map(({ bootstrap }) => bootstrap);
  return {
    apache: true,
    bootstrap: addresses.join(),
    addresses,
    brokers: started.map(({ brokerId, port, logDir }) => ({ id: brokerId, port, logDir })),
    stop: async (brokerId) => started[brokerId]?.stop(),
    async start(brokerId) {
      started[brokerId] = await start(brokerId);
    },
    async close() {
      await Promise.all(started.map((broker) => broker.kill()));
      await zookeeper.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
