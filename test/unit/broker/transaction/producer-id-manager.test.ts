import type { ProducerIdBlock } from '../../../../broker/cluster/cluster-change';
import { ProducerIdManager } from '../../../../broker/transaction';
import { KafkaError } from '../../../../protocol';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(): {
  manager: ProducerIdManager;
  clock: ManualClock;
  requests: { give: (block: ProducerIdBlock) => Promise<void>; fail: (error: Error) => Promise<void> }[];
} {
  const clock = new ManualClock();
  const requests: ReturnType<typeof setUp>['requests'] = [];
  const allocateProducerIds = (): Promise<ProducerIdBlock> =>
    new Promise((resolve, reject) => {
      requests.push({
        give: (block) => (resolve(block), settle()),
        fail: (error) => (reject(error), settle()),
      });
    });
  const manager = new ProducerIdManager({ brokerId: 0, clock, logger: silentLogger, cluster: { allocateProducerIds } });
  return { manager, clock, requests };
}

const whenAsked = (manager: ProducerIdManager): string | number => {
  try {
    return manager.generate();
  } catch (error) {
    return (error as KafkaError).error.name;
  }
};

test('a first block is asked for when the first id is needed, and clients are to try again', async () => {
  const { manager, requests } = setUp();
  expect(requests).toHaveLength(0);
  expect(whenAsked(manager)).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  expect(whenAsked(manager)).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  expect(requests).toHaveLength(1);
  await requests[0]?.give({ firstId: 1000, length: 1000 });
  expect([whenAsked(manager), whenAsked(manager)]).toEqual([1000, 1001]);
});

test('the next block is fetched when nine tenths of one are used, and no id is given twice or left out', async () => {
  const { manager, requests } = setUp();
  whenAsked(manager);
  await requests[0]?.give({ firstId: 0, length: 10 });
  const ids = Array.from({ length: 9 }, () => whenAsked(manager));
  expect(requests).toHaveLength(1);
  ids.push(whenAsked(manager));
  expect(requests).toHaveLength(2);
  expect(whenAsked(manager)).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  await requests[1]?.give({ firstId: 20, length: 10 });
  ids.push(whenAsked(manager));
  expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20]);
});

test('after a failure the controller is asked again, but not at once', async () => {
  const { manager, clock, requests } = setUp();
  whenAsked(manager);
  await requests[0]?.fail(new KafkaError('STALE_BROKER_EPOCH'));
  expect(whenAsked(manager)).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  expect(requests).toHaveLength(1);
  clock.advance(50);
  whenAsked(manager);
  expect(requests).toHaveLength(2);
});

test('a block that overlaps the one in use is not taken', async () => {
  const { manager, clock, requests } = setUp();
  whenAsked(manager);
  await requests[0]?.give({ firstId: 100, length: 1 });
  expect(whenAsked(manager)).toBe(100);
  await requests[1]?.give({ firstId: 100, length: 1 });
  expect(whenAsked(manager)).toBe('COORDINATOR_LOAD_IN_PROGRESS');
  clock.advance(50);
  whenAsked(manager);
  await requests[2]?.give({ firstId: 101, length: 1 });
  expect(whenAsked(manager)).toBe(101);
});
