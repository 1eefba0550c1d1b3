import { metadataHandler } from '../../../../broker/apis/03-metadata';
import { MetadataCache } from '../../../../broker/metadata/metadata-cache';
import { ManualClock } from '../../../../runtime/manual-clock';

const endpoints = [{ port: 9092, host: 'here', listener: 'PLAINTEXT', securityProtocol: 0 }];
const fromController = {
  controllerId: 1,
  liveBrokers: [{ id: 1, v0Host: '', v0Port: 0, rack: null, endpoints }],
  ungroupedPartitionStates: [],
  topicStates: [],
};

function starting() {
  const clock = new ManualClock();
  const metadata = new MetadataCache();
  const handler = metadataHandler({ clock, metadata, clusterId: 'cluster', config: {}, cluster: {} } as never);
  const context = { apiVersion: 12, listenerName: 'PLAINTEXT' } as never;
  const ask = async () =>
    (await handler.handle({ topics: [] } as never, context)) as unknown as {
      controllerId: number;
      brokers: { nodeId: number }[];
    };
  return { clock, metadata, ask };
}

it('lets a client wait until the controller has told a starting broker who is there', async () => {
  const { clock, metadata, ask } = starting();
  const answer = ask();
  await clock.advanceAsync(100);
  metadata.apply(fromController as never);
  expect(await answer).toMatchObject({ controllerId: 1, brokers: [{ nodeId: 1 }] });
  expect(clock.pendingTimers).toBe(0);
});

it('answers without brokers when the controller stays silent', async () => {
  const { clock, ask } = starting();
  const answer = ask();
  await clock.advanceAsync(500);
  expect(await answer).toMatchObject({ controllerId: -1, brokers: [] });
});

it('answers at once when the controller has spoken', async () => {
  const { clock, metadata, ask } = starting();
  metadata.apply(fromController as never);
  expect(await ask()).toMatchObject({ controllerId: 1 });
  expect(clock.pendingTimers).toBe(0);
});
