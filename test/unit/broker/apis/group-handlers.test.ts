import { deleteGroupsHandler } from '../../../../broker/apis/42-delete-groups';
import { describeGroupsHandler } from '../../../../broker/apis/15-describe-groups';
import { findCoordinatorHandler } from '../../../../broker/apis/10-find-coordinator';
import { heartbeatHandler } from '../../../../broker/apis/12-heartbeat';
import { initProducerIdHandler } from '../../../../broker/apis/22-init-producer-id';
import { joinGroupHandler } from '../../../../broker/apis/11-join-group';
import { leaveGroupHandler } from '../../../../broker/apis/13-leave-group';
import { listGroupsHandler } from '../../../../broker/apis/16-list-groups';
import { offsetCommitHandler } from '../../../../broker/apis/08-offset-commit';
import { offsetDeleteHandler } from '../../../../broker/apis/47-offset-delete';
import { offsetFetchHandler } from '../../../../broker/apis/09-offset-fetch';
import { syncGroupHandler } from '../../../../broker/apis/14-sync-group';
import { Dispatch } from '../../../../broker/net/dispatch';
import { ProducerIdManager } from '../../../../broker/transaction';
import {
  decodeResponse,
  encodeRequest,
  Errors,
  Reader,
  type Api,
  type Fields,
  type InputOf,
  type MessageOf,
} from '../../../../protocol';
import {
  deleteGroups,
  describeGroups,
  findCoordinator,
  heartbeat,
  initProducerId,
  joinGroup,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
} from '../../../../protocol/apis';
import { silentLogger } from '../../../../runtime/logger';
import { CoordinatorBench, GROUP, INITIAL_DELAY_MS } from '../group/coordinator-bench';

const SIZE_BYTES = 4;

/** A coordinator behind its handlers, asked with bytes as a client would send them. */
class Wire {
  readonly zooKeeperOffsets = new Map<string, number>();
  readonly created: string[] = [];
  private readonly dispatch: Dispatch;

  private constructor(readonly bench: CoordinatorBench) {
    const { clock, metadata, coordinator: groups } = bench;
    const cluster = {
      autoCreateTopic: (topic: string) => Promise.resolve(this.created.push(topic) && Errors.LEADER_NOT_AVAILABLE),
      consumerOffset: (group: string) => Promise.resolve(this.zooKeeperOffsets.get(group) ?? null),
      storeConsumerOffset: (group: string, _: object, offset: number) =>
        Promise.resolve(void this.zooKeeperOffsets.set(group, offset)),
      allocateProducerIds: () => Promise.resolve({ firstId: 7000, length: 1000 }),
    } as never;
    const logger = silentLogger;
    const producerIds = new ProducerIdManager({ brokerId: 0, clock, logger, cluster });
    const parts = { groups, metadata, clock, cluster, logger, producerIds };
    const handlers = [
      offsetCommitHandler(parts),
      offsetFetchHandler(parts),
      findCoordinatorHandler(parts),
      joinGroupHandler(parts),
      heartbeatHandler(parts),
      leaveGroupHandler(parts),
      syncGroupHandler(parts),
      describeGroupsHandler(parts),
      listGroupsHandler(parts),
      initProducerIdHandler(parts),
      deleteGroupsHandler(parts),
      offsetDeleteHandler(parts),
    ];
    this.dispatch = new Dispatch(handlers, clock, logger);
  }

  /** Knows the topic `orders` with one partition, and a broker 0. */
  static async open(): Promise<Wire> {
    const wire = new Wire(await CoordinatorBench.start());
    wire.knowPartition('orders');
    return wire;
  }

  knowPartition(topicName: string): void {
    const endpoint = { host: 'broker0', port: 9092, listener: 'PLAINTEXT', securityProtocol: 0 };
    const partition = { partitionIndex: 0, controllerEpoch: 1, leader: 0, leaderEpoch: 0, isr: [0], zkVersion: 0 };
    const topic = { topicName, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' };
    this.bench.metadata.apply({
      controllerId: 0,
      ungroupedPartitionStates: [],
      liveBrokers: [{ id: 0, rack: null, endpoints: [endpoint], v0Host: '', v0Port: 0 }],
      topicStates: [{ ...topic, partitionStates: [{ ...partition, replicas: [0], offlineReplicas: [] }] }],
    } as never);
  }

  async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    body: InputOf<MessageOf<Q>>,
  ): Promise<MessageOf<S>> {
    const frame = Buffer.concat(encodeRequest(api, version, 1, 'client', body)).subarray(SIZE_BYTES);
    const outcome = await this.dispatch.handle(frame, {
      listenerName: 'PLAINTEXT',
      clientHost: '/127.0.0.1',
      connectionId: 'c',
      principal: 'User:ANONYMOUS',
      closed: new AbortController().signal,
    });
    if (outcome.kind !== 'respond') throw new Error(`the outcome is ${outcome.kind}`);
    return decodeResponse(api, version, new Reader(Buffer.concat(outcome.chunks).subarray(SIZE_BYTES))).body;
  }
}

const joining = {
  groupId: GROUP,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('r') }],
};

/** Joins and syncs a single member by the given versions; returns its id. */
async function becomeStable(wire: Wire): Promise<string> {
  const join = wire.ask(joinGroup, 3, joining);
  await wire.bench.advance(INITIAL_DELAY_MS);
  const { memberId, generationId } = await join;
  const assignments = [{ memberId, assignment: Buffer.from('a') }];
  await wire.ask(syncGroup, 4, { groupId: GROUP, generationId, memberId, assignments });
  return memberId;
}

describe('JoinGroup', () => {
  test.each([0, 1, 2, 3])('version %i joins at once', async (version) => {
    const wire = await Wire.open();
    const join = wire.ask(joinGroup, version, joining);
    await wire.bench.advance(INITIAL_DELAY_MS);
    expect(await join).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range' });
  });

  test.each([4, 5, 6, 7, 8, 9])('version %i is first given an id', async (version) => {
    const wire = await Wire.open();
    const first = await wire.ask(joinGroup, version, joining);
    expect(first).toMatchObject({ errorCode: Errors.MEMBER_ID_REQUIRED.code, protocolName: version < 7 ? '' : null });
    const join = wire.ask(joinGroup, version, { ...joining, memberId: first.memberId });
    await wire.bench.advance(INITIAL_DELAY_MS);
    expect(await join).toMatchObject({ errorCode: 0, memberId: first.memberId, protocolName: 'range' });
  });

  test('version 0 takes the session timeout for the rebalance timeout', async () => {
    const wire = await Wire.open();
    const first = wire.ask(joinGroup, 0, joining);
    await wire.bench.advance(INITIAL_DELAY_MS);
    const { memberId } = await first;
    void wire.ask(joinGroup, 0, joining);
    await wire.bench.advance(9999);
    wire.bench.heartbeat({ memberId, generation: 1 });
    await wire.bench.advance(1);
    expect(wire.bench.heartbeat({ memberId, generation: 1 })).toBe(Errors.UNKNOWN_MEMBER_ID);
  });
});

describe('SyncGroup', () => {
  test('version 5 has to name the protocol', async () => {
    const wire = await Wire.open();
    const memberId = await becomeStable(wire);
    const sync = { groupId: GROUP, generationId: 1, memberId };
    const named = { protocolType: 'consumer', protocolName: 'range' };
    expect(await wire.ask(syncGroup, 5, sync)).toMatchObject({ errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL.code });
    expect(await wire.ask(syncGroup, 5, { ...sync, ...named })).toMatchObject({ errorCode: 0, ...named });
    expect(String((await wire.ask(syncGroup, 0, sync)).assignment)).toBe('a');
  });
});

describe('Heartbeat and LeaveGroup', () => {
  test('every version is answered', async () => {
    const wire = await Wire.open();
    const memberId = await becomeStable(wire);
    for (const version of [0, 1, 2, 3, 4]) {
      const answer = await wire.ask(heartbeat, version, { groupId: GROUP, generationId: 1, memberId });
      expect(answer).toMatchObject({ errorCode: 0 });
    }
    for (const version of [0, 1, 2]) {
      expect(await wire.ask(leaveGroup, version, { groupId: GROUP, memberId: 'x' })).toMatchObject({ errorCode: 25 });
    }
    for (const version of [3, 4, 5]) {
      const answer = await wire.ask(leaveGroup, version, { groupId: GROUP, members: [{ memberId: 'x' }] });
      expect(answer).toMatchObject({
        errorCode: 0,
        members: [{ memberId: 'x', groupInstanceId: null, errorCode: 25 }],
      });
    }
    expect(await wire.ask(leaveGroup, 0, { groupId: GROUP, memberId })).toMatchObject({ errorCode: 0 });
  });
});

describe('OffsetCommit and OffsetFetch', () => {
  const partitions = [
    { partitionIndex: 0, committedOffset: 5, committedMetadata: 'note' },
    { partitionIndex: 9, committedOffset: 6, committedMetadata: null },
  ];
  const commit = { groupId: 'simple', topics: [{ name: 'orders', partitions }] };

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('version %i stores offsets of partitions that exist', async (version) => {
    const wire = await Wire.open();
    const [topic] = (await wire.ask(offsetCommit, version, commit)).topics;
    expect(topic?.partitions).toEqual([
      { partitionIndex: 9, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code },
      { partitionIndex: 0, errorCode: 0 },
    ]);
    const asked = [{ name: 'orders', partitionIndexes: [0, 1] }];
    const old = version < 8 ? await wire.ask(offsetFetch, version, { groupId: 'simple', topics: asked }) : null;
    const groups = [{ groupId: 'simple', topics: asked }];
    const [group] = version < 8 ? [] : (await wire.ask(offsetFetch, version, { groups })).groups;
    expect((old ?? group)?.topics).toMatchObject([
      {
        name: 'orders',
        partitions: [
          { partitionIndex: 0, committedOffset: 5, metadata: 'note', errorCode: 0 },
          { partitionIndex: 1, committedOffset: -1, metadata: '', errorCode: 0 },
        ],
      },
    ]);
  });

  test('version 0 keeps offsets in ZooKeeper', async () => {
    const wire = await Wire.open();
    await wire.ask(offsetCommit, 0, commit);
    expect(wire.zooKeeperOffsets.get('simple')).toBe(5);
    expect(wire.bench.committed('simple')).toEqual({});
    const asked = { topics: [{ name: 'orders', partitionIndexes: [0, 9] }] };
    const [topic] = (await wire.ask(offsetFetch, 0, { groupId: 'simple', ...asked })).topics;
    expect(topic?.partitions).toMatchObject([
      { committedOffset: 5, errorCode: 0 },
      { committedOffset: -1, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code },
    ]);
    const [none] = (await wire.ask(offsetFetch, 0, { groupId: 'other', ...asked })).topics;
    expect(none?.partitions[0]).toMatchObject({ errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code });
  });

  test('version 1 has a time of its own, versions 2 to 4 a retention', async () => {
    const wire = await Wire.open();
    const timed = [{ partitionIndex: 0, committedOffset: 1, commitTimestamp: 77n, committedMetadata: '' }];
    await wire.ask(offsetCommit, 1, { groupId: 'simple', topics: [{ name: 'orders', partitions: timed }] });
    const committed = (): object | null | undefined =>
      wire.bench.coordinator.fetchOffsets('simple', null, false).offsets[0]?.committed;
    expect(committed()).toMatchObject({ commitTimestampMs: 77n, expireTimestampMs: null });
    await wire.ask(offsetCommit, 2, { ...commit, retentionTimeMs: 1000n });
    const nowMs = BigInt(wire.bench.clock.nowMs());
    expect(committed()).toMatchObject({ commitTimestampMs: nowMs, expireTimestampMs: nowMs + 1000n });
  });

  test('errors stand where the version has room for them', async () => {
    const wire = await Wire.open();
    wire.bench.replicas.change(0, 'follower', 1);
    const topics = [{ name: 'orders', partitionIndexes: [0] }];
    const { code } = Errors.NOT_COORDINATOR;
    const first = await wire.ask(offsetFetch, 1, { groupId: 'simple', topics });
    expect(first.topics[0]?.partitions[0]).toMatchObject({ committedOffset: -1, errorCode: code });
    expect(await wire.ask(offsetFetch, 2, { groupId: 'simple', topics })).toMatchObject({
      errorCode: code,
      topics: [],
    });
    const batched = await wire.ask(offsetFetch, 8, { groups: [{ groupId: 'simple', topics: null }] });
    expect(batched.groups).toMatchObject([{ groupId: 'simple', errorCode: code, topics: [] }]);
    const [topic] = (await wire.ask(offsetCommit, 9, commit)).topics;
    expect(topic?.partitions[1]).toEqual({ partitionIndex: 0, errorCode: code });
  });

  test('several groups, and all of their topics, in one request', async () => {
    const wire = await Wire.open();
    await wire.ask(offsetCommit, 9, commit);
    const groups = [
      { groupId: 'simple', topics: null },
      { groupId: 'nobody', topics: null },
    ];
    expect((await wire.ask(offsetFetch, 9, { groups, requireStable: true })).groups).toMatchObject([
      { groupId: 'simple', errorCode: 0, topics: [{ name: 'orders', partitions: [{ committedOffset: 5 }] }] },
      { groupId: 'nobody', errorCode: 0, topics: [] },
    ]);
  });
});

describe('FindCoordinator', () => {
  test('the first question creates the topic', async () => {
    const wire = await Wire.open();
    const answer = await wire.ask(findCoordinator, 2, { key: GROUP });
    expect(answer).toMatchObject({ errorCode: 15, nodeId: -1, host: '', port: -1 });
    expect(wire.created).toEqual(['__consumer_offsets']);
  });

  test.each([0, 1, 2, 3])('version %i names the leader of the group’s partition', async (version) => {
    const wire = await Wire.open();
    wire.knowPartition('__consumer_offsets');
    const found = { errorCode: 0, nodeId: 0, host: 'broker0', port: 9092 };
    expect(await wire.ask(findCoordinator, version, { key: GROUP })).toMatchObject(found);
  });

  test.each([4, 5, 6])('version %i takes several keys', async (version) => {
    const wire = await Wire.open();
    wire.knowPartition('__consumer_offsets');
    const { coordinators } = await wire.ask(findCoordinator, version, { coordinatorKeys: ['a', 'b'] });
    expect(coordinators).toMatchObject([
      { key: 'a', errorCode: 0, nodeId: 0, host: 'broker0', port: 9092 },
      { key: 'b', errorCode: 0 },
    ]);
  });

  test('transactions and share groups are refused with a reason', async () => {
    const wire = await Wire.open();
    const ask = async (version: number, keyType: number): Promise<object | undefined> =>
      (await wire.ask(findCoordinator, version, { coordinatorKeys: ['x'], keyType })).coordinators[0];
    expect(await ask(5, 1)).toMatchObject({ errorCode: 35, errorMessage: expect.stringContaining('transactions') });
    expect(await ask(5, 2)).toMatchObject({ errorCode: Errors.INVALID_REQUEST.code });
    expect(await ask(6, 2)).toMatchObject({ errorCode: Errors.COORDINATOR_NOT_AVAILABLE.code });
  });
});

describe('DescribeGroups, ListGroups, DeleteGroups, OffsetDelete', () => {
  test('describe a member', async () => {
    const wire = await Wire.open();
    const memberId = await becomeStable(wire);
    for (const version of [0, 1, 2, 3, 4, 5]) {
      const { groups } = await wire.ask(describeGroups, version, { groups: [GROUP, 'nobody'] });
      expect(groups[0]).toMatchObject({ errorCode: 0, groupState: 'Stable', protocolData: 'range' });
      expect(groups[0]?.members).toMatchObject([{ memberId, clientId: 'client', clientHost: '/127.0.0.1' }]);
      expect(groups[1]).toMatchObject({ errorCode: 0, groupState: 'Dead', members: [] });
    }
    const asked = { groups: [GROUP], includeAuthorizedOperations: true };
    expect((await wire.ask(describeGroups, 5, asked)).groups[0]?.authorizedOperations).toBe(328);
  });

  test('list, delete', async () => {
    const wire = await Wire.open();
    const memberId = await becomeStable(wire);
    expect((await wire.ask(listGroups, 5, { statesFilter: ['stable'], typesFilter: ['classic'] })).groups).toEqual([
      { groupId: GROUP, protocolType: 'consumer', groupState: 'Stable', groupType: 'classic' },
    ]);
    const remove = async (): Promise<number[]> =>
      (await wire.ask(deleteGroups, 2, { groupsNames: [GROUP, GROUP, 'x'] })).results.map(({ errorCode }) => errorCode);
    expect(await remove()).toEqual([Errors.NON_EMPTY_GROUP.code, Errors.GROUP_ID_NOT_FOUND.code]);
    await wire.ask(leaveGroup, 0, { groupId: GROUP, memberId });
    expect(await remove()).toEqual([0, Errors.GROUP_ID_NOT_FOUND.code]);
  });

  test('delete offsets of partitions that exist', async () => {
    const wire = await Wire.open();
    const partitions = [{ partitionIndex: 0 }, { partitionIndex: 9 }];
    const request = { groupId: 'simple', topics: [{ name: 'orders', partitions }] };
    expect(await wire.ask(offsetDelete, 0, request)).toMatchObject({ errorCode: 69, topics: [] });
    await wire.bench.commit({ 'orders-0': 1 }, {}, 'simple').promise;
    expect(await wire.ask(offsetDelete, 0, request)).toMatchObject({
      errorCode: 0,
      topics: [
        {
          name: 'orders',
          partitions: [
            { partitionIndex: 9, errorCode: 3 },
            { partitionIndex: 0, errorCode: 0 },
          ],
        },
      ],
    });
  });
});

describe('InitProducerId', () => {
  test('an idempotent producer gets a fresh id after one retry', async () => {
    const wire = await Wire.open();
    const request = { transactionalId: null, transactionTimeoutMs: 1 };
    expect(await wire.ask(initProducerId, 5, request)).toMatchObject({
      errorCode: 14,
      producerId: -1,
      producerEpoch: -1,
    });
    for (const version of [0, 1, 2, 3, 4, 5]) {
      const answer = await wire.ask(initProducerId, version, request);
      expect(answer).toMatchObject({ errorCode: 0, producerId: 7000 + version, producerEpoch: 0 });
    }
  });

  test('what is no idempotent producer is refused', async () => {
    const wire = await Wire.open();
    const errorOf = async (request: object): Promise<number> =>
      (await wire.ask(initProducerId, 5, { transactionalId: null, transactionTimeoutMs: 1, ...request })).errorCode;
    expect(await errorOf({ producerId: 5 })).toBe(Errors.INVALID_REQUEST.code);
    expect(await errorOf({ transactionalId: '' })).toBe(Errors.INVALID_REQUEST.code);
    expect(await errorOf({ transactionalId: 't' })).toBe(Errors.UNSUPPORTED_VERSION.code);
  });
});
