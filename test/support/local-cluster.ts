/** A cluster as `npm start` runs it, on free ports and in a temporary folder, with sessions that end soon. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../runtime/clock';
import { ClusterFaults } from '../../supervisor/cluster-faults';
import { LocalCluster } from '../../supervisor/local-cluster';
import { freePorts } from '../../supervisor/ports';
import { Screen } from '../../supervisor/screen';
import type { ZooKeeperClient } from '../../zookeeper';
import { connectForTest } from './zookeeper';

export const BROKERS = 3;
export const compiledFolder = join(__dirname, '..', '..', 'dist');

export interface TestLocalCluster {
  readonly cluster: LocalCluster;
  readonly faults: ClusterFaults;
  readonly zk: ZooKeeperClient;
  readonly directory: string;
  /** `host:port` of all brokers. */
  readonly addresses: string[];
  readonly httpPorts: number[];
  /** What was said of faults and of unexpected ends. */
  readonly said: string[];
  close(): Promise<void>;
}

/** Resolves when all brokers serve. */
export async function startLocalCluster(): Promise<TestLocalCluster> {
  const parent = mkdtempSync(join(tmpdir(), 'gregor-local-'));
  const directory = join(parent, 'cluster');
  const [zookeeperPort, ...rest] = (await freePorts(1 + 2 * BROKERS)) as [number, ...number[]];
  const brokerPorts = rest.slice(0, BROKERS);
  const httpPorts = rest.slice(BROKERS);
  const said: string[] = [];
  const cluster = new LocalCluster({
    directory,
    zookeeperPort,
    brokerPorts,
    httpPorts,
    compiled: compiledFolder,
    screen: new Screen({ write: () => undefined }, systemClock),
    clock: systemClock,
    // Sessions and followers that are given up sooner than by Kafka's defaults; else as under npm start.
    brokerSettings: { 'zookeeper.session.timeout.ms': 4_000, 'replica.lag.time.max.ms': 2_000 },
  });
  cluster.onUnexpectedEnd((text) => said.push(text));
  try {
    await cluster.start();
    const zk = await connectForTest(`127.0.0.1:${zookeeperPort}`);
    const close = async (): Promise<void> => {
      await zk.close();
      await cluster.stop();
      rmSync(parent, { recursive: true, force: true });
    };
    const faults = new ClusterFaults(cluster, (text) => said.push(text));
    const addresses = brokerPorts.map((port) => `localhost:${port}`);
    return { cluster, faults, zk, directory, addresses, httpPorts, said, close };
  } catch (error) {
    await cluster.kill();
    throw error;
  }
}
