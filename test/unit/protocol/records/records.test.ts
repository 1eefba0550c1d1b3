import fc from 'fast-check';
import {
  batch,
  buildBatch,
  buildEndTransactionMarker,
  checkRecordCount,
  crc32c,
  forEachBatch,
  forEachRecordOutline,
  prepareZstd,
  readEndTransactionMarker,
  readRecords,
  RecordsError,
  splitBatches,
  wholeBatchesBytes,
  type CompressionName,
  type NewRecord,
} from '../../../../protocol/records';
import { isRefusalOrNone } from './refusals';

const codecs: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((data) => Buffer.from(data));

const anyRecord: fc.Arbitrary<NewRecord> = fc.record({
  timestamp: fc.bigInt({ min: -1n, max: 2n ** 62n }),
  key: fc.option(bytes(40)),
  value: fc.option(fc.oneof(bytes(200), bytes(4000))),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 10 }), value: fc.option(bytes(20)) }), { maxLength: 3 }),
});

const anyBatchOptions = fc.record({
  baseOffset: fc.nat({ max: Number.MAX_SAFE_INTEGER - 1000 }),
  partitionLeaderEpoch: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  compression: fc.constantFrom(...codecs),
  producerId: fc.nat({ max: 2 ** 40 }),
  producerEpoch: fc.nat({ max: 32767 }),
  baseSequence: fc.nat({ max: 2 ** 31 - 1 }),
  transactional: fc.boolean(),
});

describe('a record batch', () => {
  beforeAll(() => prepareZstd());

  it('reads back as it was built, whatever its records and codec', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), anyBatchOptions, (records, options) => {
        const built = buildBatch(records, options);
        expect(batch.isCrcValid(built)).toBe(true);
        expect(batch.batchSizeBytes(built)).toBe(built.length);
        expect(batch.baseOffset(built)).toBe(options.baseOffset);
        expect(batch.lastOffset(built)).toBe(options.baseOffset + records.length - 1);
        expect(batch.partitionLeaderEpoch(built)).toBe(options.partitionLeaderEpoch);
        expect(batch.producerId(built)).toBe(options.producerId);
        expect(batch.producerEpoch(built)).toBe(options.producerEpoch);
        expect(batch.baseSequence(built)).toBe(options.baseSequence);
        expect(batch.isTransactional(built)).toBe(options.transactional);
        expect(batch.recordCount(built)).toBe(records.length);
        const expected = records.map((record, index) => ({ ...record, offset: options.baseOffset + index }));
        expect(readRecords(built)).toEqual(expected);
        checkRecordCount(built, 0);
      }),
      { numRuns: 150 },
    );
  });

  it('is never read out of bounds when its bytes are damaged', () => {
    const records = fc.array(anyRecord, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        records,
        fc.constantFrom(...codecs),
        fc.nat(),
        fc.nat({ max: 255 }),
        (some, compression, at, byte) => {
          const damaged = buildBatch(some, { compression });
          damaged[at % damaged.length] = byte;
          expect(isRefusalOrNone(() => readRecords(damaged))).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('keeps its checksum when base offset and leader epoch are set in place', () => {
    const built = buildBatch([{ timestamp: 5n, key: null, value: Buffer.from('v') }]);
    batch.setBaseOffset(built, 0, 2 ** 40 + 7);
    batch.setPartitionLeaderEpoch(built, 0, 12);
    expect(batch.baseOffset(built)).toBe(2 ** 40 + 7);
    expect(batch.partitionLeaderEpoch(built)).toBe(12);
    expect(batch.isCrcValid(built)).toBe(true);
  });

  it('gives every record the time that the broker stamped', () => {
    const records = [1n, 2n].map((timestamp) => ({ timestamp, key: null, value: null }));
    const built = buildBatch(records);
    batch.setLogAppendTime(built, 0, 99n);
    expect(batch.isCrcValid(built)).toBe(true);
    expect(batch.isLogAppendTime(built)).toBe(true);
    expect(readRecords(built).map((record) => record.timestamp)).toEqual([99n, 99n]);
    batch.setCreateTime(built, 0, 2n);
    expect(readRecords(built).map((record) => record.timestamp)).toEqual([1n, 2n]);
  });

  it('has sequence numbers that wrap from 2^31-1 to 0', () => {
    const records = [1n, 2n, 3n].map((timestamp) => ({ timestamp, key: null, value: null }));
    const built = buildBatch(records, { producerId: 1, producerEpoch: 0, baseSequence: 2 ** 31 - 2 });
    expect(batch.lastSequence(built)).toBe(0);
  });

  it('shows the outline of its records without their contents', () => {
    const built = buildBatch(
      [
        { timestamp: 10n, key: Buffer.from('k'), value: Buffer.from('v') },
        { timestamp: 7n, key: null, value: null },
      ],
      { compression: 'gzip' },
    );
    const seen: unknown[] = [];
    forEachRecordOutline(built, 0, (outline, index) => seen.push({ ...outline, index }));
    expect(seen).toEqual([
      { timestamp: 10n, offsetDelta: 0, hasKey: true, index: 0 },
      { timestamp: 7n, offsetDelta: 1, hasKey: false, index: 1 },
    ]);
  });

  it('is refused when it counts more records than it holds', () => {
    const built = buildBatch([{ timestamp: 1n, key: null, value: Buffer.from('v') }]);
    built.writeInt32BE(2, 57);
    expect(() => checkRecordCount(built, 0)).toThrow(RecordsError);
  });

  it('carries the marker that ends a transaction in the bytes that Kafka writes', () => {
    const marker = { type: 'commit', coordinatorEpoch: 7 } as const;
    const built = buildEndTransactionMarker({ ...marker, timestamp: 5n, producerId: 3, producerEpoch: 1 });
    expect(batch.attributes(built)).toBe(0x30);
    expect(batch.baseSequence(built)).toBe(-1);
    const [record] = readRecords(built);
    expect(record?.key?.toString('hex')).toBe('00000001');
    expect(record?.value?.toString('hex')).toBe('000000000007');
    expect(readEndTransactionMarker(record?.key ?? null, record?.value ?? null)).toEqual(marker);
  });
});

describe('walking over batches', () => {
  const one = buildBatch([{ timestamp: 1n, key: null, value: Buffer.from('first') }]);
  const two = buildBatch([{ timestamp: 2n, key: null, value: Buffer.from('second') }], { baseOffset: 1 });

  it('visits each batch with its position and size', () => {
    const visited: number[][] = [];
    forEachBatch(Buffer.concat([one, two]), (at, sizeBytes) => visited.push([at, sizeBytes]));
    expect(visited).toEqual([
      [0, one.length],
      [one.length, two.length],
    ]);
    expect(splitBatches(Buffer.concat([one, two]))).toEqual([one, two]);
  });

  it('stops before a batch that is cut off', () => {
    const cut = Buffer.concat([one, two]).subarray(0, -1);
    expect(wholeBatchesBytes(cut)).toBe(one.length);
    expect(() => splitBatches(cut)).toThrow('cut off');
  });

  it.each([0, 1])('refuses message sets of magic %i by name', (magic) => {
    const legacy = Buffer.alloc(40);
    legacy.writeInt32BE(28, 8);
    legacy[16] = magic;
    expect(() => splitBatches(legacy)).toThrow(
      expect.objectContaining({ errorName: 'UNSUPPORTED_FOR_MESSAGE_FORMAT' }),
    );
  });

  it('calls random bytes corrupt and never reads beyond them', () => {
    fc.assert(
      fc.property(bytes(300), (random) => {
        expect(isRefusalOrNone(() => splitBatches(random))).toBe(true);
      }),
    );
  });
});

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});
