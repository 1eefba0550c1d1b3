import * as fc from 'fast-check';
import { ProtocolError, Reader, Writer } from '../../../../protocol';

const written = (write: (writer: Writer) => void): string => {
  const writer = new Writer(1);
  write(writer);
  return writer.toBuffer().toString('hex');
};

test('integers are big-endian and signed', () => {
  expect(written((w) => w.int8(-1))).toBe('ff');
  expect(written((w) => w.int16(-2))).toBe('fffe');
  expect(written((w) => w.uint16(65_535))).toBe('ffff');
  expect(written((w) => w.int32(-2_147_483_648))).toBe('80000000');
  expect(written((w) => w.uint32(4_294_967_295))).toBe('ffffffff');
  expect(written((w) => w.int64(Number.MIN_SAFE_INTEGER))).toBe('ffe0000000000001');
  expect(written((w) => w.int64(-1))).toBe('ffffffffffffffff');
  expect(written((w) => w.bigint64(2n ** 63n - 1n))).toBe('7fffffffffffffff');
});

test.each([
  ['int8', 128],
  ['int8', -129],
  ['int16', 32_768],
  ['uint16', -1],
  ['uint16', 65_536],
  ['int32', 2_147_483_648],
  ['int32', 1.5],
  ['int32', Number.NaN],
  ['uint32', -1],
  ['uint32', 4_294_967_296],
  ['uvarint', -1],
  ['uvarint', 4_294_967_296],
  ['int64', 2 ** 53],
  ['int64', 0.5],
] as const)('%s refuses %d', (type, value) => {
  expect(() => new Writer()[type](value)).toThrow(ProtocolError);
});

test.each([
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [16_384, '808001'],
  [4_294_967_295, 'ffffffff0f'],
])('the unsigned varint of %d is %s, without bytes left behind it', (value, expected) => {
  expect(written((w) => w.uvarint(value))).toBe(expected);
});

test('a string longer than 32767 bytes is refused', () => {
  expect(() => new Writer().string('ä'.repeat(16_384))).toThrow(/32767/);
  expect(() => new Writer().compactString('a'.repeat(32_768))).toThrow(/32767/);
  expect(written((w) => w.string('a'.repeat(32_767))).slice(0, 4)).toBe('7fff');
});

test('only a whole uuid is written', () => {
  expect(written((w) => w.uuid('TP9cSB7NShGIGifnuH4ttw'))).toBe('4cff5c481ecd4a11881a27e7b87e2db7');
  for (const wrong of ['', 'TP9cSB7NShGIGifnuH4tt', 'TP9cSB7NShGIGifnuH4ttwA', 'TP9cSB7NShGIGifnuH4t!!']) {
    expect(() => new Writer().uuid(wrong)).toThrow(ProtocolError);
  }
});

test('long bytes are taken by reference, short ones copied, and the order is kept', () => {
  const long = Buffer.alloc(2_000, 1);
  const writer = new Writer();
  writer.int16(0x1234);
  writer.bytes(long);
  writer.int16(0x5678);
  writer.bytes(Buffer.from('ab', 'hex'));
  const chunks = writer.finish();
  expect(chunks[1]).toBe(long);
  expect(Buffer.concat(chunks).toString('hex')).toBe(`1234000007d0${'01'.repeat(2_000)}567800000001ab`);
});

test('records may come in pieces', () => {
  const pieces = [Buffer.from('aa', 'hex'), Buffer.alloc(1_500, 2), Buffer.from('bb', 'hex')];
  const expected = `aa${'02'.repeat(1_500)}bb`;
  expect(written((w) => w.records(pieces))).toBe(`000005de${expected}`);
  expect(written((w) => w.compactRecords(pieces))).toBe(`df0b${expected}`);
  expect(written((w) => w.records([]))).toBe('00000000');
  expect(written((w) => w.compactRecords(null))).toBe('00');
  expect(written((w) => w.records(null))).toBe('ffffffff');
});

test('the size of a frame is filled in when it is finished', () => {
  const writer = Writer.frame();
  writer.int32(7);
  writer.bytes(Buffer.alloc(5_000));
  expect(Buffer.concat(writer.finishFrame()).readInt32BE(0)).toBe(4 + 4 + 5_000);
});

test('whatever is written, in whatever order and however the chunks grow, is read back', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('int32' as const), value: fc.integer() }),
    fc.record({ type: fc.constant('int64' as const), value: fc.maxSafeInteger() }),
    fc.record({ type: fc.constant('uvarint' as const), value: fc.integer({ min: 0, max: 4_294_967_295 }) }),
    fc.record({ type: fc.constant('compactString' as const), value: fc.string({ unit: 'binary', maxLength: 300 }) }),
    fc.record({
      type: fc.constant('bytes' as const),
      value: fc.nat(3_000).map((size) => Buffer.alloc(size, size)),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 64 }), (steps, firstBytes) => {
      const writer = new Writer(firstBytes);
      for (const { type, value } of steps) (writer[type] as (value: unknown) => void).call(writer, value);
      const { length } = writer;
      const reader = new Reader(writer.toBuffer());
      expect(reader.remaining).toBe(length);
      expect(steps.map(({ type }) => reader[type]())).toEqual(steps.map(({ value }) => value));
      expect(reader.remaining).toBe(0);
    }),
  );
});
