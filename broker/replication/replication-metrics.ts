/** Gauges of replication, under the names that Kafka's JMX exporter gives. Values are asked for only when metrics are read. */
import type { Metrics } from '../../runtime/metrics';
import type { FetchSessionCache } from './fetch-session-cache';
import type { FetcherManager } from './fetcher-manager';
import type { HostedPartitions } from './hosted-partitions';
import type { Partition } from './partition';
import type { AppendCounters } from './record-appender';

export interface ReplicationSources {
  readonly hosted: HostedPartitions;
  readonly counters: AppendCounters;
  readonly fetchers: FetcherManager;
  readonly fetchSessions: FetchSessionCache;
}

const PREFIX = 'kafka_server_replicamanager';

export function registerReplicationMetrics(metrics: Metrics, sources: ReplicationSources): void {
  const { hosted, counters, fetchers, fetchSessions } = sources;
  const count = (holds: (partition: Partition) => boolean) => (): number => {
    let total = 0;
    for (const partition of hosted.online()) if (holds(partition)) total++;
    return total;
  };
  metrics.gauge(`${PREFIX}_partitioncount`, 'Partitions on this broker', () => hosted.size);
  metrics.gauge(
    `${PREFIX}_leadercount`,
    'Partitions led by this broker',
    count((partition) => partition.isLeader),
  );
  metrics.gauge(`${PREFIX}_offlinereplicacount`, 'Replicas in failed log directories', () => hosted.offlineCount());
  metrics.gauge(
    `${PREFIX}_underreplicatedpartitions`,
    'Led partitions with replicas out of sync',
    count((partition) => partition.isUnderReplicated),
  );
  metrics.gauge(
    `${PREFIX}_underminisrpartitioncount`,
    'Led partitions with fewer in-sync replicas than min.insync.replicas',
    count((partition) => partition.isUnderMinIsr),
  );
  metrics.gauge(
    `${PREFIX}_atminisrpartitioncount`,
    'Led partitions with just min.insync.replicas replicas in sync',
    count((partition) => partition.isAtMinIsr),
  );
  metrics.gauge(
    `${PREFIX}_reassigningpartitions`,
    'Led partitions that are being reassigned',
    count((partition) => partition.isLeader && partition.isReassigning),
  );
  metrics.gauge(
    'kafka_server_replicafetchermanager_maxlag',
    'Largest lag of a followed partition',
    () => fetchers.maxLag,
  );
  metrics.gauge(
    'kafka_server_replicafetchermanager_failedpartitionscount',
    'Followed partitions that wait for the controller',
    () => fetchers.failedCount,
  );
  metrics.gauge(
    'kafka_server_fetchsessioncache_numincrementalfetchsessions',
    'Fetch sessions',
    () => fetchSessions.size,
  );
  metrics.gauge(
    'kafka_server_fetchsessioncache_numincrementalfetchpartitionscached',
    'Partitions in fetch sessions',
    () => fetchSessions.totalPartitions,
  );
  registerTopicMetrics(metrics, counters, fetchers);
}

function registerTopicMetrics(metrics: Metrics, counters: AppendCounters, fetchers: FetcherManager): void {
  const topic = 'kafka_server_brokertopicmetrics';
  metrics.gauge(`${topic}_messagesin_total`, 'Records appended as leader', () => counters.records);
  metrics.gauge(`${topic}_bytesin_total`, 'Bytes appended as leader', () => counters.bytes);
  metrics.gauge(`${topic}_failedproducerequests_total`, 'Appends refused', () => counters.failedRequests);
  metrics.gauge(`${topic}_replicationbytesin_total`, 'Bytes copied from leaders', () => fetchers.bytesCopied);
}
