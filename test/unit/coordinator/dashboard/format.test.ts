import {
  ago,
  bytes,
  count,
  duration,
  hexOf,
  parseLocalTime,
  plural,
  prettyJson,
  rate,
} from '../../../../coordinator/dashboard/logic/format';
import { parseSettings } from '../../../../coordinator/dashboard/logic/settings';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('numbers as people read them', () => {
  it('groups the digits of counts, and has a dash for what is not known', () => {
    expect([0, 999, 1000, 1_234_567].map((value) => plain(count(value)))).toEqual(['0', '999', '1 000', '1 234 567']);
    expect([count(null), count(undefined), count(Number.NaN)]).toEqual(['–', '–', '–']);
  });

  it('gives small rates a digit behind the point, and never calls a trickle nothing', () => {
    expect([0, 0.01, 0.44, 9.96, 12.4, 1500].map((value) => plain(rate(value)))).toEqual([
      '0',
      '< 0.1',
      '0.4',
      '10',
      '12',
      '1 500',
    ]);
  });

  it('takes the unit of a size that leaves few digits', () => {
    expect([0, 1023, 1024, 1536, 5 * 1024 ** 3].map((value) => plain(bytes(value)))).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '5.0 GiB',
    ]);
  });

  it('takes the unit of a duration that suits it', () => {
    const values = [0.2, 3, 999, 1500, 59_000, 60_000, 3_600_000, 3_900_000, 200_000_000];
    expect(values.map(duration)).toEqual([
      '< 1 ms',
      '3 ms',
      '999 ms',
      '1.5 s',
      '59 s',
      '1 min',
      '1 h',
      '1 h 5 min',
      '2 days',
    ]);
  });

  it('calls the last two seconds now, so that the text does not flicker', () => {
    expect([0, 1999, 2000, 61_000].map(ago)).toEqual(['just now', 'just now', '2 s ago', '1 min ago']);
  });

  it('has a singular', () => {
    expect([plural(1, 'record'), plural(2, 'record'), plural(1, 'entry', 'entries')]).toEqual([
      '1 record',
      '2 records',
      '1 entry',
    ]);
  });
});

describe('payloads as people read them', () => {
  it('indents objects and arrays of JSON, and leaves all else as it is', () => {
    expect(prettyJson('{"a":[1]}')).toEqual({ text: '{\n  "a": [\n    1\n  ]\n}', json: true });
    expect(['1', '"x"', '{broken', '', '<b>'].map((text) => prettyJson(text))).toEqual(
      ['1', '"x"', '{broken', '', '<b>'].map((text) => ({ text, json: false })),
    );
  });

  it('shows bytes in hexadecimal, and that there are more', () => {
    const base64 = Buffer.from([0, 1, 254, 255]).toString('base64');
    expect([hexOf(base64, 10), hexOf(base64, 2)]).toEqual(['00 01 fe ff', '00 01 …']);
  });
});

describe('what people type', () => {
  it('reads settings line by line, with = allowed in the value', () => {
    expect(parseSettings(' a.b = 1 \n\n# note\nc=x=y\n')).toEqual({ settings: { 'a.b': '1', c: 'x=y' }, bad: null });
  });

  it('names the first line that is no setting', () => {
    expect([parseSettings('a=1\nnonsense').bad, parseSettings('=1').bad]).toEqual(['nonsense', '=1']);
  });

  it('takes a key like __proto__ for a key', () => {
    expect(Object.getPrototypeOf(parseSettings('constructor=1').settings)).toBe(Object.prototype);
    expect(parseSettings('constructor=1').settings['constructor']).toBe('1');
  });

  it('knows no time in an empty or broken field', () => {
    expect([parseLocalTime(''), parseLocalTime('tomorrow')]).toEqual([null, null]);
    expect(parseLocalTime('2026-11-21T12:00:00')).toBe(new Date(2026, 10, 21, 12).getTime());
  });
});
