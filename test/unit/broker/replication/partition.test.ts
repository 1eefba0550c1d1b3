import { DelayedOperation } from '../../../../broker/replication/purgatory';
import { Errors } from '../../../../protocol';
import { accepted, LAG_MS, records, stateOf, testPartition } from './support';

class Check extends DelayedOperation {
  checks = 0;
  override tryComplete(): void {
    this.checks++;
  }
  protected override onComplete(): void {}
}

describe('becoming leader', () => {
  it('notes the start of its epoch before anything is written in it', async () => {
    const { partition, log } = await testPartition();
    expect(partition.makeLeader(stateOf({ leaderEpoch: 3 }), log)).toBe(true);
    expect(log.latestEpoch).toBe(3);
    expect(partition.leaderEpochStartOffset).toBe(0);
  });

  it('is news once; a later epoch of the same leader is not', async () => {
    const { partition, log } = await testPartition();
    expect(partition.makeLeader(stateOf(), log)).toBe(true);
    expect(partition.makeLeader(stateOf({ leaderEpoch: 1, partitionEpoch: 1 }), log)).toBe(false);
    expect(partition.leaderEpoch).toBe(1);
  });

  it('skips a state with an older partition epoch', async () => {
    const { partition, log } = await testPartition();
    partition.makeLeader(stateOf({ partitionEpoch: 5 }), log);
    partition.makeLeader(stateOf({ leaderEpoch: 9, partitionEpoch: 4 }), log);
    expect(partition.leaderEpoch).toBe(0);
  });

  it('forgets what it knew of the followers when it was not the leader in between', async () => {
    const { partition, log, fetched } = await testPartition();
    partition.makeLeader(stateOf(), log);
    fetched(2, 0);
    partition.makeFollower(stateOf({ leader: 2, leaderEpoch: 1, partitionEpoch: 1 }), log);
    partition.makeLeader(stateOf({ leaderEpoch: 2, partitionEpoch: 2 }), log);
    expect(partition.follower(2)?.logEndOffset).toBe(-1);
  });
});

describe('the high watermark', () => {
  it('follows the slowest member of the ISR', async () => {
    const { partition, log, fetched } = await testPartition();
    partition.makeLeader(stateOf(), log);
    partition.append(records(10), 'client', 1);
    expect(log.highWatermark).toBe(0);
    fetched(2, 10);
    expect(log.highWatermark).toBe(0);
    fetched(3, 6);
    expect(log.highWatermark).toBe(6);
    fetched(3, 10);
    expect(log.highWatermark).toBe(10);
  });

  it('moves with the append where the leader is the only replica', async () => {
    const { partition, log } = await testPartition();
    partition.makeLeader(stateOf({ replicas: [1], isr: [1] }), log);
    partition.append(records(3), 'client', -1);
    expect(log.highWatermark).toBe(3);
  });

  it('stands still below min.insync.replicas, also for acks=1', async () => {
    const { partition, log } = await testPartition({ minInsyncReplicas: 2 });
    partition.makeLeader(stateOf({ isr: [1] }), log);
    partition.append(records(3), 'client', 1);
    expect(log.highWatermark).toBe(0);
  });

  it('does not wait for a follower outside the ISR that lags', async () => {
    const { partition, log, fetched } = await testPartition();
    partition.makeLeader(stateOf({ isr: [1, 2] }), log);
    partition.append(records(3), 'client', 1);
    fetched(2, 3);
    expect(log.highWatermark).toBe(3);
  });

  it('waits for a follower outside the ISR that keeps up, unless it is dead', async () => {
    const { partition, log, fetched, alive } = await testPartition();
    partition.makeLeader(stateOf({ isr: [1, 2] }), log);
    alive.delete(3);
    fetched(3, 0);
    partition.append(records(3), 'client', 1);
    alive.add(3);
    fetched(2, 3);
    expect(log.highWatermark).toBe(0);
    alive.delete(3);
    partition.append(records(1), 'client', 1);
    fetched(2, 4);
    expect(log.highWatermark).toBe(4);
  });

  it('never goes back when a new leader begins with what it has', async () => {
    const { partition, log, fetched } = await testPartition();
    partition.makeLeader(stateOf(), log);
    partition.append(records(5), 'client', 1);
    fetched(2, 5);
    fetched(3, 5);
    partition.makeLeader(stateOf({ leaderEpoch: 1, partitionEpoch: 1 }), log);
    fetched(2, 2);
    expect(log.highWatermark).toBe(5);
  });
});

describe('appending', () => {
  it('is refused on a follower', async () => {
    const { partition, log } = await testPartition();
    partition.makeFollower(stateOf({ leader: 2 }), log);
    expect(() => partition.append(records(1), 'client', 1)).toThrow(
      expect.objectContaining({ error: Errors.NOT_LEADER_OR_FOLLOWER }),
    );
  });

  it('is refused with acks=-1 when too few replicas are in sync, and goes through with acks=1', async () => {
    const { partition, log } = await testPartition({ minInsyncReplicas: 2 });
    partition.makeLeader(stateOf({ isr: [1] }), log);
    expect(() => partition.append(records(1), 'client', -1)).toThrow(
      expect.objectContaining({ error: Errors.NOT_ENOUGH_REPLICAS }),
    );
    expect(partition.append(records(1), 'client', 1).lastOffset).toBe(0);
  });

  it('takes min.insync.replicas for the number of replicas where it is larger', async () => {
    const { partition, log } = await testPartition({ minInsyncReplicas: 3 });
    partition.makeLeader(stateOf({ replicas: [1], isr: [1] }), log);
    expect(partition.append(records(1), 'client', -1).lastOffset).toBe(0);
  });

  it('is acknowledged when the high watermark has passed it; with too small an ISR as an error', async () => {
    const { partition, log, fetched } = await testPartition({ minInsyncReplicas: 2 });
    partition.makeLeader(stateOf(), log);
    partition.append(records(2), 'client', -1);
    expect(partition.acknowledgement(2)).toBeNull();
    fetched(2, 2);
    fetched(3, 2);
    expect(partition.acknowledgement(2)).toBe(Errors.NONE);
    partition.makeLeader(stateOf({ leaderEpoch: 1, partitionEpoch: 1, isr: [1] }), log);
    expect(partition.acknowledgement(2)).toBe(Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    partition.makeFollower(stateOf({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 }), log);
    expect(partition.acknowledgement(2)).toBe(Errors.NOT_LEADER_OR_FOLLOWER);
  });
});

describe('the ISR', () => {
  it('shrinks by a follower that has lagged too long, and the high watermark moves when the controller agrees', async () => {
    const { partition, log, clock, fetched, proposals, answer } = await testPartition();
    partition.makeLeader(stateOf(), log);
    partition.append(records(4), 'client', 1);
    clock.advance(LAG_MS - 1);
    fetched(2, 4);
    clock.advance(2);
    partition.maybeShrinkIsr();
    expect(proposals).toMatchObject([{ newIsr: [1, 2], leaderEpoch: 0, partitionEpoch: 0 }]);
    expect(log.highWatermark).toBe(0);
    partition.maybeShrinkIsr();
    expect(proposals).toHaveLength(1);
    await answer(accepted([1, 2], 1));
    expect(partition.isr).toEqual([1, 2]);
    expect(partition.partitionEpoch).toBe(1);
    expect(log.highWatermark).toBe(4);
  });

  it('keeps a follower that has everything, however long nothing was written', async () => {
    const { partition, log, clock, fetched, proposals } = await testPartition();
    partition.makeLeader(stateOf(), log);
    fetched(2, 0);
    fetched(3, 0);
    clock.advance(10 * LAG_MS);
    partition.maybeShrinkIsr();
    expect(proposals).toEqual([]);
  });

  it('keeps a follower that is always one fetch behind a busy leader', async () => {
    const { partition, log, clock, fetched, proposals } = await testPartition();
    partition.makeLeader(stateOf({ replicas: [1, 2], isr: [1, 2] }), log);
    for (let i = 0; i < 10; i++) {
      const before = log.logEndOffset;
      partition.append(records(1), 'client', 1);
      fetched(2, before);
      clock.advance(LAG_MS / 2);
      partition.maybeShrinkIsr();
    }
    expect(proposals).toEqual([]);
  });

  it('expands by a live follower that has reached the high watermark', async () => {
    const { partition, log, fetched, proposals, answer, alive } = await testPartition();
    partition.makeLeader(stateOf({ isr: [1, 2] }), log);
    partition.append(records(4), 'client', 1);
    fetched(2, 4);
    fetched(3, 2);
    expect(proposals).toEqual([]);
    alive.delete(3);
    fetched(3, 4);
    expect(proposals).toEqual([]);
    alive.add(3);
    fetched(3, 4);
    expect(proposals).toMatchObject([{ newIsr: [1, 2, 3] }]);
    await answer(accepted([1, 2, 3], 1));
    expect(partition.isr).toEqual([1, 2, 3]);
  });

  it('does not expand by a follower that has not reached the start of the leader epoch', async () => {
    const { partition, log, fetched, proposals } = await testPartition();
    partition.makeLeader(stateOf({ isr: [1] }), log);
    partition.append(records(4), 'client', 1);
    partition.makeFollower(stateOf({ leader: 2, leaderEpoch: 1, partitionEpoch: 1 }), log);
    log.updateHighWatermark(1);
    partition.makeLeader(stateOf({ isr: [1, 2], leaderEpoch: 2, partitionEpoch: 2 }), log);
    fetched(3, 3);
    expect(proposals).toEqual([]);
    fetched(3, 4);
    expect(proposals).toMatchObject([{ newIsr: [1, 2, 3] }]);
  });

  it('sends a proposal again after an error that may pass', async () => {
    const { partition, log, clock, fetched, proposals, answer } = await testPartition();
    partition.makeLeader(stateOf({ isr: [1, 2] }), log);
    fetched(3, 0);
    await answer({ accepted: false, error: Errors.UNKNOWN_SERVER_ERROR });
    expect(proposals).toHaveLength(1);
    clock.advance(100);
    expect(proposals).toHaveLength(2);
  });

  it('stays pending when the controller knows better, until LeaderAndIsr comes', async () => {
    const { partition, log, fetched, proposals, answer } = await testPartition();
    partition.makeLeader(stateOf({ isr: [1, 2] }), log);
    fetched(3, 0);
    await answer({ accepted: false, error: Errors.INVALID_UPDATE_VERSION });
    expect(partition.isIsrPending).toBe(true);
    fetched(3, 0);
    expect(proposals).toHaveLength(1);
    partition.makeLeader(stateOf({ isr: [1, 2], leaderEpoch: 1, partitionEpoch: 3 }), log);
    fetched(3, 0);
    expect(proposals).toHaveLength(2);
    expect(proposals[1]).toMatchObject({ leaderEpoch: 1, partitionEpoch: 3 });
  });
});

describe('who waits for a partition', () => {
  it('is looked at when it changes: writers only when the high watermark moved, readers always', async () => {
    const { partition, log, fetched } = await testPartition();
    partition.makeLeader(stateOf({ replicas: [1, 2], isr: [1, 2] }), log);
    const [writer, reader] = [new Check(), new Check()];
    partition.produceWaiters.add(writer);
    partition.fetchWaiters.add(reader);
    partition.wake();
    const before = { writer: writer.checks, reader: reader.checks };
    partition.append(records(1), 'client', 1);
    partition.wake();
    expect(writer.checks).toBe(before.writer);
    expect(reader.checks).toBe(before.reader + 1);
    fetched(2, 1);
    expect(writer.checks).toBe(before.writer + 1);
    expect(reader.checks).toBe(before.reader + 2);
  });
});

describe('the low watermark', () => {
  it('is the lowest log start among the live replicas', async () => {
    const { partition, log, fetched, alive } = await testPartition();
    partition.makeLeader(stateOf(), log);
    partition.append(records(9), 'client', 1);
    fetched(2, 9, 4);
    fetched(3, 9, 2);
    log.maybeIncrementLogStartOffset(5);
    expect(partition.lowWatermark()).toBe(2);
    alive.delete(3);
    expect(partition.lowWatermark()).toBe(4);
  });
});
