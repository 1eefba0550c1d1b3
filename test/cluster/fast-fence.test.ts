/** A killed broker's session is closed by the others, long before it could time out; a live one loses nothing by it. */
import { ClusterClient } from '../../client';
import { startCluster, type Cluster } from '../../embedded';
import { errorForCode, KafkaError } from '../../protocol';
import { createTopics, produce } from '../../protocol/apis';
import { buildBatch } from '../../protocol/records';
import { systemClock } from '../../runtime/clock';
import { waitUntil } from '../../supervisor/wait-until';
import type { ZooKeeperClient } from '../../zookeeper';
import { decodeController } from '../../zookeeper/znodes';
import { connectForTest, startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

/** So long that within the test nothing can be explained by it. */
const SESSION_TIMEOUT_MS = 60_000;
const PARTITIONS = 6;
const WAIT_MS = 30_000;

jest.setTimeout(120_000);

let zookeeper: TestZooKeeper;
let cluster: Cluster;
let client: ClusterClient;
let zk: ZooKeeperClient;

const controllerId = async (): Promise<number> =>
  decodeController((await zk.session.getData('/controller')).data).brokerId;

/** Writes one record to every partition with acks=all; throws while one of them cannot take it. */
async function produceEverywhere(): Promise<true> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const topicPartition = { topic: 'fenced', partition };
    const records = buildBatch([{ key: null, value: Buffer.from('x'), timestamp: 1_700_000_000_000n }]);
    const topicData = [{ name: 'fenced', partitionData: [{ index: partition, records }] }];
    client.forgetLeader(topicPartition);
    const leader = await client.leaderOf(topicPartition);
    const answer = await client.toBroker(leader, produce, { acks: -1, timeoutMs: 1_000, topicData });
    const code = answer.responses[0]?.partitionResponses[0]?.errorCode ?? 0;
    if (code !== 0)
      throw new KafkaError(errorForCode(code), `${partition} at broker ${leader}: ${errorForCode(code).name}`);
  }
  return true;
}

const everyPartitionAcknowledges = (): Promise<true> =>
  waitUntil(produceEverywhere, { what: 'every partition acknowledges', timeoutMs: WAIT_MS, clock: systemClock });

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  const settings = { 'zookeeper.session.timeout.ms': SESSION_TIMEOUT_MS, 'min.insync.replicas': 2 };
  cluster = await startCluster({ brokers: 3, processes: true, zookeeper: zookeeper.connectString, settings });
  zk = await connectForTest(zookeeper.connectString);
  client = new ClusterClient({
    bootstrapServers: cluster.bootstrap,
    clientId: 'test',
    clock: systemClock,
    timeoutMs: 2_000,
  });
  const topics = [{ name: 'fenced', numPartitions: PARTITIONS, replicationFactor: 3 }];
  await client.toController(createTopics, { topics, timeoutMs: WAIT_MS }, (answer) => answer.topics[0]?.errorCode ?? 0);
  await everyPartitionAcknowledges();
});

afterAll(async () => {
  await client?.close();
  await zk?.close();
  await cluster?.close();
  await zookeeper?.stop();
});

describe('a cluster whose sessions last a minute', () => {
  it('takes writes on every partition again soon after the controller is killed', async () => {
    const killed = await controllerId();
    await cluster.kill(killed);
    await everyPartitionAcknowledges();
    expect(await controllerId()).not.toBe(killed);
    expect(await zk.session.exists(`/brokers/ids/${killed}`)).toBeNull();
    await cluster.start(killed);
    await everyPartitionAcknowledges();
  });

  it('takes writes on every partition again soon after another broker is killed', async () => {
    const controller = await controllerId();
    // Not the one that was fenced above: a broker is fenced at most once in 30 s.
    const fencedBefore = (await zk.session.getChildren('/gregor/fences')).children.map(Number);
    const killed = [0, 1, 2].find((id) => id !== controller && !fencedBefore.includes(id)) as number;
    await cluster.kill(killed);
    await everyPartitionAcknowledges();
    expect(await zk.session.exists(`/brokers/ids/${killed}`)).toBeNull();
    await cluster.start(killed);
    await everyPartitionAcknowledges();
  });

  it('does not fence a broker that stops orderly', async () => {
    const before = (await zk.session.getChildren('/gregor/fences')).children.length;
    const controller = await controllerId();
    await cluster.stop(controller);
    await everyPartitionAcknowledges();
    expect((await zk.session.getChildren('/gregor/fences')).children).toHaveLength(before);
    await cluster.start(controller);
    await everyPartitionAcknowledges();
  });
});
