import {
  commonOptions,
  flag,
  list,
  optional,
  parseOptions,
  UsageError,
  usageText,
  value,
} from '../../../../cli/options';

const table = {
  ...commonOptions,
  topic: value('topic', 'The topic.'),
  'topic-id': value('id', 'Its id.'),
  'bootstrap-server': value('server', 'Brokers.', { letter: 'b' }),
  partitions: value('n', 'How many.', { type: 'Integer' }),
  list: flag('List.'),
  describe: flag('Describe.'),
  state: optional('', 'State.'),
  config: value('name=value', 'A setting.'),
  'producer-props': list('name=value', 'Properties.'),
  timeout: value('ms', 'How long.', { type: 'Long', defaultText: '5000' }),
};

const parse = (line: string) => parseOptions(table, line.split(' '));
const complaint = (line: string): string => {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof UsageError) return [error.message, error.hint].filter(Boolean).join(' / ');
    throw error;
  }
  return 'accepted';
};

describe('options in the style of joptsimple', () => {
  it('are read with one dash or two, with = or a space', () => {
    for (const line of ['--topic orders', '--topic=orders', '-topic orders', '-topic=orders']) {
      expect(parse(line).text('topic')).toBe('orders');
    }
    expect(parse('-b localhost:9092').text('bootstrap-server')).toBe('localhost:9092');
  });

  it('may be shortened as long as it is clear what is meant', () => {
    expect(parse('--boot localhost:9092').text('bootstrap-server')).toBe('localhost:9092');
    // The whole name of one option is no abbreviation of a longer one.
    expect(parse('--topic a').text('topic')).toBe('a');
    expect(complaint('--top a')).toBe('top is not a recognized option / It could be any of --topic, --topic-id.');
  });

  it('know defaults, and whether they were given', () => {
    expect(parse('--list').number('timeout')).toBe(5000);
    expect(parse('--list').has('timeout')).toBe(false);
    expect(parse('--timeout -1').number('timeout')).toBe(-1);
  });

  it('may repeat, but then do not have one value', () => {
    const given = parse('--config a=1 --config b=2');
    expect(given.texts('config')).toEqual(['a=1', 'b=2']);
    expect(() => given.text('config')).toThrow(
      'Found multiple arguments for option config, but you asked for only one',
    );
  });

  it('take a value that looks like an option when one must follow, and none when one may', () => {
    expect(parse('--topic --list').text('topic')).toBe('--list');
    expect(parse('--state --list').has('list')).toBe(true);
    expect(parse('--state stable --list').text('state')).toBe('stable');
    expect(parse('--producer-props a=1 b=2 --list').texts('producer-props')).toEqual(['a=1', 'b=2']);
  });

  it('say what is wrong and what was meant', () => {
    expect(complaint('--topci orders')).toBe('topci is not a recognized option / Did you mean --topic?');
    expect(complaint('--zzz')).toBe('zzz is not a recognized option');
    expect(complaint('--topic')).toBe('Option topic requires an argument');
    expect(complaint('--partitions many')).toBe("Cannot parse argument 'many' of option partitions");
    expect(complaint('--partitions 99999999999')).toBe("Cannot parse argument '99999999999' of option partitions");
  });

  it('notice forgotten dashes, as in a note that people copy', () => {
    expect(complaint('--describe --topic orders bootstrap-server localhost:9092')).toBe(
      "'bootstrap-server' has no dashes, so it is not read as an option / Did you mean --bootstrap-server localhost:9092?",
    );
    expect(complaint('--topic orders describe')).toContain('Did you mean --describe?');
    expect(complaint('\u2013list')).toBe("'\u2013list' begins with a typographic dash / Did you mean --list?");
  });

  it('let other words be, and everything after --', () => {
    expect(parse('--list whatever').words).toEqual(['whatever']);
    expect(parse('--list -- --topic').words).toEqual(['--topic']);
  });

  it('are explained by --help in two columns', () => {
    const text = usageText('This tool tests.', table);
    expect(text).toMatch(/^This tool tests\.\nOption {34}Description\n/);
    expect(text).toContain('--timeout <Long: ms>                    How long. (default: 5000)');
    expect(text).toContain('--state [String]');
  });
});
