import { Errors } from '../../../../protocol';
import {
  CoordinatorBench,
  GROUP,
  INITIAL_DELAY_MS,
  REBALANCE_MS,
  SESSION_MS,
  settle,
  type JoinOptions,
} from './coordinator-bench';

type MemberRef = { memberId: string; generation: number };

/** Two members of a first generation, the leader first, neither of which has synced. */
async function joinTwo(bench: CoordinatorBench, options: JoinOptions = {}): Promise<[MemberRef, MemberRef]> {
  const joins = [bench.join(options), bench.join(options)];
  await bench.advance(2 * INITIAL_DELAY_MS);
  const [leader, follower] = joins.map(({ result }) => ({
    memberId: result?.memberId ?? '',
    generation: result?.generation ?? -1,
  }));
  return [leader as MemberRef, follower as MemberRef];
}

describe('syncing', () => {
  test('everybody gets their own assignment once the group is stored', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench);
    bench.replicas.holdAppends = true;
    const followerSync = bench.sync(follower);
    const leaderSync = bench.sync(leader, { [leader.memberId]: 'mine', [follower.memberId]: 'theirs' });
    await settle();
    expect([followerSync.result, leaderSync.result]).toEqual([null, null]);
    expect(bench.state()).toBe('CompletingRebalance');
    bench.replicas.release();
    expect(String((await followerSync.promise).assignment)).toBe('theirs');
    expect(String((await leaderSync.promise).assignment)).toBe('mine');
    expect(bench.state()).toBe('Stable');
    expect(leaderSync.result).toMatchObject({ protocolType: 'consumer', protocolName: 'range' });
  });

  test('who syncs late gets the assignment at once', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench);
    bench.sync(leader, { [follower.memberId]: 'late' });
    await settle();
    expect(bench.state()).toBe('Stable');
    expect(String((await bench.sync(follower).promise).assignment)).toBe('late');
  });

  test('members that the leader forgot get an empty assignment', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench);
    const sync = bench.sync(follower);
    bench.sync(leader, { stranger: 'x' });
    expect(await sync.promise).toMatchObject({ error: Errors.NONE, assignment: Buffer.alloc(0) });
  });

  test('generation, member and protocol must be the present ones', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await joinTwo(bench);
    const errorOf = async (member: MemberRef, options = {}): Promise<string> =>
      (await bench.sync(member, {}, options).promise).error.name;
    expect(await errorOf({ ...leader, generation: 2 })).toBe('ILLEGAL_GENERATION');
    expect(await errorOf({ ...leader, memberId: 'x' })).toBe('UNKNOWN_MEMBER_ID');
    expect(await errorOf(leader, { protocolType: 'connect', protocolName: 'range' })).toBe(
      'INCONSISTENT_GROUP_PROTOCOL',
    );
    expect(await errorOf(leader, { protocolType: 'consumer', protocolName: 'x' })).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(await errorOf(leader, { groupId: 'nobody' })).toBe('UNKNOWN_MEMBER_ID');
    expect(await errorOf(leader, { groupId: '' })).toBe('INVALID_GROUP_ID');
  });

  test('during a rebalance members are sent back to joining', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2);
    bench.join({ memberId: leader?.memberId });
    expect((await bench.sync(follower as MemberRef).promise).error).toBe(Errors.REBALANCE_IN_PROGRESS);
  });

  test('members that never sync are dropped when the rebalance timeout is over', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench, { sessionTimeoutMs: 200_000 });
    bench.sync(leader, {});
    await bench.advance(REBALANCE_MS - 1);
    expect(bench.state()).toBe('Stable');
    await bench.advance(1);
    expect(bench.state()).toBe('PreparingRebalance');
    expect(bench.heartbeat(follower)).toBe(Errors.UNKNOWN_MEMBER_ID);
    expect(bench.heartbeat(leader)).toBe(Errors.REBALANCE_IN_PROGRESS);
  });

  test('when the leader never syncs, those who wait are sent back to joining', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench, { sessionTimeoutMs: 200_000 });
    const sync = bench.sync(follower);
    await bench.advance(REBALANCE_MS);
    expect(sync.result?.error).toBe(Errors.REBALANCE_IN_PROGRESS);
    expect(bench.heartbeat(leader)).toBe(Errors.UNKNOWN_MEMBER_ID);
    const rejoin = await bench.join({ memberId: follower.memberId, sessionTimeoutMs: 200_000 }).promise;
    expect(rejoin).toMatchObject({ leaderId: follower.memberId, generation: 2 });
  });

  test('when all have synced in time, nobody is dropped', async () => {
    const bench = await CoordinatorBench.start();
    await bench.stableGroup(2, { sessionTimeoutMs: 200_000 });
    await bench.advance(REBALANCE_MS + 1);
    expect(bench.state()).toBe('Stable');
  });

  test.each([
    ['NOT_ENOUGH_REPLICAS', 'COORDINATOR_NOT_AVAILABLE'],
    ['NOT_LEADER_OR_FOLLOWER', 'NOT_COORDINATOR'],
    ['KAFKA_STORAGE_ERROR', 'NOT_COORDINATOR'],
    ['REQUEST_TIMED_OUT', 'REBALANCE_IN_PROGRESS'],
    ['MESSAGE_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
  ] as const)('a group that cannot be stored because of %s tells %s and rebalances', async (cause, told) => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench);
    bench.replicas.holdAppends = true;
    const syncs = [bench.sync(follower), bench.sync(leader, { [leader.memberId]: 'mine' })];
    bench.replicas.release(Errors[cause]);
    for (const sync of syncs) expect((await sync.promise).error.name).toBe(told);
    expect(bench.state()).toBe('PreparingRebalance');
  });

  test('an assignment that is stored after another rebalance began is not used', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench);
    bench.replicas.holdAppends = true;
    const sync = bench.sync(leader, { [leader.memberId]: 'old' });
    bench.join();
    expect((await sync.promise).error).toBe(Errors.REBALANCE_IN_PROGRESS);
    bench.replicas.release();
    await settle();
    expect(bench.state()).toBe('PreparingRebalance');
    expect(bench.heartbeat(follower)).toBe(Errors.REBALANCE_IN_PROGRESS);
  });
});

describe('sessions', () => {
  test('a member without heartbeats is dropped when its session is over', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2);
    await bench.advance(SESSION_MS - 1);
    expect(bench.heartbeat(leader as MemberRef)).toBe(Errors.NONE);
    await bench.advance(1);
    expect(bench.heartbeat(follower as MemberRef)).toBe(Errors.UNKNOWN_MEMBER_ID);
    expect(bench.heartbeat(leader as MemberRef)).toBe(Errors.REBALANCE_IN_PROGRESS);
  });

  test('heartbeats keep a session alive', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    for (let beat = 0; beat < 10; beat++) {
      await bench.advance(SESSION_MS - 1);
      expect(bench.heartbeat(leader as MemberRef)).toBe(Errors.NONE);
    }
  });

  test('offset commits keep a session alive', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    for (let round = 0; round < 5; round++) {
      await bench.advance(SESSION_MS - 1);
      expect(await bench.commit({ 'orders-0': round }, leader).promise).toEqual([Errors.NONE]);
    }
    expect(bench.heartbeat(leader as MemberRef)).toBe(Errors.NONE);
  });

  test('no session ends while its member waits for an assignment or for a rebalance', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench);
    const sync = bench.sync(follower);
    for (let beat = 0; beat < 3; beat++) {
      await bench.advance(SESSION_MS - 1);
      expect(bench.heartbeat(leader)).toBe(Errors.NONE);
    }
    bench.sync(leader, { [follower.memberId]: 'x' });
    expect(String((await sync.promise).assignment)).toBe('x');
    const rejoin = bench.join({
      memberId: follower.memberId,
      protocols: [{ name: 'range', metadata: Buffer.from('y') }],
    });
    for (let beat = 0; beat < 3; beat++) {
      await bench.advance(SESSION_MS - 1);
      expect(bench.heartbeat(leader)).toBe(Errors.REBALANCE_IN_PROGRESS);
    }
    expect(rejoin.result).toBeNull();
    bench.join({ memberId: leader.memberId });
    expect((await rejoin.promise).error).toBe(Errors.NONE);
  });

  test('the group is Empty, and stored so, when its last member is gone', async () => {
    const bench = await CoordinatorBench.start();
    await bench.stableGroup();
    await bench.advance(SESSION_MS);
    expect(bench.state()).toBe('Empty');
    expect(bench.replicas.log(0).records()).toHaveLength(2);
    const join = bench.join();
    await bench.advance(INITIAL_DELAY_MS);
    expect(join.result?.generation).toBe(3);
  });

  test('heartbeats need the present generation of a known group', async () => {
    const bench = await CoordinatorBench.start();
    expect(bench.heartbeat({ memberId: 'x', generation: 1 })).toBe(Errors.UNKNOWN_MEMBER_ID);
    const [leader] = await bench.stableGroup();
    expect(bench.heartbeat({ memberId: leader?.memberId as string, generation: 0 })).toBe(Errors.ILLEGAL_GENERATION);
    expect(bench.heartbeat({ memberId: 'x', generation: 1 })).toBe(Errors.UNKNOWN_MEMBER_ID);
  });
});

describe('leaving', () => {
  test('the others rebalance at once when a member leaves', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2);
    expect(bench.leave({ memberId: leader?.memberId })).toEqual({ error: Errors.NONE, members: [Errors.NONE] });
    expect(bench.heartbeat(follower as MemberRef)).toBe(Errors.REBALANCE_IN_PROGRESS);
    expect((await bench.join({ memberId: follower?.memberId }).promise).leaderId).toBe(follower?.memberId);
  });

  test('the last member leaves an Empty group behind', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    bench.leave({ memberId: leader?.memberId });
    expect(bench.state()).toBe('Empty');
    expect(bench.clock.pendingTimers).toBeLessThanOrEqual(1);
  });

  test('who is not there cannot leave', async () => {
    const bench = await CoordinatorBench.start();
    const unknown = { error: Errors.NONE, members: [Errors.UNKNOWN_MEMBER_ID] };
    expect(bench.leave({ memberId: 'x' })).toEqual(unknown);
    await bench.stableGroup();
    expect(bench.leave({ memberId: 'x' })).toEqual(unknown);
    expect(bench.leave({ instanceId: 'x' })).toEqual(unknown);
    expect(bench.state()).toBe('Stable');
  });

  test('a member that waits for a rebalance or an assignment may leave, and is answered', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await joinTwo(bench);
    const sync = bench.sync(follower);
    bench.leave({ memberId: follower.memberId });
    expect((await sync.promise).error).toBe(Errors.UNKNOWN_MEMBER_ID);
    const rejoin = await bench.join({ memberId: leader.memberId }).promise;
    expect(rejoin.members).toHaveLength(1);
  });

  test('many leave with one request', async () => {
    const bench = await CoordinatorBench.start();
    const members = await bench.stableGroup(3);
    const leaving = [...members.slice(1), { memberId: 'x' }].map(({ memberId }) => ({ memberId }));
    expect(bench.leave(...leaving).members).toEqual([Errors.NONE, Errors.NONE, Errors.UNKNOWN_MEMBER_ID]);
    expect(bench.coordinator.describeGroup(GROUP).description?.members).toHaveLength(1);
  });
});
