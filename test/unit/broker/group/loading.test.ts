import { Errors } from '../../../../protocol';
import {
  encodeVersioned,
  groupMetadataKey,
  groupMetadataValue,
  offsetCommitKey,
  offsetCommitValue,
} from '../../../../protocol/internal';
import { buildBatch, buildEndTransactionMarker } from '../../../../protocol/records';
import { CoordinatorBench, GROUP, INITIAL_DELAY_MS, settle } from './coordinator-bench';
import { FakeReplicas } from './fake-replicas';

const timestamp = 1_700_000_000_000n;

function offsetRecord(
  partition: number,
  offset: number | null,
  group = GROUP,
): Parameters<typeof buildBatch>[0][number] {
  const key = encodeVersioned(offsetCommitKey, 1, { group, topic: 'orders', partition });
  if (offset === null) return { timestamp, key, value: null };
  const body = { offset, leaderEpoch: 3, metadata: 'm', commitTimestamp: timestamp };
  return { timestamp, key, value: encodeVersioned(offsetCommitValue, 3, body) };
}

describe('loading a partition', () => {
  test('brings back members, generation, assignments and offsets', async () => {
    const before = await CoordinatorBench.start();
    const [leader, follower] = await before.stableGroup(2);
    await before.commit({ 'orders-0': 5 }, leader).promise;
    const bench = await before.restart();
    expect(bench.state()).toBe('Stable');
    expect(bench.committed()).toEqual({ 'orders-0': 5 });
    expect(bench.heartbeat(follower as never)).toBe(Errors.NONE);
    expect(String((await bench.sync(follower as never).promise).assignment)).toBe('part 1');
    const rejoin = await bench.join({ memberId: follower?.memberId }).promise;
    expect(rejoin).toMatchObject({ generation: 1, leaderId: leader?.memberId });
    await bench.advance(60_000);
    expect(bench.state()).toBe('Empty');
  });

  test('the last record of each key counts, and tombstones take keys away', async () => {
    const replicas = new FakeReplicas();
    const log = replicas.log(0);
    log.append(buildBatch([offsetRecord(0, 1), offsetRecord(1, 1), offsetRecord(2, 1)]));
    log.append(buildBatch([offsetRecord(0, 2), offsetRecord(1, null)], { compression: 'gzip' }));
    const bench = await CoordinatorBench.start({}, replicas);
    expect(bench.committed()).toEqual({ 'orders-0': 2, 'orders-2': 1 });
    expect(bench.coordinator.fetchOffsets(GROUP, null, false).offsets[0]?.committed).toMatchObject({
      leaderEpoch: 3,
      metadata: 'm',
      commitTimestampMs: timestamp,
      expireTimestampMs: null,
    });
  });

  test('reads on from where the last read ended, however small the buffer', async () => {
    const replicas = new FakeReplicas();
    for (let offset = 0; offset < 50; offset++) replicas.log(0).append(buildBatch([offsetRecord(offset % 7, offset)]));
    const bench = await CoordinatorBench.start({ 'offsets.load.buffer.size': '1' }, replicas);
    for (let turn = 0; turn < 100; turn++) await settle();
    expect(Object.keys(bench.committed())).toHaveLength(7);
    expect(bench.committed()['orders-0']).toBe(49);
  });

  test('offsets of a committed transaction count, of an aborted one they do not, of an open one not yet', async () => {
    const replicas = new FakeReplicas();
    const log = replicas.log(0);
    const transaction = (producerId: number): Parameters<typeof buildBatch>[1] => ({
      producerId,
      producerEpoch: 0,
      transactional: true,
    });
    const marker = (producerId: number, type: 'commit' | 'abort'): Buffer =>
      buildEndTransactionMarker({ type, coordinatorEpoch: 0, timestamp, producerId, producerEpoch: 0 });
    log.append(buildBatch([offsetRecord(0, 10)], transaction(1)));
    log.append(buildBatch([offsetRecord(1, 10)], transaction(2)));
    log.append(buildBatch([offsetRecord(2, 10)], transaction(3)));
    log.append(buildBatch([offsetRecord(3, 10)], transaction(4)));
    log.append(buildBatch([offsetRecord(3, 20)]));
    log.append(marker(1, 'commit'));
    log.append(marker(2, 'abort'));
    log.append(marker(4, 'commit'));
    const bench = await CoordinatorBench.start({}, replicas);
    expect(bench.committed()).toEqual({ 'orders-0': 10, 'orders-3': 20 });
    const stable = bench.coordinator.fetchOffsets(GROUP, [{ topic: 'orders', partition: 2 }], true);
    expect(stable.offsets[0]?.error).toBe(Errors.UNSTABLE_OFFSET_COMMIT);
    bench.coordinator.transactionEnded(3, [0], true);
    expect(bench.committed()).toMatchObject({ 'orders-2': 10 });
  });

  test.each([0, 1, 2, 3, 4])('reads a group of value version %i', async (version) => {
    const replicas = new FakeReplicas();
    const member = {
      memberId: 'me',
      clientId: 'client',
      clientHost: '/127.0.0.1',
      sessionTimeout: 7000,
      rebalanceTimeout: 9000,
      subscription: Buffer.from('s'),
      assignment: Buffer.from('a'),
    };
    const body = { protocolType: 'consumer', generation: 4, protocol: 'range', leader: 'me', members: [member] };
    const key = encodeVersioned(groupMetadataKey, 2, { group: GROUP });
    const value = encodeVersioned(groupMetadataValue, version, body);
    replicas.log(0).append(buildBatch([{ timestamp, key, value }]));
    const bench = await CoordinatorBench.start({}, replicas);
    expect(bench.state()).toBe('Stable');
    expect(bench.heartbeat({ memberId: 'me', generation: 4 })).toBe(Errors.NONE);
    const rejoin = bench.join({ memberId: 'me' });
    await settle();
    expect(rejoin.result).toMatchObject({ generation: 5 });
  });

  test('what cannot be read, or is of a newer kind, is left out', async () => {
    const replicas = new FakeReplicas();
    const newer = { timestamp, key: Buffer.from('0005000100', 'hex'), value: Buffer.from('00', 'hex') };
    const broken = { timestamp, key: Buffer.from('0001ffff', 'hex'), value: Buffer.from('00', 'hex') };
    const brokenGroup = {
      timestamp,
      key: encodeVersioned(groupMetadataKey, 2, { group: 'broken' }),
      value: Buffer.from('0063', 'hex'),
    };
    const records = [newer, broken, brokenGroup, { timestamp, key: null, value: null }, offsetRecord(0, 1)];
    replicas.log(0).append(buildBatch(records));
    const bench = await CoordinatorBench.start({}, replicas);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
    expect(bench.coordinator.listGroups([], []).groups).toHaveLength(1);
  });

  test('while it lasts, members are kept in patience and others are told to wait', async () => {
    const replicas = new FakeReplicas();
    let open = (): void => undefined;
    replicas.log(0).append(buildBatch([offsetRecord(0, 1)]));
    replicas.log(0).gate = new Promise((resolve) => (open = resolve));
    const bench = await CoordinatorBench.start({}, replicas);
    expect((await bench.join().promise).error).toBe(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    expect((await bench.sync({ memberId: 'x', generation: 1 }).promise).error).toBe(Errors.REBALANCE_IN_PROGRESS);
    expect(bench.heartbeat({ memberId: 'x', generation: 1 })).toBe(Errors.NONE);
    expect(await bench.commit({ 'orders-0': 1 }).promise).toEqual([Errors.COORDINATOR_LOAD_IN_PROGRESS]);
    expect(bench.coordinator.fetchOffsets(GROUP, null, false).error).toBe(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    expect(bench.coordinator.listGroups([], []).error).toBe(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    expect(await bench.coordinator.deleteGroup(GROUP)).toBe(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    open();
    await settle();
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
  });

  test('a log that cannot be read is read again, rather than opened without its offsets', async () => {
    const replicas = new FakeReplicas();
    replicas.log(0).append(buildBatch([offsetRecord(0, 1)]));
    replicas.log(0).failNextRead = true;
    const bench = await CoordinatorBench.start({}, replicas);
    expect(bench.coordinator.fetchOffsets(GROUP, null, false).error).toBe(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    await bench.advance(1000);
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
  });
});

describe('losing a partition', () => {
  test('those who wait are sent away, and no timer is left', async () => {
    const bench = await CoordinatorBench.start();
    const join = bench.join();
    bench.replicas.change(0, 'follower', 1);
    expect((await join.promise).error).toBe(Errors.NOT_COORDINATOR);
    expect((await bench.join().promise).error).toBe(Errors.NOT_COORDINATOR);
    expect(bench.heartbeat({ memberId: 'x', generation: 1 })).toBe(Errors.NOT_COORDINATOR);
    expect(bench.coordinator.describeGroup(GROUP).error).toBe(Errors.NOT_COORDINATOR);
    await bench.coordinator.shutdown();
    expect(bench.clock.pendingTimers).toBe(0);
  });

  test('those who wait for an assignment are sent away', async () => {
    const bench = await CoordinatorBench.start();
    const joins = [bench.join(), bench.join()];
    await bench.advance(2 * INITIAL_DELAY_MS);
    const sync = bench.sync(joins[1]?.result as never);
    bench.replicas.change(0, 'none', -1);
    expect((await sync.promise).error).toBe(Errors.NOT_COORDINATOR);
  });

  test('an older leader epoch changes nothing, a newer one for the same leader neither', async () => {
    const bench = await CoordinatorBench.start();
    const [leader] = await bench.stableGroup();
    bench.replicas.change(0, 'leader', 5);
    bench.replicas.change(0, 'follower', 4);
    expect(bench.heartbeat(leader as never)).toBe(Errors.NONE);
    const reads = bench.replicas.log(0).reads;
    bench.replicas.change(0, 'leader', 6);
    await settle();
    expect(bench.replicas.log(0).reads).toBe(reads);
    bench.replicas.change(0, 'follower', 7);
    bench.replicas.change(0, 'leader', 6);
    expect(bench.heartbeat(leader as never)).toBe(Errors.NOT_COORDINATOR);
  });

  test('a partition that is lost while it is being loaded is not opened, and can be loaded again', async () => {
    const replicas = new FakeReplicas();
    let open = (): void => undefined;
    replicas.log(0).append(buildBatch([offsetRecord(0, 1)]));
    replicas.log(0).gate = new Promise((resolve) => (open = resolve));
    const bench = await CoordinatorBench.start({}, replicas);
    replicas.change(0, 'follower', 1);
    open();
    await settle();
    expect(bench.coordinator.fetchOffsets(GROUP, null, false).error).toBe(Errors.NOT_COORDINATOR);
    replicas.change(0, 'leader', 2);
    await settle();
    expect(bench.committed()).toEqual({ 'orders-0': 1 });
  });

  test('after shutdown nobody is served', async () => {
    const bench = await CoordinatorBench.start();
    const join = bench.join();
    await bench.coordinator.shutdown();
    expect((await join.promise).error).toBe(Errors.NOT_COORDINATOR);
    expect((await bench.join().promise).error).toBe(Errors.COORDINATOR_NOT_AVAILABLE);
    expect(bench.coordinator.listGroups([], []).error).toBe(Errors.COORDINATOR_NOT_AVAILABLE);
    expect(bench.clock.pendingTimers).toBe(0);
  });
});
