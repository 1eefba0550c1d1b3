/** What is remembered of offsets, groups and brokers from one reading to the next. */
import { BrokerMemory } from '../../../../coordinator/observe/broker-memory';
import { coordinatorOf, offsetsPartitionOf } from '../../../../coordinator/observe/group-coordinator';
import { GroupStore, hasRebalanced } from '../../../../coordinator/observe/group-store';
import { groupDetail, groupSummary } from '../../../../coordinator/observe/group-view';
import { OffsetStore } from '../../../../coordinator/observe/offset-store';
import type { GroupReading } from '../../../../coordinator/observe/read-groups';
import { ratesOf, sourcesOf } from '../../../../coordinator/observe/record-flow';
import { GivenCluster, listed, NOW_MS } from './known-cluster';

const member = (memberId: string, ...partitions: number[]) => ({
  memberId,
  clientId: 'c',
  clientHost: '/127.0.0.1',
  assignment: partitions.length > 0 ? [{ topic: 'orders', partitions }] : [],
});

const reading = (differing: Partial<GroupReading> = {}, offsets: Record<number, number> = { 0: 5 }): GroupReading => ({
  groupId: 'readers',
  state: 'Stable',
  protocolType: 'consumer',
  protocol: 'range',
  members: [member('a', 0, 1)],
  committed: new Map([['orders', new Map(Object.entries(offsets).map(([p, offset]) => [Number(p), offset]))]]),
  ...differing,
});

const ends = (marks: Record<number, number>) => (_topic: string, partition: number) => marks[partition] ?? null;

describe('offsets', () => {
  it('give a rate from one reading to the next', () => {
    const store = new OffsetStore();
    store.take('latest', listed({ orders: { 0: 100 } }), NOW_MS);
    expect(store.of('orders', 0)).toMatchObject({ highWatermark: 100, recordsPerSecond: 0 });
    store.take('latest', listed({ orders: { 0: 150 } }), NOW_MS + 2_000);
    expect(store.of('orders', 0)).toMatchObject({ highWatermark: 150, recordsPerSecond: 25 });
  });

  it('stay as they were when a broker answers that it does not lead any more', () => {
    const store = new OffsetStore();
    store.take('latest', listed({ orders: { 0: 100 } }), NOW_MS);
    const refused = listed({ orders: { 0: -1 } });
    store.take('latest', refused, NOW_MS + 1);
    expect(store.highWatermark('orders', 0)).toBe(100);
  });

  it('begin afresh with a topic made anew under the same name', () => {
    const store = new OffsetStore();
    store.take('latest', listed({ orders: { 0: 100 } }), NOW_MS);
    store.keepOnly(() => false);
    store.take('latest', listed({ orders: { 0: 3 } }), NOW_MS + 1_000);
    expect(store.of('orders', 0)).toMatchObject({ highWatermark: 3, recordsPerSecond: 0 });
  });
});

describe('groups', () => {
  it('have the lag of the moment of their reading, never less than none', () => {
    const store = new GroupStore();
    store.take(1, [reading({}, { 0: 5, 1: 12 })], NOW_MS, ends({ 0: 8, 1: 10 }));
    const group = store.all.get('readers');
    expect(group?.totalLag).toBe(3);
    expect(group?.positions.get('orders')?.get(1)).toMatchObject({ committed: 12, highWatermark: 10, lag: 0 });
    expect(group?.lagHistory).toEqual([{ atMs: NOW_MS, lag: 3 }]);
  });

  it('have no lag that is known while no high watermark is', () => {
    const store = new GroupStore();
    store.take(1, [reading()], NOW_MS, ends({}));
    expect(store.all.get('readers')?.totalLag).toBeNull();
  });

  it('keep a bounded history of lag', () => {
    const store = new GroupStore();
    for (let i = 0; i < 400; i++) store.take(1, [reading()], NOW_MS + i, ends({ 0: 5 + i }));
    const history = store.all.get('readers')?.lagHistory ?? [];
    expect([history.length, history[0]?.lag, history.at(-1)?.lag]).toEqual([300, 100, 399]);
  });

  it('are forgotten when their coordinator tells of them no more, not when another broker does not', () => {
    const store = new GroupStore();
    store.take(1, [reading()], NOW_MS, ends({}));
    store.take(2, [], NOW_MS, ends({}));
    expect([...store.all.keys()]).toEqual(['readers']);
    store.take(1, [], NOW_MS, ends({}));
    expect([...store.all.keys()]).toEqual([]);
  });

  it('move with their history to another coordinator', () => {
    const store = new GroupStore();
    store.take(1, [reading()], NOW_MS, ends({ 0: 6 }));
    store.take(2, [reading()], NOW_MS + 1, ends({ 0: 7 }));
    store.take(1, [], NOW_MS + 2, ends({}));
    expect(store.all.get('readers')).toMatchObject({ coordinatorId: 2, lagHistory: [{ lag: 1 }, { lag: 2 }] });
  });

  it.each([
    ['begins one', reading(), reading({ state: 'PreparingRebalance' }), true],
    ['goes on with one', reading({ state: 'PreparingRebalance' }), reading({ state: 'CompletingRebalance' }), false],
    ['ends one', reading({ state: 'CompletingRebalance' }), reading(), false],
    ['stays as it is', reading(), reading(), false],
    ['has done one since, by its members', reading(), reading({ members: [member('b', 0, 1)] }), true],
    ['has done one since, by its assignment', reading(), reading({ members: [member('a', 0)] }), true],
    ['got its first members', reading({ state: 'Empty', members: [] }), reading(), true],
    ['lost its members', reading(), reading({ state: 'Empty', members: [] }), false],
  ] as const)('rebalance when the group %s', (_what, before, after, expected) => {
    expect(hasRebalanced(before, after)).toBe(expected);
  });

  it('count the rebalances of the last five minutes', () => {
    const store = new GroupStore();
    const minute = 60_000;
    const shapes = [reading(), reading({ members: [member('b', 0)] })];
    const told = [0, 1, 2, 6, 7].map((at, i) =>
      store.take(1, [shapes[i % 2] as GroupReading], NOW_MS + at * minute, ends({})),
    );
    expect(told).toEqual([[], ['readers'], ['readers'], ['readers'], ['readers']]);
    expect(store.all.get('readers')?.rebalancesMs).toEqual([6, 7].map((at) => NOW_MS + at * minute));
  });

  it('show assigned partitions that nothing was committed in, after none was known of them', () => {
    const store = new GroupStore();
    store.take(1, [reading()], NOW_MS, ends({ 0: 9 }));
    const known = store.all.get('readers');
    if (!known) throw new Error('the group is not known');
    const knowledge = new GivenCluster().register(1).knowledge({ groups: store.all });
    const { offsets } = groupDetail(known, groupSummary(known, knowledge));
    expect(
      offsets.map(({ partition, committedOffset, lag, memberId }) => [partition, committedOffset, lag, memberId]),
    ).toEqual([
      [0, 5, 4, 'a'],
      [1, null, null, 'a'],
    ]);
  });

  it('are unknown when their broker has not been heard for long', () => {
    const store = new GroupStore();
    store.take(1, [reading()], NOW_MS - 60_000, ends({ 0: 9 }));
    const known = store.all.get('readers');
    if (!known) throw new Error('the group is not known');
    const cluster = new GivenCluster()
      .register(0)
      .topic('__consumer_offsets', [{ replicas: [1], isr: [1], leader: 1 }]);
    const summary = groupSummary(known, cluster.knowledge({ groups: store.all }));
    expect(summary).toMatchObject({ state: 'Unknown', coordinatorId: 1, verdict: { verdict: 'unknown' } });
  });
});

describe('the coordinator of a group', () => {
  it('leads the partition of __consumer_offsets that Java’s hash of the name falls on', () => {
    // Java's hash of the latter is the smallest int, which has no absolute value.
    expect(offsetsPartitionOf('test-group', 50)).toBe(javaHash('test-group') % 50);
    expect(offsetsPartitionOf('polygenelubricants', 50)).toBe(0);
    const cluster = new GivenCluster()
      .register(0, 1)
      .topic('__consumer_offsets', [{ replicas: [1] }, { replicas: [0], isr: [0], leader: -1 }]);
    const { state } = cluster.knowledge();
    expect(coordinatorOf('a', state)).toBe('a'.charCodeAt(0) % 2 === 0 ? 1 : null);
    expect(coordinatorOf('b', state)).toBe('b'.charCodeAt(0) % 2 === 0 ? 1 : null);
    expect(coordinatorOf('a', new GivenCluster().knowledge().state)).toBeNull();
  });
});

function javaHash(text: string): number {
  let hash = 0n;
  for (const char of text) hash = (hash * 31n + BigInt(char.charCodeAt(0))) & 0xffff_ffffn;
  const signed = hash >= 0x8000_0000n ? hash - 0x1_0000_0000n : hash;
  return Number(signed < 0n ? -signed : signed);
}

describe('brokers', () => {
  it('that left are remembered for ten minutes, and for ever when replicas are assigned to them', () => {
    const memory = new BrokerMemory();
    const cluster = new GivenCluster().register(0, 1, 2).topic('t', [{ replicas: [1] }]);
    memory.update(cluster.knowledge().state, () => false, NOW_MS);
    const { state } = cluster.leave(1).leave(2).knowledge();
    memory.update(state, () => false, NOW_MS + 9 * 60_000);
    expect([...memory.all.keys()]).toEqual([0, 1, 2]);
    memory.update(state, () => false, NOW_MS + 20 * 60_000);
    expect([...memory.all.keys()]).toEqual([0, 1]);
    expect(memory.all.get(1)?.lastSeenAtMs).toBe(NOW_MS);
  });

  it('that answer without a registration are seen all the same', () => {
    const memory = new BrokerMemory();
    const cluster = new GivenCluster().register(0);
    memory.update(cluster.knowledge().state, () => false, NOW_MS);
    memory.update(cluster.leave(0).knowledge().state, () => true, NOW_MS + 60_000);
    expect(memory.all.get(0)?.lastSeenAtMs).toBe(NOW_MS + 60_000);
  });
});

describe('the flow of records', () => {
  it('has rates of what was appended and of what each group commits', () => {
    const offsets = new OffsetStore();
    const store = new GroupStore();
    for (const second of [0, 1]) {
      offsets.take('latest', listed({ orders: { 0: 100 + 10 * second, 1: 7 } }), NOW_MS + second * 1_000);
      const committed = reading({}, { 0: 90 + 4 * second, 1: 7 });
      store.take(1, [committed], NOW_MS + second * 1_000, (topic, partition) =>
        offsets.highWatermark(topic, partition),
      );
    }
    const cluster = new GivenCluster().register(1).topic('orders', [{ replicas: [1] }, { replicas: [1] }]);
    const knowledge = cluster.knowledge({ offsets, groups: store.all });
    expect([false, true].map((traced) => sourcesOf(knowledge, () => traced))).toEqual([
      { source: 'offsets', tracedBrokers: [] },
      { source: 'traces', tracedBrokers: [1] },
    ]);
    expect(sourcesOf(new GivenCluster().knowledge(), () => true)).toEqual({ source: 'none', tracedBrokers: [] });
    expect(ratesOf(knowledge)).toEqual([
      {
        topic: 'orders',
        partition: 0,
        leader: 1,
        recordsPerSecond: 10,
        readers: [{ groupId: 'readers', memberId: 'a', recordsPerSecond: 4, lag: 16 }],
      },
      {
        topic: 'orders',
        partition: 1,
        leader: 1,
        recordsPerSecond: 0,
        readers: [{ groupId: 'readers', memberId: 'a', recordsPerSecond: 0, lag: 0 }],
      },
    ]);
  });
});
