import {
  codecFor,
  ProtocolError,
  Reader,
  Writer,
  type Fields,
  type InputOf,
  type Message,
  type MessageOf,
} from '../../../../protocol';
import {
  array,
  arrayOf,
  bigint64,
  bytes,
  int16,
  int32,
  int64,
  message,
  records,
  string,
  struct,
  uuid,
} from '../../../../protocol/schema';

function write<F extends Fields>(definition: Message<F>, version: number, value: InputOf<MessageOf<F>>): string {
  const writer = new Writer();
  codecFor(definition, version).encode(writer, value);
  return writer.toBuffer().toString('hex');
}

function read<F extends Fields>(definition: Message<F>, version: number, hex: string): MessageOf<F> {
  const reader = new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const value = codecFor(definition, version).decode(reader);
  expect(reader.remaining).toBe(0);
  return value;
}

const ranges = { versions: '0-3', flexible: '2+' };

test('a version that the message does not have is refused', () => {
  const definition = message('M', ranges, { a: int32('0+') });
  expect(() => codecFor(definition, 4)).toThrow('M has no version 4');
  expect(() => codecFor(definition, -1)).toThrow(ProtocolError);
});

test('fields are written in order and only in their versions', () => {
  const definition = message('M', ranges, { a: int16('0+'), b: int16('1', { ignorable: true }), c: int16('0-1') });
  expect(write(definition, 0, { a: 1, b: 2, c: 3 })).toBe('00010003');
  expect(write(definition, 1, { a: 1, b: 2, c: 3 })).toBe('000100020003');
  expect(read(definition, 2, '0001 00')).toEqual({ a: 1, b: 0, c: 0 });
});

test('a field left out is written with its default, and read so where the version lacks it', () => {
  const fields = {
    a: int32('0+', { default: -1 }),
    b: bigint64('1+', { default: -1n }),
    c: string('1+', { nullable: '1+', default: null }),
  };
  const definition = message('M', ranges, fields);
  expect(write(definition, 1, {})).toBe('ffffffffffffffffffffffffffff');
  expect(read(definition, 0, '00000005')).toEqual({ a: 5, b: -1n, c: null });
});

test('what readers give for absent fields is fresh for each message', () => {
  const definition = message('M', ranges, {
    list: arrayOf('1+', int32('0+')),
    inner: struct('1+', { x: int32('1+') }),
  });
  const first = read(definition, 0, '');
  first.list.push(1);
  first.inner.x = 1;
  expect(read(definition, 0, '')).toEqual({ list: [], inner: { x: 0 } });
});

test('a value that the version cannot carry is refused, unless it may be ignored or is the default', () => {
  const definition = message('M', ranges, {
    strict: int32('1+', { default: -1 }),
    loose: int32('1+', { ignorable: true }),
    list: arrayOf('1+', int32('0+')),
    blob: bytes('1+', { nullable: '1+' }),
    id: uuid('1+'),
    inner: struct('1+', { x: int32('1+'), y: struct('1+', { z: string('1+') }) }, { nullable: '1+' }),
  });
  expect(
    write(definition, 0, { strict: -1, loose: 7, list: [], blob: Buffer.alloc(0), inner: { x: 0, y: { z: '' } } }),
  ).toBe('');
  for (const value of [
    { strict: 0 },
    { list: [1] },
    { blob: Buffer.alloc(1) },
    { blob: null },
    { inner: null },
    { inner: { y: { z: 'a' } } },
  ]) {
    expect(() => write(definition, 0, value)).toThrow(/version 0 cannot carry/);
  }
  expect(() => write(definition, 0, { id: 'TP9cSB7NShGIGifnuH4ttw' })).toThrow(/M\.id/);
});

test('null where the version does not allow it is refused on both sides', () => {
  const definition = message('M', ranges, {
    s: string('0+', { nullable: '1+' }),
    list: array('0+', { x: int32('0+') }, { nullable: '1+' }),
  });
  expect(write(definition, 1, { s: null, list: null })).toBe('ffffffffffff');
  expect(read(definition, 1, 'ffff ffffffff')).toEqual({ s: null, list: null });
  expect(() => write(definition, 0, { s: null })).toThrow('M.s');
  expect(() => write(definition, 0, { list: null })).toThrow('M.list');
  expect(() => read(definition, 0, 'ffff 00000000')).toThrow(ProtocolError);
  expect(() => read(definition, 0, '0000 ffffffff')).toThrow(ProtocolError);
});

test('a flexible version uses compact lengths and ends each struct with its tagged fields', () => {
  const definition = message('M', ranges, {
    name: string('0+'),
    items: array('0+', { blob: bytes('0+'), numbers: arrayOf('0+', int16('0+')) }),
  });
  const value = { name: 'ab', items: [{ blob: Buffer.from([9]), numbers: [1, 2] }] };
  expect(write(definition, 1, value)).toBe('00026162 00000001 0000000109 00000002 0001 0002'.replaceAll(' ', ''));
  expect(write(definition, 2, value)).toBe('036162 02 0209 03 0001 0002 00 00'.replaceAll(' ', ''));
  expect(read(definition, 2, '036162 02 0209 03 0001 0002 00 00')).toEqual(value);
});

test('a field may stay in the classic form inside of a flexible version', () => {
  const definition = message('M', ranges, { clientId: string('0+', { nullable: '0+', flexible: 'none' }) });
  expect(write(definition, 2, { clientId: 'a' })).toBe('00016100');
  expect(read(definition, 2, 'ffff00')).toEqual({ clientId: null });
});

test('nullable structs have a byte in front', () => {
  const definition = message('M', ranges, {
    inner: struct('0+', { x: int16('0+') }, { nullable: '0+', default: null }),
  });
  expect(write(definition, 0, {})).toBe('ff');
  expect(write(definition, 2, { inner: { x: 3 } })).toBe('0100030000');
  expect(read(definition, 0, '010003')).toEqual({ inner: { x: 3 } });
  expect(read(definition, 0, 'ff')).toEqual({ inner: null });
});

describe('tagged fields', () => {
  const definition = message(
    'M',
    { versions: '0-3', flexible: '1+' },
    {
      late: int64('2+', { tag: 5, tagged: '2+', default: -1 }),
      a: int16('0+'),
      leader: struct('2+', { id: int32('2+', { default: -1 }), host: string('2+') }, { tag: 0, tagged: '2+' }),
      list: array('1+', { x: int16('1+') }, { tag: 1, tagged: '1+', ignorable: true }),
    },
  );

  test('with their defaults are left out', () => {
    expect(write(definition, 2, { a: 1, leader: { id: -1, host: '' }, list: [], late: -1 })).toBe('000100');
    expect(read(definition, 2, '0001 00')).toEqual({ a: 1, leader: { id: -1, host: '' }, list: [], late: -1 });
  });

  test('are written by ascending tag with their sizes', () => {
    const value = { a: 1, leader: { id: 2, host: 'h' }, list: [{ x: 4 }], late: 6 };
    const hex = '0001 03 00 07 00000002 0268 00 01 04 02 0004 00 05 08 0000000000000006';
    expect(write(definition, 2, value)).toBe(hex.replaceAll(' ', ''));
    expect(read(definition, 2, hex)).toEqual(value);
  });

  test('larger than a chunk keep their size and order', () => {
    const list = Array.from({ length: 1_000 }, (_, x) => ({ x }));
    expect(read(definition, 3, write(definition, 3, { a: 1, list, late: 7 }))).toMatchObject({ list, late: 7 });
  });

  test('that the version does not know are skipped', () => {
    expect(read(definition, 1, '0001 02 05 08 0000000000000006 63 01 ff')).toMatchObject({ a: 1, late: -1 });
  });

  test('that the version cannot carry are refused unless they may be ignored', () => {
    expect(() => write(definition, 1, { a: 1, late: 6 })).toThrow('M.late');
    expect(write(definition, 0, { a: 1, list: [{ x: 1 }] })).toBe('0001');
  });

  test('must fill the size they claim', () => {
    expect(() => read(definition, 2, '0001 01 05 09 0000000000000006 00')).toThrow(
      'tagged field 5 does not fill its 9 bytes',
    );
    expect(() => read(definition, 2, '0001 01 63 7f 00')).toThrow(ProtocolError);
  });
});

test('records are nullable and come as views, or go out in pieces', () => {
  const definition = message('M', ranges, { data: records('0+', { nullable: '0+' }) });
  expect(write(definition, 0, { data: [Buffer.from([1]), Buffer.from([2])] })).toBe('000000020102');
  expect(write(definition, 0, {})).toBe('ffffffff');
  expect(read(definition, 2, '03 0102 00').data).toEqual(Buffer.from([1, 2]));
  expect(read(definition, 2, '00 00').data).toBeNull();
});

test('a codec is compiled once per version', () => {
  const definition = message('M', ranges, { a: int32('0+') });
  expect(codecFor(definition, 1)).toBe(codecFor(definition, 1));
  expect(codecFor(definition, 1)).not.toBe(codecFor(definition, 2));
});
