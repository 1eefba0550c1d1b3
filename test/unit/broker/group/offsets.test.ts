import { Errors } from '../../../../protocol';
import { batch } from '../../../../protocol/records';
import { consumerProtocol, CoordinatorBench, GROUP, settle } from './coordinator-bench';

const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;
const CHECK_MS = 600_000;

describe('committing offsets', () => {
  test('a consumer without group management commits to a group that nobody has made', async () => {
    const bench = await CoordinatorBench.start();
    expect(await bench.commit({ 'orders-0': 5, 'orders-1': 7 }).promise).toEqual([Errors.NONE, Errors.NONE]);
    expect(bench.committed()).toEqual({ 'orders-0': 5, 'orders-1': 7 });
    expect(bench.state()).toBe('Empty');
  });

  test('the batch of a commit has the header that Kafka gives it', async () => {
    const bench = await CoordinatorBench.start();
    await bench.commit({ 'orders-0': 5, 'orders-1': 7 }).promise;
    const bytes = bench.replicas.log(0).batches.at(-1) as Buffer;
    expect([batch.producerId(bytes), batch.producerEpoch(bytes), batch.baseSequence(bytes)]).toEqual([-1, -1, 0]);
  });

  test('an offset is visible when its record is committed, and unstable until then', async () => {
    const bench = await CoordinatorBench.start();
    await bench.commit({ 'orders-0': 1 }).promise;
    bench.replicas.holdAppends = true;
    const commit = bench.commit({ 'orders-0': 2 });
    await settle();
    expect(commit.result).toBeNull();
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
    const asked = [{ topic: 'orders', partition: 0 }];
    expect(bench.coordinator.fetchOffsets(GROUP, asked, true).offsets).toMatchObject([
      { error: Errors.UNSTABLE_OFFSET_COMMIT, committed: null },
    ]);
    bench.replicas.release();
    expect(await commit.promise).toEqual([Errors.NONE]);
    expect(bench.coordinator.fetchOffsets(GROUP, asked, true).offsets).toMatchObject([
      { error: Errors.NONE, committed: { offset: 2 } },
    ]);
  });

  test.each([
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'COORDINATOR_NOT_AVAILABLE'],
    ['NOT_LEADER_OR_FOLLOWER', 'NOT_COORDINATOR'],
    ['MESSAGE_TOO_LARGE', 'INVALID_COMMIT_OFFSET_SIZE'],
    ['REQUEST_TIMED_OUT', 'REQUEST_TIMED_OUT'],
  ] as const)('a commit that fails with %s tells %s, and the older offset stays', async (cause, told) => {
    const bench = await CoordinatorBench.start();
    await bench.commit({ 'orders-0': 1 }).promise;
    bench.replicas.error = Errors[cause];
    expect((await bench.commit({ 'orders-0': 2 }).promise)[0]?.name).toBe(told);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
    expect(bench.coordinator.fetchOffsets(GROUP, null, true).offsets[0]?.error).toBe(Errors.NONE);
  });

  test('of two commits the one further back in the log counts, whichever is acknowledged first', async () => {
    const bench = await CoordinatorBench.start();
    bench.replicas.holdAppends = true;
    const commits = [bench.commit({ 'orders-0': 1 }), bench.commit({ 'orders-0': 2 })];
    await settle();
    const [first, second] = bench.replicas.held.splice(0);
    second?.settle(Errors.NONE);
    await settle();
    first?.settle(Errors.NONE);
    await Promise.all(commits.map(({ promise }) => promise));
    expect(bench.committed()).toEqual({ 'orders-0': 2 });
    expect(bench.coordinator.fetchOffsets(GROUP, null, true).offsets[0]?.error).toBe(Errors.NONE);
  });

  test('metadata that is too long is refused, the other offsets of the commit are stored', async () => {
    const bench = await CoordinatorBench.start({ 'offset.metadata.max.bytes': '3' });
    const call = { groupId: GROUP, memberId: '', generation: -1, instanceId: null };
    const errors = await bench.coordinator.commitOffsets(call, [
      bench.offset('orders-0', 1, { metadata: 'long' }),
      bench.offset('orders-1', 2, { metadata: 'abc' }),
    ]);
    expect(errors).toEqual([Errors.OFFSET_METADATA_TOO_LARGE, Errors.NONE]);
    expect(bench.committed()).toEqual({ 'orders-1': 2 });
  });

  test('while a group has members, only they commit, and in the present generation', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    const errorOf = async (member: object): Promise<string | undefined> =>
      (await bench.commit({ 'orders-0': 1 }, member).promise)[0]?.name;
    expect(await errorOf({})).toBe('UNKNOWN_MEMBER_ID');
    expect(await errorOf({ memberId: 'x', generation: 1 })).toBe('UNKNOWN_MEMBER_ID');
    expect(await errorOf({ ...leader, generation: 0 })).toBe('ILLEGAL_GENERATION');
    expect(await errorOf({ instanceId: 'x' })).toBe('UNKNOWN_MEMBER_ID');
    expect(await errorOf({ ...leader })).toBe('NONE');
  });

  test('during a rebalance members of the old generation may still commit, until the new one has begun', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2);
    bench.join({ memberId: leader?.memberId });
    expect(await bench.commit({ 'orders-0': 1 }, follower).promise).toEqual([Errors.NONE]);
    const rejoin = await bench.join({ memberId: follower?.memberId }).promise;
    expect(bench.state()).toBe('CompletingRebalance');
    expect(await bench.commit({ 'orders-0': 2 }, rejoin).promise).toEqual([Errors.REBALANCE_IN_PROGRESS]);
  });

  test('a generation in a group that does not exist is illegal', async () => {
    const bench = await CoordinatorBench.start();
    expect(await bench.commit({ 'orders-0': 1 }, { memberId: 'x', generation: 1 }).promise).toEqual([
      Errors.ILLEGAL_GENERATION,
    ]);
  });

  test('the group with the empty id can keep offsets, for old clients', async () => {
    const bench = await CoordinatorBench.start();
    expect(await bench.commit({ 'orders-0': 1 }, {}, '').promise).toEqual([Errors.NONE]);
    expect(bench.committed('')).toEqual({ 'orders-0': 1 });
  });

  test('partitions and groups without offsets are answered without error', async () => {
    const bench = await CoordinatorBench.start();
    const asked = [{ topic: 'orders', partition: 0 }];
    const nothing = { error: Errors.NONE, offsets: [{ error: Errors.NONE, committed: null }] };
    expect(bench.coordinator.fetchOffsets('nobody', asked, true)).toMatchObject(nothing);
    expect(bench.coordinator.fetchOffsets('nobody', null, true)).toEqual({ error: Errors.NONE, offsets: [] });
    await bench.commit({ 'orders-1': 1 }).promise;
    expect(bench.coordinator.fetchOffsets(GROUP, asked, true)).toMatchObject(nothing);
  });
});

describe('the end of offsets', () => {
  test('a simple consumer’s offsets expire a retention after their commit', async () => {
    const bench = await CoordinatorBench.start();
    await bench.commit({ 'orders-0': 1 }).promise;
    await bench.advance(WEEK_MS - CHECK_MS);
    await bench.commit({ 'orders-1': 1 }).promise;
    await bench.advance(2 * CHECK_MS);
    expect(bench.committed()).toEqual({ 'orders-1': 1 });
    await bench.advance(WEEK_MS);
    expect(bench.coordinator.listGroups([], []).groups).toEqual([]);
  });

  test('a group without members keeps its offsets for a retention after the last one went, then is gone', async () => {
    const bench = await CoordinatorBench.start({ 'group.max.session.timeout.ms': '2000000000' });
    const options = { sessionTimeoutMs: 2_000_000_000, protocols: [consumerProtocol('range', 'orders')] };
    const [leader] = await bench.stableGroup(1, options);
    await bench.commit({ 'orders-0': 1 }, leader).promise;
    await bench.advance(2 * WEEK_MS);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
    bench.leave({ memberId: leader?.memberId });
    expect(bench.state()).toBe('Empty');
    const emptySinceMs = bench.clock.monotonicMs();
    await bench.advance(WEEK_MS - DAY_MS);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
    await bench.advance(2 * DAY_MS);
    expect(bench.clock.monotonicMs() - emptySinceMs).toBeGreaterThan(WEEK_MS);
    expect(bench.coordinator.describeGroup(GROUP).description?.state).toBe('Dead');
    const tombstones = bench.replicas
      .log(0)
      .records()
      .filter(({ value }) => value === null);
    expect(tombstones.map(({ key }) => key?.readInt16BE(0))).toEqual([1, 2]);
  });

  test('a group with members loses the offsets of topics that nobody reads any more', async () => {
    const bench = await CoordinatorBench.start({ 'group.max.session.timeout.ms': '2000000000' });
    const options = { sessionTimeoutMs: 2_000_000_000, protocols: [consumerProtocol('range', 'orders')] };
    const [leader] = await bench.stableGroup(1, options);
    await bench.commit({ 'orders-0': 1, 'payments-0': 1 }, leader).promise;
    await bench.advance(WEEK_MS + CHECK_MS);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
  });

  test('offsets with a retention of their own follow that', async () => {
    const bench = await CoordinatorBench.start();
    const expireTimestampMs = BigInt(bench.clock.nowMs() + CHECK_MS);
    const call = { groupId: GROUP, memberId: '', generation: -1, instanceId: null };
    await bench.coordinator.commitOffsets(call, [bench.offset('orders-0', 1, { expireTimestampMs })]);
    const [record] = bench.replicas.log(0).records();
    expect(record?.value?.readInt16BE(0)).toBe(1);
    await bench.advance(2 * CHECK_MS);
    expect(bench.coordinator.listGroups([], []).groups).toEqual([]);
  });

  test('an offset that is just being committed again does not expire', async () => {
    const bench = await CoordinatorBench.start();
    await bench.commit({ 'orders-0': 1 }).promise;
    bench.replicas.holdAppends = true;
    bench.commit({ 'orders-0': 2 });
    await bench.advance(WEEK_MS + CHECK_MS);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
  });

  test('the offsets of a deleted topic go with it', async () => {
    const bench = await CoordinatorBench.start();
    await bench.commit({ 'orders-0': 1, 'orders-1': 1, 'payments-0': 1 }).promise;
    const partitionStates = [0, 1].map((partitionIndex) => ({ ...deletedPartition, partitionIndex }));
    bench.metadata.apply({
      ...updateMetadata,
      topicStates: [{ topicName: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionStates }],
    } as never);
    await settle();
    expect(bench.committed()).toEqual({ 'payments-0': 1 });
    const after = await bench.restart();
    expect(after.committed()).toEqual({ 'payments-0': 1 });
  });
});

const deletedPartition = {
  topicName: '',
  controllerEpoch: 0,
  leader: -2,
  leaderEpoch: 0,
  isr: [],
  zkVersion: 0,
  replicas: [],
  offlineReplicas: [],
};
const updateMetadata = { controllerId: 0, ungroupedPartitionStates: [], liveBrokers: [], topicStates: [] };

describe('deleting', () => {
  test('an empty group is deleted with its offsets, for good', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    await bench.commit({ 'orders-0': 1 }, leader).promise;
    expect(await bench.coordinator.deleteGroup(GROUP)).toBe(Errors.NON_EMPTY_GROUP);
    bench.leave({ memberId: leader?.memberId });
    await settle();
    expect(await bench.coordinator.deleteGroup(GROUP)).toBe(Errors.NONE);
    expect(await bench.coordinator.deleteGroup(GROUP)).toBe(Errors.GROUP_ID_NOT_FOUND);
    const after = await bench.restart();
    expect(after.coordinator.listGroups([], []).groups).toEqual([]);
    expect(after.committed()).toEqual({});
  });

  test('single offsets are deleted, except of topics that members read', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup(1, { protocols: [consumerProtocol('range', 'orders')] });
    await bench.commit({ 'orders-0': 1, 'payments-0': 1 }, leader).promise;
    const result = await bench.coordinator.deleteOffsets(GROUP, [
      { topic: 'orders', partition: 0 },
      { topic: 'payments', partition: 0 },
      { topic: 'payments', partition: 1 },
    ]);
    expect(result.error).toBe(Errors.NONE);
    expect(result.partitions.map(({ error }) => error.name)).toEqual(['GROUP_SUBSCRIBED_TO_TOPIC', 'NONE', 'NONE']);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
  });

  test('when the members’ data cannot be read, all topics count as read', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    await bench.commit({ 'orders-0': 1 }, leader).promise;
    const { partitions } = await bench.coordinator.deleteOffsets(GROUP, [{ topic: 'orders', partition: 0 }]);
    expect(partitions[0]?.error).toBe(Errors.GROUP_SUBSCRIBED_TO_TOPIC);
  });

  test('offsets of groups that are no consumers can be deleted only while they are empty', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup(1, { protocolType: 'connect' });
    await bench.commit({ 'orders-0': 1 }, leader).promise;
    const orders = [{ topic: 'orders', partition: 0 }];
    expect((await bench.coordinator.deleteOffsets(GROUP, orders)).error).toBe(Errors.NON_EMPTY_GROUP);
    bench.leave({ memberId: leader?.memberId });
    expect((await bench.coordinator.deleteOffsets(GROUP, orders)).error).toBe(Errors.NONE);
    expect((await bench.coordinator.deleteOffsets('nobody', orders)).error).toBe(Errors.GROUP_ID_NOT_FOUND);
    expect((await bench.coordinator.deleteOffsets('', orders)).error).toBe(Errors.INVALID_GROUP_ID);
  });
});

describe('listing and describing', () => {
  test('groups are listed by state and type, in any case', async () => {
    const bench = await CoordinatorBench.start();
    await bench.stableGroup();
    await bench.commit({ 'orders-0': 1 }, {}, 'simple').promise;
    const list = (states: string[], types: string[]): string[] =>
      bench.coordinator.listGroups(states, types).groups.map(({ groupId }) => groupId);
    expect(list([], []).sort()).toEqual([GROUP, 'simple']);
    expect(list(['sTABLE'], ['Classic'])).toEqual([GROUP]);
    expect(list(['Empty', 'Dead'], [])).toEqual(['simple']);
    expect(list([], ['consumer'])).toEqual([]);
    expect(bench.coordinator.listGroups(['stable'], []).groups).toEqual([
      { groupId: GROUP, protocolType: 'consumer', state: 'Stable', type: 'classic' },
    ]);
  });

  test('members show their data and assignment in a stable group only', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    const { description } = bench.coordinator.describeGroup(GROUP);
    expect(description).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocolName: 'range' });
    expect(description?.members).toMatchObject([
      { memberId: leader?.memberId, clientId: 'client', clientHost: '/127.0.0.1', assignment: Buffer.from('part 0') },
    ]);
    bench.join();
    const rebalancing = bench.coordinator.describeGroup(GROUP).description;
    expect(rebalancing).toMatchObject({ state: 'PreparingRebalance', protocolName: '' });
    expect(rebalancing?.members[0]).toMatchObject({ metadata: Buffer.alloc(0), assignment: Buffer.alloc(0) });
  });

  test('a group that does not exist is Dead', async () => {
    const bench = await CoordinatorBench.start();
    expect(bench.coordinator.describeGroup('nobody')).toEqual({
      error: Errors.NONE,
      description: { state: 'Dead', protocolType: '', protocolName: '', members: [] },
    });
  });
});
