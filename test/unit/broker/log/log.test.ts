import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaError } from '../../../../protocol/errors';
import { batch, buildBatch } from '../../../../protocol/records';
import { batchOf, filesOf, offsetsOf, open, partition, readAll, reopen, toEnd, valuesOf } from './support';

/** Name of the error that a call throws; what it returned when it throws none. */
function errorNameOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as KafkaError).error.name;
  }
}

describe('a new log', () => {
  it('is empty and begins at offset 0', async () => {
    const { log } = await open();
    expect([log.logStartOffset, log.logEndOffset, log.highWatermark, log.sizeBytes]).toEqual([0, 0, 0, 0]);
    expect(log.latestEpoch).toBeNull();
    expect(filesOf(log)).toEqual(['00000000000000000000.log']);
    expect(valuesOf(await log.read(0, 1000, toEnd))).toEqual([]);
  });

  it('keeps its topic id in the bytes that Kafka writes', async () => {
    const opened = await open();
    opened.log.assignTopicId('TP9cSBN7ShaBGIn-e4c3tw');
    expect(readFileSync(join(opened.log.dir, 'partition.metadata'), 'utf8')).toBe(
      'version: 0\ntopic_id: TP9cSBN7ShaBGIn-e4c3tw',
    );
    const { log } = await reopen(opened);
    expect(log.topicId).toBe('TP9cSBN7ShaBGIn-e4c3tw');
  });
});

describe('appending as leader', () => {
  it('assigns the next offsets and the epoch, and nothing else changes in the batch', async () => {
    const { log } = await open();
    expect(log.appendAsLeader(batchOf(['a', 'b']), 3)).toMatchObject({
      firstOffset: 0,
      lastOffset: 1,
      duplicate: false,
    });
    const second = batchOf(['c']);
    const sent = Buffer.from(second);
    expect(log.appendAsLeader(second, 3)).toMatchObject({ firstOffset: 2, lastOffset: 2, logAppendTimeMs: -1n });
    const data = await log.read(2, 1000, toEnd);
    const [stored] = data.records as [Buffer];
    expect(batch.baseOffset(stored)).toBe(2);
    expect(batch.partitionLeaderEpoch(stored)).toBe(3);
    expect(stored.subarray(16)).toEqual(sent.subarray(16));
    expect(log.latestEpoch).toBe(3);
  });

  it('writes the file before it returns', async () => {
    const { log } = await open();
    const records = batchOf(['a', 'b']);
    log.appendAsLeader(records, 0);
    expect(readFileSync(join(log.dir, '00000000000000000000.log'))).toEqual(records);
  });

  it('stamps the time of the broker where the topic asks for that', async () => {
    const { log, clock } = await open({ config: { timestampType: 'LogAppendTime' } });
    const info = log.appendAsLeader(batchOf(['a', 'b']), 0);
    expect(info.logAppendTimeMs).toBe(BigInt(clock.nowMs()));
    const [stored] = (await log.read(0, 1000, toEnd)).records as [Buffer];
    expect(batch.isCrcValid(stored)).toBe(true);
    expect(batch.maxTimestamp(stored)).toBe(BigInt(clock.nowMs()));
  });

  it('takes a batch that claims the time of an append as one with its own time, as Kafka does', async () => {
    const { log } = await open();
    const claiming = batchOf(['a', 'b']);
    const sentMs = batch.maxTimestamp(claiming);
    batch.setLogAppendTime(claiming, 0, sentMs);
    expect(log.appendAsLeader(claiming, 0)).toMatchObject({ firstOffset: 0, logAppendTimeMs: -1n });
    const [stored] = (await log.read(0, 1000, toEnd)).records as [Buffer];
    expect(batch.isLogAppendTime(stored)).toBe(false);
    expect(batch.maxTimestamp(stored)).toBe(sentMs);
    expect(batch.isCrcValid(stored)).toBe(true);
  });

  it('refuses such a batch where the broker itself stamps that time', async () => {
    const { log } = await open({ config: { timestampType: 'LogAppendTime' } });
    const claiming = batchOf(['a']);
    batch.setLogAppendTime(claiming, 0, batch.maxTimestamp(claiming));
    expect(() => log.appendAsLeader(claiming, 0)).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ name: 'INVALID_TIMESTAMP' }) }),
    );
    expect(log.logEndOffset).toBe(0);
  });

  it.each([
    ['a base offset other than 0', (bytes: Buffer) => batch.setBaseOffset(bytes, 0, 5), 'INVALID_RECORD'],
    ['a wrong checksum', (bytes: Buffer) => bytes.writeUInt8(1, bytes.length - 1), 'CORRUPT_MESSAGE'],
    ['an unknown magic', (bytes: Buffer) => bytes.writeInt8(9, 16), 'CORRUPT_MESSAGE'],
    ['the format before v2', (bytes: Buffer) => bytes.writeInt8(1, 16), 'UNSUPPORTED_FOR_MESSAGE_FORMAT'],
    ['a size beyond its bytes', (bytes: Buffer) => bytes.writeInt32BE(5000, 8), 'CORRUPT_MESSAGE'],
    [
      'another count than it has',
      (bytes: Buffer) => {
        bytes.writeInt32BE(9, 57);
        batch.updateCrc(bytes, 0);
      },
      'INVALID_RECORD',
    ],
    [
      'the control flag',
      (bytes: Buffer) => {
        bytes.writeInt16BE(0x20, 21);
        batch.updateCrc(bytes, 0);
      },
      'INVALID_RECORD',
    ],
    [
      'an unknown codec',
      (bytes: Buffer) => {
        bytes.writeInt16BE(7, 21);
        batch.updateCrc(bytes, 0);
      },
      'UNSUPPORTED_COMPRESSION_TYPE',
    ],
  ])('refuses a batch with %s and stays as it was', async (_what, damage, name) => {
    const { log } = await open();
    log.appendAsLeader(batchOf(['before']), 0);
    const bytes = batchOf(['a']);
    damage(bytes);
    expect(() => log.appendAsLeader(bytes, 0)).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ name }) }),
    );
    expect(log.logEndOffset).toBe(1);
    expect(await readAll(log)).toEqual(['before']);
  });

  it('refuses a batch larger than max.message.bytes', async () => {
    const { log } = await open({ config: { maxBatchBytes: 100 } });
    expect(() => log.appendAsLeader(batchOf(['x'.repeat(200)]), 0)).toThrow('max.message.bytes');
  });

  it('refuses records without a key in a compacted topic, naming each', async () => {
    const { log } = await open({ config: { cleanupPolicy: new Set(['compact'] as const) } });
    const records = batchOf(['a', 'b'], { compression: 'gzip' });
    expect(log.appendAsLeader(records, 0).lastOffset).toBe(1);
    const keyless = buildBatch([
      { timestamp: 1n, key: Buffer.from('k'), value: null },
      { timestamp: 1n, key: null, value: null },
    ]);
    expect(() => log.appendAsLeader(keyless, 0)).toThrow(
      expect.objectContaining({
        recordErrors: [{ batchIndex: 1, message: expect.stringMatching(/topic of .+-\d+ needs a key$/) }],
      }),
    );
  });

  it('refuses timestamps too far from its own time where the topic sets limits', async () => {
    const { log, clock } = await open({ config: { timestampBeforeMaxMs: 1000, timestampAfterMaxMs: 1000 } });
    const nowMs = BigInt(clock.nowMs());
    expect(log.appendAsLeader(batchOf(['a'], { timestamp: nowMs - 1000n }), 0).lastOffset).toBe(0);
    expect(() => log.appendAsLeader(batchOf(['a'], { timestamp: nowMs - 1001n }), 0)).toThrow(
      `too far from the broker's time: allowed is from ${nowMs - 1000n} up to ${nowMs + 1000n}`,
    );
    expect(() => log.appendAsLeader(batchOf(['a'], { timestamp: nowMs + 1001n }), 0)).toThrow('too far');
  });

  it.each([
    ['gzip', 1],
    ['lz4', 3],
    ['zstd', 4],
  ])('refuses a batch that says %s and is not', async (_, codec) => {
    const { log } = await open();
    const bytes = batchOf(['a', 'b']);
    bytes.writeInt16BE(codec, 21);
    batch.updateCrc(bytes, 0);
    expect(() => log.appendAsLeader(bytes, 0)).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ name: 'UNKNOWN_SERVER_ERROR' }) }),
    );
    expect(log.logEndOffset).toBe(0);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'refuses a %s batch whose body is damaged behind its first bytes',
    async (compression) => {
      const { log } = await open();
      const values = Array.from({ length: 50 }, (_, at) => `value ${at} of ${at * 7919}`);
      const bytes = batchOf(values, { compression });
      bytes.fill(0xff, bytes.length - 200, bytes.length - 20);
      batch.updateCrc(bytes, 0);
      const names = ['UNKNOWN_SERVER_ERROR', 'INVALID_RECORD'];
      expect(names).toContain(errorNameOf(() => log.appendAsLeader(bytes, 0)));
      expect(log.logEndOffset).toBe(0);
    },
  );

  it('refuses a compressed batch that holds fewer records than it counts', async () => {
    const { log } = await open();
    const bytes = batchOf(['a', 'b'], { compression: 'gzip' });
    bytes.writeInt32BE(3, 57);
    bytes.writeInt32BE(2, 23);
    batch.updateCrc(bytes, 0);
    expect(errorNameOf(() => log.appendAsLeader(bytes, 0))).toBe('INVALID_RECORD');
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('takes a batch that is %s as it says', async (compression) => {
    const { log } = await open();
    expect(log.appendAsLeader(batchOf(['a', 'b'], { compression }), 0)).toMatchObject({ lastOffset: 1 });
  });

  it('compresses with the codec of the topic where that is not the producer', async () => {
    const { log } = await open({ config: { compressionType: 'lz4' } });
    log.appendAsLeader(batchOf(['a', 'b'], { compression: 'gzip' }), 0);
    const [stored] = (await log.read(0, 1000, toEnd)).records as [Buffer];
    expect(batch.compressionId(stored)).toBe(3);
    expect(await readAll(log)).toEqual(['a', 'b']);
  });
});

describe('appending as follower', () => {
  it('takes batches as they are, with their offsets and epochs', async () => {
    const { log } = await open();
    const records = Buffer.concat([
      batchOf(['a', 'b'], { baseOffset: 0, partitionLeaderEpoch: 1 }),
      batchOf(['f'], { baseOffset: 5, partitionLeaderEpoch: 4 }),
    ]);
    expect(log.appendAsFollower(records)).toMatchObject({ firstOffset: 0, lastOffset: 5 });
    expect(log.logEndOffset).toBe(6);
    expect(offsetsOf(await log.read(0, 1000, toEnd))).toEqual([0, 1, 5]);
    expect(offsetsOf(await log.read(3, 1000, toEnd))).toEqual([5]);
    expect(log.endOffsetForEpoch(1)).toEqual({ epoch: 1, endOffset: 5 });
    expect(log.endOffsetForEpoch(4)).toEqual({ epoch: 4, endOffset: 6 });
    expect(log.endOffsetForEpoch(3)).toEqual({ epoch: 1, endOffset: 5 });
    expect(log.endOffsetForEpoch(5)).toBeNull();
  });

  it('leaves out a batch that the answer cuts off', async () => {
    const { log } = await open();
    const records = Buffer.concat([batchOf(['a']), batchOf(['b'], { baseOffset: 1 })]);
    expect(log.appendAsFollower(records.subarray(0, -3)).lastOffset).toBe(0);
    expect(await readAll(log)).toEqual(['a']);
  });

  it('refuses batches that begin before its end', async () => {
    const { log } = await open();
    log.appendAsFollower(batchOf(['a', 'b']));
    expect(() => log.appendAsFollower(batchOf(['b'], { baseOffset: 1 }))).toThrow(
      expect.objectContaining({ name: 'UnexpectedAppendOffsetError', firstOffset: 1, lastOffset: 1 }),
    );
  });

  it('takes, while it is empty, a batch in the middle of which it is to start', async () => {
    const opened = await open();
    opened.log.truncateFullyAndStartAt(11);
    opened.log.appendAsFollower(batchOf(['a', 'b', 'c'], { baseOffset: 10 }));
    expect([opened.log.logStartOffset, opened.log.logEndOffset, opened.log.highWatermark]).toEqual([11, 13, 11]);
    expect(() => opened.log.read(10, 100, toEnd)).toThrow('is not in orders-0');
    const { log } = await reopen(opened);
    expect([log.logStartOffset, log.logEndOffset]).toEqual([11, 13]);
    expect(await readAll(log)).toEqual(['b', 'c']);
  });

  it('refuses damaged batches', async () => {
    const { log } = await open();
    const records = batchOf(['a']);
    records[records.length - 1] = 7;
    expect(() => log.appendAsFollower(records)).toThrow('checksum');
  });
});

describe('reading', () => {
  it('stops at the high watermark and at the last stable offset', async () => {
    const { log } = await open();
    for (const value of ['a', 'b', 'c']) log.appendAsLeader(batchOf([value]), 0);
    log.updateHighWatermark(2);
    const options = { isolation: 'high_watermark', minOneBatch: true } as const;
    expect(valuesOf(await log.read(0, 1000, options))).toEqual(['a', 'b']);
    expect(valuesOf(await log.read(2, 1000, options))).toEqual([]);
    expect(valuesOf(await log.read(3, 1000, options))).toEqual([]);
    expect(() => log.read(4, 1000, options)).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ name: 'OFFSET_OUT_OF_RANGE' }) }),
    );
  });

  it('is synchronous from memory, and the same from the file', async () => {
    const opened = await open();
    for (let index = 0; index < 50; index++) opened.log.appendAsLeader(batchOf([`v${index}`, `w${index}`]), 0);
    expect(opened.log.read(30, 1000, toEnd)).not.toBeInstanceOf(Promise);
    const expected = await readAll(opened.log, 0, 300);
    const { log } = await reopen(opened);
    const data = log.read(30, 1000, toEnd);
    expect(data).toBeInstanceOf(Promise);
    expect(offsetsOf(await data)[0]).toBe(30);
    expect(await readAll(log, 0, 300)).toEqual(expected);
    expect(await readAll(log, 0, 1)).toEqual(expected);
  });

  it('gives at least one batch only when asked to', async () => {
    const opened = await open();
    opened.log.appendAsLeader(batchOf(['x'.repeat(500)]), 0);
    const least = { isolation: 'log_end', minOneBatch: false } as const;
    expect((await opened.log.read(0, 100, least)).sizeBytes).toBe(0);
    expect((await opened.log.read(0, 100, toEnd)).sizeBytes).toBeGreaterThan(500);
    const { log } = await reopen(opened);
    expect((await log.read(0, 100, least)).sizeBytes).toBe(0);
    expect((await log.read(0, 100, toEnd)).sizeBytes).toBeGreaterThan(500);
  });

  it('serves old bytes from the file when memory is short', async () => {
    const { log, manager } = await open({ settings: { tailCacheBytes: 300_000 } });
    const value = 'x'.repeat(20_000);
    for (let index = 0; index < 40; index++) log.appendAsLeader(batchOf([`${index}${value}`]), 0);
    expect(manager.tailCacheBytes).toBeLessThanOrEqual(300_000);
    const fromFile = log.read(0, 1000, toEnd);
    expect(fromFile).toBeInstanceOf(Promise);
    expect(offsetsOf(await fromFile)).toEqual([0]);
    expect(log.read(39, 1000, toEnd)).not.toBeInstanceOf(Promise);
    expect((await readAll(log)).map((text) => text.replace(value, ''))).toEqual(
      Array.from({ length: 40 }, (_, i) => String(i)),
    );
  });

  it('sees a truncation that comes while the disk is asked', async () => {
    const opened = await open();
    for (let index = 0; index < 10; index++) opened.log.appendAsLeader(batchOf([`v${index}`]), 0);
    const { log } = await reopen(opened);
    const reading = log.read(2, 10_000, toEnd);
    log.truncateTo(5);
    log.appendAsLeader(batchOf(['new']), 1);
    expect(valuesOf(await reading)).toEqual(['v2', 'v3', 'v4', 'new']);
  });
});

describe('rolling', () => {
  it('begins a segment when the next batch does not fit, and reads across segments', async () => {
    const opened = await open({ config: { segmentBytes: 200 } });
    for (let index = 0; index < 6; index++) opened.log.appendAsLeader(batchOf([`value ${index}`]), 0);
    expect(opened.log.segmentCount).toBe(3);
    expect(filesOf(opened.log).filter((name) => name.endsWith('.log'))).toEqual([
      '00000000000000000000.log',
      '00000000000000000002.log',
      '00000000000000000004.log',
    ]);
    const { log } = await reopen(opened);
    expect(await readAll(log)).toEqual(['value 0', 'value 1', 'value 2', 'value 3', 'value 4', 'value 5']);
    expect(statSync(join(log.dir, '00000000000000000000.timeindex')).size).toBe(12);
  });

  it('goes by the time between the records where they have one', async () => {
    const { log } = await open({ config: { segmentMs: 1000 } });
    log.appendAsLeader(batchOf(['a'], { timestamp: 5000n }), 0);
    log.appendAsLeader(batchOf(['b'], { timestamp: 6000n }), 0);
    expect(log.segmentCount).toBe(1);
    log.appendAsLeader(batchOf(['c'], { timestamp: 6001n }), 0);
    expect(log.segmentCount).toBe(2);
  });

  it('flushes what was rolled, so that recovery need not look at it', async () => {
    const { log } = await open({ config: { segmentBytes: 200 } });
    for (let index = 0; index < 4; index++) log.appendAsLeader(batchOf([`value ${index}`]), 0);
    await log.flush(2);
    expect(log.recoveryPoint).toBe(2);
    await log.flush();
    expect(log.recoveryPoint).toBe(4);
  });
});

describe('truncating', () => {
  it('drops records, epochs and segments from an offset on', async () => {
    const opened = await open({ config: { segmentBytes: 200 } });
    const { log } = opened;
    for (let epoch = 0; epoch < 6; epoch++) log.appendAsLeader(batchOf([`value ${epoch}`]), epoch);
    log.updateHighWatermark(6);
    expect(log.truncateTo(3)).toBe(true);
    expect([log.logEndOffset, log.highWatermark, log.latestEpoch, log.segmentCount]).toEqual([3, 3, 2, 2]);
    expect(await readAll(log)).toEqual(['value 0', 'value 1', 'value 2']);
    log.appendAsLeader(batchOf(['other']), 9);
    const again = await reopen(opened, { clean: false, config: { segmentBytes: 200 } });
    expect(await readAll(again.log)).toEqual(['value 0', 'value 1', 'value 2', 'other']);
    expect(again.log.endOffsetForEpoch(2)).toEqual({ epoch: 2, endOffset: 3 });
  });

  it('cuts before the batch that holds the offset', async () => {
    const { log } = await open();
    log.appendAsLeader(batchOf(['a', 'b', 'c']), 0);
    log.truncateTo(1);
    expect(log.logEndOffset).toBe(1);
    expect(log.sizeBytes).toBe(0);
  });

  it('drops the epoch of a leader that wrote nothing', async () => {
    const { log } = await open();
    log.appendAsLeader(batchOf(['a']), 0);
    log.assignEpochStart(5, 1);
    expect(log.truncateTo(1)).toBe(false);
    expect(log.latestEpoch).toBe(0);
  });

  it('starts anew at any offset', async () => {
    const opened = await open();
    opened.log.appendAsLeader(batchOf(['a', 'b']), 0);
    opened.log.truncateFullyAndStartAt(100);
    expect([opened.log.logStartOffset, opened.log.logEndOffset, opened.log.latestEpoch]).toEqual([100, 100, null]);
    expect(opened.log.appendAsLeader(batchOf(['c']), 2)).toMatchObject({ firstOffset: 100 });
    const { log } = await reopen(opened);
    expect([log.logStartOffset, log.logEndOffset]).toEqual([100, 101]);
    expect(await readAll(log)).toEqual(['c']);
  });
});

describe('the log start offset', () => {
  it('hides what lies below it and survives a restart', async () => {
    const opened = await open();
    for (const value of ['a', 'b', 'c']) opened.log.appendAsLeader(batchOf([value]), 0);
    expect(() => opened.log.maybeIncrementLogStartOffset(2)).toThrow('high watermark');
    opened.log.updateHighWatermark(3);
    expect(opened.log.maybeIncrementLogStartOffset(2)).toBe(true);
    expect(opened.log.maybeIncrementLogStartOffset(1)).toBe(false);
    expect(() => opened.log.read(1, 100, toEnd)).toThrow('not in orders-0');
    const { log, manager } = await reopen(opened);
    expect(log.logStartOffset).toBe(2);
    expect(log.highWatermark).toBe(2);
    expect(manager.get(partition)).toBe(log);
  });
});

describe('retention', () => {
  it('removes segments older than retention.ms below the high watermark, the active one too', async () => {
    const { log, clock } = await open({ config: { segmentBytes: 200, retentionMs: 10_000, fileDeleteDelayMs: 1000 } });
    const nowMs = BigInt(clock.nowMs());
    for (let index = 0; index < 6; index++) log.appendAsLeader(batchOf([`value ${index}`], { timestamp: nowMs }), 0);
    clock.advance(20_000);
    log.updateHighWatermark(4);
    expect(log.deleteOldSegments()).toBe(2);
    expect(log.logStartOffset).toBe(4);
    log.updateHighWatermark(6);
    expect(log.deleteOldSegments()).toBe(1);
    expect([log.logStartOffset, log.logEndOffset, log.segmentCount, log.sizeBytes]).toEqual([6, 6, 1, 0]);
    expect(filesOf(log).some((name) => name.endsWith('.deleted'))).toBe(true);
    clock.advance(1000);
    expect(filesOf(log)).toEqual(expect.not.arrayContaining([expect.stringContaining('.deleted')]));
    expect(log.appendAsLeader(batchOf(['later']), 0).firstOffset).toBe(6);
  });

  it('removes the oldest segments beyond retention.bytes', async () => {
    const { log } = await open({ config: { segmentBytes: 200, retentionBytes: 250, retentionMs: -1 } });
    for (let index = 0; index < 8; index++) log.appendAsLeader(batchOf([`value ${index}`]), 0);
    log.updateHighWatermark(8);
    const before = log.sizeBytes;
    log.deleteOldSegments();
    expect(log.sizeBytes).toBeLessThan(before);
    expect(log.sizeBytes).toBeGreaterThanOrEqual(250);
  });

  it('removes what lies below the log start offset, in compacted logs too', async () => {
    const { log } = await open({ config: { segmentBytes: 200, cleanupPolicy: new Set(['compact'] as const) } });
    for (let index = 0; index < 6; index++) log.appendAsLeader(batchOf([`value ${index}`]), 0);
    log.updateHighWatermark(6);
    log.maybeIncrementLogStartOffset(3);
    expect(log.deleteOldSegments()).toBe(1);
    expect(log.firstSegmentBaseOffset).toBe(2);
    expect(log.logStartOffset).toBe(3);
  });
});

describe('looking up a time', () => {
  it('finds the first record at or after it, in memory as after a restart', async () => {
    const opened = await open({ config: { segmentBytes: 400, indexIntervalBytes: 100 } });
    for (let index = 0; index < 20; index++) {
      opened.log.appendAsLeader(batchOf([`v${index}`, `w${index}`], { timestamp: BigInt(1000 + index * 10) }), 2);
    }
    for (const { log } of [opened, await reopen(opened, { config: { segmentBytes: 400, indexIntervalBytes: 100 } })]) {
      expect(await log.fetchOffsetByTimestamp(0n)).toEqual({ timestamp: 1000n, offset: 0, leaderEpoch: 2 });
      expect(await log.fetchOffsetByTimestamp(1101n)).toEqual({ timestamp: 1101n, offset: 21, leaderEpoch: 2 });
      expect(await log.fetchOffsetByTimestamp(1102n)).toEqual({ timestamp: 1110n, offset: 22, leaderEpoch: 2 });
      expect(await log.fetchOffsetByTimestamp(1192n)).toBeNull();
      expect(await log.fetchOffsetByTimestamp(-1n)).toEqual({ timestamp: -1n, offset: 40, leaderEpoch: 2 });
      expect(await log.fetchOffsetByTimestamp(-2n)).toEqual({ timestamp: -1n, offset: 0, leaderEpoch: 2 });
      expect(await log.fetchOffsetByTimestamp(-3n)).toEqual({ timestamp: 1191n, offset: 39, leaderEpoch: 2 });
      expect(await log.fetchOffsetByTimestamp(-5n)).toEqual({ timestamp: -1n, offset: -1, leaderEpoch: -1 });
    }
  });
});

describe('retention, while', () => {
  it('an old segment is read, leaves the read its records or tells that they are gone', async () => {
    const opened = await open({ config: { segmentBytes: 200, retentionMs: 1000, fileDeleteDelayMs: 0 } });
    const { log: before, clock } = opened;
    for (let index = 0; index < 6; index++) before.appendAsLeader(batchOf([`value ${index}`]), 0);
    const { log } = await reopen(opened, { config: { segmentBytes: 200, retentionMs: 1000, fileDeleteDelayMs: 0 } });
    log.updateHighWatermark(6);
    const reads = [0, 1, 2, 3].map((offset) =>
      Promise.resolve(log.read(offset, 1000, toEnd)).then(valuesOf, (error: Error) => error.message),
    );
    clock.advance(10_000);
    expect(log.deleteOldSegments()).toBe(3);
    clock.advance(1);
    for (const [offset, result] of (await Promise.all(reads)).entries()) {
      expect([
        [`value ${offset}`],
        [`value ${offset}`, `value ${offset + 1}`],
        expect.stringContaining('is not in'),
      ]).toContainEqual(result);
    }
    expect(log.isUsable).toBe(true);
    expect(filesOf(log).filter((name) => name.endsWith('.deleted'))).toEqual([]);
  });

  it('segments are flushed, does no harm', async () => {
    const { log, clock } = await open({ config: { segmentBytes: 200, retentionMs: 1000, fileDeleteDelayMs: 0 } });
    for (let index = 0; index < 6; index++) log.appendAsLeader(batchOf([`value ${index}`]), 0);
    log.updateHighWatermark(6);
    const flushing = log.flush();
    clock.advance(10_000);
    log.deleteOldSegments();
    clock.advance(1);
    await flushing;
    expect(log.isUsable).toBe(true);
  });
});
