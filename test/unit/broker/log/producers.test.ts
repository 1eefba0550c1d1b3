import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log, LogAppendInfo } from '../../../../broker/log';
import { wireErrorOf } from '../../../../protocol/errors';
import { buildEndTransactionMarker } from '../../../../protocol/records';
import { batchOf, open, readAll, reopen, sequenced, toEnd, valuesOf, type Opened } from './support';

/** The wire error that an append is refused with; null when it is not. */
function refusalOf(append: () => unknown): string | null {
  try {
    append();
    return null;
  } catch (error) {
    return wireErrorOf(error).name;
  }
}

function marker(type: 'commit' | 'abort', options: { producerEpoch?: number; coordinatorEpoch?: number } = {}): Buffer {
  return buildEndTransactionMarker({
    type,
    coordinatorEpoch: options.coordinatorEpoch ?? 1,
    timestamp: 1_700_000_005_000n,
    producerId: 7,
    producerEpoch: options.producerEpoch ?? 0,
  });
}

describe('an idempotent producer', () => {
  it('gets the first answer again for a batch that it sends again, up to five batches back', async () => {
    const { log } = await open();
    for (let index = 0; index < 6; index++) log.appendAsLeader(sequenced(['a', 'b'], index * 2), 0);
    expect(log.appendAsLeader(sequenced(['a', 'b'], 10), 0)).toMatchObject({
      firstOffset: 10,
      lastOffset: 11,
      duplicate: true,
    });
    expect(log.appendAsLeader(sequenced(['a', 'b'], 2), 0)).toMatchObject({
      firstOffset: 2,
      lastOffset: 3,
      duplicate: true,
    });
    expect(refusalOf(() => log.appendAsLeader(sequenced(['a', 'b'], 0), 0))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(log.logEndOffset).toBe(12);
  });

  it('may not leave a gap, and may begin anywhere when nothing is known of it', async () => {
    const { log } = await open();
    log.appendAsLeader(sequenced(['a'], 41), 0);
    expect(refusalOf(() => log.appendAsLeader(sequenced(['b'], 43), 0))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(log.appendAsLeader(sequenced(['b'], 42), 0).firstOffset).toBe(1);
  });

  it('begins a new epoch with sequence number 0, and an old epoch is refused', async () => {
    const { log } = await open();
    log.appendAsLeader(sequenced(['a'], 0), 0);
    expect(refusalOf(() => log.appendAsLeader(sequenced(['b'], 1, { producerEpoch: 1 }), 0))).toBe(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
    );
    log.appendAsLeader(sequenced(['b'], 0, { producerEpoch: 1 }), 0);
    expect(refusalOf(() => log.appendAsLeader(sequenced(['c'], 1), 0))).toBe('INVALID_PRODUCER_EPOCH');
  });

  it('goes on after 2^31-1 with 0', async () => {
    const { log } = await open();
    log.appendAsLeader(sequenced(['a', 'b'], 2 ** 31 - 2), 0);
    expect(log.appendAsLeader(sequenced(['c'], 0), 0)).toMatchObject({ firstOffset: 2, duplicate: false });
  });

  it.each([
    ['a clean stop', { clean: true }],
    ['kill -9', { clean: false }],
  ])('is remembered after %s', async (_how, how) => {
    const opened = await open({ config: { segmentBytes: 300 } });
    for (let index = 0; index < 9; index++) opened.log.appendAsLeader(sequenced([`v${index}`], index), 0);
    const { log } = await reopen(opened, { ...how, config: { segmentBytes: 300 } });
    expect(log.appendAsLeader(sequenced(['v8'], 8), 0)).toMatchObject({ firstOffset: 8, duplicate: true });
    expect(refusalOf(() => log.appendAsLeader(sequenced(['x'], 10), 0))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(log.appendAsLeader(sequenced(['v9'], 9), 0).firstOffset).toBe(9);
  });

  it.each([
    ['a clean stop', { clean: true }, {}],
    ['kill -9', { clean: false }, {}],
    ['a clean stop, over several segments', { clean: true }, { segmentBytes: 300 }],
    ['kill -9, over several segments', { clean: false }, { segmentBytes: 300 }],
  ])(
    'may send its last five batches again after %s, though a snapshot knows the last one only',
    async (_how, how, config) => {
      const opened = await open({ config });
      const timestamp = BigInt(opened.clock.nowMs());
      const send = (log: Log, index: number): LogAppendInfo =>
        log.appendAsLeader(sequenced([`v${index}`], index, { timestamp }), 0);
      for (let index = 0; index < 9; index++) send(opened.log, index);
      const { log } = await reopen(opened, { ...how, config });
      for (let index = 4; index < 9; index++)
        expect(send(log, index)).toMatchObject({ firstOffset: index, duplicate: true });
      expect(refusalOf(() => send(log, 3))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
      expect(send(log, 9)).toMatchObject({ firstOffset: 9, duplicate: false });
    },
  );

  it('may send its last five batches again after a restart of a long log, whose end is found by its index', async () => {
    const opened = await open();
    const timestamp = BigInt(opened.clock.nowMs());
    const send = (log: Log, index: number): LogAppendInfo =>
      log.appendAsLeader(sequenced(['v'.repeat(5_000)], index, { timestamp }), 0);
    for (let index = 0; index < 200; index++) send(opened.log, index);
    const { log } = await reopen(opened, { clean: true });
    for (let index = 195; index < 200; index++) {
      expect(send(log, index)).toMatchObject({ firstOffset: index, duplicate: true });
    }
    expect(refusalOf(() => send(log, 194))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  it('may send its last five batches again after a truncation to a snapshot', async () => {
    const { log, clock } = await open();
    const timestamp = BigInt(clock.nowMs());
    for (let index = 0; index < 9; index++) {
      if (index === 7) log.roll();
      log.appendAsFollower(sequenced([`v${index}`], index, { baseOffset: index, timestamp }));
    }
    log.truncateTo(7);
    for (let index = 2; index < 7; index++) {
      const again = log.appendAsLeader(sequenced([`v${index}`], index, { timestamp }), 0);
      expect(again).toMatchObject({ firstOffset: index, duplicate: true });
    }
  });

  it('is known on a follower, and as of the end after a truncation', async () => {
    const { log } = await open();
    for (let index = 0; index < 4; index++)
      log.appendAsFollower(sequenced([`v${index}`], index, { baseOffset: index }));
    log.truncateTo(2);
    expect(log.appendAsLeader(sequenced(['v1'], 1), 0)).toMatchObject({ firstOffset: 1, duplicate: true });
    expect(log.appendAsLeader(sequenced(['other'], 2), 0)).toMatchObject({ firstOffset: 2, duplicate: false });
  });

  it('is forgotten when it has written nothing for long', async () => {
    const { log, clock } = await open({ settings: { producerExpirationMs: 60_000 } });
    log.appendAsLeader(sequenced(['a'], 0), 0);
    expect(log.activeProducers.size).toBe(1);
    await clock.advanceAsync(700_000);
    expect(log.activeProducers.size).toBe(0);
    expect(log.appendAsLeader(sequenced(['b'], 17), 0).duplicate).toBe(false);
  });

  it('survives a damaged snapshot: an older one, or the log itself, tells as much', async () => {
    const opened = await open({ config: { segmentBytes: 300 } });
    for (let index = 0; index < 9; index++) opened.log.appendAsLeader(sequenced([`v${index}`], index), 0);
    await opened.manager.shutdown({ clean: true });
    const snapshots = readdirSync(opened.log.dir)
      .filter((name) => name.endsWith('.snapshot'))
      .toSorted();
    const last = join(opened.log.dir, snapshots.at(-1) as string);
    const bytes = readFileSync(last);
    bytes[bytes.length - 1] = 99;
    writeFileSync(last, bytes);
    const { log } = await open({ directory: opened.directory, clock: opened.clock });
    expect(log.appendAsLeader(sequenced(['v8'], 8), 0)).toMatchObject({ firstOffset: 8, duplicate: true });
  });

  it('costs nothing at a restart when it never existed', async () => {
    const opened = await open();
    opened.log.appendAsLeader(batchOf(['a']), 0);
    await opened.manager.shutdown({ clean: true });
    for (const name of readdirSync(opened.log.dir)) if (name.endsWith('.snapshot')) rmSync(join(opened.log.dir, name));
    const { log } = await open({ directory: opened.directory, clock: opened.clock });
    expect(log.activeProducers.size).toBe(0);
    expect(await readAll(log)).toEqual(['a']);
  });

  it('has a snapshot in the bytes that Kafka writes', async () => {
    const opened = await open();
    opened.log.appendAsLeader(sequenced(['a', 'b', 'c'], 5, { producerEpoch: 2, timestamp: 1000n }), 0);
    await opened.manager.shutdown({ clean: true });
    const bytes = readFileSync(join(opened.log.dir, '00000000000000000003.snapshot'));
    expect(bytes.length).toBe(10 + 46);
    expect(bytes.subarray(0, 2).toString('hex')).toBe('0001');
    expect(bytes.subarray(6).toString('hex')).toBe(
      '00000001' +
        '0000000000000007' +
        '0002' +
        '00000007' +
        '0000000000000002' +
        '00000002' +
        '00000000000003ea' +
        'ffffffff' +
        'ffffffffffffffff',
    );
  });
});

describe('a transaction', () => {
  const stable = { isolation: 'last_stable', minOneBatch: true } as const;

  async function withTransaction(): Promise<Opened> {
    const opened = await open();
    opened.log.appendAsLeader(batchOf(['before']), 0);
    opened.log.appendAsLeader(sequenced(['in', 'side'], 0, { transactional: true }), 0);
    opened.log.appendAsLeader(batchOf(['beside']), 0);
    opened.log.updateHighWatermark(4);
    return opened;
  }

  it('holds back read_committed consumers until it is decided and its marker replicated', async () => {
    const { log } = await withTransaction();
    expect([log.firstUnstableOffset, log.lastStableOffset]).toEqual([1, 1]);
    expect(valuesOf(await log.read(0, 9999, stable))).toEqual(['before']);
    log.appendAsLeader(marker('commit'), 0, { origin: 'coordinator' });
    expect(log.lastStableOffset).toBe(1);
    log.updateHighWatermark(5);
    expect([log.firstUnstableOffset, log.lastStableOffset]).toEqual([null, 5]);
    const data = await log.read(0, 9999, stable);
    expect(valuesOf(data).slice(0, 4)).toEqual(['before', 'in', 'side', 'beside']);
    expect(data.abortedTransactions).toEqual([]);
  });

  it.each([
    ['at once', (opened: Opened) => Promise.resolve(opened)],
    ['after a clean stop', (opened: Opened) => reopen(opened)],
    ['after kill -9', (opened: Opened) => reopen(opened, { clean: false })],
  ])('that was aborted is told to read_committed consumers, %s', async (_when, later) => {
    const opened = await withTransaction();
    opened.log.appendAsLeader(marker('abort'), 0, { origin: 'coordinator' });
    const { log } = await later(opened);
    log.updateHighWatermark(5);
    const aborted = [{ producerId: 7, firstOffset: 1 }];
    expect((await log.read(0, 9999, stable)).abortedTransactions).toEqual(aborted);
    expect((await log.read(2, 9999, stable)).abortedTransactions).toEqual(aborted);
    expect((await log.read(0, 1, stable)).abortedTransactions).toEqual([]);
    expect((await log.read(0, 9999, toEnd)).abortedTransactions).toBeNull();
    expect(readFileSync(join(log.dir, '00000000000000000000.txnindex')).toString('hex')).toBe(
      '0000' + '0000000000000007' + '0000000000000001' + '0000000000000004' + '0000000000000005',
    );
  });

  it('stays open over a restart', async () => {
    const opened = await withTransaction();
    const { log } = await reopen(opened, { clean: false });
    expect(log.hasOngoingTransaction(7)).toBe(true);
    log.updateHighWatermark(4);
    expect(log.lastStableOffset).toBe(1);
  });

  it('is gone when its records are cut off', async () => {
    const { log } = await withTransaction();
    log.truncateTo(1);
    expect([log.firstUnstableOffset, log.lastStableOffset, log.hasOngoingTransaction(7)]).toEqual([null, 1, false]);
  });

  it('admits nothing from its producer that is not part of it', async () => {
    const { log } = await withTransaction();
    expect(refusalOf(() => log.appendAsLeader(sequenced(['x'], 2), 0))).toBe('INVALID_TXN_STATE');
  });

  it('is not ended by a deposed coordinator or a fenced producer epoch', async () => {
    const { log } = await withTransaction();
    const end =
      (bytes: Buffer): (() => unknown) =>
      () =>
        log.appendAsLeader(bytes, 0, { origin: 'coordinator' });
    end(marker('commit', { coordinatorEpoch: 4, producerEpoch: 1 }))();
    expect(refusalOf(end(marker('commit', { coordinatorEpoch: 3, producerEpoch: 1 })))).toBe(
      'TRANSACTION_COORDINATOR_FENCED',
    );
    expect(refusalOf(end(marker('commit', { coordinatorEpoch: 5, producerEpoch: 0 })))).toBe('INVALID_PRODUCER_EPOCH');
  });

  it('of one producer does not hide another that is still open', async () => {
    const { log } = await open();
    const write = (producerId: number, sequence: number): void => {
      log.appendAsLeader(
        batchOf(['v'], { producerId, producerEpoch: 0, baseSequence: sequence, transactional: true }),
        0,
      );
    };
    write(7, 0);
    write(8, 0);
    log.appendAsLeader(marker('abort'), 0, { origin: 'coordinator' });
    log.updateHighWatermark(3);
    expect(log.lastStableOffset).toBe(1);
    expect(abortedIndexOf(log)).toBe(
      '0000' + '0000000000000007' + '0000000000000000' + '0000000000000002' + '0000000000000001',
    );
  });
});

function abortedIndexOf(log: Log): string {
  return readFileSync(join(log.dir, '00000000000000000000.txnindex')).toString('hex');
}
