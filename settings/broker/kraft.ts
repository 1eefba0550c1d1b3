/** Keys of KRaft mode. They are known and checked; a broker that has `process.roles` set is refused, as this is ZooKeeper mode. */
import { boolean, int, list, long, string } from '../definition';
import { atLeast, listOf } from '../validators';

export const kraftKeys = [
  list(
    'process.roles',
    '',
    'high',
    'Roles of a KRaft node: `broker`, `controller` or both. Empty means ZooKeeper mode.',
    { valid: listOf('broker', 'controller') },
  ),
  int('node.id', -1, 'high', 'Number of a KRaft node; the same as `broker.id`.'),
  int(
    'initial.broker.registration.timeout.ms',
    60_000,
    'medium',
    'How long a KRaft broker tries to register before it gives up.',
  ),
  int('broker.heartbeat.interval.ms', 2000, 'medium', 'How often a KRaft broker reports to the controller.'),
  int('broker.session.timeout.ms', 9000, 'medium', 'Silence after which the KRaft controller gives a broker up.'),
  string('metadata.log.dir', null, 'high', 'Directory of the metadata log; the first log directory when not set.'),
  int('metadata.log.segment.bytes', 1_073_741_824, 'high', 'Segment size of the metadata log.', { valid: atLeast(12) }),
  int('metadata.log.segment.min.bytes', 8_388_608, 'high', 'Smallest segment size that the metadata log accepts.', {
    valid: atLeast(12),
    internal: true,
  }),
  long('metadata.log.segment.ms', 604_800_000, 'high', 'Age at which a segment of the metadata log is closed.'),
  long(
    'metadata.log.max.record.bytes.between.snapshots',
    20_971_520,
    'high',
    'Bytes of metadata after which a snapshot is taken.',
    { valid: atLeast(1) },
  ),
  long(
    'metadata.log.max.snapshot.interval.ms',
    3_600_000,
    'high',
    'Time after which a snapshot is taken if there is anything new; 0 switches this off.',
    { valid: atLeast(0) },
  ),
  int(
    'metadata.max.idle.interval.ms',
    500,
    'low',
    'How often the active controller writes an empty record; 0 switches this off.',
    { valid: atLeast(0) },
  ),
  long(
    'metadata.max.retention.bytes',
    104_857_600,
    'high',
    'Size of metadata log and snapshots above which old ones are deleted.',
  ),
  long(
    'metadata.max.retention.ms',
    604_800_000,
    'high',
    'Age at which old metadata segments and snapshots are deleted.',
  ),
  string('controller.listener.names', null, 'high', 'Listeners of the KRaft controllers.'),
  list('controller.quorum.voters', '', 'high', 'The voting controllers, as `id@host:port` entries.'),
  list('controller.quorum.bootstrap.servers', '', 'high', 'Controllers to find the quorum through.'),
  int(
    'controller.quorum.election.timeout.ms',
    1000,
    'high',
    'Time without a leader after which a controller starts an election.',
  ),
  int('controller.quorum.election.backoff.max.ms', 1000, 'high', 'Longest random wait before the next election.'),
  int(
    'controller.quorum.fetch.timeout.ms',
    2000,
    'high',
    'Time without a successful fetch after which a controller asks for an election or resigns.',
  ),
  int(
    'controller.quorum.append.linger.ms',
    25,
    'medium',
    'How long the leader collects metadata writes before it forces them to disk.',
  ),
  int('controller.quorum.request.timeout.ms', 2000, 'medium', 'How long a request to the quorum may stay unanswered.'),
  int('controller.quorum.retry.backoff.ms', 20, 'low', 'Pause before a request to the quorum is sent again.'),
  string('sasl.mechanism.controller.protocol', 'GSSAPI', 'high', 'SASL mechanism towards the KRaft controllers.'),
  boolean(
    'eligible.leader.replicas.enable',
    false,
    'high',
    'Track replicas that are out of sync and yet safe to elect.',
  ),
] as const;
