/** Producing through the service while topics come and go. */
import { startServedCluster, type ServedCluster } from '../../support/coordinator/served-cluster';
import { eventually } from '../../support/eventually';

jest.setTimeout(120_000);

let served: ServedCluster;

beforeAll(async () => {
  served = await startServedCluster();
});

afterAll(() => served?.close());

async function makeTopic(topic: string): Promise<void> {
  await served.api.call('POST /api/topics', { body: { name: topic, partitions: 1, replicationFactor: 3 } });
  await eventually(`topic ${topic} with a leader`, async () => {
    const { status, body } = await served.api.call('GET /api/topics/{topic}', { params: { topic } });
    return status === 200 && body.partitions[0]?.leader !== null;
  });
}

async function deleteTopic(topic: string): Promise<void> {
  await served.api.call('DELETE /api/topics/{topic}', { params: { topic } });
  await eventually(`the end of ${topic}`, async () => {
    return (await served.api.call('GET /api/topics/{topic}', { params: { topic } })).status === 404;
  });
}

const produceTo = async (topic: string): Promise<number> =>
  (await served.api.call('POST /api/topics/{topic}/records', { params: { topic }, body: { value: 'one' } })).status;

it('goes on when a topic, to which records were produced, has been deleted', async () => {
  await makeTopic('short-lived');
  expect(await produceTo('short-lived')).toBe(201);
  await deleteTopic('short-lived');
  await makeTopic('survivor');
  expect(await produceTo('survivor')).toBe(201);
});
