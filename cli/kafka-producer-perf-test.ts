/** kafka-producer-perf-test: how fast records are acknowledged (Kafka's ProducerPerformance). */
import { systemRandom } from '../runtime/random';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, failureText, startCommand, type CommandIo } from './command';
import { commonOptions, flag, list, type ParsedOptions, UsageError, value } from './options';
import { LoadProducer } from './perf/load-producer';
import { filePayloads, monotonicPayloads, type PayloadSource, randomPayloads } from './perf/payloads';
import { ProducerStats } from './perf/producer-stats';
import { Throttle } from './perf/throttle';
import { producerConfig } from './producer/config';

const options = {
  ...commonOptions,
  topic: value('TOPIC', 'The topic to write to.', { required: true }),
  'num-records': value('NUM-RECORDS', 'How many records to write.', { type: 'Long', required: true }),
  'record-size': value(
    'RECORD-SIZE',
    'Bytes of each value, random letters. One of --record-size, --payload-file and --payload-monotonic must be given.',
    { type: 'Integer' },
  ),
  'payload-file': value('PAYLOAD-FILE', 'File with values, of which one is chosen at random for each record.'),
  'payload-delimiter': value('PAYLOAD-DELIMITER', 'What stands between two values in that file.', {
    defaultText: '\\n',
  }),
  'payload-monotonic': flag('Values are the numbers 0, 1, 2 ...'),
  throughput: value('THROUGHPUT', 'About how many records a second to write at most; -1 for no limit.', {
    type: 'Double',
    required: true,
  }),
  'producer-props': list(
    'PROP-NAME=PROP-VALUE',
    'Properties of the producer, such as bootstrap.servers=localhost:9092 acks=1. They count more than those of --producer.config.',
  ),
  'producer.config': value('CONFIG-FILE', 'File with properties of the producer.'),
  'print-metrics': flag('Print what the producer counted, at the end.'),
  'transactional-id': value('TRANSACTIONAL-ID', 'For transactions.', {
    defaultText: 'performance-producer-default-transactional-id',
  }),
  'transaction-duration-ms': value('TRANSACTION-DURATION', 'Not supported so far: transactions of this length.', {
    type: 'Long',
    defaultText: '0',
  }),
};

type Given = ParsedOptions<typeof options>;

/** Records that are made between two looks at the network. */
const BYTES_PER_TURN = 64 * 1024;

async function propertiesOf(given: Given): Promise<Map<string, string>> {
  const file = given.text('producer.config');
  if (file === null && !given.has('producer-props')) {
    throw new UsageError(
      'Either --producer-props or --producer.config must be specified.',
      'For example --producer-props bootstrap.servers=localhost:9092.',
    );
  }
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  for (const pair of given.texts('producer-props')) {
    const pieces = pair.split('=');
    if (pieces.length !== 2) throw new CommandError(`Invalid property: ${pair}`);
    properties.set(pieces[0] as string, pieces[1] as string);
  }
  if (!properties.has('client.id')) properties.set('client.id', 'perf-producer-client');
  return properties;
}

function checkOptions(given: Given): void {
  const sources = (['record-size', 'payload-file', 'payload-monotonic'] as const).filter((name) => given.has(name));
  if (sources.length === 0) {
    throw new UsageError('one of the arguments --record-size --payload-file --payload-monotonic is required');
  }
  if (sources.length > 1) {
    throw new UsageError(`argument --${sources[1]}: not allowed with argument --${sources[0]}`);
  }
  if ((given.number('record-size') ?? 0) < 0) throw new UsageError('--record-size cannot be negative');
  if (!((given.number('num-records') ?? 0) > 0)) throw new UsageError('--num-records must be above 0');
  if ((given.number('transaction-duration-ms') ?? 0) > 0) {
    throw new CommandError('--transaction-duration-ms: this command has no transactions so far');
  }
}

function payloadsOf(given: Given, print: (line: string) => void): PayloadSource | Promise<PayloadSource> {
  const file = given.text('payload-file');
  if (file !== null) {
    const delimiter = (given.text('payload-delimiter') ?? '\\n').replace(/^\\n$/, '\n');
    return filePayloads(file, delimiter, systemRandom, print);
  }
  return given.has('payload-monotonic') ? monotonicPayloads : randomPayloads(given.number('record-size') ?? 0);
}

interface Load {
  records: number;
  payloads: PayloadSource;
  throttle: Throttle;
  stats: ProducerStats;
}

async function sendAll(
  producer: LoadProducer,
  { records, payloads, throttle, stats }: Load,
  io: CommandIo,
): Promise<void> {
  const { clock, interrupted } = io;
  let turnBytes = 0;
  for (let index = 0; index < records && !interrupted.aborted; index += 1) {
    const payload = payloads(index);
    producer.send(payload, clock.monotonicMs(), BigInt(clock.nowMs()));
    turnBytes += payload.length + 1;
    const isAhead = throttle.aheadMs(index + 1) > 0;
    if (turnBytes < BYTES_PER_TURN && !isAhead && !producer.isFull) continue;
    turnBytes = 0;
    producer.pump();
    stats.tick(clock.monotonicMs());
    await throttle.hold(index + 1);
    await nextTurn();
    while (producer.isFull && !interrupted.aborted) await producer.progress();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function run(given: Given, io: CommandIo): Promise<number> {
  checkOptions(given);
  const properties = await propertiesOf(given);
  const print = (line: string): void => void io.stdout.write(`${line}\n`);
  const payloads = await payloadsOf(given, print);
  const servers = properties.get('bootstrap.servers');
  if (servers === undefined) {
    throw new UsageError(
      'No resolvable bootstrap urls given in bootstrap.servers',
      'For example --producer-props bootstrap.servers=localhost:9092.',
    );
  }
  const config = producerConfig(properties);
  const cluster = await openCluster(servers, io, properties, config.clientId);
  try {
    const records = given.number('num-records') ?? 0;
    const stats = new ProducerStats(records, io.clock.monotonicMs(), print);
    const producer = new LoadProducer(cluster, given.text('topic') ?? '', config, io.clock, systemRandom, {
      acknowledged: (latencyMs, bytes) => stats.acknowledged(latencyMs, bytes),
      failed: (error, count) => io.stderr.write(`${count} records failed: ${failureText(error)}\n`),
    });
    await producer.start();
    const throttle = new Throttle(given.number('throughput') ?? -1, io.clock);
    const ticks = io.clock.every(1_000, () => stats.tick(io.clock.monotonicMs()));
    await sendAll(producer, { records, payloads, throttle, stats }, io);
    if (!io.interrupted.aborted) await producer.flush();
    ticks.cancel();
    stats.finish(io.clock.monotonicMs());
    if (given.has('print-metrics')) printMetrics(producer, config.clientId, stats.records, print);
    return 0;
  } finally {
    await cluster.close();
  }
}

function printMetrics(producer: LoadProducer, clientId: string, records: number, print: (line: string) => void): void {
  const { requests, requestMs, batches, batchBytes, errors } = producer.metrics;
  const figures = {
    'batch-size-avg': batchBytes / batches,
    'record-error-total': errors,
    'record-send-total': records,
    'records-per-request-avg': records / requests,
    'request-latency-avg': requestMs / requests,
    'request-total': requests,
  };
  const names = Object.keys(figures).map((name) => `producer-metrics:${name}:{client-id=${clientId}}`);
  const width = Math.max(...names.map((name) => name.length));
  print(`\n${'Metric Name'.padEnd(width)}   Value`);
  for (const [index, figure] of Object.values(figures).entries()) {
    print(`${(names[index] as string).padEnd(width)} : ${figure.toFixed(3)}`);
  }
}

export const kafkaProducerPerfTest = defineCommand({
  name: 'kafka-producer-perf-test',
  about: 'This tool is used to verify the producer performance.',
  helpTo: 'stdout',
  options,
  run,
});

if (require.main === module) startCommand(kafkaProducerPerfTest);
