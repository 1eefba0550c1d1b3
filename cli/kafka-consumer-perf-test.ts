/** kafka-consumer-perf-test: how fast records are read (Kafka's ConsumerPerformance). */
import type { Clock, TimerHandle } from '../runtime/clock';
import { systemRandom } from '../runtime/random';
import { openCluster, readPropertiesFile } from './cluster';
import { defineCommand, startCommand, type CommandIo } from './command';
import { consumerConfig } from './consumer/config';
import { Consumer } from './consumer/consumer';
import type { ConsumedRecord } from './consumer/records';
import { commonOptions, flag, optional, type ParsedOptions, requireOptions, UsageError, value } from './options';
import { headerLine, intervalLine, type Stretch, summaryLine } from './perf/consumer-stats';
import { dateFormat } from './perf/date-format';

const options = {
  ...commonOptions,
  'bootstrap-server': value('server to connect to', 'REQUIRED unless --broker-list is given: brokers to connect to.'),
  'broker-list': value('broker-list', 'Former name of --bootstrap-server, which counts more when both are given.'),
  topic: value('topic', 'REQUIRED: The topic to read.'),
  messages: value('count', 'REQUIRED: How many records to read.', { type: 'Long' }),
  group: value('gid', 'The consumer group; a new one when left out.'),
  'fetch-size': value('size', 'Bytes that one request may bring of each partition.', {
    type: 'Integer',
    defaultText: '1048576',
  }),
  'from-latest': flag('Where the group has no offset, start with records that come from now on, not with the oldest.'),
  'socket-buffer-size': value('size', 'Accepted; the operating system chooses.', {
    type: 'Integer',
    defaultText: '2097152',
  }),
  threads: value('count', 'Accepted, and without effect.', { type: 'Integer', defaultText: '10' }),
  'num-fetch-threads': value('count', 'Accepted, and without effect.', { type: 'Integer', defaultText: '1' }),
  'consumer.config': value('config file', 'File with properties of the consumer.'),
  'print-metrics': flag('Print what the consumer counted, at the end.'),
  'show-detailed-stats': flag('Print a line for each interval instead of one at the end.'),
  'reporting-interval': value('interval_ms', 'The interval of those lines.', { type: 'Long', defaultText: '5000' }),
  timeout: optional('milliseconds', 'How long to wait for the next records before the test ends.', {
    type: 'Long',
    defaultText: '10000',
  }),
  'date-format': value('date format', 'How times are printed, in the letters of java.text.SimpleDateFormat.', {
    defaultText: 'yyyy-MM-dd HH:mm:ss:SSS',
  }),
  'hide-header': flag('Leave out the line above the figures.'),
};

type Given = ParsedOptions<typeof options>;

/** How long one look for records lasts. */
const POLL_MS = 100;
const GROUPS = 100_000;
const CLOSE_TIMEOUT_MS = 3_000;

interface Test {
  wanted: number;
  timeoutMs: number;
  reportingIntervalMs: number;
  showsDetails: boolean;
  format: (timeMs: number) => string;
}

function testOf(given: Given): Test {
  requireOptions(given, 'topic', 'messages');
  const reportingIntervalMs = given.number('reporting-interval') ?? 5_000;
  if (reportingIntervalMs <= 0) throw new UsageError('Reporting interval must be greater than 0.');
  return {
    wanted: given.number('messages') ?? 0,
    timeoutMs: given.number('timeout') ?? 10_000,
    reportingIntervalMs,
    showsDetails: given.has('show-detailed-stats'),
    format: dateFormat(given.text('date-format') ?? ''),
  };
}

async function propertiesOf(given: Given): Promise<Map<string, string>> {
  const file = given.text('consumer.config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  properties.set('group.id', given.text('group') ?? `perf-consumer-${systemRandom.below(GROUPS)}`);
  properties.set('max.partition.fetch.bytes', given.text('fetch-size') ?? '1048576');
  properties.set('auto.offset.reset', given.has('from-latest') ? 'latest' : 'earliest');
  if (!properties.has('client.id')) properties.set('client.id', 'perf-consumer-client');
  return properties;
}

/** Reads until there is enough, or nothing more comes. */
async function consume(consumer: Consumer, test: Test, io: CommandIo): Promise<Stretch> {
  const { clock, interrupted } = io;
  const startMs = clock.nowMs();
  const whole: Stretch = { startMs, endMs: startMs, records: 0, bytes: 0, rebalanceMs: 0 };
  let interval: Stretch = { ...whole };
  let lastRecordsMs = startMs;
  let rebalances = 0;
  while (whole.records < test.wanted && clock.nowMs() - lastRecordsMs <= test.timeoutMs && !interrupted.aborted) {
    const pollStartMs = rebalances === 0 ? startMs : clock.nowMs();
    // The first call only joins the group, so that the time this takes can be told.
    const polled = consumer.poll(rebalances === 0 ? 0 : POLL_MS);
    const records = await within(test.timeoutMs - (pollStartMs - lastRecordsMs) + POLL_MS, polled, clock);
    if (records === null) break;
    const nowMs = clock.nowMs();
    if (consumer.rebalances > rebalances) {
      rebalances = consumer.rebalances;
      for (const sums of [whole, interval]) sums.rebalanceMs += nowMs - pollStartMs;
    }
    if (records.length === 0) continue;
    lastRecordsMs = nowMs;
    const bytes = takeIn(consumer, records);
    for (const sums of [whole, interval]) {
      sums.records += records.length;
      sums.bytes += bytes;
    }
    if (nowMs - interval.startMs < test.reportingIntervalMs) continue;
    interval.endMs = nowMs;
    if (test.showsDetails) io.stdout.write(`${intervalLine(interval, whole, test.format)}\n`);
    interval = { startMs: nowMs, endMs: nowMs, records: 0, bytes: 0, rebalanceMs: 0 };
  }
  whole.endMs = clock.nowMs();
  return whole;
}

/** What `work` gives, or null when it takes too long: a group whose coordinator is away must not hold the test up. */
async function within<T>(timeoutMs: number, work: Promise<T>, clock: Clock): Promise<T | null> {
  let timer: TimerHandle | null = null;
  const late = new Promise<null>((resolve) => {
    timer = clock.after(timeoutMs, () => resolve(null));
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    (timer as TimerHandle | null)?.cancel();
  }
}

/** Bytes of keys and values; the last record of each partition is noted for the commit. */
function takeIn(consumer: Consumer, records: readonly ConsumedRecord[]): number {
  let bytes = 0;
  let previous: ConsumedRecord | null = null;
  for (const record of records) {
    if (record.key) bytes += record.key.length;
    if (record.value) bytes += record.value.length;
    if (previous && (previous.partition !== record.partition || previous.topic !== record.topic)) {
      consumer.markProcessed(previous);
    }
    previous = record;
  }
  if (previous) consumer.markProcessed(previous);
  return bytes;
}

async function run(given: Given, io: CommandIo): Promise<number> {
  const servers = given.text('bootstrap-server') ?? given.text('broker-list');
  if (servers === null) {
    throw new UsageError(
      'Missing required option(s) [bootstrap-server]',
      'For example --bootstrap-server localhost:9092.',
    );
  }
  if (given.has('threads') || given.has('num-fetch-threads')) {
    io.stdout.write(
      'WARNING: option [threads] and [num-fetch-threads] have been deprecated and will be ignored by the test\n',
    );
  }
  const test = testOf(given);
  const properties = await propertiesOf(given);
  const config = consumerConfig(properties);
  const cluster = await openCluster(servers, io, properties, config.clientId);
  const coordination = await openCluster(servers, io, properties, config.clientId);
  try {
    if (!given.has('hide-header')) io.stdout.write(`${headerLine(test.showsDetails)}\n`);
    const consumer = new Consumer(cluster, coordination, config, io.clock);
    consumer.subscribe({ topics: [given.text('topic') ?? ''] });
    const result = await consume(consumer, test, io);
    await within(CLOSE_TIMEOUT_MS, consumer.close(), io.clock);
    if (result.records < test.wanted) {
      io.stdout.write(
        `WARNING: Exiting before consuming the expected number of messages: timeout (${test.timeoutMs} ms) exceeded. ` +
          'You can use the --timeout option to increase the timeout.\n',
      );
    }
    if (!test.showsDetails) io.stdout.write(`${summaryLine(result, test.format)}\n`);
    if (given.has('print-metrics')) printMetrics(consumer, result, config.clientId, io);
    return 0;
  } finally {
    await Promise.all([cluster.close(), coordination.close()]);
  }
}

function printMetrics(consumer: Consumer, result: Stretch, clientId: string, io: CommandIo): void {
  const name = (metric: string): string => `consumer-fetch-manager-metrics:${metric}:{client-id=${clientId}}`;
  const rows = [
    [name('bytes-consumed-total'), consumer.fetchedBytes],
    [name('records-consumed-total'), result.records],
  ] as const;
  const width = Math.max(...rows.map(([text]) => text.length));
  io.stdout.write(`\n${'Metric Name'.padEnd(width)}   Value\n`);
  for (const [text, figure] of rows) io.stdout.write(`${text.padEnd(width)} : ${figure.toFixed(3)}\n`);
}

export const kafkaConsumerPerfTest = defineCommand({
  name: 'kafka-consumer-perf-test',
  about: 'This tool is used to verify the consumer performance.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaConsumerPerfTest);
