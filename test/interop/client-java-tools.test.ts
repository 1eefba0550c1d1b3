/** Apache Kafka's own command line tools, unchanged, against two brokers. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import type { KafkaToolName, ToolResult } from '../support/apache-kafka';
import { startBrokers, type BrokersUnderTest } from '../support/brokers-under-test';
import { eventually, eventuallyPasses } from '../support/eventually';
import { everyBrokerKnows, everyBrokerSays } from '../support/every-broker';
import { KafkaToolRunner } from '../support/kafka-tool-runner';

const WAIT_MS = 30_000;
const TIMEOUT_MS = 90_000;

let brokers: BrokersUnderTest;
let tools: KafkaToolRunner;
let folder: string;
let consumer: Consumer | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gregor-tools-'));
  brokers = await startBrokers({
    brokers: 2,
    settings: { 'log.retention.check.interval.ms': 500, 'log.initial.task.delay.ms': 500 },
  });
  tools = await KafkaToolRunner.start();
}, 180_000);

afterEach(async () => {
  await consumer?.disconnect();
  consumer = null;
}, 30_000);

afterAll(async () => {
  await tools?.stop();
  await brokers?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const run = (tool: KafkaToolName, args: readonly string[], input?: string): Promise<ToolResult> =>
  tools.run(tool, ['--bootstrap-server', brokers.bootstrap, ...args], input);

/** Standard output of a run that must succeed. */
async function output(tool: KafkaToolName, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await run(tool, args, input);
  if (code !== 0) throw new Error(`${tool} ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
const cells = (text: string): string[][] => lines(text).map((line) => line.trim().split(/\s+/));
const numbered = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `k${from + index}:${from + index}\n`).join('');

async function createTopic(topic: string, partitions: number, ...config: string[]): Promise<void> {
  const configs = config.flatMap((entry) => ['--config', entry]);
  const size = ['--partitions', String(partitions), '--replication-factor', '2'];
  await output('kafka-topics', ['--create', '--topic', topic, ...size, ...configs]);
  await everyBrokerKnows(brokers.addresses, topic, partitions);
}

async function produce(topic: string, input: string, ...more: string[]): Promise<void> {
  const keyed = ['--property', 'parse.key=true', '--property', 'key.separator=:'];
  await output('kafka-console-producer', ['--topic', topic, ...keyed, ...more], input);
}

async function consume(topic: string, count: number, ...more: string[]): Promise<string[]> {
  const limits = ['--max-messages', String(count), '--timeout-ms', '15000'];
  return lines(await output('kafka-console-consumer', ['--topic', topic, ...limits, ...more]));
}

/** Offsets by partition, as kafka-get-offsets tells them. */
async function offsets(topic: string, time: string): Promise<string[]> {
  return lines(await output('kafka-get-offsets', ['--topic', topic, '--time', time]));
}

test(
  'kafka-topics creates, lists, describes, alters and deletes',
  async () => {
    const args = ['--create', '--topic', 'managed', '--partitions', '2', '--replication-factor', '2'];
    expect(await output('kafka-topics', [...args, '--config', 'retention.ms=1000000'])).toBe(
      'Created topic managed.\n',
    );
    await everyBrokerKnows(brokers.addresses, 'managed', 2);
    const again = await run('kafka-topics', args);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain("Error while executing topic command : Topic 'managed' already exists.");
    await output('kafka-topics', [...args, '--if-not-exists']);
    expect(lines(await output('kafka-topics', ['--list']))).toContain('managed');
    const described = lines(await output('kafka-topics', ['--describe', '--topic', 'managed']));
    expect(described[0]).toMatch(
      /^Topic: managed\tTopicId: [\w-]{22}\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: retention.ms=1000000$/,
    );
    expect(described[1]).toMatch(
      /^\tTopic: managed\tPartition: 0\tLeader: (\d)\tReplicas: \1,\d\tIsr: \1,\d\tElr: N\/A\t/,
    );
    expect(await output('kafka-topics', ['--describe', '--under-replicated-partitions'])).toBe('');
    await output('kafka-topics', ['--alter', '--topic', 'managed', '--partitions', '4']);
    await everyBrokerKnows(brokers.addresses, 'managed', 4);
    expect(lines(await output('kafka-topics', ['--describe', '--topic', 'managed']))).toHaveLength(5);
    await output('kafka-topics', ['--delete', '--topic', 'managed']);
    await everyBrokerSays(brokers.addresses, 'managed', (topic) => expect(topic?.partitions).toEqual([]));
    expect(lines(await output('kafka-topics', ['--list']))).not.toContain('managed');
  },
  TIMEOUT_MS,
);

test(
  'the console clients carry keys, headers, times and codecs, and read from any place',
  async () => {
    await createTopic('console', 1);
    await produce('console', 'k1:v1\nk2:v2\n', '--compression-codec', 'zstd', '--producer-property', 'acks=all');
    const withHeaders = ['--property', 'parse.headers=true', '--property', 'null.marker=NULL'];
    await produce('console', 'h1:x,h2:y\tk3:v3\nNULL\tk4:NULL\n', ...withHeaders, '--sync');
    const printed = ['timestamp', 'partition', 'offset', 'headers', 'key', 'value'].flatMap((what) => [
      '--property',
      `print.${what}=true`,
    ]);
    const all = await consume('console', 4, '--from-beginning', ...printed, '--isolation-level', 'read_committed');
    expect(all.map((line) => line.replace(/^CreateTime:\d{13}\t/, ''))).toEqual([
      'Partition:0\tOffset:0\tNO_HEADERS\tk1\tv1',
      'Partition:0\tOffset:1\tNO_HEADERS\tk2\tv2',
      'Partition:0\tOffset:2\th1:x,h2:y\tk3\tv3',
      'Partition:0\tOffset:3\tNO_HEADERS\tk4\tnull',
    ]);
    expect(await consume('console', 1, '--partition', '0', '--offset', '2')).toEqual(['v3']);
    expect(await consume('console', 2, '--from-beginning', '--group', 'console')).toEqual(['v1', 'v2']);
    expect(await consume('console', 1, '--group', 'console')).toEqual(['v3']);
    const none = await run('kafka-console-consumer', ['--topic', 'console', '--timeout-ms', '1000', '--group', 'new']);
    expect(none.stderr).toContain('Processed a total of 0 messages');
  },
  TIMEOUT_MS,
);

test(
  'kafka-configs shows and changes configurations of topics and brokers',
  async () => {
    await createTopic('configured', 1);
    const topic = ['--entity-type', 'topics', '--entity-name', 'configured'];
    const alter = ['--alter', '--add-config', 'retention.ms=5000000,cleanup.policy=[compact,delete]'];
    expect(await output('kafka-configs', [...topic, ...alter])).toBe(
      'Completed updating config for topic configured.\n',
    );
    await eventually('it is told', async () =>
      (await output('kafka-configs', [...topic, '--describe'])).includes(
        '  retention.ms=5000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=5000000}\n',
      ),
    );
    await output('kafka-configs', [...topic, '--alter', '--delete-config', 'retention.ms,cleanup.policy']);
    await eventually('nothing is left', async () =>
      /^Dynamic configs for topic configured are:\n$/.test(await output('kafka-configs', [...topic, '--describe'])),
    );
    const wrong = await run('kafka-configs', [...topic, '--alter', '--add-config', 'retention.ms=soon']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('Invalid value soon for configuration retention.ms: Not a number of type LONG');
    const defaults = ['--entity-type', 'brokers', '--entity-default'];
    await output('kafka-configs', [...defaults, '--alter', '--add-config', 'log.cleaner.threads=2']);
    await eventually('the default of all brokers is told', async () =>
      (await output('kafka-configs', [...defaults, '--describe'])).includes('log.cleaner.threads=2 sensitive=false'),
    );
    const one = ['--entity-type', 'brokers', '--entity-name', '1'];
    expect(await output('kafka-configs', [...one, '--describe', '--all'])).toMatch(
      /^ {2}broker.id=1 sensitive=false synonyms=/m,
    );
  },
  TIMEOUT_MS,
);

test(
  'kafka-consumer-groups lists, describes, resets in every way, and deletes',
  async () => {
    await createTopic('grouped', 1);
    await produce('grouped', numbered(0, 10));
    const middleMs = Date.now() + 1;
    await eventually('it is later', () => Date.now() > middleMs);
    await produce('grouped', numbered(10, 10));
    expect(await consume('grouped', 20, '--from-beginning', '--group', 'readers')).toHaveLength(20);
    const group = ['--group', 'readers'];
    expect(lines(await output('kafka-consumer-groups', ['--list']))).toContain('readers');
    const described = async () => cells(await output('kafka-consumer-groups', ['--describe', ...group])).at(-1);
    expect(await described()).toEqual(['readers', 'grouped', '0', '20', '20', '0', '-', '-', '-']);
    const resetTo = async (...how: string[]) => {
      const args = ['--reset-offsets', ...group, '--topic', 'grouped', ...how, '--execute'];
      return cells(await output('kafka-consumer-groups', args))
        .at(-1)
        ?.at(-1);
    };
    expect(await resetTo('--to-earliest')).toBe('0');
    expect(await resetTo('--shift-by', '7')).toBe('7');
    expect(await resetTo('--to-datetime', new Date(middleMs).toISOString().replace('Z', ''))).toBe('10');
    expect(await resetTo('--by-duration', 'PT1H')).toBe('0');
    expect(await resetTo('--to-latest')).toBe('20');
    expect(await resetTo('--to-offset', '99')).toBe('20');
    const file = join(folder, 'offsets.csv');
    await writeFile(file, 'grouped,0,13\n');
    const fromFile = ['--reset-offsets', ...group, '--from-file', file, '--execute'];
    await output('kafka-consumer-groups', fromFile);
    expect(await described()).toEqual(['readers', 'grouped', '0', '13', '20', '7', '-', '-', '-']);
    const exported = ['--reset-offsets', ...group, '--topic', 'grouped', '--to-current', '--dry-run', '--export'];
    expect(lines(await output('kafka-consumer-groups', exported))).toContain('grouped,0,13');
    expect(await output('kafka-consumer-groups', ['--delete', ...group])).toContain(
      "Deletion of requested consumer groups ('readers') was successful.",
    );
    expect(await resetTo('--to-earliest')).toBe('0');
    const forgotten = await output('kafka-consumer-groups', ['--delete-offsets', ...group, '--topic', 'grouped']);
    expect(forgotten).toContain('Request succeed for deleting offsets with topic grouped group readers');
    // A group without members and offsets is none.
    expect(lines(await output('kafka-consumer-groups', ['--list']))).not.toContain('readers');
  },
  TIMEOUT_MS,
);

test(
  'kafka-consumer-groups sees members that are at work, and will not reset under their feet',
  async () => {
    await createTopic('busy', 2);
    consumer = new Kafka({ clientId: 'worker', brokers: [...brokers.addresses], logLevel: logLevel.NOTHING }).consumer({
      groupId: 'workers',
    });
    await consumer.connect();
    await consumer.subscribe({ topic: 'busy', fromBeginning: true });
    await consumer.run({ eachMessage: async () => undefined });
    const group = ['--group', 'workers'];
    const state = async () =>
      cells(await output('kafka-consumer-groups', ['--describe', ...group, '--state'])).at(-1) ?? [];
    const last = await eventually(
      'it is stable',
      async () => ((await state()).includes('Stable') ? state() : null),
      WAIT_MS,
    );
    expect(last.slice(-3)).toEqual(['RoundRobinAssigner', 'Stable', '1']);
    const members = cells(await output('kafka-consumer-groups', ['--describe', ...group, '--members', '--verbose'])).at(
      -1,
    );
    expect(members?.slice(0, 2)).toEqual(['workers', expect.stringMatching(/^worker-/)]);
    expect(members?.slice(3)).toEqual(['worker', '2', '(0,1)']);
    const reset = await run('kafka-consumer-groups', [
      '--reset-offsets',
      ...group,
      '--topic',
      'busy',
      '--to-latest',
      '--execute',
    ]);
    expect(`${reset.stdout}${reset.stderr}`).toContain(
      "Assignments can only be reset if the group 'workers' is inactive, but the current state is Stable.",
    );
    const stable = await output('kafka-consumer-groups', ['--list', '--state', 'stable']);
    expect(cells(stable)).toContainEqual(['workers', 'Stable']);
  },
  TIMEOUT_MS,
);

test(
  'kafka-get-offsets, kafka-delete-records and kafka-log-dirs agree on what a log holds',
  async () => {
    await createTopic('held', 1);
    await produce('held', numbered(0, 10));
    expect(await offsets('held', '-1')).toEqual(['held:0:10']);
    expect(await offsets('held', 'earliest')).toEqual(['held:0:0']);
    expect(await offsets('held', 'max-timestamp')).toEqual([expect.stringMatching(/^held:0:\d$/)]);
    expect(await offsets('held', '0')).toEqual(['held:0:0']);
    const file = join(folder, 'delete.json');
    await writeFile(file, JSON.stringify({ version: 1, partitions: [{ topic: 'held', partition: 0, offset: 4 }] }));
    expect(await output('kafka-delete-records', ['--offset-json-file', file])).toContain(
      'partition: held-0\tlow_watermark: 4',
    );
    expect(await offsets('held', '-2')).toEqual(['held:0:4']);
    const dirs = lines(await output('kafka-log-dirs', ['--describe', '--topic-list', 'held'])).at(-1) ?? '';
    const told = JSON.parse(dirs) as {
      brokers: { broker: number; logDirs: { error: null; partitions: object[] }[] }[];
    };
    expect(told.brokers.map(({ broker }) => broker).toSorted()).toEqual([0, 1]);
    for (const { logDirs } of told.brokers) {
      expect(logDirs[0]?.partitions).toEqual([
        { partition: 'held-0', size: expect.any(Number) as number, offsetLag: 0, isFuture: false },
      ]);
    }
  },
  TIMEOUT_MS,
);

test(
  'segments roll and old ones go away by size, as the tools see it',
  async () => {
    const config = [
      'segment.bytes=20000',
      'retention.bytes=40000',
      'file.delete.delay.ms=0',
      'index.interval.bytes=1000',
    ];
    await createTopic('rolling', 1, ...config);
    await tools.run('kafka-producer-perf-test', [
      ...['--topic', 'rolling', '--num-records', '2000', '--record-size', '100', '--throughput', '-1'],
      ...['--producer-props', `bootstrap.servers=${brokers.bootstrap}`, 'batch.size=2000'],
    ]);
    expect(await offsets('rolling', '-1')).toEqual(['rolling:0:2000']);
    const first = async () => Number((await offsets('rolling', '-2'))[0]?.split(':')[2]);
    await eventually('the first ones are gone', async () => (await first()) > 1000, WAIT_MS);
    const size = async () => {
      const text = await output('kafka-log-dirs', ['--describe', '--topic-list', 'rolling']);
      const sizes = [...text.matchAll(/"size":(\d+)/g)].map(([, bytes]) => Number(bytes));
      return sizes.length === 2 && sizes.every((bytes) => bytes <= 60_000);
    };
    await eventually('both replicas are small', size, WAIT_MS);
    const directory = join(brokers.brokers[0]?.logDir ?? '', 'rolling-0');
    const segments = async () => (await readdir(directory)).filter((name) => name.endsWith('.log'));
    await eventually('few segments are left', async () => (await segments()).length <= 4, WAIT_MS);
    const dump = await tools.run('kafka-dump-log', [
      '--files',
      join(directory, (await segments()).toSorted()[0] ?? ''),
    ]);
    expect(dump.stdout).toContain('isvalid: true');
    // Another segment may go while one looks.
    await eventuallyPasses(async () => {
      const [record] = await consume('rolling', 1, '--from-beginning', '--property', 'print.offset=true');
      expect(record).toMatch(new RegExp(`^Offset:${await first()}\\t`));
    }, WAIT_MS);
  },
  TIMEOUT_MS,
);

test(
  'kafka-broker-api-versions and kafka-cluster get on with the brokers',
  async () => {
    const versions = lines(await output('kafka-broker-api-versions', []));
    for (const { port, id } of brokers.brokers) {
      expect(versions).toContain(`127.0.0.1:${port} (id: ${id} rack: null) -> (`);
    }
    for (const line of [
      'Produce(0): 0 to 11 [usable: 11]',
      'Fetch(1): 0 to 17 [usable: 17]',
      'Metadata(3): 0 to 12 [usable: 12]',
    ]) {
      expect(versions.filter((text) => text.trim().replace(/,$/, '') === line)).toHaveLength(2);
    }
    const id = await tools.run('kafka-cluster', ['cluster-id', '--bootstrap-server', brokers.bootstrap]);
    expect(id.stdout).toMatch(/^Cluster ID: [\w-]{22}\n$/);
    const unregister = ['unregister', '--bootstrap-server', brokers.bootstrap, '--id', '1'];
    expect((await tools.run('kafka-cluster', unregister)).stdout).toBe(
      'The target cluster does not support the broker unregistration API.\n',
    );
  },
  TIMEOUT_MS,
);

test(
  'the tools that measure come to an end',
  async () => {
    await createTopic('measured', 2);
    const records = ['--num-records', '20000', '--record-size', '100', '--throughput', '-1'];
    const props = ['--producer-props', `bootstrap.servers=${brokers.bootstrap}`, 'acks=all', 'compression.type=lz4'];
    const produced = await tools.run('kafka-producer-perf-test', ['--topic', 'measured', ...records, ...props]);
    expect(produced.stdout).toMatch(/^20000 records sent, [\d.]+ records\/sec/m);
    const consumed = await output('kafka-consumer-perf-test', [
      '--topic',
      'measured',
      '--messages',
      '20000',
      '--timeout',
      '20000',
    ]);
    expect(lines(consumed).at(-1)?.split(', ')[4]).toBe('20000');
    await createTopic('latency', 1);
    const latency = await tools.run('kafka-e2e-latency', [brokers.bootstrap, 'latency', '200', 'all', '100']);
    expect(latency.stdout).toMatch(/^Avg latency: [\d.]+ ms/m);
    expect(latency.stdout).toMatch(/^Percentiles: 50th = \d+, 99th = \d+, 99.9th = \d+$/m);
  },
  TIMEOUT_MS,
);
