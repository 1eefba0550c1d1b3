/** kafka-console-producer: each line of standard input becomes a record (Kafka's ConsoleProducer). */
import type { NewRecord } from '../protocol/records';
import { systemRandom } from '../runtime/random';
import { openCluster, readPropertiesFile } from './cluster';
import { defineCommand, startCommand, type CommandIo } from './command';
import {
  commonOptions,
  flag,
  keyValues,
  optional,
  type ParsedOptions,
  requireOptions,
  UsageError,
  value,
} from './options';
import type { OnDone } from './producer/batch';
import { producerConfig } from './producer/config';
import { lineFormat, linesOf, parseLine } from './producer/line-reader';
import { Producer } from './producer/producer';

const options = {
  ...commonOptions,
  topic: value('topic', 'REQUIRED: The topic to write to.'),
  'bootstrap-server': value(
    'server to connect to',
    'REQUIRED unless --broker-list is given: brokers to connect to, as host1:port1,host2:port2.',
  ),
  'broker-list': value('broker-list', 'Former name of --bootstrap-server, which counts more when both are given.'),
  sync: flag('Wait for each record to be acknowledged before the next is read.'),
  'compression-codec': optional(
    'compression-codec',
    'Codec: none, gzip, snappy, lz4 or zstd; gzip when the option stands alone.',
  ),
  'batch-size': value('size', 'Bytes to collect for a partition before they are sent.', {
    type: 'Integer',
    defaultText: '16384',
  }),
  'message-send-max-retries': value('', 'How often a failed write is tried again.', {
    type: 'Integer',
    defaultText: '3',
  }),
  'retry-backoff-ms': value('', 'Pause before that.', { type: 'Long', defaultText: '100' }),
  timeout: value('timeout_ms', 'How long records are collected into a batch, in milliseconds (linger.ms).', {
    type: 'Long',
    defaultText: '1000',
  }),
  'request-required-acks': value('request required acks', 'Acknowledgements to wait for: all (-1), 1 or 0.', {
    defaultText: '-1',
  }),
  'request-timeout-ms': value('request timeout ms', 'How long a write may stay unanswered.', {
    type: 'Integer',
    defaultText: '1500',
  }),
  'metadata-expiry-ms': value(
    'metadata expiration interval',
    'Accepted; leaders are looked up again when they have moved.',
    { type: 'Long', defaultText: '300000' },
  ),
  'max-block-ms': value('max block on send', 'How long to wait for a topic that is not there yet.', {
    type: 'Long',
    defaultText: '60000',
  }),
  'max-memory-bytes': value('total memory in bytes', 'Memory for records that wait to be sent.', {
    type: 'Long',
    defaultText: '33554432',
  }),
  'max-partition-memory-bytes': value('memory in bytes per partition', 'Another name of --batch-size.', {
    type: 'Integer',
    defaultText: '16384',
  }),
  'line-reader': value('reader_class', 'Only the reader of lines exists here.', {
    defaultText: 'kafka.tools.ConsoleProducer$LineMessageReader',
  }),
  'socket-buffer-size': value('size', 'Accepted; the operating system chooses.', {
    type: 'Integer',
    defaultText: '102400',
  }),
  property: value(
    'prop',
    'How lines are read, as name=value: parse.key, key.separator (tab), parse.headers, headers.delimiter (tab), headers.separator (,), headers.key.separator (:), null.marker, ignore.error. With headers and key a line is h1:v1,h2:v2<tab>key<tab>value.',
  ),
  'reader-config': value('config file', 'File with such properties; --property counts more.'),
  'producer-property': value('producer_prop', 'A property of the producer, as name=value.'),
  'producer.config': value('config file', 'File with such properties; --producer-property counts more.'),
};

/** Options that are another way to write a property of the producer. */
const PROPERTY_OPTIONS = {
  'linger.ms': 'timeout',
  acks: 'request-required-acks',
  'request.timeout.ms': 'request-timeout-ms',
  retries: 'message-send-max-retries',
  'retry.backoff.ms': 'retry-backoff-ms',
  'max.block.ms': 'max-block-ms',
  'buffer.memory': 'max-memory-bytes',
  'batch.size': 'batch-size',
} as const;

type Given = ParsedOptions<typeof options>;

function bootstrapServers(given: Given): string {
  const servers = given.text('bootstrap-server') ?? given.text('broker-list');
  if (servers === null) {
    throw new UsageError(
      'Missing required argument "[bootstrap-server]"',
      'For example --bootstrap-server localhost:9092.',
    );
  }
  return servers;
}

/** File, then --producer-property; an option counts where it was given, or where neither sets its property. */
async function producerProperties(given: Given): Promise<Map<string, string>> {
  const file = given.text('producer.config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  for (const [name, text] of keyValues(given.texts('producer-property'), 'producer-property'))
    properties.set(name, text);
  if (given.has('compression-codec') || !properties.has('compression.type')) {
    const codec = given.has('compression-codec') ? given.text('compression-codec') || 'gzip' : 'none';
    properties.set('compression.type', codec);
  }
  for (const [name, option] of Object.entries(PROPERTY_OPTIONS) as [string, keyof typeof options][]) {
    if (given.has(option) || !properties.has(name)) properties.set(name, given.text(option) ?? '');
  }
  if (given.has('max-partition-memory-bytes')) {
    properties.set('batch.size', given.text('max-partition-memory-bytes') ?? '');
  }
  if (!properties.has('client.id')) properties.set('client.id', 'console-producer');
  return properties;
}

async function readerProperties(given: Given): Promise<Map<string, string>> {
  const file = given.text('reader-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  for (const [name, text] of keyValues(given.texts('property'), 'property')) properties.set(name, text);
  return properties;
}

function sizeText(bytes: Buffer | null): string {
  return bytes === null ? 'null' : `${bytes.length} bytes`;
}

/** Reports a failed record the way Kafka's ErrorLoggingCallback does. */
function failureReporter(topic: string, record: NewRecord, io: CommandIo): OnDone {
  return (error) => {
    if (!error) return;
    io.stderr.write(
      `ERROR Error when sending message to topic ${topic} with key: ${sizeText(record.key)}, ` +
        `value: ${sizeText(record.value)} with error: ${error.message}\n`,
    );
  };
}

async function produceLines(producer: Producer, given: Given, io: CommandIo): Promise<void> {
  const topic = given.text('topic') ?? '';
  const format = lineFormat(await readerProperties(given));
  const prompt = isInteractive(io) ? '>' : '';
  const show = (): unknown => prompt !== '' && io.stdout.write(prompt);
  let lineNumber = 0;
  show();
  for await (const lines of linesOf(io.stdin)) {
    if (lineNumber === 0) await producer.prepareTopic(topic);
    for (const line of lines) {
      lineNumber += 1;
      const record = { ...parseLine(line, lineNumber, format), timestamp: BigInt(io.clock.nowMs()) };
      if (producer.isFull) await producer.room();
      if (given.has('sync')) await sendAndWait(producer, topic, record);
      else producer.send(topic, record, failureReporter(topic, record, io));
      show();
    }
  }
}

function isInteractive({ stdin, stdout }: CommandIo): boolean {
  return 'isTTY' in stdin && stdin.isTTY === true && 'isTTY' in stdout && stdout.isTTY === true;
}

async function sendAndWait(producer: Producer, topic: string, record: NewRecord): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    producer.send(topic, record, (error) => (error ? reject(error) : resolve()));
  });
  await producer.flush();
  await done;
}

async function run(given: Given, io: CommandIo): Promise<number> {
  requireOptions(given, 'topic');
  const servers = bootstrapServers(given);
  const properties = await producerProperties(given);
  const config = producerConfig(properties);
  const cluster = await openCluster(servers, io, properties);
  const producer = new Producer(cluster, config, io.clock, systemRandom);
  // Ctrl-C ends the input; what was read is still sent.
  io.interrupted.addEventListener('abort', () => io.stdin.destroy(), { once: true });
  try {
    await producer.start();
    await produceLines(producer, given, io).catch((error: unknown) => {
      if (!io.interrupted.aborted) throw error;
    });
    return io.interrupted.aborted ? 130 : 0;
  } finally {
    await producer.flush();
    await cluster.close();
  }
}

export const kafkaConsoleProducer = defineCommand({
  name: 'kafka-console-producer',
  about: 'This tool writes lines of standard input to a topic.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaConsoleProducer);
