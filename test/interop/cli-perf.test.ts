/** The perf tools of both sides on one broker of Apache Kafka: each reads what the other wrote, and tells it in the same form. */
import { kafkaConsumerPerfTest } from '../../cli/kafka-consumer-perf-test';
import { kafkaProducerPerfTest } from '../../cli/kafka-producer-perf-test';
import { runKafkaTool, startApacheKafka } from '../support/apache-kafka';
import type { BrokerProcess } from '../support/broker-process';
import { runOurs } from '../support/run-command';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

let zookeeper: TestZooKeeper;
let broker: BrokerProcess;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  const settings = { 'num.partitions': 3, 'offsets.topic.num.partitions': 1 };
  broker = await startApacheKafka({ zookeeper: zookeeper.connectString, settings });
}, 60_000);

afterAll(async () => {
  await broker?.kill();
  await zookeeper?.stop();
});

/** Without what the producer tells every five seconds, for those who take longer: only its last line has percentiles. */
const summary = (text: string): string => text.replace(/^.* ms max latency\.\n/gm, '');

/** The text with all figures taken out. */
const form = (text: string): string => text.replace(/\d+(\.\d+)?/g, '#');

const produce = (topic: string, ...more: string[]): string[] => [
  ...['--topic', topic, '--num-records', '5000', '--throughput', '-1', ...more],
  ...['--producer-props', `bootstrap.servers=${broker.bootstrap}`],
];

const consume = (topic: string, records: number, ...more: string[]): string[] => [
  ...['--bootstrap-server', broker.bootstrap, '--topic', topic, '--messages', String(records), ...more],
];

it('write and read the same, and say so in the same form', async () => {
  const ours = await runOurs(kafkaProducerPerfTest, [
    ...produce('ours', '--record-size', '100'),
    'compression.type=zstd',
  ]);
  const theirs = await runKafkaTool('kafka-producer-perf-test', [
    ...produce('theirs', '--record-size', '100'),
    'acks=1',
  ]);
  expect(summary(ours.stdout)).toMatch(/^5000 records sent, /);
  expect(form(summary(ours.stdout))).toBe(form(summary(theirs.stdout)));
  expect(ours.code).toBe(theirs.code);

  const readByTheirs = await runKafkaTool('kafka-consumer-perf-test', consume('ours', 5_000));
  const readByOurs = await runOurs(kafkaConsumerPerfTest, consume('theirs', 5_000));
  expect(form(readByOurs.stdout)).toBe(form(readByTheirs.stdout));
  expect(readByOurs.code).toBe(readByTheirs.code);
  const cells = readByOurs.stdout.split('\n')[1]?.split(', ') ?? [];
  expect(cells[2]).toBe(((5_000 * 100) / 1024 / 1024).toFixed(4));
  expect(cells[4]).toBe('5000');
  expect(readByTheirs.stdout).toContain(', 5000, ');
}, 60_000);

it('warn when fewer records come than were asked for', async () => {
  await runOurs(kafkaProducerPerfTest, produce('few', '--payload-monotonic'));
  const args = consume('few', 6_000, '--timeout', '1500', '--show-detailed-stats', '--hide-header');
  const [ours, theirs] = [
    await runOurs(kafkaConsumerPerfTest, args),
    await runKafkaTool('kafka-consumer-perf-test', args),
  ];
  expect(ours).toMatchObject({ code: theirs.code, stdout: theirs.stdout });
  expect(ours.stdout).toContain(
    'WARNING: Exiting before consuming the expected number of messages: timeout (1500 ms) exceeded.',
  );
}, 60_000);

it('keep to the throughput asked for', async () => {
  const args = ['--topic', 'ours', '--num-records', '300', '--throughput', '200', '--record-size', '10'];
  const { stdout } = await runOurs(kafkaProducerPerfTest, [
    ...args,
    '--producer-props',
    `bootstrap.servers=${broker.bootstrap}`,
  ]);
  const rate = Number(/([\d.]+) records\/sec/.exec(stdout)?.[1]);
  expect(rate).toBeLessThan(250);
  expect(rate).toBeGreaterThan(100);
}, 30_000);
