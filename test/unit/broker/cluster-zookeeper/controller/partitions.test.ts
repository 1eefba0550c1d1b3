/** Topics, partitions and their leaders, from the creation of a topic to its deletion. */
import { Errors } from '../../../../../protocol';
import * as znodes from '../../../../../zookeeper/znodes';
import { eventually } from '../../../../support/eventually';
import { TestCluster } from '../support';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await TestCluster.start([1, 2, 3]);
});

afterEach(() => cluster.stop());

test('a new topic gets its nodes, its replicas are told that they are new, and then every broker learns of it', async () => {
  await cluster.control(1);
  await cluster.createTopic('orders', [[2, 3]]);
  await cluster.expectLeader('orders', { leader: 2, leaderEpoch: 0, isr: [2, 3], controllerEpoch: 1 });
  await cluster.quiet();
  expect(cluster.broker(2).told.at(-2)).toEqual({
    kind: 'LeaderAndIsr',
    partitions: [{ partition: 'orders-0', leader: 2, leaderEpoch: 0, isr: [2, 3], isNew: true, replicas: [2, 3] }],
  });
  for (const id of [1, 2, 3]) {
    expect(cluster.broker(id).last('UpdateMetadata')).toMatchObject({
      brokers: [1, 2, 3],
      partitions: [{ leader: 2 }],
    });
  }
  expect(cluster.broker(1).last('LeaderAndIsr')).toBeUndefined();
});

test('a controller tells its epoch, and each broker that broker’s own', async () => {
  await cluster.control(1);
  await cluster.createTopic('orders', [[2]]);
  await cluster.expectLeader('orders');
  await cluster.quiet();
  expect(new Set(cluster.broker(2).controllerEpochs)).toEqual(new Set([1]));
  expect(new Set(cluster.broker(2).brokerEpochs)).toEqual(new Set([cluster.broker(2).epoch]));
});

test('a partition waits for its first replica to live', async () => {
  await cluster.die(3);
  await cluster.control(1);
  await cluster.createTopic('orders', [[3]]);
  await cluster.quiet();
  expect(await cluster.state('orders')).toBeNull();
  await cluster.join(3);
  await cluster.expectLeader('orders', { leader: 3, isr: [3] });
});

test('partitions that are added to a topic come online as the first did', async () => {
  await cluster.control(1);
  await cluster.createTopic('orders', [[1, 2]]);
  await cluster.expectLeader('orders');
  const { data } = await cluster.admin.session.getData(znodes.topicPath('orders'));
  const assignment = znodes.decodeTopicAssignment('orders', data);
  assignment.partitions.set(1, { replicas: [3, 1], addingReplicas: [], removingReplicas: [] });
  await cluster.admin.session.setData(znodes.topicPath('orders'), znodes.encodeTopicAssignment(assignment), -1);
  await cluster.expectLeader('orders', { leader: 3, isr: [3, 1] }, 1);
});

test('a topic without an id is given one', async () => {
  await cluster.control(1);
  const partitions = new Map([[0, { replicas: [1], addingReplicas: [], removingReplicas: [] }]]);
  await cluster.admin.session.create(
    znodes.topicPath('old'),
    znodes.encodeTopicAssignment({ topicId: null, partitions }),
  );
  await cluster.expectLeader('old');
  const { data } = await cluster.admin.session.getData(znodes.topicPath('old'));
  expect(znodes.decodeTopicAssignment('old', data).topicId).toMatch(/^[\w-]{22}$/);
});

describe('when a broker dies', () => {
  test('its partitions get the next replica in sync as their leader, in the next epoch', async () => {
    await cluster.control(1);
    await cluster.createTopic('orders', [[2, 3, 1]]);
    await cluster.expectLeader('orders');
    await cluster.die(2);
    await cluster.expectLeader('orders', { leader: 3, leaderEpoch: 1, isr: [3, 1] });
    await cluster.quiet();
    expect(cluster.broker(1).last('LeaderAndIsr')?.partitions[0]).toMatchObject({
      leader: 3,
      leaderEpoch: 1,
      isNew: false,
    });
    expect(cluster.broker(1).last('UpdateMetadata')).toMatchObject({ brokers: [1, 3] });
  });

  test('it leaves the ISR of the partitions that it followed', async () => {
    await cluster.control(1);
    await cluster.createTopic('orders', [[1, 2, 3]]);
    await cluster.expectLeader('orders');
    await cluster.die(3);
    await cluster.expectLeader('orders', { leader: 1, leaderEpoch: 1, isr: [1, 2] });
  });

  test('a partition whose last replica in sync it was has no leader, but keeps the ISR', async () => {
    await cluster.control(1);
    await cluster.createTopic('orders', [[2]]);
    await cluster.expectLeader('orders');
    await cluster.die(2);
    await cluster.expectLeader('orders', { leader: -1, leaderEpoch: 1, isr: [2] });
    await cluster.join(2);
    await cluster.expectLeader('orders', { leader: 2, leaderEpoch: 2, isr: [2] });
  });

  test('a replica outside the ISR takes over only where the topic allows it', async () => {
    await cluster.control(1);
    await cluster.die(3);
    await cluster.createTopic('safe', [[2, 3]]);
    await cluster.createTopic('daring', [[2, 3]], { 'unclean.leader.election.enable': 'true' });
    await cluster.expectLeader('safe', { isr: [2] });
    await cluster.expectLeader('daring', { isr: [2] });
    await cluster.join(3);
    await cluster.quiet();
    await cluster.die(2);
    await cluster.expectLeader('daring', { leader: 3, isr: [3], leaderRecoveryState: 1 });
    await cluster.expectLeader('safe', { leader: -1, isr: [2] });
  });

  test('an old process that is gone and a new one under its id are told apart by the broker epoch', async () => {
    const controller = await cluster.control(1);
    await cluster.createTopic('orders', [[2, 3]]);
    await cluster.expectLeader('orders');
    // The controller is kept busy, so that it sees the two changes as one.
    const busy = controller.request(
      'busy',
      () => new Promise<void>((resolve) => setTimeout(resolve, 50)),
      () => undefined,
    );
    await cluster.die(2);
    const again = await cluster.join(2);
    await busy;
    await cluster.expectLeader('orders', { leader: 3, leaderEpoch: 1, isr: [3] });
    await eventually('a word to the new process', () => again.last('LeaderAndIsr')?.partitions[0]?.leader === 3);
    expect(new Set(again.brokerEpochs)).toEqual(new Set([again.epoch]));
  });
});

test('a broker that joins is told of all partitions before it is told what to do', async () => {
  await cluster.control(1);
  await cluster.createTopic('orders', [
    [2, 3],
    [1, 2],
  ]);
  await cluster.expectLeader('orders');
  await cluster.die(3);
  await cluster.expectLeader('orders', { isr: [2] });
  const again = await cluster.join(3);
  await eventually('a LeaderAndIsr', () => again.last('LeaderAndIsr'));
  const [first, second] = again.told;
  expect(first?.kind).toBe('UpdateMetadata');
  expect(first?.partitions).toHaveLength(2);
  expect(second).toMatchObject({
    kind: 'LeaderAndIsr',
    partitions: [{ partition: 'orders-0', leader: 2, isNew: false }],
  });
});

test('a replica on a failed log directory is offline until its broker says otherwise', async () => {
  await cluster.control(1);
  await cluster.createTopic('orders', [[2, 3]]);
  await cluster.expectLeader('orders');
  await cluster.quiet();
  cluster.broker(2).errorOf = () => Errors.KAFKA_STORAGE_ERROR.code;
  await cluster.admin.session.create(
    znodes.LOG_DIR_EVENT_CREATE_PATH,
    znodes.encodeLogDirEvent(2),
    'persistent-sequential',
  );
  await cluster.expectLeader('orders', { leader: 3, isr: [3] });
  await eventually('removal of the notification', async () => {
    const { children } = await cluster.admin.session.getChildren(znodes.LOG_DIR_EVENT_NOTIFICATION_PATH);
    return children.length === 0;
  });
});

describe('a topic that is to be deleted', () => {
  const wish = (topic: string): Promise<unknown> => cluster.admin.session.create(znodes.deleteTopicPath(topic), null);
  const expectGone = (topic: string): Promise<unknown> =>
    eventually(
      `removal of ${topic}`,
      () => !Object.keys(cluster.zookeeper.dump()).some((path) => path.endsWith(`/${topic}`)),
    );

  test('is forgotten by the brokers, then stopped, then removed with its nodes', async () => {
    await cluster.control(1);
    await cluster.createTopic('orders', [[2, 3]]);
    await cluster.expectLeader('orders');
    await cluster.quiet();
    const before = cluster.broker(2).told.length;
    await wish('orders');
    await expectGone('orders');
    const told = cluster.broker(2).told.slice(before);
    expect(told.filter(({ kind }) => kind === 'LeaderAndIsr')).toEqual([]);
    expect(told[0]).toMatchObject({ kind: 'UpdateMetadata', partitions: [{ leader: -2, leaderEpoch: 0 }] });
    const stops = told.filter(({ kind }) => kind === 'StopReplica');
    expect(stops).toEqual([
      { kind: 'StopReplica', partitions: [{ partition: 'orders-0', leaderEpoch: -2, deletePartition: false }] },
      { kind: 'StopReplica', partitions: [{ partition: 'orders-0', leaderEpoch: -2, deletePartition: true }] },
    ]);
    expect(Object.keys(cluster.zookeeper.dump()).filter((path) => path.includes('orders'))).toEqual([]);
  });

  test('waits for a broker that is away', async () => {
    await cluster.control(1);
    await cluster.createTopic('orders', [[2, 3]]);
    await cluster.expectLeader('orders');
    await cluster.die(3);
    await cluster.expectLeader('orders', { isr: [2] });
    await wish('orders');
    await cluster.quiet();
    expect(await cluster.state('orders')).not.toBeNull();
    await cluster.join(3);
    await expectGone('orders');
  });

  test('waits for a broker that could not delete its files', async () => {
    await cluster.control(1);
    await cluster.createTopic('orders', [[2, 3]]);
    await cluster.expectLeader('orders');
    cluster.broker(3).errorOf = (kind) => (kind === 'StopReplica' ? Errors.KAFKA_STORAGE_ERROR.code : 0);
    await wish('orders');
    await cluster.quiet();
    expect(await cluster.admin.session.exists(znodes.topicPath('orders'))).not.toBeNull();
    await cluster.die(3);
    await cluster.join(3);
    await expectGone('orders');
  });

  test('is deleted by the next controller when the first one dies', async () => {
    await cluster.control(1);
    const second = await cluster.control(2);
    await cluster.createTopic('orders', [[2, 3]]);
    await cluster.expectLeader('orders');
    await cluster.quiet();
    cluster.broker(3).silent = true;
    await wish('orders');
    await eventually('the deletion under way', () => cluster.broker(2).last('StopReplica'));
    await cluster.die(1);
    await eventually('broker 2 as the controller', () => second.isActive);
    cluster.broker(3).silent = false;
    await expectGone('orders');
  });

  test('stays when topics may not be deleted', async () => {
    await cluster.control(1, { 'delete.topic.enable': 'false' });
    await cluster.createTopic('orders', [[2]]);
    await cluster.expectLeader('orders');
    await wish('orders');
    await eventually(
      'the wish taken away',
      async () => !(await cluster.admin.session.exists(znodes.deleteTopicPath('orders'))),
    );
    expect(await cluster.state('orders')).not.toBeNull();
  });

  test('that does not exist is a wish that is taken away', async () => {
    await cluster.control(1);
    await wish('nothing');
    await eventually(
      'the wish taken away',
      async () => !(await cluster.admin.session.exists(znodes.deleteTopicPath('nothing'))),
    );
  });
});
