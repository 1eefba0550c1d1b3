import { checkPath, numberOption, parseArguments, splitWords } from '../../../../cli/shell/words';

describe('lines of the ZooKeeper shell', () => {
  it('are split at blanks, with quotes keeping words together', () => {
    expect(splitWords('  create /a "two words"  \'single\' x=y ""')).toEqual([
      'create',
      '/a',
      'two words',
      'single',
      'x=y',
      '',
    ]);
  });

  it('may have options anywhere, joined or apart', () => {
    const given = parseArguments(['-sR', '/a', '-v', '3'], 'sR', 'v');
    expect([...given.flags]).toEqual(['s', 'R']);
    expect(given.words).toEqual(['/a']);
    expect(numberOption(given, 'v')).toBe(3);
    expect(numberOption(given, 'b')).toBe(-1);
  });

  it.each([
    [['-x', '/a'], 'Unrecognized option: -x'],
    [['/a', '-v'], 'Missing argument for option: v'],
  ])('%j is refused', (args, problem) => {
    expect(() => parseArguments(args, 's', 'v')).toThrow(problem);
  });

  it('take a version only as a number', () => {
    expect(() => numberOption(parseArguments(['-v', 'x'], '', 'v'), 'v')).toThrow("-v needs a number, got 'x'");
  });
});

describe('paths of znodes', () => {
  it.each(['/', '/a', '/a/b-c.d', '/...'])('%s is one', (path) => {
    expect(() => checkPath(path)).not.toThrow();
  });

  it.each([
    ['', 'Path length must be > 0'],
    ['a', 'Path must start with / character'],
    ['/a/', 'Path must not end with / character'],
    [
      '/zookeeper/quota//limits',
      'Invalid path string "/zookeeper/quota//limits" caused by empty node name specified @17',
    ],
    ['/a/../b', 'Invalid path string "/a/../b" caused by relative paths not allowed @4'],
  ])('%j is none', (path, problem) => {
    expect(() => checkPath(path)).toThrow(problem);
  });
});
