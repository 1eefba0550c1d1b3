import { ProtocolError, Reader } from '../../../../protocol';

const reader = (...bytes: number[]): Reader => new Reader(Buffer.from(bytes));
const hex = (text: string): Reader => new Reader(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('integers are big-endian and signed', () => {
  expect(hex('80').int8()).toBe(-128);
  expect(hex('8000').int16()).toBe(-32_768);
  expect(hex('ffff').uint16()).toBe(65_535);
  expect(hex('80000000').int32()).toBe(-2_147_483_648);
  expect(hex('ffffffff').uint32()).toBe(4_294_967_295);
  expect(hex('8000000000000000').bigint64()).toBe(-(2n ** 63n));
});

test('any byte but zero is true', () => {
  expect([reader(0).bool(), reader(1).bool(), reader(0xff).bool()]).toEqual([false, true, true]);
});

test('an int64 is a number up to 2^53 - 1 on either side', () => {
  expect(hex('001fffffffffffff').int64()).toBe(Number.MAX_SAFE_INTEGER);
  expect(hex('ffe0000000000001').int64()).toBe(Number.MIN_SAFE_INTEGER);
  expect(hex('ffffffffffffffff').int64()).toBe(-1);
  expect(hex('00000000ffffffff').int64()).toBe(4_294_967_295);
});

test.each(['0020000000000000', 'ffe0000000000000', '7fffffffffffffff', '8000000000000000'])(
  'an int64 of %s, which a number cannot hold, is refused',
  (bytes) => {
    expect(() => hex(bytes).int64()).toThrow(ProtocolError);
  },
);

test('unsigned varints have at most five bytes and 32 bits', () => {
  expect(hex('00').uvarint()).toBe(0);
  expect(hex('7f').uvarint()).toBe(127);
  expect(hex('8001').uvarint()).toBe(128);
  expect(hex('ffffffff0f').uvarint()).toBe(4_294_967_295);
  expect(() => hex('ffffffff1f').uvarint()).toThrow(ProtocolError);
  expect(() => hex('ffffffffff01').uvarint()).toThrow(ProtocolError);
  expect(() => hex('ff').uvarint()).toThrow(ProtocolError);
});

test('a uuid is read as base64url text', () => {
  expect(hex('4cff5c48 1ecd 4a11 881a 27e7 b87e 2db7'.replaceAll(' ', '')).uuid()).toBe('TP9cSB7NShGIGifnuH4ttw');
});

test('a negative length means null, whatever its value', () => {
  expect(hex('ffff').nullableString()).toBeNull();
  expect(hex('8000').nullableString()).toBeNull();
  expect(hex('00').compactNullableString()).toBeNull();
  expect(hex('ffffffff').nullableBytes()).toBeNull();
  expect(hex('00').compactNullableBytes()).toBeNull();
  expect(hex('fffffff0').arrayLength(1, true)).toBeNull();
  expect(hex('00').compactArrayLength(1, true)).toBeNull();
});

test('null where it is not allowed is refused', () => {
  for (const read of ['string', 'bytes', 'compactString', 'compactBytes'] as const) {
    const nothing = read.startsWith('compact') ? '00' : 'ffffffff';
    expect(() => hex(nothing)[read]()).toThrow(/null/);
  }
});

test('strings are UTF-8 of at most 32767 bytes, in the compact form too', () => {
  expect(hex('0004 c3a4c3b6').string()).toBe('äö');
  const long = Buffer.concat([Buffer.from('818002', 'hex'), Buffer.alloc(0x8000, 'a')]);
  expect(() => new Reader(long).compactString()).toThrow(/32767/);
});

test('a length beyond the end is refused before anything is allocated', () => {
  expect(() => hex('7fff').string()).toThrow(ProtocolError);
  expect(() => hex('7fffffff').bytes()).toThrow(ProtocolError);
  expect(() => hex('ffffffff0f').compactBytes()).toThrow(ProtocolError);
  expect(() => hex('7fffffff').arrayLength(1, false)).toThrow(ProtocolError);
  expect(() => hex('ffffffff0f').compactArrayLength(1, false)).toThrow(ProtocolError);
});

test('an array is judged by the least that its elements take', () => {
  expect(hex('00000002 0000000000000000').arrayLength(4, true)).toBe(2);
  expect(() => hex('00000002 00000000000000').arrayLength(4, true)).toThrow(ProtocolError);
});

test('one message holds at most a million elements, numbers aside', () => {
  const arrays = new Reader(Buffer.alloc(3_000_000));
  arrays.buffer.writeInt32BE(900_000, 0);
  arrays.buffer.writeInt32BE(900_000, 4);
  arrays.buffer.writeInt32BE(100_001, 8);
  expect(arrays.arrayLength(1, false)).toBe(900_000);
  expect(arrays.arrayLength(1, true)).toBe(900_000);
  expect(() => arrays.arrayLength(1, false)).toThrow(/elements/);
});

test('bytes are views of the buffer', () => {
  const buffer = Buffer.from('00000002aabb', 'hex');
  const view = new Reader(buffer).bytes();
  buffer[4] = 0xcc;
  expect(view.toString('hex')).toBe('ccbb');
});

test('a reader of a part ends at that part’s end', () => {
  const part = new Reader(Buffer.from('aabbccdd', 'hex'), 1, 3);
  expect(part.remaining).toBe(2);
  expect(part.int16()).toBe(-17_460);
  expect(() => part.int8()).toThrow(ProtocolError);
});

test('unknown tagged fields are skipped', () => {
  const bytes = hex('02 00 01 ff 85 01 02 0102 7f');
  bytes.skipTags();
  expect(bytes.int8()).toBe(0x7f);
  expect(() => hex('01 00 05 ff').skipTags()).toThrow(ProtocolError);
});
