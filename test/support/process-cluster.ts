/** Three broker processes on a real ZooKeeper of their own, and a session with which a test looks at the znodes. */
import { startCluster, type Cluster, type ClusterOptions } from '../../embedded';
import type { ZooKeeperClient } from '../../zookeeper';
import { connectForTest, startZooKeeper, type TestZooKeeper } from './zookeeper';

export interface ProcessCluster {
  readonly cluster: Cluster;
  readonly zk: ZooKeeperClient;
  readonly zookeeper: TestZooKeeper;
  /** Stops the brokers, then ZooKeeper. */
  close(): Promise<void>;
}

export async function startProcessCluster(
  settings: ClusterOptions['settings'],
  brokerSettings?: ClusterOptions['brokerSettings'],
): Promise<ProcessCluster> {
  const zookeeper = await startZooKeeper();
  try {
    const own = { zookeeper: zookeeper.connectString, settings, brokerSettings };
    const cluster = await startCluster({ brokers: 3, processes: true, ...own });
    const zk = await connectForTest(zookeeper.connectString);
    const close = async (): Promise<void> => {
      await zk.close();
      await cluster.close();
      await zookeeper.stop();
    };
    return { cluster, zk, zookeeper, close };
  } catch (error) {
    await zookeeper.stop();
    throw error;
  }
}
