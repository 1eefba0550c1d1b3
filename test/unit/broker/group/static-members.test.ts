import type { JoinResult } from '../../../../broker/group';
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

interface StaticMember {
  memberId: string;
  generation: number;
  instanceId: string;
}

/** A Stable group of static members `one` and `two`; the first is its leader. */
async function staticGroup(bench: CoordinatorBench, options: JoinOptions = {}): Promise<[StaticMember, StaticMember]> {
  const joins = ['one', 'two'].map((instanceId) => bench.join({ ...options, instanceId }));
  await bench.advance(2 * INITIAL_DELAY_MS);
  const [one, two] = joins.map(({ result }, index) => ({
    memberId: result?.memberId ?? '',
    generation: result?.generation ?? -1,
    instanceId: index === 0 ? 'one' : 'two',
  })) as [StaticMember, StaticMember];
  bench.sync(two, {}, { instanceId: 'two' });
  bench.sync(one, { [one.memberId]: 'part one', [two.memberId]: 'part two' }, { instanceId: 'one' });
  await settle();
  expect(bench.state()).toBe('Stable');
  return [one, two];
}

describe('static members (KIP-345)', () => {
  test('get an id made of their instance id, without being asked to rejoin', async () => {
    const bench = await CoordinatorBench.start();
    const [one] = await staticGroup(bench);
    expect(one.memberId).toMatch(/^one-/);
  });

  test('a follower that starts again gets its place and assignment back without a rebalance', async () => {
    const bench = await CoordinatorBench.start();
    const [one, two] = await staticGroup(bench);
    const rejoin = await bench.join({ instanceId: 'two' }).promise;
    expect(rejoin).toMatchObject({ error: Errors.NONE, generation: 1, leaderId: one.memberId, members: [] });
    expect(rejoin.memberId).not.toBe(two.memberId);
    expect(bench.state()).toBe('Stable');
    const sync = await bench.sync(rejoin, {}, { instanceId: 'two' }).promise;
    expect(String(sync.assignment)).toBe('part two');
  });

  test('the old id is fenced', async () => {
    const bench = await CoordinatorBench.start();
    const [, two] = await staticGroup(bench);
    await bench.join({ instanceId: 'two' }).promise;
    expect(bench.heartbeat(two, 'two')).toBe(Errors.FENCED_INSTANCE_ID);
    expect(bench.heartbeat(two)).toBe(Errors.UNKNOWN_MEMBER_ID);
    expect((await bench.join({ memberId: two.memberId, instanceId: 'two' }).promise).error).toBe(
      Errors.FENCED_INSTANCE_ID,
    );
    expect((await bench.sync(two, {}, { instanceId: 'two' }).promise).error).toBe(Errors.FENCED_INSTANCE_ID);
    expect(await bench.commit({ 'orders-0': 1 }, two).promise).toEqual([Errors.FENCED_INSTANCE_ID]);
    expect(bench.leave({ memberId: two.memberId, instanceId: 'two' }).members).toEqual([Errors.FENCED_INSTANCE_ID]);
  });

  test('an instance id that the group does not have is unknown', async () => {
    const bench = await CoordinatorBench.start();
    const [one] = await staticGroup(bench);
    expect(bench.heartbeat(one, 'three')).toBe(Errors.UNKNOWN_MEMBER_ID);
    expect((await bench.join({ memberId: one.memberId, instanceId: 'three' }).promise).error).toBe(
      Errors.UNKNOWN_MEMBER_ID,
    );
  });

  test('a leader that starts again is told the old leader id, so that it does not assign in vain', async () => {
    const bench = await CoordinatorBench.start();
    const [one] = await staticGroup(bench);
    const rejoin = await bench.join({ instanceId: 'one' }).promise;
    expect(rejoin).toMatchObject({ generation: 1, leaderId: one.memberId, skipAssignment: false, members: [] });
    expect(rejoin.memberId).not.toBe(one.memberId);
    // It is the leader nonetheless: when it joins again, the group rebalances.
    bench.join({ memberId: rejoin.memberId, instanceId: 'one' });
    expect(bench.state()).toBe('PreparingRebalance');
  });

  test('a leader that knows SkipAssignment is told that it leads, and to skip the assignment (KIP-814)', async () => {
    const bench = await CoordinatorBench.start();
    await staticGroup(bench);
    const rejoin = await bench.join({ instanceId: 'one', supportsSkippingAssignment: true }).promise;
    expect(rejoin).toMatchObject({ generation: 1, skipAssignment: true, leaderId: rejoin.memberId });
    expect(rejoin.members).toHaveLength(2);
    const follower = await bench.join({ instanceId: 'two', supportsSkippingAssignment: true }).promise;
    expect(follower).toMatchObject({ skipAssignment: false, leaderId: rejoin.memberId, members: [] });
  });

  test('a replacement is answered when it is stored, and survives a restart', async () => {
    const bench = await CoordinatorBench.start();
    await staticGroup(bench);
    bench.replicas.holdAppends = true;
    const rejoin = bench.join({ instanceId: 'two' });
    await settle();
    expect(rejoin.result).toBeNull();
    bench.replicas.release();
    const { memberId } = await rejoin.promise;
    const after = await bench.restart();
    expect(after.heartbeat({ memberId, generation: 1 }, 'two')).toBe(Errors.NONE);
  });

  test('a replacement that cannot be stored is undone', async () => {
    const bench = await CoordinatorBench.start();
    const [one, two] = await staticGroup(bench);
    bench.replicas.holdAppends = true;
    const rejoin = bench.join({ instanceId: 'one' });
    await settle();
    bench.replicas.release(Errors.NOT_ENOUGH_REPLICAS);
    expect(await rejoin.promise).toMatchObject({ error: Errors.COORDINATOR_NOT_AVAILABLE, memberId: '' });
    expect(bench.heartbeat(one, 'one')).toBe(Errors.NONE);
    expect(bench.heartbeat(two, 'two')).toBe(Errors.NONE);
    expect(bench.state()).toBe('Stable');
  });

  test('changed data without a change of the protocol does not cause a rebalance, another protocol does', async () => {
    const bench = await CoordinatorBench.start();
    await staticGroup(bench, { protocols: ['range', 'sticky'] });
    const data = [{ name: 'range', metadata: Buffer.from('other') }, 'sticky'];
    expect((await bench.join({ instanceId: 'two', protocols: data }).promise).error).toBe(Errors.NONE);
    expect(bench.state()).toBe('Stable');
    const rejoin = bench.join({ instanceId: 'two', protocols: ['sticky'] });
    await settle();
    expect(rejoin.result).toBeNull();
    expect(bench.state()).toBe('PreparingRebalance');
  });

  test('one that comes back while assignments are made starts another rebalance', async () => {
    const bench = await CoordinatorBench.start();
    const joins = ['one', 'two'].map((instanceId) => bench.join({ instanceId }));
    await bench.advance(2 * INITIAL_DELAY_MS);
    const sync = bench.sync(joins[1]?.result as JoinResult, {}, { instanceId: 'two' });
    bench.join({ instanceId: 'one' });
    expect((await sync.promise).error).toBe(Errors.REBALANCE_IN_PROGRESS);
    expect(bench.state()).toBe('PreparingRebalance');
  });

  test('one that comes back while another process waits under its id fences that', async () => {
    const bench = await CoordinatorBench.start();
    const first = bench.join({ instanceId: 'one' });
    await settle();
    const second = bench.join({ instanceId: 'one' });
    expect((await first.promise).error).toBe(Errors.FENCED_INSTANCE_ID);
    await bench.advance(2 * INITIAL_DELAY_MS);
    expect(second.result).toMatchObject({ error: Errors.NONE, leaderId: second.result?.memberId });
  });

  test('those who do not rejoin in time keep their place until their session ends', async () => {
    const bench = await CoordinatorBench.start();
    const long = { sessionTimeoutMs: 2 * REBALANCE_MS };
    const [one] = await staticGroup(bench, long);
    const rejoin = bench.join({ memberId: one.memberId, instanceId: 'one', ...long });
    await bench.advance(REBALANCE_MS);
    expect(rejoin.result).toMatchObject({ generation: 2 });
    expect(rejoin.result?.members.map(({ groupInstanceId }) => groupInstanceId)).toEqual(['one', 'two']);
  });

  test('when no static member rejoins, the rebalance waits until their sessions end', async () => {
    const bench = await CoordinatorBench.start();
    const [one, two] = await staticGroup(bench, { rebalanceTimeoutMs: SESSION_MS / 2 });
    const newcomer = bench.join({ rebalanceTimeoutMs: SESSION_MS / 2 });
    bench.leave({ memberId: newcomer.result?.memberId ?? '' });
    expect(bench.state()).toBe('PreparingRebalance');
    await bench.advance(SESSION_MS);
    expect(bench.heartbeat(one, 'one')).toBe(Errors.UNKNOWN_MEMBER_ID);
    expect(bench.heartbeat(two, 'two')).toBe(Errors.UNKNOWN_MEMBER_ID);
  });

  test('can be removed by their instance id alone', async () => {
    const bench = await CoordinatorBench.start();
    await staticGroup(bench);
    expect(bench.leave({ instanceId: 'two' }, { instanceId: 'three' }).members).toEqual([
      Errors.NONE,
      Errors.UNKNOWN_MEMBER_ID,
    ]);
    const members = bench.coordinator.describeGroup(GROUP).description?.members;
    expect(members?.map(({ groupInstanceId }) => groupInstanceId)).toEqual(['one']);
  });

  test('are loaded with their instance ids', async () => {
    const bench = await CoordinatorBench.start();
    const [one] = await staticGroup(bench);
    const after = await bench.restart();
    expect(after.state()).toBe('Stable');
    expect(after.heartbeat(one, 'one')).toBe(Errors.NONE);
    const rejoin = await after.join({ instanceId: 'two' }).promise;
    expect(String((await after.sync(rejoin, {}, { instanceId: 'two' }).promise).assignment)).toBe('part two');
  });
});
