/**
 * Our commands and Kafka's own on the same cluster: same output, same exit code. Everything on a cluster of Gregor, which
 * tries the brokers as well, and the main things on one of Apache Kafka.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaConfigs } from '../../cli/kafka-configs';
import { kafkaConsoleConsumer } from '../../cli/kafka-console-consumer';
import { kafkaConsoleProducer } from '../../cli/kafka-console-producer';
import { kafkaConsumerGroups } from '../../cli/kafka-consumer-groups';
import { kafkaTopics } from '../../cli/kafka-topics';
import { startApacheKafka, type ToolResult } from '../support/apache-kafka';
import type { BrokerProcess } from '../support/broker-process';
import { eventually, eventuallyPasses } from '../support/eventually';
import { startGregor } from '../support/gregor-broker';
import { KafkaToolRunner } from '../support/kafka-tool-runner';
import { runOurs } from '../support/run-command';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

jest.setTimeout(300_000);

const commands = {
  'kafka-topics': kafkaTopics,
  'kafka-console-producer': kafkaConsoleProducer,
  'kafka-console-consumer': kafkaConsoleConsumer,
  'kafka-consumer-groups': kafkaConsumerGroups,
  'kafka-configs': kafkaConfigs,
};
type CommandName = keyof typeof commands;

/** Lines of an output, without what only Java prints, without padding; sorted, as Kafka's come in hash order. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !/^\[\d{4}-|^\s+at |^org\.apache|^java\.|^Caused by|^\s*\.\.\. /.test(line))
    .map((line) => line.trimEnd().replace(/ {2,}/g, ' '))
    .filter((line) => line !== '')
    .toSorted();
}

let tools: KafkaToolRunner;
beforeAll(async () => {
  tools = await KafkaToolRunner.start();
});
afterAll(() => tools?.stop());

describe.each([
  ['Apache Kafka', startApacheKafka, 'the main things'],
  ['Gregor', startGregor, 'everything'],
])('on a cluster of %s', (_name, start, extent) => {
  const everything = extent === 'everything';
  let zookeeper: TestZooKeeper;
  let broker: BrokerProcess;

  const bootstrap = (): string[] => ['--bootstrap-server', broker.bootstrap];
  const ours = (name: CommandName, args: string, input?: string): Promise<ToolResult> =>
    runOurs(commands[name], [...bootstrap(), ...words(args)], input === undefined ? {} : { input });
  const theirs = (name: CommandName, args: string, input?: string): Promise<ToolResult> =>
    tools.run(name, [...bootstrap(), ...words(args)], input);

  async function expectSame(name: CommandName, args: string): Promise<ToolResult> {
    const [one, other] = await Promise.all([ours(name, args), theirs(name, args)]);
    expect({ code: one.code, lines: linesOf(one.stdout) }).toEqual({ code: other.code, lines: linesOf(other.stdout) });
    return one;
  }

  /** For what a broker tells, or a consumer does, a moment after a change; `shows` is made of expect(). */
  function expectSameInTheEnd(
    name: CommandName,
    args: string,
    shows: (stdout: string) => void = () => undefined,
  ): Promise<void> {
    return eventuallyPasses(async () => shows((await expectSame(name, args)).stdout));
  }

  async function expectChange(args: string): Promise<void> {
    expect(await ours('kafka-configs', `--alter ${args}`)).toMatchObject({ code: 0, stderr: '' });
  }

  beforeAll(async () => {
    zookeeper = await startZooKeeper();
    broker = await start({ zookeeper: zookeeper.connectString, settings: { 'offsets.topic.num.partitions': 3 } });
    for (const args of [
      '--create --topic orders --partitions 3 --replication-factor 1',
      '--create --topic payments --partitions 1 --config cleanup.policy=compact --config retention.ms=60000',
    ]) {
      const { stdout } = await ours('kafka-topics', args);
      if (!/^Created topic \w+\.\n$/.test(stdout)) throw new Error(`kafka-topics ${args} printed ${stdout}`);
    }
  });

  afterAll(async () => {
    await broker?.stop();
    await zookeeper?.stop();
  });

  const topicsArguments = [
    '--describe --topic orders',
    '--create --topic orders',
    '--list',
    '--list --exclude-internal --topic pay.*',
    '--describe',
    '--describe --topics-with-overrides',
    '--describe --under-replicated-partitions',
    '--describe --unavailable-partitions',
    '--describe --at-min-isr-partitions',
    '--describe --under-min-isr-partitions',
    '--describe --topic nothing --if-exists',
    '--create --topic orders --if-not-exists',
    '--create --topic many --replication-factor 7',
    '--create --topic none --partitions 0',
    '--create --topic bad/name',
    '--create --topic bad --config retention.ms=soon',
    '--create --topic bad --config no.such.key=1',
    '--create --topic bad --replica-assignment 0:0',
    '--alter --topic orders --partitions 3',
    '--alter --topic orders --partitions 2',
    '--delete --topic nothing --if-exists',
  ];
  it.each(everything ? topicsArguments : topicsArguments.slice(0, 3))('kafka-topics %s', async (args) => {
    await expectSame('kafka-topics', args);
  });

  it('kafka-topics --describe of a topic that does not exist ends with the same exit code', async () => {
    const [one, other] = [
      await ours('kafka-topics', '--describe --topic nothing'),
      await theirs('kafka-topics', '--describe --topic nothing'),
    ];
    expect([one.code, one.stdout]).toEqual([
      other.code,
      expect.stringContaining("Topic 'nothing' does not exist as expected"),
    ]);
  });

  it('kafka-topics --create warns of names whose metrics could collide', async () => {
    const one = await ours('kafka-topics', '--create --topic made.by.ours --replica-assignment 0,0');
    const other = await theirs('kafka-topics', '--create --topic made.by.theirs --replica-assignment 0,0');
    expect(linesOf(one.stdout.replace('ours', 'theirs'))).toEqual(linesOf(other.stdout));
    expect((await expectSame('kafka-topics', '--describe --topic made.by.ours')).stdout).toContain('PartitionCount: 2');
    expect(await ours('kafka-topics', '--delete --topic made.by.*')).toMatchObject({ code: 0, stdout: '' });
    expect((await expectSame('kafka-topics', '--list')).stdout).not.toContain('made.by');
  });

  it('kafka-topics --alter gives a topic more partitions', async () => {
    expect(await ours('kafka-topics', '--create --topic growing --partitions 1')).toMatchObject({ code: 0 });
    expect(await ours('kafka-topics', '--alter --topic growing --partitions 4')).toMatchObject({ code: 0, stdout: '' });
    expect((await expectSame('kafka-topics', '--describe --topic growing')).stdout).toContain('PartitionCount: 4');
  });

  const SHOWN = 'key timestamp partition offset headers'
    .split(' ')
    .map((each) => `--property print.${each}=true`)
    .join(' ');
  const READ = `--from-beginning --timeout-ms 6000 ${SHOWN}`;

  const codecs = ['zstd', 'none', 'gzip', 'snappy', 'lz4'];
  it.each(everything ? codecs : codecs.slice(0, 1))(
    'records that ours writes with %s are read by both alike',
    async (codec) => {
      const topic = `written-${codec}`;
      const lines = ['h1:v1,h2:v2#ann|one', 'h:ü#bob|zwei', 'h:NULL#NULL|NULL', 'h:x#cid|'];
      const written = await ours(
        'kafka-console-producer',
        `--topic ${topic} --compression-codec ${codec} --property null.marker=NULL --property parse.key=true --property key.separator=| --property parse.headers=true --property headers.delimiter=#`,
        lines.join('\n'),
      );
      expect(written).toMatchObject({ code: 0, stderr: '' });
      const count = `--max-messages ${lines.length}`;
      const one = await ours('kafka-console-consumer', `--topic ${topic} ${READ} ${count}`);
      const other = await theirs('kafka-console-consumer', `--topic ${topic} ${READ} ${count}`);
      expect(linesOf(one.stdout)).toHaveLength(lines.length);
      expect({ code: one.code, lines: linesOf(one.stdout) }).toEqual({
        code: other.code,
        lines: linesOf(other.stdout),
      });
      expect(one.stderr).toContain(`Processed a total of ${lines.length} messages`);
    },
  );

  it('records that theirs writes are read by both alike, keys going to the same partitions', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `key-${index * 7919}\tvalue ${index}`);
    const input = `${lines.join('\n')}\n`;
    await ours('kafka-topics', '--create --topic keyed --partitions 5');
    await ours('kafka-topics', '--create --topic keyed-too --partitions 5');
    const keyed = '--property parse.key=true --property key.separator=\t';
    expect(await theirs('kafka-console-producer', `--topic keyed ${keyed}`, input)).toMatchObject({ code: 0 });
    expect(await ours('kafka-console-producer', `--topic keyed-too ${keyed}`, input)).toMatchObject({ code: 0 });
    const read =
      '--from-beginning --timeout-ms 6000 --max-messages 200 --property print.key=true --property print.partition=true';
    const one = await ours('kafka-console-consumer', `--topic keyed ${read}`);
    expect(linesOf(one.stdout)).toEqual(
      linesOf((await theirs('kafka-console-consumer', `--topic keyed ${read}`)).stdout),
    );
    expect(linesOf((await ours('kafka-console-consumer', `--topic keyed-too ${read}`)).stdout)).toEqual(
      linesOf(one.stdout),
    );
  });

  it('one partition is read from an offset on', async () => {
    const input = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');
    await ours('kafka-topics', '--create --topic counted --partitions 1');
    await ours('kafka-console-producer', '--topic counted --sync', input);
    for (const where of [
      '--offset 15 --max-messages 5',
      '--offset earliest --max-messages 3',
      '--from-beginning --max-messages 20',
    ]) {
      await expectSame('kafka-console-consumer', `--topic counted --partition 0 --timeout-ms 6000 ${where}`);
    }
  });

  it('kafka-consumer-groups shows and resets what a group of ours has read', async () => {
    await ours(
      'kafka-console-producer',
      '--topic orders --property parse.key=true --property key.separator=:',
      'a:1\nb:2\nc:3\nd:4\ne:5\n',
    );
    const read = await ours(
      'kafka-console-consumer',
      '--topic orders --group readers --from-beginning --max-messages 5',
    );
    expect(linesOf(read.stdout)).toEqual(['1', '2', '3', '4', '5']);
    const groupsArguments = [
      '--list',
      '--describe --group readers',
      '--list --state',
      '--list --type classic --state empty',
      '--describe --group readers --state',
      '--describe --group nobody',
      '--reset-offsets --group readers --all-topics --to-earliest --dry-run --export',
      '--reset-offsets --group readers --topic orders:0,1 --shift-by -1 --dry-run --export',
      '--reset-offsets --group readers --topic orders --to-offset 1 --dry-run --export',
      '--reset-offsets --group readers --topic orders --by-duration PT10M --dry-run --export',
      '--reset-offsets --group readers --all-topics --to-datetime 2030-01-01T00:00:00.000 --dry-run --export',
      '--reset-offsets --group readers --topic payments --to-current --dry-run --export',
    ];
    for (const args of everything ? groupsArguments : groupsArguments.slice(0, 3)) {
      await expectSame('kafka-consumer-groups', args);
    }
    const reset = await ours(
      'kafka-consumer-groups',
      '--reset-offsets --group readers --topic orders --to-earliest --execute',
    );
    expect(reset).toMatchObject({ code: 0 });
    await expectSame('kafka-consumer-groups', '--describe --group readers');
    expect(await ours('kafka-consumer-groups', '--delete-offsets --group readers --topic orders:0')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Request succeed for deleting offsets with topic orders:0 group readers'),
    });
    await expectSame('kafka-consumer-groups', '--describe --group readers');
    expect(await ours('kafka-consumer-groups', '--delete --group readers')).toMatchObject({
      code: 0,
      stdout: "Deletion of requested consumer groups ('readers') was successful.\n",
    });
    await expectSame('kafka-consumer-groups', '--describe --group readers');
  });

  it('a plan that theirs exports is carried out by ours, and the other way round', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gregor-plan-'));
    const file = join(directory, 'plan.csv');
    await ours('kafka-topics', '--create --topic planned --partitions 2');
    await ours('kafka-console-producer', '--topic planned', 'a\nb\nc\nd\n');
    const reset = '--reset-offsets --group planners';
    for (const [planner, performer] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const { stdout } = await planner(
        'kafka-consumer-groups',
        `${reset} --topic planned --to-latest --dry-run --export`,
      );
      await writeFile(file, stdout);
      expect(await performer('kafka-consumer-groups', `${reset} --from-file ${file} --execute`)).toMatchObject({
        code: 0,
      });
      const { stdout: described } = await expectSame('kafka-consumer-groups', '--describe --group planners');
      expect(described.match(/^planners +planned +\d +(\d+) +\1 +0 /gm)).toHaveLength(2);
      expect(await ours('kafka-consumer-groups', '--delete --group planners')).toMatchObject({ code: 0 });
    }
    await rm(directory, { recursive: true });
  });

  it('topics are read by a pattern', async () => {
    await ours('kafka-console-producer', '--topic pattern-one', 'one\n');
    await ours('kafka-console-producer', '--topic pattern-two', 'two\n');
    const { stdout } = await ours(
      'kafka-console-consumer',
      '--include pattern-.* --from-beginning --max-messages 2 --timeout-ms 6000',
    );
    expect(linesOf(stdout)).toEqual(['one', 'two']);
  });

  it('kafka-consumer-groups shows a living member', async () => {
    const stop = new AbortController();
    const reading = runOurs(
      kafkaConsoleConsumer,
      [...bootstrap(), ...words('--topic orders --group live --from-beginning')],
      {
        interrupted: stop.signal,
      },
    );
    try {
      await eventually(
        'the group becoming stable',
        async () => (await ours('kafka-consumer-groups', '--describe --group live --state')).stdout.includes('Stable'),
        30_000,
      );
      // The member commits every few seconds, perhaps between the one tool's question and the other's.
      await expectSameInTheEnd('kafka-consumer-groups', '--describe --group live');
      await expectSame('kafka-consumer-groups', '--describe --group live --members');
      await expectSame('kafka-consumer-groups', '--describe --group live --state');
    } finally {
      stop.abort();
    }
    expect((await reading).code).toBe(130);
    // A consumer that ends in order leaves its group at once.
    expect((await ours('kafka-consumer-groups', '--describe --group live --members')).stderr).toContain(
      'has no active members',
    );
    await expectSame('kafka-consumer-groups', '--describe --group live --members --verbose');
  });

  it('two consumers of ours share the partitions of a topic', async () => {
    const stop = new AbortController();
    const readers = ['one', 'two'].map((id) =>
      runOurs(
        kafkaConsoleConsumer,
        [...bootstrap(), ...words(`--topic orders --group shared --consumer-property client.id=${id}`)],
        {
          interrupted: stop.signal,
        },
      ),
    );
    try {
      await eventually(
        'sharing',
        async () => {
          const { stdout } = await ours('kafka-consumer-groups', '--describe --group shared');
          return new Set(stdout.match(/\b(one|two)$/gm)).size === 2;
        },
        30_000,
      );
      await expectSameInTheEnd('kafka-consumer-groups', '--describe --group shared');
    } finally {
      stop.abort();
    }
    await Promise.all(readers);
  });

  it('kafka-configs shows and changes topics and brokers', async () => {
    await expectChange('--topic orders --add-config retention.ms=5000,cleanup.policy=[compact,delete]');
    await expectChange('--entity-type brokers --entity-name 0 --add-config num.io.threads=4');
    await expectChange('--broker-defaults --add-config log.cleaner.threads=2,num.io.threads=6');
    // A broker takes a change over when ZooKeeper tells it of one, some milliseconds after the change was acknowledged.
    await expectSameInTheEnd('kafka-configs', '--describe --entity-type brokers', (shown) => {
      for (const value of ['num.io.threads=4', 'num.io.threads=6', 'log.cleaner.threads=2'])
        expect(shown).toContain(`  ${value} `);
    });
    for (const args of [
      '--describe --topic orders',
      '--describe --topic orders --all',
      '--describe --entity-type topics --entity-name payments',
      '--describe --broker 0 --all',
      '--alter --topic orders --delete-config segment.ms',
    ]) {
      await expectSame('kafka-configs', args);
    }
    await expectChange('--topic orders --delete-config retention.ms,cleanup.policy');
    await expectChange('--broker 0 --delete-config num.io.threads');
    await expectChange('--broker-defaults --delete-config log.cleaner.threads,num.io.threads');
    await expectSameInTheEnd('kafka-configs', '--describe --topic orders', (shown) =>
      expect(shown).not.toContain('retention.ms'),
    );
    await expectSameInTheEnd('kafka-configs', '--describe --entity-type brokers', (shown) =>
      expect(shown).not.toContain('threads'),
    );
  });

  const refusals = [
    ['--alter --topic orders --add-config no.such.key=1', 'Unknown topic config name: no.such.key'],
    [
      '--alter --topic orders --add-config retention.ms=soon',
      'Invalid value soon for configuration retention.ms: Not a number of type LONG',
    ],
    [
      '--alter --broker 0 --add-config num.partitions=3',
      'Cannot update these configs dynamically: Set(num.partitions)',
    ],
    ['--alter --broker-defaults --add-config advertised.listeners=PLAINTEXT://h:1', 'broker id must be specified'],
    [
      '--alter --topic orders --add-config min.compaction.lag.ms=9,max.compaction.lag.ms=3',
      'conflict topic config setting',
    ],
  ] as const;
  it.each(everything ? refusals : refusals.slice(0, 1))(
    'kafka-configs %s is refused with the same words',
    async (args, complaint) => {
      const [one, other] = [await ours('kafka-configs', args), await theirs('kafka-configs', args)];
      expect([one.code, other.code]).toEqual([1, 1]);
      expect(one.stderr).toContain(complaint);
      expect(other.stderr).toContain(complaint);
    },
  );
});

function words(args: string): string[] {
  return args.split(' ').filter((word) => word !== '');
}
