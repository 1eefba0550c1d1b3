/** Followers, the in-sync replicas, leader election and the talk between brokers. */
import { boolean, int, long, string } from '../definition';
import { atLeast, metadataVersion, oneOf } from '../validators';

export const replicationKeys = [
  int(
    'default.replication.factor',
    1,
    'medium',
    'Copies of each partition of a topic that is created without saying how many.',
  ),
  long(
    'replica.lag.time.max.ms',
    30_000,
    'high',
    'A follower that has not caught up for so long leaves the in-sync replicas.',
  ),
  int('replica.socket.timeout.ms', 30_000, 'high', "How long a follower waits for its leader's answer."),
  int('replica.socket.receive.buffer.bytes', 65_536, 'high', "Receive buffer of a follower's connection."),
  int(
    'replica.fetch.max.bytes',
    1_048_576,
    'medium',
    'Bytes a follower asks for per partition; a larger first batch comes anyway.',
    { valid: atLeast(0) },
  ),
  int(
    'replica.fetch.response.max.bytes',
    10_485_760,
    'medium',
    'Bytes a follower asks for in one request, all partitions together.',
    { valid: atLeast(0) },
  ),
  int('replica.fetch.min.bytes', 1, 'high', "Bytes that must be there before a follower's fetch is answered early."),
  int(
    'replica.fetch.wait.max.ms',
    500,
    'high',
    "How long the leader may hold a follower's fetch back for those bytes.",
  ),
  int('replica.fetch.backoff.ms', 1000, 'medium', 'How long a follower leaves a partition alone after an error.', {
    valid: atLeast(0),
  }),
  int('num.replica.fetchers', 1, 'high', 'Fetchers for each broker that this one follows.', { update: 'cluster-wide' }),
  int(
    'num.replica.alter.log.dirs.threads',
    null,
    'high',
    'Threads that move replicas between log directories; one per directory when not set.',
  ),
  long('replica.high.watermark.checkpoint.interval.ms', 5000, 'high', 'How often high watermarks are written to disk.'),
  string(
    'replica.selector.class',
    null,
    'medium',
    'Class that chooses the replica a consumer reads from; the leader when not set.',
  ),
  int(
    'fetch.purgatory.purge.interval.requests',
    1000,
    'medium',
    'Finished fetches that may pile up in the purgatory before it is swept.',
  ),
  int(
    'producer.purgatory.purge.interval.requests',
    1000,
    'medium',
    'Finished produce requests that may pile up in the purgatory before it is swept.',
  ),
  int(
    'delete.records.purgatory.purge.interval.requests',
    1,
    'medium',
    'Finished record deletions that may pile up in the purgatory before it is swept.',
  ),
  boolean(
    'auto.leader.rebalance.enable',
    true,
    'high',
    'Give leadership back to the preferred replicas when too many partitions are led elsewhere.',
  ),
  int(
    'leader.imbalance.per.broker.percentage',
    10,
    'high',
    "Share of a broker's partitions that may be led elsewhere before that happens.",
  ),
  long('leader.imbalance.check.interval.seconds', 300, 'high', 'How often that is looked at.', { valid: atLeast(1) }),
  boolean(
    'unclean.leader.election.enable',
    false,
    'high',
    'Let a replica lead that was not in sync when no other is left: available again, at the price of lost records.',
    { update: 'cluster-wide' },
  ),
  long('unclean.leader.election.interval.ms', 300_000, 'medium', 'How often such an election is looked for (KRaft).', {
    valid: atLeast(1),
    internal: true,
  }),
  string(
    'inter.broker.protocol.version',
    '3.9-IV0',
    'medium',
    'Version of the protocol between brokers; raised only after all brokers of a cluster run the new software.',
    { valid: metadataVersion },
  ),
  string(
    'inter.broker.listener.name',
    null,
    'medium',
    'Listener that brokers use among themselves; that of `security.inter.broker.protocol` when not set.',
  ),
  string(
    'security.inter.broker.protocol',
    'PLAINTEXT',
    'medium',
    'Protocol that brokers speak among themselves. Not to be set together with `inter.broker.listener.name`.',
    { valid: oneOf('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL') },
  ),
  int(
    'controller.socket.timeout.ms',
    30_000,
    'medium',
    "How long the controller and the brokers wait for each other's answers.",
  ),
] as const;
