/** A broker that hangs (SIGSTOP) and what the coordinator can still do without it. */
import { LOOK_TIMEOUT_MS } from '../../../coordinator/actions/own-client';
import type { CallOptions } from '../../support/coordinator/api-client';
import { startServedCluster, type ServedCluster } from '../../support/coordinator/served-cluster';
import { eventually } from '../../support/eventually';

jest.setTimeout(120_000);

let served: ServedCluster;

beforeAll(async () => {
  served = await startServedCluster();
});

afterAll(() => served?.close());

const call = (operation: string, options?: CallOptions) => served.api.call(operation, options);

describe('a broker that hangs', () => {
  it('keeps nothing waiting that others can answer', async () => {
    const replicas = [0, 1, 2].map((partition) => ({ partition, replicas: [partition] }));
    const admin = served.kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'spread', replicaAssignment: replicas }] });
    await admin.disconnect();
    const params = { topic: 'spread' };
    for (const partition of [0, 1, 2]) {
      await call('POST /api/topics/{topic}/records', { params, body: { value: `in ${partition}`, partition } });
    }
    const { body: controller } = await call('GET /api/controller');
    const hanging = (controller.brokerId + 1) % 3;
    served.cluster.pause(hanging);
    try {
      await eventually('the coordinator to see it', async () => {
        const { body } = await call('GET /api/brokers/{brokerId}', { params: { brokerId: hanging } });
        return body.probe.state !== 'answers';
      });
      const inTime = async (operation: string, options?: CallOptions) => {
        const beginMs = performance.now();
        const { status } = await call(operation, options);
        // Whoever waited for the one that hangs would wait as long as this.
        const soon = performance.now() - beginMs < LOOK_TIMEOUT_MS;
        expect([operation, soon]).toEqual([operation, true]);
        return status;
      };
      expect(await inTime('GET /api/cluster')).toBe(200);
      expect(await inTime('GET /api/topics/{topic}/configs', { params })).toBe(200);
      const make = { name: 'made-meanwhile', partitions: 1, replicationFactor: 1 };
      expect(await inTime('POST /api/topics', { body: make })).toBe(201);
      const { body: page } = await call('GET /api/topics/{topic}/records', { params });
      const others = [0, 1, 2].filter((partition) => partition !== hanging);
      expect(page.records.map(({ partition }: { partition: number }) => partition).sort()).toEqual(others);
      expect(page.unavailable).toMatchObject([{ partition: hanging }]);
      const alone = { params, query: { partition: hanging } };
      expect((await call('GET /api/topics/{topic}/records', alone)).status).toBe(503);
    } finally {
      served.cluster.resume(hanging);
    }
  });
});
