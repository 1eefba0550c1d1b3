/** Three broker processes on a real ZooKeeper of their own, and a session with which a test looks at the znodes. */
import { startCluster, type Cluster, type ClusterOptions } from '../../embedded';
import type { ZooKeeperClient } from '../../zookeeper';
import { connectForTest, startZooKeeper } from './zookeeper';

export interface ProcessCluster {
  readonly cluster: Cluster;
  readonly zk: ZooKeeperClient;
  /** Stops the brokers, then ZooKeeper. */
  close(): Promise<void>;
}

export async function startProcessCluster(settings: ClusterOptions['settings']): Promise<ProcessCluster> {
  const zookeeper = await startZooKeeper();
  try {
    const cluster = await startCluster({ brokers: 3, processes: true, zookeeper: zookeeper.connectString, settings });
    const zk = await connectForTest(zookeeper.connectString);
    const close = async (): Promise<void> => {
      await zk.close();
      await cluster.close();
      await zookeeper.stop();
    };
    return { cluster, zk, close };
  } catch (error) {
    await zookeeper.stop();
    throw error;
  }
}
