import { parseCommandLine } from '../../../settings/command-line';

describe('the arguments of a service', () => {
  it('are a file and overrides, of which the last for a key counts', () => {
    const parsed = parseCommandLine(['server.properties', '--override', 'broker.id=1', '--override', 'broker.id=2']);
    expect(parsed).toEqual({ kind: 'run', file: 'server.properties', overrides: new Map([['broker.id', '2']]) });
  });

  it('may hold equals signs in the value, or no value at all', () => {
    const parsed = parseCommandLine(['f', '--override', 'a=b=c', '--override=d=e', '--override', 'empty']);
    expect(parsed).toMatchObject({
      overrides: new Map([
        ['a', 'b=c'],
        ['d', 'e'],
        ['empty', ''],
      ]),
    });
  });

  it.each([
    ['a second file', ['f', 'g'], 'Found non argument parameters: g'],
    ['an unknown option', ['f', '--port', '1'], '--port is not a recognized option'],
    ['an override without its value', ['f', '--override'], 'Option override requires an argument'],
    ['nothing', [], null],
    ['--help', ['f', '--help'], null],
  ])('give the usage for %s', (_what, args, complaint) => {
    expect(parseCommandLine(args)).toEqual({ kind: 'usage', complaint });
  });

  it('ask for the version', () => {
    expect(parseCommandLine(['--version'])).toEqual({ kind: 'version' });
  });
});
