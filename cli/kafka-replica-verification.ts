/** kafka-replica-verification: whether all replicas have the same records (Kafka's ReplicaVerificationTool). */
import type { ClusterClient } from '../client';
import { sleep } from '../runtime/clock';
import { openCluster } from './cluster';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { findOffsets, OffsetSpec } from './offsets/list-offsets';
import { commonOptions, type ParsedOptions, refuseTogether, requireOptions, value } from './options';
import { dateFormat } from './perf/date-format';
import { topicFilter } from './topics/names';
import { compareReplicas, type ReplicaData } from './verification/compare';
import { fetchFromBroker, type FetchLimits, type WatchedPartition } from './verification/fetch-replicas';

const options = {
  ...commonOptions,
  'broker-list': value('hostname:port,...,hostname:port', 'REQUIRED: brokers to connect to.'),
  'fetch-size': value('bytes', 'Bytes that one request may bring of each partition.', {
    type: 'Integer',
    defaultText: '1048576',
  }),
  'max-wait-ms': value('ms', 'How long a request may wait for records.', { type: 'Integer', defaultText: '1000' }),
  'topics-include': value('regex', 'Only topics whose name matches.', { defaultText: '.*' }),
  'topic-white-list': value('regex', 'Former name of --topics-include.', { defaultText: '.*' }),
  time: value('timestamp/-1(latest)/-2(earliest)', 'From which records on.', { type: 'Long', defaultText: '-1' }),
  'report-interval-ms': value('ms', 'How often to tell how far the verification is.', {
    type: 'Long',
    defaultText: '30000',
  }),
};

type Given = ParsedOptions<typeof options>;

const timeOf = dateFormat('yyyy-MM-dd HH:mm:ss,SSS');
const IDLE_PAUSE_MS = 50;
const FAILURE_PAUSE_MS = 1_000;
const INTERRUPTED = 130;

async function watchedPartitions(cluster: ClusterClient, given: Given): Promise<WatchedPartition[]> {
  const pattern = given.has('topics-include') ? given.text('topics-include') : given.text('topic-white-list');
  const filter = topicFilter(pattern ?? '.*');
  const { topics } = await cluster.metadata(null);
  const replicas = topics
    .filter(({ name }) => filter.test(name ?? ''))
    .flatMap(({ name, partitions }) =>
      partitions.map((each) => ({ topic: name ?? '', partition: each.partitionIndex, replicas: each.replicaNodes })),
    );
  if (replicas.length === 0) {
    throw new CommandError(
      'No topics found. --topics-include, if specified, is either filtering out all topics or there is no topic.',
    );
  }
  const timestamp = BigInt(given.text('time') ?? '-1');
  const starts = await findOffsets(
    cluster,
    replicas.map((each) => ({ ...each, timestamp })),
  );
  const ends = await findOffsets(
    cluster,
    replicas.map((each) => ({ ...each, timestamp: OffsetSpec.LATEST })),
  );
  return replicas.map((each, index) => {
    const start = starts[index]?.offset ?? -1;
    return { ...each, offset: start >= 0 ? start : (ends[index]?.offset ?? 0) };
  });
}

/** Rounds of asking all replicas and comparing; ends when replicas have parted, or when interrupted. */
class Verification {
  private lastReportMs: number;
  private readonly complaints = new Set<string>();

  constructor(
    private readonly cluster: ClusterClient,
    private readonly partitions: readonly WatchedPartition[],
    private readonly limits: FetchLimits,
    private readonly reportIntervalMs: number,
    private readonly io: CommandIo,
  ) {
    this.lastReportMs = io.clock.nowMs();
  }

  async run(): Promise<number> {
    const { clock, interrupted } = this.io;
    this.tell(': verification process is started');
    while (!interrupted.aborted) {
      const round = await this.fetchAll();
      if (interrupted.aborted) break;
      const before = this.partitions.map(({ offset }) => offset);
      if (!this.compareAll(round)) return 1;
      const moved = this.partitions.some(({ offset }, index) => offset !== before[index]);
      if (!moved) await sleep(clock, this.complaints.size > 0 ? FAILURE_PAUSE_MS : IDLE_PAUSE_MS);
    }
    return INTERRUPTED;
  }

  private async fetchAll(): Promise<Map<WatchedPartition, ReplicaData[]>> {
    const round = new Map<WatchedPartition, ReplicaData[]>(this.partitions.map((partition) => [partition, []]));
    const brokers = new Set(this.partitions.flatMap(({ replicas }) => replicas));
    this.complaints.clear();
    const complain = (text: string): void => {
      // Ctrl-C closes all connections; that is nothing to complain about.
      if (this.io.interrupted.aborted) return;
      if (!this.complaints.has(text)) this.io.stderr.write(`${text}\n`);
      this.complaints.add(text);
    };
    await Promise.all(
      [...brokers].map(async (broker) => {
        const its = this.partitions.filter(({ replicas }) => replicas.includes(broker));
        const found = await fetchFromBroker(this.cluster, broker, its, this.limits, complain);
        for (const [partition, data] of found) round.get(partition)?.push(data);
      }),
    );
    return round;
  }

  /** False when replicas have parted. */
  private compareAll(round: ReadonlyMap<WatchedPartition, readonly ReplicaData[]>): boolean {
    let worst = { lag: -1, partition: this.partitions[0] as WatchedPartition };
    for (const [partition, replicas] of round) {
      const name = `${partition.topic}-${partition.partition}`;
      if (replicas.length === partition.replicas.length) {
        const { nextOffset, differences, diverged } = compareReplicas(replicas, partition.offset);
        for (const difference of differences) this.tell(`: partition ${name}${difference}`);
        if (diverged) return false;
        partition.offset = nextOffset;
      }
      const lag = Math.max(-1, ...replicas.map(({ highWatermark }) => highWatermark)) - partition.offset;
      if (lag > worst.lag) worst = { lag, partition };
    }
    this.report(worst.lag, worst.partition);
    return true;
  }

  private report(lag: number, { topic, partition, offset }: WatchedPartition): void {
    const nowMs = this.io.clock.nowMs();
    if (nowMs - this.lastReportMs <= this.reportIntervalMs) return;
    this.lastReportMs = nowMs;
    this.tell(
      `: max lag is ${lag} for partition ${topic}-${partition} at offset ${offset} among ${this.partitions.length} partitions`,
    );
  }

  private tell(text: string): void {
    this.io.stdout.write(`${timeOf(this.io.clock.nowMs())}${text}\n`);
  }
}

async function run(given: Given, io: CommandIo): Promise<number> {
  requireOptions(given, 'broker-list');
  refuseTogether(given, 'topics-include', ['topic-white-list']);
  const cluster = await openCluster(given.text('broker-list') ?? '', io);
  const end = (): void => void cluster.close();
  io.interrupted.addEventListener('abort', end, { once: true });
  try {
    const partitions = await watchedPartitions(cluster, given);
    const limits = {
      partitionBytes: given.number('fetch-size') ?? 1_048_576,
      maxWaitMs: given.number('max-wait-ms') ?? 1_000,
    };
    return await new Verification(cluster, partitions, limits, given.number('report-interval-ms') ?? 30_000, io).run();
  } finally {
    io.interrupted.removeEventListener('abort', end);
    await cluster.close();
  }
}

export const kafkaReplicaVerification = defineCommand({
  name: 'kafka-replica-verification',
  about: 'This tool checks, until it is interrupted, that all replicas of topics have the same records.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaReplicaVerification);
