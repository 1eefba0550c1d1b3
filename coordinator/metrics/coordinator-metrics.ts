/**
 * The coordinator's /metrics: of the cluster under the names that Kafka's own metrics have, of lag under those that Kafka's
 * exporters use, and of itself. Read from the picture that is there anyway. Series are bounded: a cluster with more groups
 * than that shows the sums of the rest only.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Ground } from '../parts';
import type { Picture } from '../observe/picture';
import type { VerdictWord } from '../schemas';

type Series = Iterable<readonly [labels: Record<string, string>, value: number]>;

/** Series of a metric that has one per group and partition. */
const MOST_SERIES = 2_000;
const NANOS_PER_MS = 1e6;
const WORDS: readonly VerdictWord[] = ['healthy', 'degraded', 'unhealthy', 'unknown'];

/** @param picture gives the latest */
export function declareMetrics(ground: Ground, picture: () => Picture): void {
  declareCluster(ground, picture);
  declareBrokers(ground, picture);
  declareTopics(ground, picture);
  declareGroups(ground, picture);
  declareOwn(ground, picture);
}

function declareCluster({ metrics }: Ground, picture: () => Picture): void {
  const controller = (name: string, help: string, read: (now: Picture) => number): void =>
    metrics.gauge(`kafka_controller_kafkacontroller_${name}`, help, () => read(picture()));
  controller('activecontrollercount', 'Controllers of the cluster: 1 or 0', (now) =>
    now.controller.brokerId === null ? 0 : 1,
  );
  controller('activebrokercount', 'Registered brokers', (now) => now.counts.brokers);
  controller('globaltopiccount', 'Topics of the cluster', (now) => now.counts.topics);
  controller('globalpartitioncount', 'Partitions of the cluster', (now) => now.counts.partitions);
  controller('offlinepartitionscount', 'Partitions without a leader', (now) => now.counts.offline);
  controller(
    'preferredreplicaimbalancecount',
    'Partitions not led by their preferred replica',
    (now) => now.counts.leaderNotPreferred,
  );
  const replicas = (name: string, help: string, read: (counts: Picture['counts']) => number): void =>
    metrics.gauge(`kafka_server_replicamanager_${name}`, help, () => read(picture().counts));
  replicas('underreplicatedpartitions', 'Partitions with replicas out of sync', (counts) => counts.underReplicated);
  replicas(
    'underminisrpartitioncount',
    'Partitions with less than min.insync.replicas in sync',
    (counts) => counts.underMinIsr,
  );
  replicas('atminisrpartitioncount', 'Partitions with just min.insync.replicas in sync', (counts) => counts.atMinIsr);
}

function declareBrokers({ metrics }: Ground, picture: () => Picture): void {
  const perBroker = (name: string, help: string, read: (broker: Picture['brokers'][number]) => number | null): void =>
    metrics.gauges(name, help, ['broker'], () => {
      const series: [Record<string, string>, number][] = [];
      for (const broker of picture().brokers) {
        const value = read(broker);
        if (value !== null) series.push([{ broker: String(broker.brokerId) }, value]);
      }
      return series;
    });
  perBroker('gregor_coordinator_broker_registered', 'Whether the broker is registered in ZooKeeper', (broker) =>
    Number(broker.registered),
  );
  perBroker('gregor_coordinator_broker_answers', 'Whether the broker answered the last probe', ({ probe }) =>
    probe.state === 'unknown' ? null : Number(probe.state === 'answers' || probe.state === 'slow'),
  );
  perBroker(
    'gregor_coordinator_broker_stale_view',
    'Whether the broker sees another cluster than ZooKeeper',
    ({ probe }) => Number(probe.staleView),
  );
  perBroker('gregor_coordinator_broker_latency_ms', 'How long the last probe took', ({ probe }) => probe.latencyMs);
  perBroker('kafka_server_replicamanager_leadercount', 'Partitions that the broker leads', ({ leaders }) => leaders);
  perBroker('kafka_server_replicamanager_partitioncount', 'Replicas on the broker', (broker) => broker.replicas);
  perBroker('gregor_coordinator_broker_log_bytes', 'Bytes of all replicas on the broker', ({ logBytes }) => logBytes);
}

function declareTopics({ metrics }: Ground, picture: () => Picture): void {
  metrics.gauges(
    'kafka_topic_partition_current_offset',
    'High watermark of the partition, as last read from its leader',
    ['topic', 'partition'],
    () => bounded(highWatermarks(picture())),
  );
}

function* highWatermarks({ knowledge }: Picture): Generator<readonly [Record<string, string>, number]> {
  for (const { name, partitions } of knowledge.state.topics.values()) {
    for (const { partition } of partitions) {
      const highWatermark = knowledge.offsets.highWatermark(name, partition);
      if (highWatermark !== null) yield [{ topic: name, partition: String(partition) }, highWatermark];
    }
  }
}

function declareGroups({ metrics }: Ground, picture: () => Picture): void {
  metrics.gauges(
    'kafka_consumergroup_lag',
    'Records that the group has still to read',
    ['group', 'topic', 'partition'],
    () => bounded(positions(picture(), ({ lag }) => lag)),
  );
  metrics.gauges(
    'kafka_consumergroup_current_offset',
    'Offset that the group has committed',
    ['group', 'topic', 'partition'],
    () => bounded(positions(picture(), ({ committed }) => committed)),
  );
  const perGroup = (
    name: string,
    help: string,
    read: (group: { totalLag: number | null; members: number }) => number | null,
  ): void => metrics.gauges(name, help, ['group'], () => bounded(ofGroups(picture(), read)));
  perGroup(
    'kafka_consumergroup_lag_sum',
    'Records that the group has still to read, over all partitions',
    ({ totalLag }) => totalLag,
  );
  perGroup('kafka_consumergroup_members', 'Members of the group', ({ members }) => members);
  metrics.gauge('gregor_coordinator_groups', 'Consumer groups', () => picture().groups.size);
  metrics.gauge('gregor_coordinator_lag_series_left_out', 'Partitions of groups whose lag is not told singly', () => {
    let series = 0;
    for (const _ of positions(picture(), ({ lag }) => lag)) series++;
    return Math.max(0, series - MOST_SERIES);
  });
}

function declareOwn({ metrics, clock }: Ground, picture: () => Picture): void {
  metrics.gauges(
    'gregor_coordinator_verdict',
    'The judgement over the cluster: 1 for the one that holds',
    ['verdict'],
    () => WORDS.map((verdict) => [{ verdict }, Number(picture().verdict.verdict === verdict)] as const),
  );
  metrics.gauge('gregor_coordinator_znodes', 'Znodes in memory', () => picture().zookeeper.knownZnodes);
  metrics.gauge('gregor_coordinator_zookeeper_connected', 'Whether the own session is connected', () =>
    Number(picture().zookeeper.session.state === 'connected'),
  );
  metrics.gauge('gregor_coordinator_picture_age_ms', 'Time since the picture was made', () =>
    Math.max(0, clock.nowMs() - picture().knowledge.nowMs),
  );
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  metrics.gauge('gregor_event_loop_delay_max_ms', 'Longest delay of the event loop since it was last asked', () => {
    const longestMs = delay.max / NANOS_PER_MS;
    delay.reset();
    return longestMs;
  });
  metrics.gauge('gregor_resident_memory_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
}

type Position = { readonly committed: number; readonly lag: number | null };

function* positions(
  { knowledge }: Picture,
  read: (position: Position) => number | null,
): Generator<readonly [Record<string, string>, number]> {
  for (const [group, { positions: topics }] of knowledge.groups) {
    for (const [topic, partitions] of topics) {
      for (const [partition, position] of partitions) {
        const value = read(position);
        if (value !== null) yield [{ group, topic, partition: String(partition) }, value];
      }
    }
  }
}

function* ofGroups(
  { groups }: Picture,
  read: (group: { totalLag: number | null; members: number }) => number | null,
): Generator<readonly [Record<string, string>, number]> {
  for (const [group, summary] of groups) {
    const value = read(summary);
    if (value !== null) yield [{ group }, value];
  }
}

function* bounded(series: Series): Generator<readonly [Record<string, string>, number]> {
  let room = MOST_SERIES;
  for (const each of series) {
    if (room-- <= 0) return;
    yield each;
  }
}
