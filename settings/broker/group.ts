/** Consumer groups (classic protocol) and the topic that holds their committed offsets. */
import { INT_MAX, boolean, int, list, long, short } from '../definition';
import { atLeast, listOf } from '../validators';

export const groupKeys = [
  int('group.min.session.timeout.ms', 6000, 'medium', 'Shortest session timeout that a member may ask for.'),
  int('group.max.session.timeout.ms', 1_800_000, 'medium', 'Longest session timeout that a member may ask for.'),
  int(
    'group.initial.rebalance.delay.ms',
    3000,
    'medium',
    'How long a new group waits for more members before its first rebalance.',
  ),
  int('group.max.size', INT_MAX, 'medium', 'Most members of a group.', { valid: atLeast(1) }),
  list('group.coordinator.rebalance.protocols', 'classic', 'medium', 'Kinds of groups that this broker coordinates.', {
    valid: listOf('consumer', 'classic', 'share', 'unknown'),
  }),
  int('group.coordinator.threads', 1, 'medium', 'Threads of the new group coordinator.', { valid: atLeast(1) }),
  int(
    'group.coordinator.append.linger.ms',
    10,
    'medium',
    'How long the new group coordinator collects writes into one batch.',
    { valid: atLeast(0) },
  ),
  boolean('group.coordinator.new.enable', false, 'medium', 'Use the new group coordinator.', { internal: true }),
  int('offset.metadata.max.bytes', 4096, 'high', 'Longest note that may be stored with a committed offset.'),
  int('offsets.load.buffer.size', 5_242_880, 'high', 'Bytes read at a time while groups and offsets are loaded.', {
    valid: atLeast(1),
  }),
  short(
    'offsets.topic.replication.factor',
    3,
    'high',
    'Copies of the offsets topic. Its creation waits until there are as many brokers.',
    { valid: atLeast(1) },
  ),
  int(
    'offsets.topic.num.partitions',
    50,
    'high',
    'Partitions of the offsets topic; not to be changed once it exists.',
    { valid: atLeast(1) },
  ),
  int(
    'offsets.topic.segment.bytes',
    104_857_600,
    'high',
    'Segment size of the offsets topic, small so that compaction and loading are quick.',
    { valid: atLeast(1) },
  ),
  int(
    'offsets.topic.compression.codec',
    0,
    'high',
    'Codec of the offsets topic, by number: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.',
  ),
  int('offsets.retention.minutes', 10_080, 'high', 'How long the offsets of a group without members are kept.', {
    valid: atLeast(1),
  }),
  long('offsets.retention.check.interval.ms', 600_000, 'high', 'How often expired offsets are looked for.', {
    valid: atLeast(1),
  }),
  int('offsets.commit.timeout.ms', 5000, 'high', 'How long a commit waits for the replicas of the offsets topic.', {
    valid: atLeast(1),
  }),
  short(
    'offsets.commit.required.acks',
    -1,
    'high',
    'Acknowledgements that a commit waits for; -1 means all in-sync replicas, and nothing else should be set.',
  ),
] as const;
