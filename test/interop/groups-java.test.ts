/**
 * Consumer groups as Java's clients and Apache Kafka's own tools use them; and what is left of them on disk, read by
 * Apache Kafka's DumpLogSegments and by a broker of Apache Kafka that takes the directory over.
 */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster, type Cluster } from '../../embedded';
import { runKafkaTool, spawnKafkaTool, startApacheKafka, type KafkaToolName } from '../support/apache-kafka';
import { eventually } from '../support/eventually';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

const COOPERATIVE = 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor';
const PATIENCE_MS = 60_000;

let zookeeper: TestZooKeeper;
let cluster: Cluster;
const running: ChildProcess[] = [];

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  cluster = await startCluster({ zookeeper: zookeeper.connectString });
  await tool('kafka-topics', '--create', '--topic', 'orders', '--partitions', '4', '--replication-factor', '1');
}, 120_000);

afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => end(process)));
}, 60_000);

afterAll(async () => {
  await cluster?.close();
  await zookeeper?.stop();
}, 60_000);

/** Runs a tool of Apache Kafka against the cluster; what it prints. */
async function tool(name: KafkaToolName, ...args: string[]): Promise<string> {
  const patience = name === 'kafka-consumer-groups' ? ['--timeout', String(PATIENCE_MS)] : [];
  const { stdout, stderr } = await runKafkaTool(name, ['--bootstrap-server', cluster.bootstrap, ...patience, ...args]);
  return `${stdout}${stderr}`;
}

async function produce(from: number, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => `${from + index}:${from + index}\n`).join('');
  const properties = ['--property', 'parse.key=true', '--property', 'key.separator=:'];
  const args = ['--bootstrap-server', cluster.bootstrap, '--topic', 'orders', ...properties];
  expect((await runKafkaTool('kafka-console-producer', args, records)).code).toBe(0);
}

interface JavaConsumer {
  readonly process: ChildProcess;
  readonly seen: string[];
}

/** A console consumer that commits every half second. */
async function consume(group: string, properties: Record<string, string> = {}): Promise<JavaConsumer> {
  const all = { 'auto.commit.interval.ms': '500', 'session.timeout.ms': '6000', ...properties };
  const given = Object.entries(all).flatMap(([key, value]) => ['--consumer-property', `${key}=${value}`]);
  const place = ['--bootstrap-server', cluster.bootstrap, '--topic', 'orders', '--group', group, '--from-beginning'];
  const process = await spawnKafkaTool('kafka-console-consumer', [...place, ...given]);
  running.push(process);
  const seen: string[] = [];
  let rest = '';
  process.stdout?.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    seen.push(...lines);
  });
  return { process, seen };
}

async function end(process: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = new Promise((resolve) => process.once('exit', resolve));
  process.kill(signal);
  await exited;
}

/** Rows of a table that kafka-consumer-groups prints, as columns by name. */
async function table(...args: string[]): Promise<Record<string, string>[]> {
  // What the JVM has to say about its logging stands on standard error.
  const place = ['--bootstrap-server', cluster.bootstrap, '--timeout', String(PATIENCE_MS)];
  const { stdout, stderr } = await runKafkaTool('kafka-consumer-groups', [...place, ...args]);
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  const at = lines.findIndex((line) => line.startsWith('GROUP'));
  if (at < 0) throw new Error(`no table: ${stdout}${stderr}`);
  const columns = lines[at]?.split(/\s+/).filter((column) => column !== '') ?? [];
  return lines.slice(at + 1).map((line) => {
    const cells = line.split(/\s+/);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

test('two cooperative members share the partitions, without stopping each other', async () => {
  await produce(0, 200);
  const cooperative = { 'partition.assignment.strategy': COOPERATIVE };
  const one = await consume('cooperative', cooperative);
  await eventually('one has seen everything', () => one.seen.length === 200, PATIENCE_MS);
  const two = await consume('cooperative', cooperative);
  const members = await eventually(
    'both have two partitions',
    async () => {
      const rows = await table('--describe', '--group', 'cooperative', '--members');
      return rows.length === 2 && rows.every((row) => row['#PARTITIONS'] === '2') ? rows : null;
    },
    PATIENCE_MS,
  );
  expect(members.every((row) => row['CLIENT-ID'] === 'console-consumer' && row['HOST'] === '/127.0.0.1')).toBe(true);
  await produce(200, 200);
  await eventually('all was seen', () => one.seen.length + two.seen.length === 400, PATIENCE_MS);
  expect(new Set([...one.seen, ...two.seen]).size).toBe(400);
  const [state] = await table('--describe', '--group', 'cooperative', '--state');
  expect(state).toMatchObject({ GROUP: 'cooperative', STATE: 'Stable', '#MEMBERS': '2' });
}, 240_000);

test('a static member that is killed and comes back keeps its partitions without a rebalance', async () => {
  const generationOf = (): string => {
    const log = join(cluster.brokers[0]?.directory as string, 'server.log');
    return (
      readFileSync(log, 'utf8')
        .match(/Group static has \d members in generation (\d+)/g)
        ?.at(-1) ?? ''
    );
  };
  const long = { 'session.timeout.ms': '60000' };
  const one = await consume('static', { ...long, 'group.instance.id': 'one' });
  const two = await consume('static', { ...long, 'group.instance.id': 'two' });
  await eventually(
    'both have two partitions',
    async () => {
      const rows = await table('--describe', '--group', 'static', '--members');
      return rows.length === 2 && rows.every((row) => row['#PARTITIONS'] === '2');
    },
    PATIENCE_MS,
  );
  await eventually('all was seen', () => new Set([...one.seen, ...two.seen]).size === 400, PATIENCE_MS);
  const before = generationOf();
  await end(two.process, 'SIGKILL');
  const again = await consume('static', { ...long, 'group.instance.id': 'two' });
  await produce(400, 100);
  await eventually(
    'the rest was seen',
    () => new Set([...one.seen, ...two.seen, ...again.seen]).size === 500,
    PATIENCE_MS,
  );
  expect(again.seen.length).toBeGreaterThan(0);
  expect(generationOf()).toBe(before);
}, 240_000);

test('kafka-consumer-groups lists, describes, resets and deletes', async () => {
  const all = await consume('tooled');
  await eventually('all was seen', () => all.seen.length === 500, PATIENCE_MS);
  await eventually(
    'there is no lag',
    async () => {
      const lags = await table('--describe', '--group', 'tooled');
      return lags.length === 4 && lags.every((row) => row['LAG'] === '0');
    },
    PATIENCE_MS,
  );
  expect(await tool('kafka-consumer-groups', '--delete', '--group', 'tooled')).toContain('not empty');
  await end(all.process);
  expect(await tool('kafka-consumer-groups', '--list', '--state')).toMatch(/tooled\s+Empty/);
  expect(await tool('kafka-consumer-groups', '--list', '--type', 'classic')).toMatch(/tooled\s+Classic/);
  const reset = ['--reset-offsets', '--group', 'tooled', '--topic', 'orders', '--to-offset', '3', '--execute'];
  expect(await tool('kafka-consumer-groups', ...reset)).toMatch(/tooled\s+orders\s+2\s+3/);
  const offsets = await table('--describe', '--group', 'tooled', '--offsets');
  expect(offsets.map((row) => row['CURRENT-OFFSET'])).toEqual(['3', '3', '3', '3']);
  const deleted = await tool('kafka-consumer-groups', '--delete-offsets', '--group', 'tooled', '--topic', 'orders:0');
  expect(deleted).toMatch(/orders\s+0\s+Successful/);
  expect(await table('--describe', '--group', 'tooled', '--offsets')).toHaveLength(3);
  expect(await tool('kafka-consumer-groups', '--delete', '--group', 'tooled')).toContain(
    "Deletion of requested consumer groups ('tooled') was successful",
  );
  expect(await tool('kafka-consumer-groups', '--list')).not.toContain('tooled');
}, 240_000);

test('Apache Kafka reads what is on disk, and goes on with it', async () => {
  const [broker] = cluster.brokers;
  const before = await table('--describe', '--group', 'cooperative', '--offsets');
  expect(before).toHaveLength(4);
  await cluster.stop(0);
  const data = join(broker?.directory as string, 'data');
  const segments = readdirSync(data)
    .filter((name) => name.startsWith('__consumer_offsets-'))
    .map((name) => join(data, name, '00000000000000000000.log'));
  const dump = await runKafkaTool('kafka-dump-log', ['--offsets-decoder', '--files', segments.join(',')]);
  const lines = dump.stdout.split('\n');
  const has = (...texts: string[]): boolean => lines.some((line) => texts.every((text) => line.includes(text)));
  expect(has('{"group":"cooperative","topic":"orders","partition":0}', '"offset":', '"leaderEpoch":0')).toBe(true);
  expect(has('{"group":"static"}', '"groupInstanceId":"one"', '"assignedPartitions":[{"topic":"orders"')).toBe(true);
  expect(has('{"group":"tooled"}', 'valueSize: -1')).toBe(true);
  expect(lines.filter((line) => /isvalid: false|could not|exception/i.test(line))).toEqual([]);
  const kafka = await startApacheKafka({
    zookeeper: zookeeper.connectString,
    settings: { 'log.dirs': data, 'offsets.topic.num.partitions': 5 },
  });
  try {
    const ask = async (): Promise<string[]> => {
      const args = ['--bootstrap-server', kafka.bootstrap, '--describe', '--group', 'cooperative', '--offsets'];
      const { stdout } = await runKafkaTool('kafka-consumer-groups', args);
      return stdout
        .split('\n')
        .filter((line) => line.startsWith('cooperative'))
        .map((line) => line.split(/\s+/)[3] as string);
    };
    const after = await eventually(
      'Kafka has loaded the group',
      async () => ((await ask()).length === 4 ? ask() : null),
      PATIENCE_MS,
    );
    expect(after.toSorted()).toEqual(before.map((row) => row['CURRENT-OFFSET']).toSorted());
    const reset = ['--reset-offsets', '--group', 'theirs', '--topic', 'orders', '--to-offset', '7', '--execute'];
    expect((await runKafkaTool('kafka-consumer-groups', ['--bootstrap-server', kafka.bootstrap, ...reset])).code).toBe(
      0,
    );
  } finally {
    await kafka.stop();
  }
  await cluster.start(0);
  const theirs = await eventually(
    'what Kafka wrote is read back',
    async () => {
      const rows = await table('--describe', '--group', 'theirs', '--offsets');
      return rows.length === 4 ? rows : null;
    },
    PATIENCE_MS,
  );
  expect(theirs.map((row) => row['CURRENT-OFFSET'])).toEqual(['7', '7', '7', '7']);
}, 240_000);
