/** Kafka's own perf tools against a broker, with what the broker spent on it. */
import { runKafkaTool } from '../support/apache-kafka';
import type { RunningBroker } from './brokers';
import { cpuSeconds } from './process-cost';

export interface Throughput {
  /** MiB a second, as the tool reports it */
  mibPerSecond: number;
  /** Processor seconds of the broker per 10^9 bytes of records */
  cpuSecondsPerGb: number;
  /** 99th percentile of the producer's latency; NaN for a consumer */
  p99Ms: number;
}

export interface ProduceLoad {
  topic: string;
  records: number;
  recordBytes: number;
  acks: '1' | 'all';
  /** Records a second, -1 for as many as possible */
  throughput: number;
}

/** Runs kafka-producer-perf-test. */
export async function producePerf(broker: RunningBroker, load: ProduceLoad): Promise<Throughput> {
  const before = cpuSeconds(broker.pid);
  const args = [
    '--topic',
    load.topic,
    '--num-records',
    String(load.records),
    '--record-size',
    String(load.recordBytes),
  ];
  const client = [`bootstrap.servers=${broker.bootstrap}`, `acks=${load.acks}`];
  const result = await runKafkaTool(
    'kafka-producer-perf-test',
    [...args, '--throughput', String(load.throughput), '--producer-props', ...client],
    undefined,
    600_000,
  );
  const spent = cpuSeconds(broker.pid) - before;
  const summary = new RegExp(`^${load.records} records sent.*$`, 'm').exec(result.stdout)?.[0] ?? '';
  const rate = /\(([\d.]+) MB\/sec\)/.exec(summary);
  if (!rate) throw new Error(`kafka-producer-perf-test printed no summary:\n${result.stdout}\n${result.stderr}`);
  return {
    mibPerSecond: Number(rate[1]),
    cpuSecondsPerGb: perGb(spent, load.records * load.recordBytes),
    p99Ms: Number(/(\d+) ms 99th/.exec(summary)?.[1] ?? NaN),
  };
}

/** Runs kafka-consumer-perf-test over all records of a topic. */
export async function consumePerf(broker: RunningBroker, topic: string, records: number): Promise<Throughput> {
  const before = cpuSeconds(broker.pid);
  const args = [
    '--bootstrap-server',
    broker.bootstrap,
    '--topic',
    topic,
    '--messages',
    String(records),
    '--timeout',
    '60000',
  ];
  const result = await runKafkaTool('kafka-consumer-perf-test', args, undefined, 600_000);
  const spent = cpuSeconds(broker.pid) - before;
  const cells = result.stdout.trim().split('\n').at(-1)?.split(', ') ?? [];
  const mib = Number(cells[2]);
  const fetchRate = Number(cells[8]);
  if (!(mib > 0)) throw new Error(`kafka-consumer-perf-test printed no figures:\n${result.stdout}\n${result.stderr}`);
  return { mibPerSecond: fetchRate, cpuSecondsPerGb: perGb(spent, mib * 1024 * 1024), p99Ms: NaN };
}

function perGb(seconds: number, bytes: number): number {
  return (seconds * 1e9) / bytes;
}
