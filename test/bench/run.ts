/**
 * npm run bench: Gregor and Apache Kafka in turn, by Kafka's own perf tools, in one run on one machine. Prints a table with
 * ratios and writes docs/bench.md and docs/bench.svg. `--quick` moves a tenth of the bytes, for trying the bench itself.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ZooKeeperProcess } from '../../supervisor/zookeeper-process';
import { runKafkaTool } from '../support/apache-kafka';
import { apacheKafka, gregor, nullBroker, withDirectory, type BrokerUnderTest, type RunningBroker } from './brokers';
import { endToEndP99Ms } from './end-to-end';
import { measureReplicated } from './fail-over';
import { firstRecordMs } from './first-record';
import { measureManyPartitions } from './many-partitions';
import { consumePerf, producePerf, type ProduceLoad } from './perf-tools';
import { cpuSeconds, residentMib } from './process-cost';
import { chart, markdown, type Figure } from './report';

const repository = join(__dirname, '..', '..', '..');
const scale = process.argv.includes('--quick') ? 0.1 : 1;
const figures: Figure[] = [];

function note(what: string, unit: string, broker: BrokerUnderTest, value: number, better: Figure['better']): void {
  figures.push({ what, unit, broker: broker.name, value, better });
  console.log(`${broker.name.padEnd(13)} ${what.padEnd(58)} ${value.toFixed(1)} ${unit}`);
}

const loads = [100, 1024].flatMap((recordBytes) =>
  (['1', 'all'] as const).flatMap((acks) => [1, 6].map((partitions) => ({ recordBytes, acks, partitions }))),
);

async function withBroker(
  broker: BrokerUnderTest,
  zookeeper: string,
  use: (running: RunningBroker) => Promise<void>,
): Promise<void> {
  await withDirectory(async (directory) => {
    const running = await broker.start(zookeeper, directory);
    try {
      await use(running);
    } finally {
      await running.stop();
    }
  });
}

async function createTopic(running: RunningBroker, topic: string, partitions: number): Promise<void> {
  const args = [
    '--bootstrap-server',
    running.bootstrap,
    '--create',
    '--topic',
    topic,
    '--partitions',
    String(partitions),
  ];
  const result = await runKafkaTool('kafka-topics', args);
  if (result.code !== 0) throw new Error(`cannot create ${topic}: ${result.stdout}${result.stderr}`);
}

/** Each load on a broker of its own: cold is the first run after its start, warm the second. */
async function measureProduce(broker: BrokerUnderTest, zookeeper: string): Promise<void> {
  for (const { recordBytes, acks, partitions } of loads) {
    if (broker.produceOnly && (acks === 'all' || partitions > 1)) continue;
    await withBroker(broker, zookeeper, async (running) => {
      const topic = `produce-${recordBytes}-${acks}-${partitions}`;
      if (!broker.produceOnly) await createTopic(running, topic, partitions);
      const records = Math.round(((recordBytes === 100 ? 200e6 : 500e6) * scale) / recordBytes);
      const load: ProduceLoad = { topic, records, recordBytes, acks, throughput: -1 };
      for (const state of ['cold', 'warm']) {
        const what = `produce ${recordBytes} B, acks=${acks}, ${partitions} partition${partitions > 1 ? 's' : ''}, ${state}`;
        const result = await producePerf(running, load);
        note(what, 'MB/s', broker, result.mibPerSecond, 'more');
        note(`${what}: processor`, 's/GB', broker, result.cpuSecondsPerGb, 'less');
      }
      if (!broker.produceOnly) note(`resident after ${topic}`, 'MiB', broker, residentMib(running.pid), 'less');
    });
  }
}

async function measureConsume(broker: BrokerUnderTest, zookeeper: string): Promise<void> {
  await withDirectory(async (directory) => {
    const records = Math.round((600e6 * scale) / 1024);
    let running = await broker.start(zookeeper, directory);
    try {
      await createTopic(running, 'consume', 1);
      await producePerf(running, { topic: 'consume', records, recordBytes: 1024, acks: '1', throughput: -1 });
      const tail = await consumePerf(running, 'consume', records);
      note('consume 1 KiB, just written', 'MB/s', broker, tail.mibPerSecond, 'more');
      note('consume 1 KiB, just written: processor', 's/GB', broker, tail.cpuSecondsPerGb, 'less');
      await running.stop();
      running = await broker.start(zookeeper, directory);
      const cold = await consumePerf(running, 'consume', records);
      note('consume 1 KiB, after a restart', 'MB/s', broker, cold.mibPerSecond, 'more');
      note('consume 1 KiB, after a restart: processor', 's/GB', broker, cold.cpuSecondsPerGb, 'less');
    } finally {
      await running.stop();
    }
  });
}

async function measureStart(broker: BrokerUnderTest, zookeeper: string): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    await withBroker(broker, `${zookeeper}/start-${round}`, async (running) => {
      times.push(await firstRecordMs(running));
      if (round === 0) note('resident when idle', 'MiB', broker, residentMib(running.pid), 'less');
    });
  }
  note(
    'start of the process to the first acknowledged record',
    'ms',
    broker,
    times.sort((a, b) => a - b)[1] as number,
    'less',
  );
}

async function measureLatency(broker: BrokerUnderTest, zookeeper: string): Promise<void> {
  await withBroker(broker, zookeeper, async (running) => {
    for (const state of ['cold', 'warm'] as const) {
      const topic = `latency-${state}`;
      await createTopic(running, topic, 1);
      const before = cpuSeconds(running.pid);
      const p99Ms = await endToEndP99Ms(running, topic, Math.round(10_000 * scale), 1_000);
      note(`end to end, 1,000 records/s, 99th percentile, ${state}`, 'ms', broker, p99Ms, 'less');
      note(`end to end, 1,000 records/s, ${state}: processor`, 's', broker, cpuSeconds(running.pid) - before, 'less');
    }
  });
}

async function measureCluster(broker: BrokerUnderTest): Promise<void> {
  const kind = broker === gregor ? 'gregor' : 'kafka';
  const measured = await measureReplicated(kind, Math.round(300_000 * scale));
  note(
    'three brokers: produce 1 KiB, acks=all, 3 replicas, 6 partitions',
    'MB/s',
    broker,
    measured.produceMibPerSecond,
    'more',
  );
  note(
    'three brokers: kill -9 of the controller until all partitions acknowledge',
    's',
    broker,
    measured.failOverSeconds,
    'less',
  );
  note('three brokers: orderly stop of one', 's', broker, measured.stopSeconds, 'less');
}

/** Gregor with its fast fence, as it is by default, and without: then it waits for the session as Apache Kafka does. */
async function measureMany(broker: BrokerUnderTest): Promise<void> {
  const kind = broker === gregor ? 'gregor' : 'kafka';
  const partitions = scale === 1 ? 5_000 : 500;
  const what = `${partitions.toLocaleString('en')} partitions × 3`;
  const ledAgain = `${what}: controller killed until each is led`;
  const fenced = await measureManyPartitions(kind, partitions);
  const unfenced = kind === 'gregor' ? await measureManyPartitions(kind, partitions, false) : fenced;
  note(`${what}: created until every ISR is whole`, 's', broker, fenced.createSeconds, 'less');
  note(ledAgain, 's', broker, fenced.ledAgainSeconds, 'less');
  note(`${ledAgain}, no fast fence`, 's', broker, unfenced.ledAgainSeconds, 'less');
  note(`${what}: restarted until every ISR is whole`, 's', broker, fenced.wholeAgainSeconds, 'less');
  note(`${what}: resident, peak`, 'MiB', broker, fenced.peakMib, 'less');
  note(`${what}: resident, settled`, 'MiB', broker, fenced.settledMib, 'less');
}

async function main(): Promise<void> {
  await withDirectory(async (directory) => {
    const startedAt = performance.now();
    const zookeeper = await ZooKeeperProcess.start({ directory: join(directory, 'zookeeper') });
    const zookeeperMs = performance.now() - startedAt;
    try {
      await measureProduce(nullBroker, zookeeper.connectString);
      for (const broker of [gregor, apacheKafka]) {
        await measureStart(broker, zookeeper.connectString);
        await measureProduce(broker, zookeeper.connectString);
        await measureConsume(broker, zookeeper.connectString);
        await measureLatency(broker, zookeeper.connectString);
        await measureCluster(broker);
        await measureMany(broker);
      }
    } finally {
      await zookeeper.stop();
    }
    const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}, ZooKeeper up in ${Math.round(zookeeperMs)} ms, load average ${loadavg()[2]?.toFixed(1)} over the last 15 minutes`;
    console.log(markdown(figures, machine));
    if (scale !== 1) return;
    await mkdir(join(repository, 'docs'), { recursive: true });
    await writeFile(join(repository, 'docs', 'bench.md'), markdown(figures, machine));
    await writeFile(join(repository, 'docs', 'bench.svg'), chart(figures));
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
