import { Readable } from 'node:stream';
import { lineFormat, linesOf, parseLine } from '../../../../cli/producer/line-reader';

const format = (properties: Record<string, string>) => lineFormat(new Map(Object.entries(properties)));
const text = (bytes: Buffer | null) => (bytes === null ? null : bytes.toString());

function parsed(line: string, properties: Record<string, string> = {}) {
  const { key, value, headers } = parseLine(line, 1, format(properties));
  return { key: text(key), value: text(value), headers: headers.map((header) => [header.key, text(header.value)]) };
}

describe('a line', () => {
  it('is a value and nothing else by default', () => {
    expect(parsed('a\tb')).toEqual({ key: null, value: 'a\tb', headers: [] });
  });

  it('may begin with a key, and with headers before that', () => {
    expect(parsed('k\tv\tw', { 'parse.key': 'true' })).toMatchObject({ key: 'k', value: 'v\tw' });
    const both = { 'parse.key': 'true', 'parse.headers': 'true', 'key.separator': '|' };
    expect(parsed('h1:v1,h2:a:b\tk|v', both)).toEqual({
      key: 'k',
      value: 'v',
      headers: [
        ['h1', 'v1'],
        ['h2', 'a:b'],
      ],
    });
  });

  it('may stand for null', () => {
    const properties = { 'parse.key': 'true', 'parse.headers': 'true', 'null.marker': '-', 'key.separator': '|' };
    expect(parsed('-\t-|-', properties)).toEqual({ key: null, value: null, headers: [] });
    expect(parsed('h:-\tk|', properties)).toEqual({ key: 'k', value: '', headers: [['h', null]] });
  });

  it('without its separator is an error, or a value when errors are ignored', () => {
    expect(() => parsed('abc', { 'parse.key': 'true' })).toThrow("No key separator found on line number 1: 'abc'");
    expect(parsed('abc', { 'parse.key': 'true', 'ignore.error': 'true' })).toMatchObject({ key: null, value: 'abc' });
    expect(() => parsed('h\tabc', { 'parse.headers': 'true' })).toThrow("No header key separator found in pair 'h'");
  });

  it('cannot be read when two separators are the same', () => {
    expect(() => format({ 'headers.separator': ':' })).toThrow(
      'headers.separator and headers.key.separator may not be equal',
    );
    expect(() => format({ 'null.marker': '\t' })).toThrow('null.marker and key.separator may not be equal');
  });
});

it('lines end with \\n, \\r\\n or \\r, wherever chunks are cut', async () => {
  const input = Buffer.from('one\r\ntwo\rthree\n\nfünf\nlast');
  for (let size = 1; size <= input.length; size += 1) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < input.length; at += size) chunks.push(input.subarray(at, at + size));
    const lines: string[] = [];
    for await (const some of linesOf(Readable.from(chunks))) lines.push(...some);
    expect(lines).toEqual(['one', 'two', 'three', '', 'fünf', 'last']);
  }
});
