import { Errors } from '../../../../protocol';
import { CoordinatorBench, GROUP, INITIAL_DELAY_MS, REBALANCE_MS, SESSION_MS, settle } from './coordinator-bench';

describe('joining', () => {
  test('a first member leads the first generation after the initial delay', async () => {
    const bench = await CoordinatorBench.start();
    const join = bench.join();
    await bench.advance(INITIAL_DELAY_MS - 1);
    expect(join.result).toBeNull();
    expect(bench.state()).toBe('PreparingRebalance');
    await bench.advance(1);
    expect(join.result).toMatchObject({
      error: Errors.NONE,
      generation: 1,
      protocolName: 'range',
      protocolType: 'consumer',
    });
    expect(join.result?.leaderId).toBe(join.result?.memberId);
    expect(join.result?.members).toHaveLength(1);
    expect(join.result?.memberId).toMatch(/^client-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(bench.state()).toBe('CompletingRebalance');
  });

  test('newcomers within the initial delay extend it, up to the rebalance timeout', async () => {
    const bench = await CoordinatorBench.start();
    const first = bench.join({ rebalanceTimeoutMs: 7000 });
    await bench.advance(INITIAL_DELAY_MS - 1);
    bench.join({ rebalanceTimeoutMs: 7000 });
    await bench.advance(INITIAL_DELAY_MS);
    bench.join({ rebalanceTimeoutMs: 7000 });
    await bench.advance(1000);
    expect(first.result).toBeNull();
    await bench.advance(1000);
    expect(first.result?.members).toHaveLength(3);
    expect(bench.clock.monotonicMs()).toBeLessThanOrEqual(8000);
  });

  test('only the leader is told the members', async () => {
    const bench = await CoordinatorBench.start();
    const joins = [bench.join(), bench.join()];
    await bench.advance(2 * INITIAL_DELAY_MS);
    expect(joins.map(({ result }) => result?.members.length)).toEqual([2, 0]);
    expect(joins[1]?.result?.leaderId).toBe(joins[0]?.result?.memberId);
  });

  test('a member id that nobody gave out is refused', async () => {
    const bench = await CoordinatorBench.start();
    expect((await bench.join({ memberId: 'me' }).promise).error).toBe(Errors.UNKNOWN_MEMBER_ID);
    await bench.stableGroup();
    expect((await bench.join({ memberId: 'me' }).promise).error).toBe(Errors.UNKNOWN_MEMBER_ID);
  });

  test('session timeouts outside of the bounds are refused', async () => {
    const bench = await CoordinatorBench.start();
    expect((await bench.join({ sessionTimeoutMs: 5999 }).promise).error).toBe(Errors.INVALID_SESSION_TIMEOUT);
    expect((await bench.join({ sessionTimeoutMs: 1_800_001 }).promise).error).toBe(Errors.INVALID_SESSION_TIMEOUT);
  });

  test('a group needs an id, a protocol type and a protocol', async () => {
    const bench = await CoordinatorBench.start();
    expect((await bench.join({ groupId: '' }).promise).error).toBe(Errors.INVALID_GROUP_ID);
    expect((await bench.join({ protocolType: '' }).promise).error).toBe(Errors.INCONSISTENT_GROUP_PROTOCOL);
    expect((await bench.join({ protocols: [] }).promise).error).toBe(Errors.INCONSISTENT_GROUP_PROTOCOL);
  });

  test('whoever shares no protocol with the members, or has another type, does not get in', async () => {
    const bench = await CoordinatorBench.start();
    await bench.stableGroup(1, { protocols: ['range', 'sticky'] });
    expect((await bench.join({ protocols: ['roundrobin'] }).promise).error).toBe(Errors.INCONSISTENT_GROUP_PROTOCOL);
    expect((await bench.join({ protocolType: 'connect' }).promise).error).toBe(Errors.INCONSISTENT_GROUP_PROTOCOL);
    expect(bench.state()).toBe('Stable');
  });

  test('the protocol with the most votes among those that all support is chosen', async () => {
    const bench = await CoordinatorBench.start();
    bench.join({ protocols: ['only-mine', 'range', 'sticky'] });
    bench.join({ protocols: ['sticky', 'range'] });
    const last = bench.join({ protocols: ['sticky', 'roundrobin', 'range'] });
    await bench.advance(2 * INITIAL_DELAY_MS);
    expect(last.result?.protocolName).toBe('sticky');
  });

  test('all members may leave while the first rebalance is delayed, and others may come', async () => {
    const bench = await CoordinatorBench.start();
    const pending = await bench.join({ requireKnownMemberId: true }).promise;
    const first = bench.join({ memberId: pending.memberId });
    bench.leave({ memberId: pending.memberId });
    expect((await first.promise).error).toBe(Errors.UNKNOWN_MEMBER_ID);
    const second = bench.join({ protocols: ['sticky'] });
    await bench.advance(2 * INITIAL_DELAY_MS);
    expect(second.result).toMatchObject({ error: Errors.NONE, generation: 1, protocolName: 'sticky' });
  });
});

describe('member ids given out in advance (KIP-394)', () => {
  test('a dynamic newcomer gets an id and joins with it', async () => {
    const bench = await CoordinatorBench.start();
    const first = await bench.join({ requireKnownMemberId: true }).promise;
    expect(first).toMatchObject({ error: Errors.MEMBER_ID_REQUIRED, generation: -1, protocolName: null, members: [] });
    expect(bench.state()).toBe('Empty');
    const second = bench.join({ memberId: first.memberId, requireKnownMemberId: true });
    await bench.advance(INITIAL_DELAY_MS);
    expect(second.result).toMatchObject({ error: Errors.NONE, memberId: first.memberId, leaderId: first.memberId });
  });

  test('the id is forgotten after one session timeout', async () => {
    const bench = await CoordinatorBench.start();
    const { memberId } = await bench.join({ requireKnownMemberId: true }).promise;
    await bench.advance(SESSION_MS);
    expect((await bench.join({ memberId }).promise).error).toBe(Errors.UNKNOWN_MEMBER_ID);
  });

  test('a rebalance waits for an id that is given out, until it is used or forgotten', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    await bench.join({ requireKnownMemberId: true }).promise;
    const rejoin = bench.join({ memberId: leader?.memberId });
    await bench.advance(SESSION_MS - 1);
    expect(rejoin.result).toBeNull();
    await bench.advance(1);
    expect(rejoin.result).toMatchObject({ error: Errors.NONE, generation: 2 });
  });

  test('an id that is given out can leave, which lets a rebalance complete', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    const { memberId } = await bench.join({ requireKnownMemberId: true }).promise;
    const rejoin = bench.join({ memberId: leader?.memberId });
    expect(bench.leave({ memberId })).toEqual({ error: Errors.NONE, members: [Errors.NONE] });
    expect((await rejoin.promise).error).toBe(Errors.NONE);
  });

  test('an id that is given out cannot be used as a static member', async () => {
    const bench = await CoordinatorBench.start();
    const { memberId } = await bench.join({ requireKnownMemberId: true }).promise;
    expect((await bench.join({ memberId, instanceId: 'one' }).promise).error).toBe(Errors.UNKNOWN_SERVER_ERROR);
  });
});

describe('rejoining', () => {
  test('a follower without changes is told the present generation', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2);
    const rejoin = await bench.join({ memberId: follower?.memberId }).promise;
    expect(rejoin).toMatchObject({ error: Errors.NONE, generation: 1, leaderId: leader?.memberId, members: [] });
    expect(bench.state()).toBe('Stable');
  });

  test('the leader makes the group rebalance, even without changes', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2);
    const rejoin = bench.join({ memberId: leader?.memberId });
    expect(bench.state()).toBe('PreparingRebalance');
    expect(bench.heartbeat(follower as never)).toBe(Errors.REBALANCE_IN_PROGRESS);
    bench.join({ memberId: follower?.memberId });
    expect((await rejoin.promise).generation).toBe(2);
  });

  test('a follower with other data makes the group rebalance', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2);
    bench.join({ memberId: follower?.memberId, protocols: [{ name: 'range', metadata: Buffer.from('other topics') }] });
    const leaderJoin = await bench.join({ memberId: leader?.memberId }).promise;
    expect(leaderJoin.generation).toBe(2);
    expect(leaderJoin.members.map(({ metadata }) => String(metadata)).sort()).toEqual(['other topics', 'range']);
  });

  test('during CompletingRebalance a repeated join gets the same answer, the leader with the members', async () => {
    const bench = await CoordinatorBench.start();
    const joins = [bench.join(), bench.join()];
    await bench.advance(2 * INITIAL_DELAY_MS);
    const [leader, follower] = joins.map(({ result }) => result?.memberId as string);
    expect((await bench.join({ memberId: leader }).promise).members).toHaveLength(2);
    expect(await bench.join({ memberId: follower }).promise).toMatchObject({ generation: 1, members: [] });
    expect(bench.state()).toBe('CompletingRebalance');
  });

  test('a newcomer during CompletingRebalance sends those who wait for their assignment back to joining', async () => {
    const bench = await CoordinatorBench.start();
    const joins = [bench.join(), bench.join()];
    await bench.advance(2 * INITIAL_DELAY_MS);
    const follower = joins[1]?.result as { memberId: string; generation: number };
    const sync = bench.sync(follower);
    await settle();
    expect(sync.result).toBeNull();
    bench.join();
    expect((await sync.promise).error).toBe(Errors.REBALANCE_IN_PROGRESS);
    expect(bench.state()).toBe('PreparingRebalance');
  });

  test('members that do not rejoin within the rebalance timeout are dropped', async () => {
    const bench = await CoordinatorBench.start();
    const [leader, follower] = await bench.stableGroup(2, { sessionTimeoutMs: 120_000 });
    const rejoin = bench.join({ memberId: leader?.memberId, sessionTimeoutMs: 120_000 });
    await bench.advance(REBALANCE_MS);
    expect(rejoin.result).toMatchObject({ generation: 2 });
    expect(rejoin.result?.members).toHaveLength(1);
    expect(bench.heartbeat(follower as never)).toBe(Errors.UNKNOWN_MEMBER_ID);
  });

  test('when the leader does not rejoin, a member that did takes over', async () => {
    const bench = await CoordinatorBench.start();
    const [, follower] = await bench.stableGroup(2, { sessionTimeoutMs: 120_000 });
    const changed = [{ name: 'range', metadata: Buffer.from('changed') }];
    const rejoin = bench.join({ memberId: follower?.memberId, sessionTimeoutMs: 120_000, protocols: changed });
    await bench.advance(REBALANCE_MS);
    expect(rejoin.result).toMatchObject({ error: Errors.NONE, leaderId: follower?.memberId });
  });

  test('a repeated join of a member that waits already answers the first one', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup(2);
    const first = bench.join({ memberId: leader?.memberId });
    bench.join({ memberId: leader?.memberId });
    expect((await first.promise).error).toBe(Errors.COORDINATOR_NOT_AVAILABLE);
  });

  test('a newcomer that waits in a rebalance is given up after five minutes, others are not', async () => {
    const bench = await CoordinatorBench.start({ 'group.max.session.timeout.ms': '3600000' });
    const long = { sessionTimeoutMs: 3_600_000, rebalanceTimeoutMs: 3_600_000 };
    const [leader] = await bench.stableGroup(2, long);
    const rejoin = bench.join({ memberId: leader?.memberId, ...long });
    const newcomer = bench.join(long);
    await bench.advance(5 * 60_000);
    expect(newcomer.result?.error).toBe(Errors.UNKNOWN_MEMBER_ID);
    expect(rejoin.result).toBeNull();
  });
});

describe('group.max.size', () => {
  const config = { 'group.max.size': '2' };

  test('a full group refuses newcomers but not its members', async () => {
    const bench = await CoordinatorBench.start(config);
    const [leader] = await bench.stableGroup(2);
    expect((await bench.join().promise).error).toBe(Errors.GROUP_MAX_SIZE_REACHED);
    const rejoin = bench.join({ memberId: leader?.memberId });
    expect(rejoin.result).toBeNull();
    expect(bench.state()).toBe('PreparingRebalance');
  });

  test('while a group is forming, those who wait count', async () => {
    const bench = await CoordinatorBench.start(config);
    const joins = [bench.join(), bench.join(), bench.join()];
    expect((await joins[2]?.promise)?.error).toBe(Errors.GROUP_MAX_SIZE_REACHED);
    await bench.advance(2 * INITIAL_DELAY_MS);
    expect(joins[0]?.result?.members).toHaveLength(2);
  });

  test('a group that is loaded with too many members rebalances, and the last to rejoin is dropped', async () => {
    const before = await CoordinatorBench.start();
    const members = await before.stableGroup(3);
    const bench = await before.restart(config);
    expect(bench.state()).toBe('PreparingRebalance');
    const joins = members.map(({ memberId }) => bench.join({ memberId }));
    await settle();
    expect(joins.map(({ result }) => result?.error.name)).toEqual(['NONE', 'NONE', 'GROUP_MAX_SIZE_REACHED']);
    expect(bench.coordinator.describeGroup(GROUP).description?.members).toHaveLength(2);
  });
});
