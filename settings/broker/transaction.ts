/** Producer ids, transactions and the topic that holds their state. */
import { boolean, int, short } from '../definition';
import { atLeast } from '../validators';

export const transactionKeys = [
  int('transaction.max.timeout.ms', 900_000, 'high', 'Longest transaction timeout that a producer may ask for.', {
    valid: atLeast(1),
  }),
  int('transactional.id.expiration.ms', 604_800_000, 'high', 'Idle time after which a transactional id is forgotten.', {
    valid: atLeast(1),
  }),
  int(
    'transaction.state.log.num.partitions',
    50,
    'high',
    'Partitions of the transaction topic; not to be changed once it exists.',
    { valid: atLeast(1) },
  ),
  short(
    'transaction.state.log.replication.factor',
    3,
    'high',
    'Copies of the transaction topic. Its creation waits until there are as many brokers.',
    { valid: atLeast(1) },
  ),
  int('transaction.state.log.min.isr', 2, 'high', 'In-sync replicas that the transaction topic needs for writes.', {
    valid: atLeast(1),
  }),
  int(
    'transaction.state.log.segment.bytes',
    104_857_600,
    'high',
    'Segment size of the transaction topic, small so that compaction and loading are quick.',
    { valid: atLeast(1) },
  ),
  int(
    'transaction.state.log.load.buffer.size',
    5_242_880,
    'high',
    'Bytes read at a time while transactions are loaded.',
    { valid: atLeast(1) },
  ),
  int(
    'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    10_000,
    'low',
    'How often transactions past their timeout are rolled back.',
    { valid: atLeast(1) },
  ),
  int(
    'transaction.remove.expired.transaction.cleanup.interval.ms',
    3_600_000,
    'low',
    'How often expired transactional ids are removed.',
    { valid: atLeast(1) },
  ),
  boolean(
    'transaction.partition.verification.enable',
    true,
    'low',
    'Before the first write of a transaction to a partition, ask the coordinator whether the partition belongs to it.',
    { update: 'cluster-wide' },
  ),
  int(
    'producer.id.expiration.ms',
    86_400_000,
    'low',
    "Idle time after which a partition forgets a producer's sequence numbers.",
    { update: 'cluster-wide', valid: atLeast(1) },
  ),
  int('producer.id.expiration.check.interval.ms', 600_000, 'low', 'How often forgotten producers are looked for.', {
    valid: atLeast(1),
    internal: true,
  }),
] as const;
