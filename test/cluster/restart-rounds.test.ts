/** Brokers that stop orderly or die and come back, under traffic: no send fails, nothing is lost, doubled, late or out of order. */
import { startCluster, type Cluster } from '../../embedded';
import { startJava, type AnsweringProcess } from '../support/answering-process';
import { RESTARTS, runRestartRound, type RestartRound } from '../support/restart-rounds';

const BROKERS = 3;
const ROUND_TIMEOUT_MS = 600_000;
const seed = Number(process.env['GREGOR_SEED'] ?? 1);
const rounds = Number(process.env['GREGOR_RESTART_ROUNDS'] ?? RESTARTS.length);
const busyLoops = Number(process.env['GREGOR_BUSY_LOOPS'] ?? 0);

const plan: RestartRound[] = Array.from({ length: rounds }, (_, index) => ({
  seed: seed + index,
  restart: RESTARTS[index % RESTARTS.length] as RestartRound['restart'],
  // Not in the rounds of every run: a flood and busy loops take the processor away from the tests beside this one.
  flood: index >= RESTARTS.length && index % 3 === 0,
  busyLoops: busyLoops === 0 ? 0 : index % (busyLoops + 1),
}));

describe('three brokers under restarts', () => {
  let cluster: Cluster;
  let java: AnsweringProcess;

  beforeAll(async () => {
    cluster = await startCluster({
      brokers: BROKERS,
      processes: true,
      settings: { 'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector' },
      brokerSettings: Object.fromEntries([0, 1, 2].map((id) => [id, { 'broker.rack': `rack${id}` }])),
    });
    java = await startJava(['Scenarios', 'TrafficScenarios'], cluster.bootstrap);
  }, 180_000);

  afterAll(async () => {
    await java?.close();
    await cluster?.close();
  }, 60_000);

  it.each(plan)(
    'seed $seed, restarted: $restart, flood: $flood, busy loops: $busyLoops',
    async (round) => {
      expect(await runRestartRound(cluster, java, round)).toEqual([]);
    },
    ROUND_TIMEOUT_MS,
  );
});
