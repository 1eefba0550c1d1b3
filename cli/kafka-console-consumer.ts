/** kafka-console-consumer: prints the records of topics (Kafka's ConsoleConsumer). */
import type { Writable } from 'node:stream';
import type { Clock, TimerHandle } from '../runtime/clock';
import { systemRandom } from '../runtime/random';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, failureText, startCommand, type CommandIo } from './command';
import { type ConsumerConfig, consumerConfig } from './consumer/config';
import { Consumer } from './consumer/consumer';
import { createFormatter, type Formatter } from './consumer/formatters';
import { commonOptions, flag, keyValues, type ParsedOptions, requireOptions, UsageError, value } from './options';

const options = {
  ...commonOptions,
  topic: value('topic', 'The topic to read.'),
  include: value('Java regex (String)', 'Regular expression of the topics to read, instead of --topic.'),
  whitelist: value('Java regex (String)', 'Former name of --include.'),
  partition: value(
    'partition',
    'The only partition to read; without a group, from its end on unless --offset or --from-beginning say otherwise.',
    { type: 'Integer' },
  ),
  offset: value('consume offset', "Where to begin in the partition: a number, 'earliest' or 'latest'.", {
    defaultText: 'latest',
  }),
  'bootstrap-server': value('server to connect to', 'REQUIRED: brokers to connect to.'),
  group: value('consumer group id', 'The group to belong to; one of its own when left out.'),
  'from-beginning': flag('Begin with the oldest record where the group has no committed offset.'),
  'max-messages': value('num_messages', 'End after so many records.', { type: 'Integer' }),
  'timeout-ms': value('timeout_ms', 'End when no record came for so long.', { type: 'Long' }),
  'isolation-level': value('', 'read_committed leaves out records of transactions that are not committed.', {
    defaultText: 'read_uncommitted',
  }),
  'skip-message-on-error': flag('Go on after a record that cannot be printed.'),
  property: value(
    'prop',
    'How records are printed, as name=value: print.timestamp, print.key, print.offset, print.partition, print.headers, print.value (true or false), key.separator, line.separator, headers.separator, null.literal, key.deserializer, value.deserializer, headers.deserializer.',
  ),
  formatter: value('class', 'What prints the records, by the name of the Java class.', {
    defaultText: 'org.apache.kafka.tools.consumer.DefaultMessageFormatter',
  }),
  'formatter-config': value('config file', 'File with properties for printing; --property counts more.'),
  'key-deserializer': value('deserializer for key', 'Java class by whose rules keys are printed.'),
  'value-deserializer': value('deserializer for values', 'Java class by whose rules values are printed.'),
  'consumer-property': value('consumer_prop', 'A property of the consumer, as name=value.'),
  'consumer.config': value('config file', 'File with such properties; --consumer-property counts more.'),
  'enable-systest-events': flag('Also print when the consumer has ended.'),
};

type Given = ParsedOptions<typeof options>;

/** setTimeout's limit is shorter than Kafka's "for ever"; waiting is done in steps of this. */
const POLL_STEP_MS = 1_000;
const TROUBLE_INTERVAL_MS = 5_000;
/** How long leaving the group may hold up the end of the command. */
const CLOSE_TIMEOUT_MS = 3_000;

function checkOptions(given: Given): void {
  const include = given.text('include') ?? given.text('whitelist');
  if (given.has('topic') === (include !== null)) {
    const note = given.has('whitelist')
      ? '--whitelist is DEPRECATED use --include instead; ignored if --include specified.'
      : '';
    throw new UsageError(`Exactly one of --include/--topic is required. ${note}`);
  }
  if (given.has('partition')) {
    if (!given.has('topic')) throw new UsageError('The topic is required when partition is specified.');
    if (given.has('from-beginning') && given.has('offset')) {
      throw new UsageError('Options from-beginning and offset cannot be specified together.');
    }
  } else if (given.has('offset')) {
    throw new UsageError('The partition is required when offset is specified.');
  }
  requireOptions(given, 'bootstrap-server');
}

/** The offset to begin with; null for the end that the reset policy names. */
function startOffset(given: Given): number | null {
  const text = given.text('offset') ?? 'latest';
  if (['earliest', 'latest'].includes(text.toLowerCase())) return null;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(
    `The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`,
  );
}

async function consumerProperties(given: Given): Promise<Map<string, string>> {
  const file = given.text('consumer.config');
  const fromFile = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const extra = keyValues(given.texts('consumer-property'), 'consumer-property');
  const groups = [given.text('group'), fromFile.get('group.id') ?? null, extra.get('group.id') ?? null];
  const distinct = [...new Set(groups.filter((group) => group !== null))];
  if (distinct.length > 1) {
    throw new UsageError(
      "The group ids provided in different places (directly using '--group', via '--consumer-property', or via " +
        `'--consumer.config') do not match. Detected group ids: ${distinct.map((group) => `'${group}'`).join(', ')}`,
    );
  }
  if (distinct.length > 0 && given.has('partition')) {
    throw new UsageError('Options group and partition cannot be specified together.');
  }
  const properties = new Map([...fromFile, ...extra]);
  setResetPolicy(given, properties);
  if (!properties.has('client.id')) properties.set('client.id', 'console-consumer');
  if (given.has('isolation-level') || !properties.has('isolation.level')) {
    properties.set('isolation.level', given.text('isolation-level') ?? 'read_uncommitted');
  }
  if (distinct[0] !== undefined) {
    properties.set('group.id', distinct[0]);
  } else {
    properties.set('group.id', `console-consumer-${systemRandom.below(100_000)}`);
    // Nobody will come back to a group with such a name.
    if (!properties.has('enable.auto.commit')) properties.set('enable.auto.commit', 'false');
  }
  return properties;
}

function setResetPolicy(given: Given, properties: Map<string, string>): void {
  const configured = properties.get('auto.offset.reset');
  const fromBeginning = given.has('from-beginning') || given.text('offset')?.toLowerCase() === 'earliest';
  if (configured !== undefined && given.has('from-beginning') && configured !== 'earliest') {
    throw new CommandError(
      `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${configured}', please remove one option`,
    );
  }
  if (configured === undefined) properties.set('auto.offset.reset', fromBeginning ? 'earliest' : 'latest');
}

async function formatterOf(given: Given): Promise<Formatter> {
  const file = given.text('formatter-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  for (const which of ['key', 'value'] as const) {
    const className = given.text(`${which}-deserializer`);
    if (className) properties.set(`${which}.deserializer`, className);
  }
  for (const [name, text] of keyValues(given.texts('property'), 'property')) properties.set(name, text);
  return createFormatter(given.text('formatter') ?? '', properties);
}

/** Says once per outage that the cluster does not answer, and that the command waits. */
function troubleReporter(io: CommandIo): (error: Error) => void {
  let lastMs = -Infinity;
  return (error) => {
    const nowMs = io.clock.monotonicMs();
    if (nowMs - lastMs < TROUBLE_INTERVAL_MS) return;
    lastMs = nowMs;
    io.stderr.write(`WARN ${failureText(error)}; trying again\n`);
  };
}

/** Prints until there is enough, nothing comes any more, or Ctrl-C; gives the number of records. */
async function printRecords(consumer: Consumer, given: Given, format: Formatter, io: CommandIo): Promise<number> {
  const most = given.number('max-messages') ?? -1;
  const timeout = given.number('timeout-ms') ?? -1;
  const timeoutMs = timeout >= 0 ? timeout : Infinity;
  let printed = 0;
  let lastRecordMs = io.clock.monotonicMs();
  const isDone = (): boolean => io.interrupted.aborted || (most >= 0 && printed >= most);
  while (!isDone()) {
    const waitedMs = io.clock.monotonicMs() - lastRecordMs;
    const records = await consumer.poll(Math.max(0, Math.min(POLL_STEP_MS, timeoutMs - waitedMs)));
    if (records.length === 0) {
      if (io.clock.monotonicMs() - lastRecordMs < timeoutMs) continue;
      io.stderr.write(
        `ERROR Error processing message, terminating consumer process: no record came for ${timeoutMs} ms\n`,
      );
      break;
    }
    const wanted = most < 0 ? records : records.slice(0, most - printed);
    const chunks: Buffer[] = [];
    for (const record of wanted) {
      const bytes = formatted(record, given, format, io);
      if (bytes) chunks.push(bytes);
      consumer.markProcessed(record);
    }
    printed += wanted.length;
    await write(io.stdout, Buffer.concat(chunks));
    lastRecordMs = io.clock.monotonicMs();
  }
  return printed;
}

function formatted(record: Parameters<Formatter>[0], given: Given, format: Formatter, io: CommandIo): Buffer | null {
  try {
    return format(record);
  } catch (error) {
    if (!given.has('skip-message-on-error')) throw error;
    io.stderr.write(`ERROR Error processing message, skipping this message: ${failureText(error)}\n`);
    return null;
  }
}

/** Waits when the reader of our output is slower than we are. */
async function write(stdout: Writable, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || stdout.write(bytes)) return;
  await new Promise<void>((resolve) => stdout.once('drain', resolve));
}

async function openConsumer(
  given: Given,
  config: ConsumerConfig,
  properties: ReadonlyMap<string, string>,
  io: CommandIo,
) {
  const servers = given.text('bootstrap-server') ?? '';
  const cluster = await openCluster(servers, io, properties);
  const coordination = await openCluster(servers, io, properties);
  return {
    cluster,
    coordination,
    consumer: new Consumer(cluster, coordination, config, io.clock, troubleReporter(io)),
  };
}

async function run(given: Given, io: CommandIo): Promise<number> {
  checkOptions(given);
  const from = startOffset(given);
  const properties = await consumerProperties(given);
  const format = await formatterOf(given);
  const partition = given.number('partition');
  if (partition !== null) properties.delete('group.id');
  const config = consumerConfig(properties);
  const { cluster, coordination, consumer } = await openConsumer(given, config, properties, io);
  io.interrupted.addEventListener('abort', () => consumer.interrupt(), { once: true });
  let printed = 0;
  try {
    const topic = given.text('topic');
    if (partition !== null) await consumer.assign({ topic: topic ?? '', partition }, from);
    else consumer.subscribe({ topics: topic === null ? includePattern(given) : [topic] });
    printed = await printRecords(consumer, given, format, io);
    return io.interrupted.aborted ? 130 : 0;
  } finally {
    await closeInTime(consumer, io.clock);
    await Promise.all([cluster.close(), coordination.close()]);
    io.stderr.write(`Processed a total of ${printed} messages\n`);
    if (given.has('enable-systest-events')) io.stdout.write('shutdown_complete\n');
  }
}

/** Commits and leaves the group, unless that takes too long. */
async function closeInTime(consumer: Consumer, clock: Clock): Promise<void> {
  let timer: TimerHandle | undefined;
  const late = new Promise<void>((resolve) => (timer = clock.after(CLOSE_TIMEOUT_MS, resolve)));
  try {
    await Promise.race([consumer.close(), late]);
  } finally {
    timer?.cancel();
  }
}

function includePattern(given: Given): RegExp {
  const text = given.text('include') ?? given.text('whitelist') ?? '';
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    throw new UsageError(`${text} is an invalid regex.`);
  }
}

export const kafkaConsoleConsumer = defineCommand({
  name: 'kafka-console-consumer',
  about: 'This tool prints the records of topics.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaConsoleConsumer);
