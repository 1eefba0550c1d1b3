/** Where logs lie, how segments roll, how long records are kept and when data is flushed. */
import { LONG_MAX, boolean, int, list, long, string } from '../definition';
import { atLeast, listOf, metadataVersion, oneOf } from '../validators';

export const logKeys = [
  string('log.dir', '/tmp/kafka-logs', 'high', 'Directory for logs, used when `log.dirs` is not set.'),
  string(
    'log.dirs',
    null,
    'high',
    'Directories for logs, separated by commas; a new partition goes where the fewest are.',
  ),
  long(
    'log.dir.failure.timeout.ms',
    30_000,
    'low',
    'How long a broker goes on when it cannot tell the controller of a failed log directory (KRaft).',
    { valid: atLeast(1) },
  ),
  int('log.segment.bytes', 1_073_741_824, 'high', 'Size at which a segment is closed and the next one begun.', {
    update: 'cluster-wide',
    valid: atLeast(14),
  }),
  long(
    'log.roll.ms',
    null,
    'high',
    'Age at which a segment is closed, even if it is not full; `log.roll.hours` when not set.',
    { update: 'cluster-wide' },
  ),
  int('log.roll.hours', 168, 'high', 'The same in hours, used when `log.roll.ms` is not set.', { valid: atLeast(1) }),
  long(
    'log.roll.jitter.ms',
    null,
    'high',
    'Largest random part taken off that age, so that not all segments roll together; `log.roll.jitter.hours` when not set.',
    { update: 'cluster-wide' },
  ),
  int('log.roll.jitter.hours', 0, 'high', 'The same in hours, used when `log.roll.jitter.ms` is not set.', {
    valid: atLeast(0),
  }),
  long(
    'log.retention.ms',
    null,
    'high',
    'Age at which segments may be deleted; -1 keeps them. `log.retention.minutes` when not set.',
    { update: 'cluster-wide' },
  ),
  int(
    'log.retention.minutes',
    null,
    'high',
    'The same in minutes, used when `log.retention.ms` is not set; then `log.retention.hours`.',
  ),
  int('log.retention.hours', 168, 'high', 'The same in hours, used when neither of the finer keys is set.'),
  long(
    'log.retention.bytes',
    -1,
    'high',
    'Size of a partition above which its oldest segments may be deleted; -1 means any size.',
    { update: 'cluster-wide' },
  ),
  long('log.retention.check.interval.ms', 300_000, 'medium', 'How often segments are looked at for deletion.', {
    valid: atLeast(1),
  }),
  list(
    'log.cleanup.policy',
    'delete',
    'medium',
    'What happens to old segments: `delete` drops them, `compact` keeps the newest record of each key; both may be given.',
    { update: 'cluster-wide', valid: listOf('compact', 'delete') },
  ),
  long('log.segment.delete.delay.ms', 60_000, 'high', "How long a deleted segment's files stay on disk.", {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  int('log.index.size.max.bytes', 10_485_760, 'medium', 'Largest size of an offset index.', {
    update: 'cluster-wide',
    valid: atLeast(4),
  }),
  int('log.index.interval.bytes', 4096, 'medium', 'Bytes of records between two entries of the offset index.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  long(
    'log.flush.interval.messages',
    LONG_MAX,
    'high',
    'Records that may be appended to a partition before it is forced to disk.',
    { update: 'cluster-wide', valid: atLeast(1) },
  ),
  long(
    'log.flush.interval.ms',
    null,
    'high',
    'Age of unflushed records at which a partition is forced to disk; `log.flush.scheduler.interval.ms` when not set.',
    { update: 'cluster-wide' },
  ),
  long('log.flush.scheduler.interval.ms', LONG_MAX, 'high', 'How often partitions are looked at for flushing.'),
  int('log.flush.offset.checkpoint.interval.ms', 60_000, 'high', 'How often the recovery points are written down.', {
    valid: atLeast(0),
  }),
  int(
    'log.flush.start.offset.checkpoint.interval.ms',
    60_000,
    'high',
    'How often the log start offsets are written down.',
    { valid: atLeast(0) },
  ),
  boolean('log.preallocate', false, 'medium', "Reserve a new segment's whole size on disk at once.", {
    update: 'cluster-wide',
  }),
  long('log.initial.task.delay.ms', 30_000, 'low', 'Wait after the start before the periodic work on logs begins.', {
    valid: atLeast(0),
    internal: true,
  }),
  string(
    'log.message.format.version',
    '3.0-IV1',
    'medium',
    'Has no effect any more; the format follows `inter.broker.protocol.version`.',
    { valid: metadataVersion },
  ),
  string(
    'log.message.timestamp.type',
    'CreateTime',
    'medium',
    "Whose time a record carries: the producer's (`CreateTime`) or the broker's (`LogAppendTime`).",
    { update: 'cluster-wide', valid: oneOf('CreateTime', 'LogAppendTime') },
  ),
  long(
    'log.message.timestamp.difference.max.ms',
    LONG_MAX,
    'medium',
    "How far a record's timestamp may be off, in either direction; the two keys below replace it.",
    { update: 'cluster-wide', valid: atLeast(0) },
  ),
  long('log.message.timestamp.before.max.ms', LONG_MAX, 'medium', "How far a record's timestamp may lie in the past.", {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  long(
    'log.message.timestamp.after.max.ms',
    LONG_MAX,
    'medium',
    "How far a record's timestamp may lie in the future.",
    { update: 'cluster-wide', valid: atLeast(0) },
  ),
  boolean(
    'log.message.downconversion.enable',
    true,
    'low',
    'Translate records for consumers that know only older formats.',
    { update: 'cluster-wide' },
  ),
  int('message.max.bytes', 1_048_588, 'high', 'Largest record batch that is accepted, after compression.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  int('min.insync.replicas', 1, 'high', 'Replicas that must be in sync before a write with acks=all is accepted.', {
    update: 'cluster-wide',
    valid: atLeast(1),
  }),
  int('num.partitions', 1, 'medium', 'Partitions of a topic that is created without saying how many.', {
    valid: atLeast(1),
  }),
  int('num.recovery.threads.per.data.dir', 1, 'high', 'Logs of one directory that are recovered or closed at a time.', {
    update: 'cluster-wide',
    valid: atLeast(1),
  }),
] as const;
