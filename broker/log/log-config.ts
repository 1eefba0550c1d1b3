/**
 * The configuration of one log: the topic-level keys of Kafka that the log reads. Values arrive checked (settings/
 * declares the keys, their validators and documentation); this is the plain shape the log works with.
 */
export interface LogConfig {
  /** segment.bytes */
  segmentBytes: number;
  /** segment.ms */
  segmentMs: number;
  /** segment.jitter.ms */
  segmentJitterMs: number;
  /** segment.index.bytes */
  segmentIndexBytes: number;
  /** index.interval.bytes */
  indexIntervalBytes: number;
  /** flush.messages: fsync after so many records; Infinity when the operating system decides. */
  flushRecords: number;
  /** flush.ms: fsync when records are older than this; Infinity when the operating system decides. */
  flushMs: number;
  /** retention.bytes; -1 keeps everything */
  retentionBytes: number;
  /** retention.ms; -1 keeps everything */
  retentionMs: number;
  /** max.message.bytes: the largest record batch accepted from a client */
  maxBatchBytes: number;
  /** file.delete.delay.ms */
  fileDeleteDelayMs: number;
  /** delete.retention.ms */
  deleteRetentionMs: number;
  /** min.compaction.lag.ms */
  minCompactionLagMs: number;
  /** max.compaction.lag.ms */
  maxCompactionLagMs: number;
  /** min.cleanable.dirty.ratio */
  minCleanableDirtyRatio: number;
  /** cleanup.policy */
  cleanupPolicy: ReadonlySet<'delete' | 'compact'>;
  /** compression.type */
  compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** compression.gzip.level, compression.lz4.level, compression.zstd.level */
  compressionLevels: { gzip: number; lz4: number; zstd: number };
  /** message.timestamp.type */
  timestampType: 'CreateTime' | 'LogAppendTime';
  /** message.timestamp.before.max.ms */
  timestampBeforeMaxMs: number;
  /** message.timestamp.after.max.ms */
  timestampAfterMaxMs: number;
  /** min.insync.replicas (read by replication, not by the log itself) */
  minInsyncReplicas: number;
  /** unclean.leader.election.enable (read by replication, not by the log itself) */
  uncleanLeaderElectionEnable: boolean;
}

/** 2^63 - 1, to the precision of a double: "no limit" for keys of type long. */
export const LONG_MAX = 2 ** 63;

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

/** Kafka 3.9's defaults. */
export const defaultLogConfig: Readonly<LogConfig> = {
  segmentBytes: 1024 * MIB,
  segmentMs: 168 * HOUR_MS,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * MIB,
  indexIntervalBytes: 4096,
  flushRecords: LONG_MAX,
  flushMs: LONG_MAX,
  retentionBytes: -1,
  retentionMs: 168 * HOUR_MS,
  maxBatchBytes: MIB + 12,
  fileDeleteDelayMs: 60_000,
  deleteRetentionMs: 24 * HOUR_MS,
  minCompactionLagMs: 0,
  maxCompactionLagMs: LONG_MAX,
  minCleanableDirtyRatio: 0.5,
  cleanupPolicy: new Set(['delete'] as const),
  compressionType: 'producer',
  compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: LONG_MAX,
  timestampAfterMaxMs: LONG_MAX,
  minInsyncReplicas: 1,
  uncleanLeaderElectionEnable: false,
};

type TextReader = (config: LogConfig, text: string) => void;

const number =
  (assign: (config: LogConfig, value: number) => void): TextReader =>
  (config, text) => {
    const value = Number(text.trim());
    if (text.trim() === '' || Number.isNaN(value)) throw new RangeError(`'${text}' is not a number`);
    assign(config, value);
  };

/** How the text of each topic-level key becomes a field. */
const readers: Record<string, TextReader> = {
  'segment.bytes': number((c, v) => (c.segmentBytes = v)),
  'segment.ms': number((c, v) => (c.segmentMs = v)),
  'segment.jitter.ms': number((c, v) => (c.segmentJitterMs = v)),
  'segment.index.bytes': number((c, v) => (c.segmentIndexBytes = v)),
  'index.interval.bytes': number((c, v) => (c.indexIntervalBytes = v)),
  'flush.messages': number((c, v) => (c.flushRecords = v)),
  'flush.ms': number((c, v) => (c.flushMs = v)),
  'retention.bytes': number((c, v) => (c.retentionBytes = v)),
  'retention.ms': number((c, v) => (c.retentionMs = v)),
  'max.message.bytes': number((c, v) => (c.maxBatchBytes = v)),
  'file.delete.delay.ms': number((c, v) => (c.fileDeleteDelayMs = v)),
  'delete.retention.ms': number((c, v) => (c.deleteRetentionMs = v)),
  'min.compaction.lag.ms': number((c, v) => (c.minCompactionLagMs = v)),
  'max.compaction.lag.ms': number((c, v) => (c.maxCompactionLagMs = v)),
  'min.cleanable.dirty.ratio': number((c, v) => (c.minCleanableDirtyRatio = v)),
  'compression.gzip.level': number((c, v) => (c.compressionLevels = { ...c.compressionLevels, gzip: v })),
  'compression.lz4.level': number((c, v) => (c.compressionLevels = { ...c.compressionLevels, lz4: v })),
  'compression.zstd.level': number((c, v) => (c.compressionLevels = { ...c.compressionLevels, zstd: v })),
  'message.timestamp.before.max.ms': number((c, v) => (c.timestampBeforeMaxMs = v)),
  'message.timestamp.after.max.ms': number((c, v) => (c.timestampAfterMaxMs = v)),
  'min.insync.replicas': number((c, v) => (c.minInsyncReplicas = v)),
  'unclean.leader.election.enable': (c, text) => (c.uncleanLeaderElectionEnable = text.trim().toLowerCase() === 'true'),
  'message.timestamp.type': (c, text) => (c.timestampType = text.trim() as LogConfig['timestampType']),
  'compression.type': (c, text) => (c.compressionType = text.trim() as LogConfig['compressionType']),
  'cleanup.policy': (c, text) => {
    const policies = text.split(',').map((policy) => policy.trim().toLowerCase());
    c.cleanupPolicy = new Set(policies.filter((policy) => policy === 'delete' || policy === 'compact'));
  },
};

/** The topic-level keys that change a LogConfig; other topic keys are not the log's concern. */
export const logConfigKeys: readonly string[] = Object.keys(readers);

/**
 * A log's configuration: `base` (the broker's defaults) with a topic's own values over it.
 * @param overrides topic-level keys and their text, as in `/config/topics/<topic>`; keys not known here are left out
 * @throws RangeError for text that is no number where one belongs
 */
export function withTopicOverrides(
  base: Readonly<LogConfig>,
  overrides: Readonly<Record<string, string>>,
): Readonly<LogConfig> {
  const config: LogConfig = { ...base };
  for (const [key, text] of Object.entries(overrides)) readers[key]?.(config, text);
  return config;
}

export function isCompacted(config: Readonly<LogConfig>): boolean {
  return config.cleanupPolicy.has('compact');
}
