/**
 * Closing the session of a broker that lives, as a wrong fence would: leaders and controllers lose nothing that was
 * acknowledged, whoever they are and whatever they are doing.
 */
import { startCluster, type Cluster } from '../../embedded';
import { faultsOf, runKillRound, type KillRound } from '../support/kill-rounds';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

const seed = Number(process.env['GREGOR_SEED'] ?? 100);

jest.setTimeout(120_000);

const rounds: KillRound[] = (['session of a broker', 'session of the controller'] as const).flatMap((victim) =>
  (['java', 'kafkajs'] as const).map((producer, index) => ({ seed: seed + index, producer, victim, records: 10_000 })),
);

describe('three brokers whose sessions are closed while they live', () => {
  let zookeeper: TestZooKeeper;
  let cluster: Cluster;

  beforeAll(async () => {
    zookeeper = await startZooKeeper();
    const settings = { 'zookeeper.session.timeout.ms': 10_000, 'min.insync.replicas': 2 };
    cluster = await startCluster({ brokers: 3, processes: true, zookeeper: zookeeper.connectString, settings });
  });

  afterAll(async () => {
    await cluster?.close();
    await zookeeper?.stop();
  });

  it.each(rounds)('lose nothing acknowledged: seed $seed, $producer, the $victim is closed', async (round) => {
    const result = await runKillRound(cluster, zookeeper, round);
    expect(faultsOf(result)).toEqual([]);
    expect(result.acknowledged).toHaveLength(round.records);
  });
});
