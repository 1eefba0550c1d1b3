/** Tools that move, elect and trim partitions, beside Apache Kafka's own on a cluster of two of its brokers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import type { Command } from '../../cli/command';
import { kafkaDeleteRecords } from '../../cli/kafka-delete-records';
import { kafkaLeaderElection } from '../../cli/kafka-leader-election';
import { kafkaLogDirs } from '../../cli/kafka-log-dirs';
import { kafkaMetadataQuorum } from '../../cli/kafka-metadata-quorum';
import { kafkaReassignPartitions } from '../../cli/kafka-reassign-partitions';
import { kafkaReplicaVerification } from '../../cli/kafka-replica-verification';
import { type KafkaToolName, runKafkaTool, startApacheKafka, type ToolResult } from '../support/apache-kafka';
import type { BrokerProcess } from '../support/broker-process';
import { eventually } from '../support/eventually';
import { everyBrokerKnows, everyBrokerSays } from '../support/every-broker';
import { runOurs } from '../support/run-command';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

let zookeeper: TestZooKeeper;
let brokers: BrokerProcess[] = [];
let folder: string;
let servers: string[];

const addresses = (): string[] => brokers.map(({ bootstrap }) => bootstrap);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gregor-cli-partitions-'));
  zookeeper = await startZooKeeper();
  const start = (brokerId: number): Promise<BrokerProcess> =>
    startApacheKafka({ zookeeper: zookeeper.connectString, brokerId });
  brokers = await Promise.all([start(1), start(2)]);
  servers = ['--bootstrap-server', addresses().join(',')];
  const client = new Kafka({ brokers: addresses(), logLevel: logLevel.NOTHING });
  const [admin, producer] = [client.admin(), client.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await eventually('both brokers are there', async () => (await admin.describeCluster()).brokers.length === 2, 30_000);
  const replicaAssignment = [
    { partition: 0, replicas: [1, 2] },
    { partition: 1, replicas: [2, 1] },
  ];
  await admin.createTopics({ topics: [{ topic: 'moved', replicaAssignment }] });
  await everyBrokerKnows(addresses(), 'moved', 2);
  await producer.send({
    topic: 'moved',
    messages: Array.from({ length: 20 }, (_, index) => ({ value: 'v', partition: index % 2 })),
  });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}, 90_000);

afterAll(async () => {
  await Promise.all(brokers.map((broker) => broker.kill()));
  await zookeeper?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function jsonFile(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(content));
  return file;
}

/** Both tools in turn, ours first. */
async function both(name: KafkaToolName, command: Command, args: readonly string[]): Promise<[ToolResult, ToolResult]> {
  const ours = await runOurs(command, [...servers, ...args]);
  return [ours, await runKafkaTool(name, [...servers, ...args])];
}

/** What stands in one order here and in another there, and is not the point, as a set of words. */
const words = (text: string): string[] => text.split(/[\s,]+/).toSorted();

it('kafka-log-dirs shows the same', async () => {
  const [ours, theirs] = await both('kafka-log-dirs', kafkaLogDirs, ['--describe', '--topic-list', 'moved']);
  const parts = (text: string): string[] => text.split(/(?=\{"partition")|(?=\],"error")/).toSorted();
  const [first, second, ourJson = ''] = ours.stdout.split('\n');
  const [, , theirJson = ''] = theirs.stdout.split('\n');
  expect([first, second]).toEqual(theirs.stdout.split('\n').slice(0, 2));
  expect(parts(ourJson)).toEqual(parts(theirJson));
  const [ourComplaint, theirComplaint] = await both('kafka-log-dirs', kafkaLogDirs, [
    '--describe',
    '--broker-list',
    '1,7',
  ]);
  expect(ourComplaint).toMatchObject({ code: theirComplaint.code, stdout: theirComplaint.stdout });
  expect(theirComplaint.stderr).toContain(ourComplaint.stderr);
}, 30_000);

it('kafka-delete-records trims and tells the same', async () => {
  const entry = (partition: number, offset: number) => ({ topic: 'moved', partition, offset });
  const trim = await jsonFile('trim.json', { partitions: [entry(0, 3), entry(1, -1)], version: 1 });
  const [ours, theirs] = await both('kafka-delete-records', kafkaDeleteRecords, ['--offset-json-file', trim]);
  expect(ours.stdout).toContain('partition: moved-0\tlow_watermark: 3\npartition: moved-1\tlow_watermark: 10\n');
  expect(words(ours.stdout)).toEqual(words(theirs.stdout));
  const beyond = await jsonFile('beyond.json', { partitions: [entry(0, 1000)] });
  const [ourFailure, theirFailure] = await both('kafka-delete-records', kafkaDeleteRecords, [
    '--offset-json-file',
    beyond,
  ]);
  const upToText = /^[^]*OffsetOutOfRangeException: /;
  expect(upToText.exec(ourFailure.stdout)?.[0]).toBe(upToText.exec(theirFailure.stdout)?.[0]);
  expect(ourFailure.code).toBe(theirFailure.code);
}, 30_000);

it('kafka-leader-election elects and tells the same', async () => {
  for (const args of [
    ['--election-type', 'preferred', '--topic', 'moved', '--partition', '0'],
    ['--election-type', 'unclean', '--all-topic-partitions'],
    ['--election-type', 'preferred', '--topic', 'none', '--partition', '0'],
  ]) {
    const [ours, theirs] = await both('kafka-leader-election', kafkaLeaderElection, args);
    expect(ours).toMatchObject({ code: theirs.code, stdout: theirs.stdout });
    expect(theirs.stderr).toContain(ours.stderr);
  }
}, 30_000);

it('kafka-reassign-partitions proposes, moves, and says how far it is', async () => {
  const topics = await jsonFile('topics.json', { topics: [{ topic: 'moved' }], version: 1 });
  const proposal = ['--generate', '--topics-to-move-json-file', topics, '--broker-list', '1'];
  const [ourTooFew, theirTooFew] = await both('kafka-reassign-partitions', kafkaReassignPartitions, proposal);
  expect(theirTooFew.stdout.startsWith(ourTooFew.stdout.trimEnd())).toBe(true);
  const [ours, theirs] = await both('kafka-reassign-partitions', kafkaReassignPartitions, [
    ...proposal.slice(0, -1),
    '1,2',
  ]);
  const shape = (text: string): string => text.replace(/"replicas":\[[12],[12]\]/g, '"replicas":[#,#]');
  expect(shape(ours.stdout)).toBe(shape(theirs.stdout));

  const target = { topic: 'moved', partition: 0, replicas: [2] };
  const file = await jsonFile('move.json', { partitions: [target], version: 1 });
  const move = ['--execute', '--reassignment-json-file', file, '--throttle', '1000000'];
  const moved = await runOurs(kafkaReassignPartitions, [...servers, ...move]);
  expect(moved).toMatchObject({ code: 0, stderr: '' });
  const verify = ['--verify', '--reassignment-json-file', file, '--preserve-throttles'];
  await eventually('the partition has moved', async () => {
    const { stdout } = await runOurs(kafkaReassignPartitions, [...servers, ...verify]);
    return stdout.includes('Reassignment of partition moved-0 is completed.');
  });
  await everyBrokerSays(addresses(), 'moved', (topic) =>
    expect(topic?.partitions.find(({ partitionIndex }) => partitionIndex === 0)).toMatchObject({ replicaNodes: [2] }),
  );
  for (const args of [['--list'], verify, verify.slice(0, -1), ['--cancel', ...verify.slice(1)]]) {
    const [ourAnswer, theirAnswer] = await both('kafka-reassign-partitions', kafkaReassignPartitions, args);
    expect(ourAnswer.stdout.trimEnd()).toBe(theirAnswer.stdout.trimEnd());
    expect(ourAnswer.code).toBe(theirAnswer.code);
  }
  const again = await runKafkaTool('kafka-reassign-partitions', [...servers, ...move]);
  expect(again.stdout).toBe(
    moved.stdout.replace('"replicas":[1,2],"log_dirs":["any","any"]', '"replicas":[2],"log_dirs":["any"]'),
  );
}, 60_000);

it('kafka-replica-verification finds followers equal to their leaders, until it is interrupted', async () => {
  const interrupt = new AbortController();
  const list = addresses().join(',');
  const pace = ['--max-wait-ms', '100', '--report-interval-ms', '300', '--time', '-2'];
  const args = ['--broker-list', list, '--topics-include', 'moved', ...pace];
  const { code, stdout, stderr } = await runOurs(kafkaReplicaVerification, args, {
    interrupted: interrupt.signal,
    onOutput: (text) => text.includes('max lag is 0') && interrupt.abort(),
  });
  expect(stderr).toBe('');
  const [first = '', ...reports] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+ \S+: /, ''));
  expect(first).toBe('verification process is started');
  expect(reports.at(-1)).toMatch(/^max lag is 0 for partition moved-\d at offset 10 among 2 partitions$/);
  expect(code).toBe(130);
}, 30_000);

it('kafka-metadata-quorum says plainly that this is no KRaft cluster', async () => {
  const { code, stderr } = await runOurs(kafkaMetadataQuorum, [...servers, 'describe', '--status']);
  expect(code).toBe(1);
  expect(stderr).toContain('This is not a KRaft cluster');
});
