/** Tiered storage. Known and checked; Gregor keeps all data local. */
import { LONG_MAX, boolean, double, int, long, string } from '../definition';
import { atLeast, between, nonEmpty, threadsOrFollow } from '../validators';

export const remoteLogKeys = [
  boolean('remote.log.storage.system.enable', false, 'medium', 'Whether old segments may be moved to another storage.'),
  string('remote.log.storage.manager.class.name', null, 'medium', 'Class that stores the segments.', {
    valid: nonEmpty,
  }),
  string('remote.log.storage.manager.class.path', null, 'medium', 'Where that class is loaded from.'),
  string(
    'remote.log.storage.manager.impl.prefix',
    'rsm.config.',
    'medium',
    'Prefix of the keys that are handed to that class.',
    { valid: nonEmpty },
  ),
  string(
    'remote.log.metadata.manager.class.name',
    'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager',
    'medium',
    'Class that keeps the catalogue of stored segments.',
    { valid: nonEmpty },
  ),
  string('remote.log.metadata.manager.class.path', null, 'medium', 'Where that class is loaded from.'),
  string(
    'remote.log.metadata.manager.impl.prefix',
    'rlmm.config.',
    'medium',
    'Prefix of the keys that are handed to that class.',
    { valid: nonEmpty },
  ),
  string(
    'remote.log.metadata.manager.listener.name',
    null,
    'medium',
    'Listener that the catalogue uses to reach its own topic.',
    { valid: nonEmpty },
  ),
  int(
    'remote.log.metadata.custom.metadata.max.bytes',
    128,
    'low',
    'Longest note that the storage may attach to a segment.',
    { valid: atLeast(0) },
  ),
  long(
    'remote.log.index.file.cache.total.size.bytes',
    1_073_741_824,
    'low',
    "Disk space for copies of stored segments' indexes.",
    { update: 'cluster-wide', valid: atLeast(1) },
  ),
  int('remote.log.manager.thread.pool.size', 10, 'medium', 'Threads that move segments and answer for them.', {
    valid: atLeast(1),
  }),
  int(
    'remote.log.manager.copier.thread.pool.size',
    -1,
    'medium',
    'Threads that copy segments; -1 follows `remote.log.manager.thread.pool.size`.',
    { valid: threadsOrFollow },
  ),
  int(
    'remote.log.manager.expiration.thread.pool.size',
    -1,
    'medium',
    'Threads that delete expired segments; -1 follows `remote.log.manager.thread.pool.size`.',
    { valid: threadsOrFollow },
  ),
  long('remote.log.manager.task.interval.ms', 30_000, 'low', 'How often there is a look for segments to move.', {
    valid: atLeast(1),
  }),
  long('remote.log.manager.task.retry.backoff.ms', 500, 'low', 'First pause after a failed move.', {
    valid: atLeast(1),
    internal: true,
  }),
  long('remote.log.manager.task.retry.backoff.max.ms', 30_000, 'low', 'Longest pause after a failed move.', {
    valid: atLeast(1),
    internal: true,
  }),
  double('remote.log.manager.task.retry.jitter', 0.2, 'low', 'Random part of that pause.', {
    valid: between(0, 0.5),
    internal: true,
  }),
  long(
    'remote.log.manager.copy.max.bytes.per.second',
    LONG_MAX,
    'medium',
    'Rate at which segments are copied at most.',
    { update: 'cluster-wide', valid: atLeast(1) },
  ),
  int('remote.log.manager.copy.quota.window.num', 11, 'medium', 'Samples over which the copy rate is taken.', {
    valid: atLeast(1),
  }),
  int('remote.log.manager.copy.quota.window.size.seconds', 1, 'medium', 'Length of each of those samples.', {
    valid: atLeast(1),
  }),
  long(
    'remote.log.manager.fetch.max.bytes.per.second',
    LONG_MAX,
    'medium',
    'Rate at which stored segments are read at most.',
    { update: 'cluster-wide', valid: atLeast(1) },
  ),
  int('remote.log.manager.fetch.quota.window.num', 11, 'medium', 'Samples over which the read rate is taken.', {
    valid: atLeast(1),
  }),
  int('remote.log.manager.fetch.quota.window.size.seconds', 1, 'medium', 'Length of each of those samples.', {
    valid: atLeast(1),
  }),
  int('remote.log.reader.threads', 10, 'medium', 'Threads that read stored segments for consumers.', {
    valid: atLeast(1),
  }),
  int('remote.log.reader.max.pending.tasks', 100, 'medium', 'Reads of stored segments that may wait.', {
    valid: atLeast(1),
  }),
  int('remote.fetch.max.wait.ms', 500, 'medium', "How long a consumer's read of a stored segment may take.", {
    update: 'cluster-wide',
    valid: atLeast(1),
  }),
  long(
    'log.local.retention.ms',
    -2,
    'medium',
    'How long a segment that was copied stays here too; -2 follows `log.retention.ms`.',
    { update: 'cluster-wide', valid: atLeast(-2) },
  ),
  long(
    'log.local.retention.bytes',
    -2,
    'medium',
    'How many bytes of copied segments stay here too; -2 follows `log.retention.bytes`.',
    { update: 'cluster-wide', valid: atLeast(-2) },
  ),
] as const;
