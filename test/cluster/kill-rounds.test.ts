/** kill -9 of brokers and of ZooKeeper under load: what was acknowledged is there, once, in order. */
import { startCluster, type Cluster } from '../../embedded';
import { faultsOf, runKillRound, type KillRound } from '../support/kill-rounds';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

const seed = Number(process.env['GREGOR_SEED'] ?? 1);
const rounds = Number(process.env['GREGOR_KILL_ROUNDS'] ?? 10);
const ROUND_TIMEOUT_MS = 120_000;
const RECORDS = 10_000;

jest.setTimeout(ROUND_TIMEOUT_MS);

const plan: KillRound[] = Array.from({ length: rounds }, (_, index) => ({
  seed: seed + index,
  producer: index % 2 === 0 ? 'java' : 'kafkajs',
  victim: index % 5 === 4 ? 'zookeeper' : 'broker',
  records: RECORDS,
}));

describe.each([1, 3])('a cluster of %i broker(s) under kill -9', (brokers) => {
  let zookeeper: TestZooKeeper;
  let cluster: Cluster;

  beforeAll(async () => {
    zookeeper = await startZooKeeper();
    const settings = { 'zookeeper.session.timeout.ms': 1_500, 'min.insync.replicas': brokers > 1 ? 2 : 1 };
    cluster = await startCluster({ brokers, processes: true, zookeeper: zookeeper.connectString, settings });
  });

  afterAll(async () => {
    await cluster?.close();
    await zookeeper?.stop();
  });

  it.each(plan)('loses nothing acknowledged: seed $seed, $producer, kills a $victim', async (round) => {
    const result = await runKillRound(cluster, zookeeper, round);
    expect(faultsOf(result)).toEqual([]);
    expect(result.acknowledged).toHaveLength(round.records);
  });
});
