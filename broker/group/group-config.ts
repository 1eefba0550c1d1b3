/** The configuration that the group coordinator works with, taken from the broker's once at its start. */
import type { CompressionName } from '../../protocol/records';
import type { BrokerConfig } from '../../settings';

export interface GroupConfig {
  readonly brokerId: number;
  /** group.min.session.timeout.ms */
  readonly minSessionTimeoutMs: number;
  /** group.max.session.timeout.ms */
  readonly maxSessionTimeoutMs: number;
  /** group.max.size: members */
  readonly maxSize: number;
  /** group.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number;
  /** offset.metadata.max.bytes; compared with the number of characters, as Kafka does */
  readonly maxOffsetMetadataLength: number;
  /** offsets.load.buffer.size */
  readonly loadBufferBytes: number;
  /** offsets.retention.minutes */
  readonly offsetsRetentionMs: number;
  /** offsets.retention.check.interval.ms */
  readonly retentionCheckIntervalMs: number;
  /** offsets.topic.num.partitions: used as long as the topic does not exist */
  readonly topicPartitions: number;
  /** offsets.topic.compression.codec */
  readonly compression: CompressionName;
  /** offsets.commit.timeout.ms */
  readonly commitTimeoutMs: number;
  /** offsets.commit.required.acks */
  readonly commitRequiredAcks: number;
}

const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Reads the coordinator's keys out of the broker's configuration. */
export function groupConfigOf(values: Pick<BrokerConfig, 'brokerId' | 'int' | 'long'>): GroupConfig {
  return {
    brokerId: values.brokerId,
    minSessionTimeoutMs: values.int('group.min.session.timeout.ms'),
    maxSessionTimeoutMs: values.int('group.max.session.timeout.ms'),
    maxSize: values.int('group.max.size'),
    initialRebalanceDelayMs: values.int('group.initial.rebalance.delay.ms'),
    maxOffsetMetadataLength: values.int('offset.metadata.max.bytes'),
    loadBufferBytes: values.int('offsets.load.buffer.size'),
    offsetsRetentionMs: values.int('offsets.retention.minutes') * 60_000,
    retentionCheckIntervalMs: values.long('offsets.retention.check.interval.ms'),
    topicPartitions: values.int('offsets.topic.num.partitions'),
    compression: CODECS[values.int('offsets.topic.compression.codec')] ?? 'none',
    commitTimeoutMs: values.int('offsets.commit.timeout.ms'),
    commitRequiredAcks: values.int('offsets.commit.required.acks'),
  };
}
