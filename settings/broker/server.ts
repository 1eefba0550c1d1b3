/** Who this broker is, its threads, its limits and the life of topics. */
import { LONG_MAX, boolean, className, int, long, string } from '../definition';
import { atLeast, between, gzipLevel, oneOf } from '../validators';

export const serverKeys = [
  int(
    'broker.id',
    -1,
    'high',
    'Number of this broker, unique in the cluster. -1 lets it take one from ZooKeeper, above `reserved.broker.max.id`.',
  ),
  boolean(
    'broker.id.generation.enable',
    true,
    'medium',
    'Whether a broker without a configured id may take a generated one.',
  ),
  int(
    'reserved.broker.max.id',
    1000,
    'medium',
    'Largest id that may be configured by hand; generated ids start above it.',
    { valid: atLeast(0) },
  ),
  string(
    'broker.rack',
    null,
    'medium',
    'Rack or zone this broker stands in. Replicas are spread over racks, and consumers can read from their own.',
  ),
  int('background.threads', 10, 'high', 'Threads for periodic work.', { update: 'cluster-wide', valid: atLeast(1) }),
  int('num.io.threads', 8, 'high', 'Requests that are processed at a time.', {
    update: 'cluster-wide',
    valid: atLeast(1),
  }),
  int('request.timeout.ms', 30_000, 'high', 'How long a request that this broker sends may stay unanswered.'),
  long(
    'socket.connection.setup.timeout.ms',
    10_000,
    'medium',
    'How long the first attempt to open a connection to another node may take; grows with each further attempt.',
  ),
  long('socket.connection.setup.timeout.max.ms', 30_000, 'medium', 'What that time grows to at most.'),
  boolean('delete.topic.enable', true, 'high', 'Whether topics can be deleted at all.'),
  boolean('auto.create.topics.enable', true, 'high', 'Whether asking for a topic that does not exist creates it.'),
  className('create.topic.policy.class.name', null, 'low', 'Class that may refuse the creation of a topic.'),
  className('alter.config.policy.class.name', null, 'low', 'Class that may refuse a change of configuration.'),
  boolean(
    'controlled.shutdown.enable',
    true,
    'medium',
    'Hand over leadership before stopping, so that clients hardly notice.',
  ),
  int('controlled.shutdown.max.retries', 3, 'medium', 'Attempts at handing over leadership before stopping anyway.'),
  long('controlled.shutdown.retry.backoff.ms', 5000, 'medium', 'Pause between those attempts.'),
  int(
    'fetch.max.bytes',
    57_671_680,
    'medium',
    'Most bytes that one fetch request is answered with, whatever the client asks for.',
    { valid: atLeast(1024) },
  ),
  int(
    'max.incremental.fetch.session.cache.slots',
    1000,
    'medium',
    'Incremental fetch sessions that are remembered at a time.',
    { valid: atLeast(0) },
  ),
  int(
    'max.request.partition.size.limit',
    2000,
    'medium',
    'Most partitions that a request which lists partitions is answered with.',
    { valid: atLeast(1) },
  ),
  string(
    'compression.type',
    'producer',
    'high',
    'Codec in which topics are stored; `producer` keeps what the producer chose.',
    { update: 'cluster-wide', valid: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer') },
  ),
  int('compression.gzip.level', -1, 'medium', 'Effort of gzip where the broker compresses itself: 1 fast to 9 small.', {
    update: 'cluster-wide',
    valid: gzipLevel,
  }),
  int('compression.lz4.level', 9, 'medium', 'Effort of lz4 where the broker compresses itself.', {
    update: 'cluster-wide',
    valid: between(1, 17),
  }),
  int('compression.zstd.level', 3, 'medium', 'Effort of zstd where the broker compresses itself.', {
    update: 'cluster-wide',
    valid: between(-131072, 22),
  }),
  long('server.max.startup.time.ms', LONG_MAX, 'medium', 'Time after which a start that is not finished is given up.', {
    valid: atLeast(0),
    internal: true,
  }),
  boolean('unstable.api.versions.enable', false, 'high', 'Offer versions of requests that are still being worked on.', {
    internal: true,
  }),
  boolean(
    'unstable.feature.versions.enable',
    false,
    'high',
    'Offer versions of features that are still being worked on.',
    { internal: true },
  ),
] as const;
