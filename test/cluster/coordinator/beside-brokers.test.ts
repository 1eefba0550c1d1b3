/** The whole service beside a cluster of Gregor: what it can still do while a broker hangs, and when all have moved. */
import { startCluster, type Cluster } from '../../../embedded';
import { ApiClient } from '../../support/coordinator/api-client';
import { type CoordinatorProcess, startCoordinator } from '../../support/coordinator/coordinator-process';
import { eventually } from '../../support/eventually';

jest.setTimeout(120_000);

interface Brokers {
  brokers: { brokerId: number; registered: boolean; probe: { state: string } }[];
}

describe('the coordinator beside three brokers', () => {
  let cluster: Cluster;
  let coordinator: CoordinatorProcess;
  let api: ApiClient;

  const probes = async (): Promise<string> => {
    const { body } = (await coordinator.get('/api/brokers')) as { body: Brokers };
    return body.brokers.map(({ brokerId, probe }) => `${brokerId} ${probe.state}`).join(', ');
  };
  const untilProbesAre = async (expected: string): Promise<void> => {
    let seen = '';
    await eventually(`probes being ${expected}`, async () => (seen = await probes()) === expected, 30_000).catch(
      (error: Error) => Promise.reject(new Error(`${error.message}: ${seen}`)),
    );
  };

  beforeAll(async () => {
    // A session that outlives a pause, so that the paused broker stays registered.
    cluster = await startCluster({ brokers: 3, settings: { 'zookeeper.session.timeout.ms': 8_000 } });
    coordinator = await startCoordinator({
      'zookeeper.connect': cluster.zookeeper,
      'probe.timeout.ms': 500,
      'probe.slow.ms': 400,
    });
    await coordinator.ready();
    api = await ApiClient.open(coordinator.url, await coordinator.token());
    await untilProbesAre('0 answers, 1 answers, 2 answers');
  });

  afterAll(async () => {
    await coordinator?.close();
    await cluster?.close();
  });

  it('answers every question as its document says', async () => {
    for (const path of [
      '/api/cluster',
      '/api/brokers',
      '/api/topics',
      '/api/groups',
      '/api/zookeeper',
      '/api/timeline',
    ]) {
      expect({ path, status: (await coordinator.get(path)).status }).toEqual({ path, status: 200 });
    }
    const answer = await api.call('GET /api/cluster');
    expect(answer.body).toMatchObject({ verdict: { verdict: 'healthy' }, counts: { brokers: 3, offline: 0 } });
  });

  it('acts through the others while the broker with the lowest id hangs', async () => {
    const { body } = await api.call('GET /api/cluster');
    const hung = body.controller.brokerId === 0 ? 1 : 0;
    cluster.pause(hung);
    try {
      await untilProbesAre([0, 1, 2].map((id) => `${id} ${id === hung ? 'silent' : 'answers'}`).join(', '));
      const made = await api.call('POST /api/topics', { body: { name: 'made-meanwhile', partitions: 1 } });
      expect(made).toMatchObject({ status: 201 });
    } finally {
      cluster.resume(hung);
    }
    await untilProbesAre('0 answers, 1 answers, 2 answers');
  });

  it('finds the brokers again after all of them have been away', async () => {
    for (const { id } of cluster.brokers) await cluster.kill(id);
    await eventually('an unhealthy cluster', async () => (await coordinator.get('/health')).status === 503);
    for (const { id } of cluster.brokers) await cluster.start(id);
    await untilProbesAre('0 answers, 1 answers, 2 answers');
    await eventually('a healthy cluster', async () => (await coordinator.get('/health')).status === 200, 30_000);
    const produced = await eventually(
      'a record that is taken',
      async () => {
        const answer = await api.call('POST /api/topics/{topic}/records', {
          params: { topic: 'made-meanwhile' },
          body: { value: 'hello' },
        });
        return answer.status < 300 ? answer.body : null;
      },
      30_000,
    );
    expect(produced).toMatchObject({ topic: 'made-meanwhile', partition: 0 });
  });
});
