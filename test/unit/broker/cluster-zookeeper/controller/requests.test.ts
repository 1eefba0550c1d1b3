/** The requests that the active controller serves. */
import { ControllerRequests } from '../../../../../broker/cluster-zookeeper/controller/controller-requests';
import { MetadataCache } from '../../../../../broker/metadata/metadata-cache';
import { Errors } from '../../../../../protocol';
import type { AlterPartitionRequest } from '../../../../../protocol/apis';
import * as znodes from '../../../../../zookeeper/znodes';
import { eventually } from '../../../../support/eventually';
import { TestCluster } from '../support';

let cluster: TestCluster;
let requests: ControllerRequests;

beforeEach(async () => {
  cluster = await TestCluster.start([1, 2, 3]);
  requests = new ControllerRequests(await cluster.control(1), new MetadataCache(), cluster.clock);
});

afterEach(() => cluster.stop());

function alterPartition(
  changes: { brokerEpoch?: number; isr?: number[]; topicId?: string } = {},
): AlterPartitionRequest {
  const topicId =
    changes.topicId ??
    (requests.topicName(Buffer.alloc(16, 'orders').toString('base64url'))
      ? Buffer.alloc(16, 'orders').toString('base64url')
      : '');
  return {
    brokerId: 2,
    brokerEpoch: changes.brokerEpoch ?? cluster.broker(2).epoch,
    topics: [
      {
        topicName: '',
        topicId,
        partitions: [
          {
            partitionIndex: 0,
            leaderEpoch: 0,
            newIsr: [],
            newIsrWithEpochs: (changes.isr ?? [2]).map((brokerId) => ({ brokerId, brokerEpoch: -1 })),
            leaderRecoveryState: 0,
            partitionEpoch: 0,
          },
        ],
      },
    ],
  };
}

describe('a change of the ISR', () => {
  beforeEach(async () => {
    await cluster.createTopic('orders', [[2, 3]]);
    await cluster.expectLeader('orders');
    await cluster.quiet();
  });

  test('is written under the same leader epoch, and told to every broker', async () => {
    const response = await requests.alterPartition(alterPartition(), 3);
    expect(response.topics?.[0]?.partitions?.[0]).toMatchObject({
      errorCode: 0,
      leaderId: 2,
      leaderEpoch: 0,
      isr: [2],
      partitionEpoch: 1,
    });
    expect(await cluster.state('orders')).toMatchObject({ isr: [2], leaderEpoch: 0, version: 1 });
    await eventually(
      'word to broker 3',
      () => cluster.broker(3).last('UpdateMetadata')?.partitions[0]?.isr.length === 1,
    );
    expect(cluster.broker(2).told.filter(({ kind }) => kind === 'LeaderAndIsr')).toHaveLength(1);
  });

  test('that was made already succeeds again', async () => {
    await requests.alterPartition(alterPartition(), 3);
    const again = await requests.alterPartition(alterPartition(), 3);
    expect(again.topics?.[0]?.partitions?.[0]).toMatchObject({ errorCode: 0, partitionEpoch: 1 });
    expect(await cluster.state('orders')).toMatchObject({ version: 1 });
  });

  test('by a broker of an earlier life is refused', async () => {
    const response = await requests.alterPartition(alterPartition({ brokerEpoch: cluster.broker(2).epoch - 1 }), 3);
    expect(response).toEqual({ errorCode: Errors.STALE_BROKER_EPOCH.code });
  });

  test('of an unknown topic is refused by its id', async () => {
    const response = await requests.alterPartition(alterPartition({ topicId: 'JL1ISlCZQx2Pq0bkGU_0Mg' }), 3);
    expect(response.topics?.[0]?.partitions?.[0]).toMatchObject({ errorCode: Errors.UNKNOWN_TOPIC_ID.code });
  });

  test('that meets a node which somebody else has written is refused, and the controller learns what is there', async () => {
    const state = await cluster.state('orders');
    const path = znodes.partitionStatePath('orders', 0);
    await cluster.admin.session.setData(
      path,
      znodes.encodePartitionState({ ...(state as znodes.PartitionState), isr: [3, 2] }),
      -1,
    );
    const response = await requests.alterPartition(alterPartition(), 3);
    expect(response.topics?.[0]?.partitions?.[0]).toMatchObject({ errorCode: Errors.INVALID_UPDATE_VERSION.code });
  });

  test('goes to the active controller only', async () => {
    const standby = new ControllerRequests(await cluster.control(2), new MetadataCache(), cluster.clock);
    expect(await standby.alterPartition(alterPartition(), 3)).toEqual({ errorCode: Errors.NOT_CONTROLLER.code });
  });
});

describe('a broker that is about to stop', () => {
  test('hands its leaderships over, leaves the ISRs, and is told to stop what it follows', async () => {
    await cluster.createTopic('led', [[2, 3]]);
    await cluster.createTopic('followed', [[3, 2]]);
    await cluster.createTopic('alone', [[2]]);
    for (const topic of ['led', 'followed', 'alone']) await cluster.expectLeader(topic);
    await cluster.quiet();
    expect(await requests.controlledShutdown(2, cluster.broker(2).epoch)).toEqual([]);
    expect(await cluster.state('led')).toMatchObject({ leader: 3, isr: [3], leaderEpoch: 1 });
    expect(await cluster.state('followed')).toMatchObject({ leader: 3, isr: [3], leaderEpoch: 1 });
    expect(await cluster.state('alone')).toMatchObject({ leader: 2, isr: [2], leaderEpoch: 0 });
    await cluster.quiet();
    expect(cluster.broker(2).last('StopReplica')?.partitions).toEqual([
      { partition: 'followed-0', leaderEpoch: 0, deletePartition: false },
    ]);
  });

  test('learns which partitions nobody else can lead', async () => {
    await cluster.createTopic('orders', [[2, 3]]);
    await cluster.expectLeader('orders');
    await cluster.die(3);
    await cluster.expectLeader('orders', { isr: [2] });
    expect(await requests.controlledShutdown(2, cluster.broker(2).epoch)).toEqual([{ topic: 'orders', partition: 0 }]);
  });

  test.each([
    ['of an earlier life', 2, -2, 'STALE_BROKER_EPOCH'],
    ['that is not registered', 9, -1, 'BROKER_NOT_AVAILABLE'],
  ])('%s is refused', async (_, id, epochOffset, error) => {
    const epoch = epochOffset === -1 ? -1 : cluster.broker(id).epoch + epochOffset;
    await expect(requests.controlledShutdown(id, epoch)).rejects.toMatchObject({ error: { name: error } });
  });
});

describe('producer ids', () => {
  test('come in blocks of a thousand, each given once', async () => {
    const epoch = cluster.broker(2).epoch;
    expect(await requests.allocateProducerIds(2, epoch)).toEqual({ firstId: 0, length: 1000 });
    expect(await requests.allocateProducerIds(2, epoch)).toEqual({ firstId: 1000, length: 1000 });
    const node = cluster.zookeeper.dump()['/latest_producer_id_block'] as string;
    expect(JSON.parse(node)).toEqual({ version: 1, broker: 2, block_start: '1000', block_end: '1999' });
  });

  test.each([
    [9, 0, 'BROKER_ID_NOT_REGISTERED'],
    [2, -1, 'STALE_BROKER_EPOCH'],
  ])('are refused to broker %i with epoch %i', async (id, epoch, error) => {
    await expect(requests.allocateProducerIds(id, epoch)).rejects.toMatchObject({ error: { name: error } });
  });
});

describe('an election of the preferred leader', () => {
  test('is done where it is needed and possible, and told why where it is not', async () => {
    await cluster.createTopic('moved', [[2, 3]]);
    await cluster.createTopic('right', [[3, 2]]);
    await cluster.expectLeader('moved');
    await cluster.expectLeader('right');
    await cluster.die(2);
    await cluster.expectLeader('moved', { leader: 3, isr: [3] });
    const topics = ['moved', 'right', 'unknown'].map((topic) => ({ topic, partitions: [0] }));
    const elect = (): ReturnType<ControllerRequests['electLeaders']> =>
      requests.electLeaders({ electionType: 0, topicPartitions: topics, timeoutMs: 0 }, 2);
    const errors = async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        ((await elect()).replicaElectionResults ?? []).map(({ topic, partitionResult }) => [
          topic,
          Object.values(Errors).find(({ code }) => code === partitionResult?.[0]?.errorCode)?.name,
        ]),
      );
    expect(await errors()).toEqual({
      moved: 'PREFERRED_LEADER_NOT_AVAILABLE',
      right: 'ELECTION_NOT_NEEDED',
      unknown: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    await cluster.join(2);
    await cluster.quiet();
    const state = (await cluster.state('moved')) as znodes.PartitionState & { version: number };
    await cluster.admin.session.setData(
      znodes.partitionStatePath('moved', 0),
      znodes.encodePartitionState({ ...state, isr: [3, 2] }),
      -1,
    );
    // The controller has cached another version: it reads the node again and succeeds.
    await errors();
    await cluster.expectLeader('moved', { leader: 3 });
  });
});

describe('a reassignment', () => {
  const target = (replicas: number[] | null) => ({
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, replicas }] }],
    timeoutMs: 1000,
  });

  beforeEach(async () => {
    await cluster.createTopic('orders', [[1, 2]]);
    await cluster.expectLeader('orders');
    await cluster.quiet();
  });

  async function assignment(): Promise<znodes.ReplicaAssignment | undefined> {
    const { data } = await cluster.admin.session.getData(znodes.topicPath('orders'));
    return znodes.decodeTopicAssignment('orders', data).partitions.get(0);
  }

  async function becomeInSync(isr: number[]): Promise<void> {
    const state = (await cluster.state('orders')) as znodes.PartitionState & { version: number };
    const wish = alterPartition({ isr });
    wish.brokerId = state.leader;
    wish.brokerEpoch = cluster.broker(state.leader).epoch;
    Object.assign(wish.topics[0]?.partitions[0] as object, {
      leaderEpoch: state.leaderEpoch,
      partitionEpoch: state.version,
    });
    const response = await requests.alterPartition(wish, 3);
    expect(response.topics?.[0]?.partitions?.[0]?.errorCode).toBe(0);
  }

  test('adds the new replica first, and completes when it is in sync', async () => {
    const response = await requests.alterPartitionReassignments(target([3, 1]));
    expect(response.responses?.[0]?.partitions?.[0]?.errorCode).toBe(0);
    expect(await assignment()).toEqual({ replicas: [3, 1, 2], addingReplicas: [3], removingReplicas: [2] });
    const listed = await requests.listPartitionReassignments({ topics: null, timeoutMs: 1000 });
    expect(listed.topics?.[0]?.partitions?.[0]).toMatchObject({
      replicas: [3, 1, 2],
      addingReplicas: [3],
      removingReplicas: [2],
    });
    await eventually('word to broker 3', () => cluster.broker(3).last('LeaderAndIsr')?.partitions[0]?.isNew === true);

    await becomeInSync([1, 2, 3]);
    await eventually('the end', async () => (await assignment())?.replicas.join() === '3,1');
    expect(await assignment()).toEqual({ replicas: [3, 1], addingReplicas: [], removingReplicas: [] });
    await cluster.expectLeader('orders', { leader: 1, isr: [1, 3] });
    await eventually(
      'the removed replica deleted',
      () => cluster.broker(2).last('StopReplica')?.partitions[0]?.deletePartition === true,
    );
    expect((await requests.listPartitionReassignments({ topics: null, timeoutMs: 1000 })).topics).toEqual([]);
  });

  test('moves the leadership when the leader is not among the targets', async () => {
    await requests.alterPartitionReassignments(target([3]));
    await becomeInSync([1, 2, 3]);
    await cluster.expectLeader('orders', { leader: 3, isr: [3] });
    expect(await assignment()).toEqual({ replicas: [3], addingReplicas: [], removingReplicas: [] });
  });

  test('that is cancelled goes back to where it came from and deletes what was added', async () => {
    await requests.alterPartitionReassignments(target([3]));
    await requests.alterPartitionReassignments(target(null));
    expect((await assignment())?.replicas).toEqual([1, 2]);
    await eventually(
      'the added replica deleted',
      () => cluster.broker(3).last('StopReplica')?.partitions[0]?.deletePartition === true,
    );
  });

  test('that does not run cannot be cancelled', async () => {
    const response = await requests.alterPartitionReassignments(target(null));
    expect(response.responses?.[0]?.partitions?.[0]?.errorCode).toBe(Errors.NO_REASSIGNMENT_IN_PROGRESS.code);
  });

  test('to a dead broker is refused', async () => {
    const response = await requests.alterPartitionReassignments(target([9]));
    expect(response.responses?.[0]?.partitions?.[0]?.errorCode).toBe(Errors.INVALID_REPLICA_ASSIGNMENT.code);
    expect((await assignment())?.replicas).toEqual([1, 2]);
  });

  test('is taken up by the next controller', async () => {
    const second = await cluster.control(2);
    await requests.alterPartitionReassignments(target([3, 2]));
    await cluster.quiet();
    await cluster.die(1);
    await eventually('broker 2 as the controller', () => second.isActive && second.queuedEvents === 0);
    requests = new ControllerRequests(second, new MetadataCache(), cluster.clock);
    await eventually(
      'the reassignment under way',
      async () => (await requests.listPartitionReassignments({ topics: null, timeoutMs: 0 })).topics?.length === 1,
    );
    await becomeInSync([2, 3]);
    await eventually('the end', async () => (await assignment())?.replicas.join() === '3,2');
  });
});

test('every update of a feature is refused, for there are none', async () => {
  const update = { feature: 'x', maxVersionLevel: 2, allowDowngrade: false, upgradeType: 1 };
  const response = await requests.updateFeatures({ timeoutMs: 0, featureUpdates: [update], validateOnly: false }, 1);
  expect(response.results?.[0]).toMatchObject({ feature: 'x', errorCode: Errors.INVALID_REQUEST.code });
});
