import { parseDateTime, parseDuration } from '../../../../cli/groups/times';

describe('a point in time', () => {
  it('is UTC unless a zone is given', () => {
    expect(parseDateTime('2026-01-31T12:00:00.000')).toBe(Date.UTC(2026, 0, 31, 12));
    expect(parseDateTime('2026-01-31T12:00:00.000Z')).toBe(Date.UTC(2026, 0, 31, 12));
    expect(parseDateTime('2026-01-31T12:00:00.000+01')).toBe(Date.UTC(2026, 0, 31, 11));
    expect(parseDateTime('2026-01-31T12:00:00.000-05:30')).toBe(Date.UTC(2026, 0, 31, 17, 30));
  });

  it('is refused when it is none', () => {
    expect(() => parseDateTime('yesterday')).toThrow('Unparseable date: "yesterday"');
    expect(() => parseDateTime('2026-13-31T12:00:00.000')).toThrow('Unparseable date');
  });
});

describe('a duration', () => {
  it.each([
    ['PT1S', 1000],
    ['PT1.5S', 1500],
    ['P1DT2H3M4S', 93_784_000],
    ['-PT1M', -60_000],
    ['PT-1M', -60_000],
    ['p1d', 86_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 'P', 'PT', '1h', 'P1H'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow('Text cannot be parsed to a Duration');
  });
});
