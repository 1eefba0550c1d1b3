/** The configuration keys that replication reads, as plain values. */
import type { BrokerConfig } from '../../settings';
import type { QuotaWindow } from './replication-quota';

export interface ReplicationConfig {
  readonly brokerId: number;
  readonly interBrokerListenerName: string;
  readonly replicaLagTimeMaxMs: number;
  readonly fetchWaitMaxMs: number;
  readonly fetchMinBytes: number;
  readonly fetchMaxBytes: number;
  readonly fetchResponseMaxBytes: number;
  readonly fetchBackoffMs: number;
  readonly fetchersPerLeader: number;
  readonly socketTimeoutMs: number;
  readonly highWatermarkCheckpointIntervalMs: number;
  readonly fetchSessionSlots: number;
  readonly replicaSelectorClass: string | null;
  readonly quotaWindow: QuotaWindow;
}

export function replicationConfigOf(config: BrokerConfig): ReplicationConfig {
  return {
    brokerId: config.brokerId,
    interBrokerListenerName: config.interBrokerListenerName,
    replicaLagTimeMaxMs: config.replicaLagTimeMaxMs,
    fetchWaitMaxMs: config.int('replica.fetch.wait.max.ms'),
    fetchMinBytes: config.int('replica.fetch.min.bytes'),
    fetchMaxBytes: config.int('replica.fetch.max.bytes'),
    fetchResponseMaxBytes: config.int('replica.fetch.response.max.bytes'),
    fetchBackoffMs: config.int('replica.fetch.backoff.ms'),
    fetchersPerLeader: config.int('num.replica.fetchers'),
    socketTimeoutMs: config.int('replica.socket.timeout.ms'),
    highWatermarkCheckpointIntervalMs: config.long('replica.high.watermark.checkpoint.interval.ms'),
    fetchSessionSlots: config.int('max.incremental.fetch.session.cache.slots'),
    replicaSelectorClass: config.stringOrNull('replica.selector.class'),
    quotaWindow: {
      samples: config.int('replication.quota.window.num'),
      sampleMs: config.int('replication.quota.window.size.seconds') * 1000,
    },
  };
}
