/** What the log manager takes from the broker's configuration, besides the defaults of topic configurations. */
import type { BrokerConfig } from '../../settings';
import { LONG_MAX } from './log-config';

export interface LogManagerSettings {
  /** log.retention.check.interval.ms */
  retentionCheckMs: number;
  /** log.flush.scheduler.interval.ms */
  flushCheckMs: number;
  /** log.flush.offset.checkpoint.interval.ms */
  recoveryPointCheckpointMs: number;
  /** log.flush.start.offset.checkpoint.interval.ms */
  logStartOffsetCheckpointMs: number;
  /** log.initial.task.delay.ms */
  initialTaskDelayMs: number;
  /** producer.id.expiration.ms */
  producerExpirationMs: number;
  /** producer.id.expiration.check.interval.ms */
  producerExpirationCheckMs: number;
  /** The newest bytes of all logs that stay in memory. */
  tailCacheBytes: number;
  /** Files of segments that stay open. */
  maxOpenFiles: number;
}

export const defaultLogManagerSettings: Readonly<LogManagerSettings> = {
  retentionCheckMs: 300_000,
  flushCheckMs: LONG_MAX,
  recoveryPointCheckpointMs: 60_000,
  logStartOffsetCheckpointMs: 60_000,
  initialTaskDelayMs: 30_000,
  producerExpirationMs: 86_400_000,
  producerExpirationCheckMs: 600_000,
  tailCacheBytes: 32 * 1024 * 1024,
  maxOpenFiles: 512,
};

export function logManagerSettings(config: Pick<BrokerConfig, 'int' | 'long' | 'tailCacheBytes'>): LogManagerSettings {
  return {
    ...defaultLogManagerSettings,
    retentionCheckMs: config.long('log.retention.check.interval.ms'),
    flushCheckMs: config.long('log.flush.scheduler.interval.ms'),
    recoveryPointCheckpointMs: config.int('log.flush.offset.checkpoint.interval.ms'),
    logStartOffsetCheckpointMs: config.int('log.flush.start.offset.checkpoint.interval.ms'),
    initialTaskDelayMs: config.long('log.initial.task.delay.ms'),
    producerExpirationMs: config.int('producer.id.expiration.ms'),
    producerExpirationCheckMs: config.int('producer.id.expiration.check.interval.ms'),
    tailCacheBytes: config.tailCacheBytes,
  };
}
