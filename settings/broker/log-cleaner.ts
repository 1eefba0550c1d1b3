/** Compaction: the background work that keeps the newest record of each key. */
import { DOUBLE_MAX_TEXT, LONG_MAX, boolean, double, int, long } from '../definition';
import { atLeast, between } from '../validators';

export const logCleanerKeys = [
  boolean('log.cleaner.enable', true, 'medium', 'Run compaction. Without it the offsets topic grows for ever.'),
  int('log.cleaner.threads', 1, 'medium', 'Logs that are compacted at a time.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  double(
    'log.cleaner.io.max.bytes.per.second',
    DOUBLE_MAX_TEXT,
    'medium',
    'Reading and writing of compaction together are slowed to this rate.',
    { update: 'cluster-wide' },
  ),
  long(
    'log.cleaner.dedupe.buffer.size',
    134_217_728,
    'medium',
    'Memory for the table of keys, all compaction threads together.',
    { update: 'cluster-wide' },
  ),
  int(
    'log.cleaner.io.buffer.size',
    524_288,
    'medium',
    'Memory for reading and writing, all compaction threads together.',
    { update: 'cluster-wide', valid: atLeast(0) },
  ),
  double(
    'log.cleaner.io.buffer.load.factor',
    0.9,
    'medium',
    'How full the table of keys may become: fuller cleans more at once and collides more.',
    { update: 'cluster-wide' },
  ),
  long('log.cleaner.backoff.ms', 15_000, 'medium', 'Sleep when there is nothing to compact.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  double(
    'log.cleaner.min.cleanable.ratio',
    0.5,
    'medium',
    'Part of a log that must be dirty before it is worth compacting.',
    { update: 'cluster-wide', valid: between(0, 1) },
  ),
  long(
    'log.cleaner.delete.retention.ms',
    86_400_000,
    'medium',
    'How long a deletion marker stays after compaction, for readers that are behind.',
    { update: 'cluster-wide', valid: atLeast(0) },
  ),
  long('log.cleaner.min.compaction.lag.ms', 0, 'medium', 'Age before which a record is not compacted away.', {
    update: 'cluster-wide',
    valid: atLeast(0),
  }),
  long('log.cleaner.max.compaction.lag.ms', LONG_MAX, 'medium', 'Age after which a record must have been compacted.', {
    update: 'cluster-wide',
    valid: atLeast(1),
  }),
] as const;
