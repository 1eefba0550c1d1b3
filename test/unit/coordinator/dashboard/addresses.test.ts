import { recordSearch, startOf } from '../../../../coordinator/dashboard/logic/record-search';
import { linkTo, parseFragment, takeToken } from '../../../../coordinator/dashboard/logic/routes';

describe('addresses inside the dashboard', () => {
  it('come back as they were made, whatever a group is called', () => {
    const name = 'a/b c?d#e&f=ü%';
    expect(parseFragment(linkTo(['groups', name], { at: 5, empty: '', none: null }))).toEqual({
      segments: ['groups', name],
      query: { at: '5' },
    });
  });

  it('are the overview where they make no sense', () => {
    expect(['', '#', '#nonsense', '#/'].map((text) => parseFragment(text).segments)).toEqual([[], [], [], []]);
  });

  it('keep what is no valid escape as it is', () => {
    expect(parseFragment('#/topics/100%').segments).toEqual(['topics', '100%']);
  });
});

describe('the token in the address', () => {
  it('is taken out, and the rest of the address stays', () => {
    expect(takeToken('#token=a%2Bb')).toEqual({ token: 'a+b', rest: '' });
    expect(takeToken('#token=abc&/topics')).toEqual({ token: 'abc', rest: '#/topics' });
  });

  it('is not looked for elsewhere', () => {
    expect(takeToken('#/topics?token=abc')).toEqual({ token: null, rest: '#/topics?token=abc' });
  });
});

describe('the search for records', () => {
  const read = (text: string) => Object.fromEntries(new URLSearchParams(text));

  it('begins with the newest records unless told otherwise', () => {
    expect(startOf({})).toBe('newest');
    expect(read(recordSearch({}, null))).toEqual({ limit: '50', newest: 'true' });
  });

  it('passes on only what belongs to the chosen start', () => {
    const query = { from: 'offset', offset: '7', timeMs: '9', partition: '0', key: 'a b', value: '' };
    expect(read(recordSearch(query, null))).toEqual({ limit: '50', offset: '7', partition: '0', key: 'a b' });
    expect(read(recordSearch({ ...query, from: 'time' }, null))).toEqual({
      limit: '50',
      timeMs: '9',
      partition: '0',
      key: 'a b',
    });
  });

  it('goes on where each partition ended instead of at the start', () => {
    const next = recordSearch({ from: 'offset', offset: '7' }, { 0: 15, 1: 7 });
    expect(read(next)).toEqual({ limit: '50', from: '0:15,1:7' });
    expect(read(recordSearch({}, { 2: 3 }))).toEqual({ limit: '50', newest: 'true', from: '2:3' });
  });
});
