import { electController } from '../../../../../broker/cluster-zookeeper/controller/controller-election';
import { ControllerMovedError } from '../../../../../broker/cluster-zookeeper/controller/guarded-writer';
import type { ZooKeeperOperations } from '../../../../../zookeeper';
import * as znodes from '../../../../../zookeeper/znodes';
import { eventually } from '../../../../support/eventually';
import { TestCluster } from '../support';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await TestCluster.start([1, 2]);
});

afterEach(() => cluster.stop());

/** The session, but with something happening just before its next transaction. */
function beforeMulti(session: ZooKeeperOperations, happen: () => void | Promise<void>): ZooKeeperOperations {
  return new Proxy(session, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (name !== 'multi') return typeof member === 'function' ? member.bind(target) : member;
      return async (...args: Parameters<ZooKeeperOperations['multi']>) => {
        await happen();
        return target.multi(...args);
      };
    },
  });
}

test('the first controller of a cluster has epoch 1', async () => {
  await cluster.control(1);
  const nodes = cluster.zookeeper.dump();
  expect(JSON.parse(nodes['/controller'] as string)).toMatchObject({
    version: 2,
    brokerid: 1,
    kraftControllerEpoch: -1,
  });
  expect(nodes['/controller_epoch']).toBe('1');
  expect(JSON.parse(nodes['/feature'] as string)).toEqual({ features: {}, version: 2, status: 1 });
});

test('a second broker stands by, and takes over in the next epoch when the first one is gone', async () => {
  await cluster.control(1);
  const second = await cluster.control(2);
  expect(second.isActive).toBe(false);
  expect(second.activeControllerId).toBe(1);
  await cluster.die(1);
  await eventually('broker 2 as the controller', () => second.isActive);
  expect(cluster.zookeeper.dump()['/controller_epoch']).toBe('2');
});

test('of two that run for it at the same time one wins', async () => {
  await Promise.all([cluster.control(1), cluster.control(2)]);
  expect(cluster.controllers.filter(({ isActive }) => isActive)).toHaveLength(1);
  expect(cluster.zookeeper.dump()['/controller_epoch']).toBe('1');
});

test('an election whose answer was lost is won all the same', async () => {
  const { session } = cluster.broker(1).client;
  const zk = beforeMulti(session, () => cluster.zookeeper.loseNextAnswer(session));
  expect(await electController(zk, 1, 0)).toEqual({ epoch: 1, epochZkVersion: 1 });
});

test('an election that another broker has won is lost, not repeated', async () => {
  const zk = beforeMulti(cluster.broker(1).client.session, async () => {
    await electController(cluster.broker(2).client.session, 2, 0);
  });
  await expect(electController(zk, 1, 0)).rejects.toThrow(ControllerMovedError);
  expect(JSON.parse(cluster.zookeeper.dump()['/controller'] as string)).toMatchObject({ brokerid: 2 });
});

test('somebody who deletes /controller moves it, and the deposed one resigns', async () => {
  await cluster.control(1);
  await cluster.control(2);
  await cluster.admin.session.delete(znodes.CONTROLLER_PATH, -1);
  await eventually('the next epoch', () => cluster.zookeeper.dump()['/controller_epoch'] === '2');
  await eventually('one controller', () => cluster.controllers.filter(({ isActive }) => isActive).length === 1);
  await cluster.quiet();
  const epochs = cluster.controllers.map(({ isActive, core }) =>
    isActive ? core.context.epoch : core.context.brokers.size,
  );
  expect(epochs.sort()).toEqual([0, 2]);
});

test('a controller that was deposed without noticing writes nothing more, and gives up', async () => {
  const controller = await cluster.control(1);
  await cluster.createTopic('orders', [[1, 2]]);
  await cluster.expectLeader('orders', { leader: 1 });
  // Another one raises the epoch; the watch on /controller has nothing to tell.
  await cluster.admin.session.setData(znodes.CONTROLLER_EPOCH_PATH, Buffer.from('7'), -1);
  await cluster.die(2);
  await eventually('another election', () => controller.core.context.epoch === 8);
  // Only the controller of epoch 8 has taken broker 2 out of the ISR.
  await cluster.expectLeader('orders', { isr: [1], controllerEpoch: 8 });
});

test('when its session expires, a controller resigns, registers again and can be elected again', async () => {
  const controller = await cluster.control(1);
  const before = cluster.broker(1).epoch;
  cluster.zookeeper.expire(cluster.broker(1).client.session);
  await eventually('another election', () => controller.isActive && controller.core.context.epoch === 2);
  await eventually('the broker in the cluster', () => controller.core.context.brokers.has(1));
  expect(cluster.broker(1).epoch).toBeGreaterThan(before);
});

test('requests that wait when the session expires are answered, not forgotten', async () => {
  const controller = await cluster.control(1);
  const blocked = controller.request(
    'blocking',
    () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), 20)),
    () => 'inactive',
  );
  const waiting = controller.request(
    'waiting',
    () => Promise.resolve('done'),
    () => 'inactive',
  );
  cluster.zookeeper.expire(cluster.broker(1).client.session);
  expect(await waiting).toBe('inactive');
  await blocked;
});
