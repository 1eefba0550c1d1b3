/** Every configuration key of a topic, and the broker keys that give its value where the topic sets none. */
import { LONG_MAX, boolean, double, int, list, long, string, type ConfigKey } from './definition';
import { atLeast, between, gzipLevel, listOf, metadataVersion, oneOf, throttledReplicas } from './validators';

export const topicKeyList = [
  list(
    'cleanup.policy',
    'delete',
    'medium',
    'What happens to old segments: `delete` drops them, `compact` keeps the newest record of each key; both may be given.',
    { valid: listOf('compact', 'delete') },
  ),
  string(
    'compression.type',
    'producer',
    'medium',
    'Codec in which the topic is stored; `producer` keeps what the producer chose.',
    { valid: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer') },
  ),
  int('compression.gzip.level', -1, 'medium', 'Effort of gzip where the broker compresses itself: 1 fast to 9 small.', {
    valid: gzipLevel,
  }),
  int('compression.lz4.level', 9, 'medium', 'Effort of lz4 where the broker compresses itself.', {
    valid: between(1, 17),
  }),
  int('compression.zstd.level', 3, 'medium', 'Effort of zstd where the broker compresses itself.', {
    valid: between(-131072, 22),
  }),
  long(
    'delete.retention.ms',
    86_400_000,
    'medium',
    'How long a deletion marker of a compacted topic stays, for readers that are behind.',
    { valid: atLeast(0) },
  ),
  long('file.delete.delay.ms', 60_000, 'medium', "How long a deleted segment's files stay on disk.", {
    valid: atLeast(0),
  }),
  long(
    'flush.messages',
    LONG_MAX,
    'medium',
    'Records that may be appended before the log is forced to disk; normally left to the operating system and to replication.',
    { valid: atLeast(1) },
  ),
  long(
    'flush.ms',
    LONG_MAX,
    'medium',
    'Age of unflushed records at which the log is forced to disk; normally left to the operating system and to replication.',
    { valid: atLeast(0) },
  ),
  list(
    'follower.replication.throttled.replicas',
    '',
    'medium',
    'Replicas whose fetching is throttled, as `partition:broker` pairs, or `*` for all.',
    { valid: throttledReplicas },
  ),
  list(
    'leader.replication.throttled.replicas',
    '',
    'medium',
    'Replicas whose serving is throttled, as `partition:broker` pairs, or `*` for all.',
    { valid: throttledReplicas },
  ),
  int('index.interval.bytes', 4096, 'medium', 'Bytes of records between two entries of the offset index.', {
    valid: atLeast(0),
  }),
  long(
    'local.retention.bytes',
    -2,
    'medium',
    'How many bytes stay here of what tiered storage holds; -2 follows `retention.bytes`.',
    { valid: atLeast(-2) },
  ),
  long(
    'local.retention.ms',
    -2,
    'medium',
    'How long records stay here that tiered storage holds; -2 follows `retention.ms`.',
    { valid: atLeast(-2) },
  ),
  long('max.compaction.lag.ms', LONG_MAX, 'medium', 'Age after which a record must have been compacted.', {
    valid: atLeast(1),
  }),
  int('max.message.bytes', 1_048_588, 'medium', 'Largest record batch that is accepted, after compression.', {
    valid: atLeast(0),
  }),
  boolean(
    'message.downconversion.enable',
    true,
    'low',
    'Translate records for consumers that know only older formats.',
  ),
  string('message.format.version', '3.0-IV1', 'medium', 'Has no effect any more; the format follows the broker.', {
    valid: metadataVersion,
  }),
  string(
    'message.timestamp.type',
    'CreateTime',
    'medium',
    "Whose time a record carries: the producer's (`CreateTime`) or the broker's (`LogAppendTime`).",
    { valid: oneOf('CreateTime', 'LogAppendTime') },
  ),
  long(
    'message.timestamp.difference.max.ms',
    LONG_MAX,
    'medium',
    "How far a record's timestamp may be off, in either direction; the two keys below replace it.",
    { valid: atLeast(0) },
  ),
  long('message.timestamp.before.max.ms', LONG_MAX, 'medium', "How far a record's timestamp may lie in the past.", {
    valid: atLeast(0),
  }),
  long('message.timestamp.after.max.ms', LONG_MAX, 'medium', "How far a record's timestamp may lie in the future.", {
    valid: atLeast(0),
  }),
  double(
    'min.cleanable.dirty.ratio',
    0.5,
    'medium',
    'Part of a log that must be dirty before it is worth compacting.',
    { valid: between(0, 1) },
  ),
  long('min.compaction.lag.ms', 0, 'medium', 'Age before which a record is not compacted away.', { valid: atLeast(0) }),
  int('min.insync.replicas', 1, 'medium', 'Replicas that must be in sync before a write with acks=all is accepted.', {
    valid: atLeast(1),
  }),
  boolean('preallocate', false, 'medium', "Reserve a new segment's whole size on disk at once."),
  boolean('remote.log.copy.disable', false, 'medium', 'Stop copying to tiered storage (KRaft).'),
  boolean(
    'remote.log.delete.on.disable',
    false,
    'medium',
    'Delete what tiered storage holds when it is switched off (KRaft).',
  ),
  boolean('remote.storage.enable', false, 'medium', 'Keep old segments in tiered storage.'),
  long(
    'retention.bytes',
    -1,
    'medium',
    'Size of a partition above which its oldest segments may be deleted; -1 means any size.',
  ),
  long('retention.ms', 604_800_000, 'medium', 'Age at which segments may be deleted; -1 keeps them.', {
    valid: atLeast(-1),
  }),
  int('segment.bytes', 1_073_741_824, 'medium', 'Size at which a segment is closed and the next one begun.', {
    valid: atLeast(14),
  }),
  int('segment.index.bytes', 10_485_760, 'medium', 'Largest size of an offset index.', { valid: atLeast(4) }),
  long(
    'segment.jitter.ms',
    0,
    'medium',
    'Largest random part taken off `segment.ms`, so that not all segments roll together.',
    { valid: atLeast(0) },
  ),
  long('segment.ms', 604_800_000, 'medium', 'Age at which a segment is closed, even if it is not full.', {
    valid: atLeast(1),
  }),
  boolean(
    'unclean.leader.election.enable',
    false,
    'medium',
    'Let a replica lead that was not in sync when no other is left: available again, at the price of lost records.',
  ),
] as const;

export const topicKeys: ReadonlyMap<string, ConfigKey> = new Map(topicKeyList.map((key: ConfigKey) => [key.name, key]));

export type TopicKeyName = (typeof topicKeyList)[number]['name'];

/** The broker keys behind each topic key, the one that counts most first. Keys that are missing exist for topics only. */
export const topicSynonyms: Readonly<Partial<Record<string, readonly string[]>>> = {
  'cleanup.policy': ['log.cleanup.policy'],
  'compression.gzip.level': ['compression.gzip.level'],
  'compression.lz4.level': ['compression.lz4.level'],
  'compression.type': ['compression.type'],
  'compression.zstd.level': ['compression.zstd.level'],
  'delete.retention.ms': ['log.cleaner.delete.retention.ms'],
  'file.delete.delay.ms': ['log.segment.delete.delay.ms'],
  'flush.messages': ['log.flush.interval.messages'],
  'flush.ms': ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
  'index.interval.bytes': ['log.index.interval.bytes'],
  'local.retention.bytes': ['log.local.retention.bytes'],
  'local.retention.ms': ['log.local.retention.ms'],
  'max.compaction.lag.ms': ['log.cleaner.max.compaction.lag.ms'],
  'max.message.bytes': ['message.max.bytes'],
  'message.downconversion.enable': ['log.message.downconversion.enable'],
  'message.format.version': ['log.message.format.version'],
  'message.timestamp.after.max.ms': ['log.message.timestamp.after.max.ms'],
  'message.timestamp.before.max.ms': ['log.message.timestamp.before.max.ms'],
  'message.timestamp.difference.max.ms': ['log.message.timestamp.difference.max.ms'],
  'message.timestamp.type': ['log.message.timestamp.type'],
  'min.cleanable.dirty.ratio': ['log.cleaner.min.cleanable.ratio'],
  'min.compaction.lag.ms': ['log.cleaner.min.compaction.lag.ms'],
  'min.insync.replicas': ['min.insync.replicas'],
  preallocate: ['log.preallocate'],
  'retention.bytes': ['log.retention.bytes'],
  'retention.ms': ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  'segment.bytes': ['log.segment.bytes'],
  'segment.index.bytes': ['log.index.size.max.bytes'],
  'segment.jitter.ms': ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  'segment.ms': ['log.roll.ms', 'log.roll.hours'],
  'unclean.leader.election.enable': ['unclean.leader.election.enable'],
};
