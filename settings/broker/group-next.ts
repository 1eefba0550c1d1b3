/** Keys of the newer kinds of groups (KIP-848, KIP-932), which exist only in KRaft clusters; known, checked and without effect. */
import { INT_MAX, boolean, int, list, short, string } from '../definition';
import { atLeast, between, oneOfIgnoringCase } from '../validators';

export const nextGroupKeys = [
  int(
    'group.consumer.session.timeout.ms',
    45_000,
    'medium',
    'Silence after which a member of a new-style group is out.',
    { valid: atLeast(1) },
  ),
  int('group.consumer.min.session.timeout.ms', 45_000, 'medium', 'Lower limit of that timeout for single groups.', {
    valid: atLeast(1),
  }),
  int('group.consumer.max.session.timeout.ms', 60_000, 'medium', 'Upper limit of that timeout for single groups.', {
    valid: atLeast(1),
  }),
  int('group.consumer.heartbeat.interval.ms', 5000, 'medium', 'How often members of a new-style group report.', {
    valid: atLeast(1),
  }),
  int('group.consumer.min.heartbeat.interval.ms', 5000, 'medium', 'Lower limit of that interval for single groups.', {
    valid: atLeast(1),
  }),
  int('group.consumer.max.heartbeat.interval.ms', 15_000, 'medium', 'Upper limit of that interval for single groups.', {
    valid: atLeast(1),
  }),
  int('group.consumer.max.size', INT_MAX, 'medium', 'Most members of a new-style group.', { valid: atLeast(1) }),
  list(
    'group.consumer.assignors',
    'org.apache.kafka.coordinator.group.assignor.UniformAssignor,org.apache.kafka.coordinator.group.assignor.RangeAssignor',
    'medium',
    'Classes that assign partitions on the server, the first being the default.',
  ),
  string(
    'group.consumer.migration.policy',
    'disabled',
    'medium',
    'Whether groups may change between the classic and the new kind while members join.',
    { valid: oneOfIgnoringCase('DISABLED', 'DOWNGRADE', 'UPGRADE', 'BIDIRECTIONAL'), internal: true },
  ),
  boolean('group.share.enable', false, 'medium', 'Offer share groups.', { internal: true }),
  int('group.share.delivery.count.limit', 5, 'medium', 'How often a record of a share group is delivered at most.', {
    valid: between(2, 10),
  }),
  short('group.share.max.groups', 10, 'medium', 'Most share groups.', { valid: between(1, 100) }),
  short('group.share.max.size', 200, 'medium', 'Most members of a share group.', { valid: between(10, 1000) }),
  int('group.share.session.timeout.ms', 45_000, 'medium', 'Silence after which a member of a share group is out.', {
    valid: atLeast(1),
  }),
  int('group.share.min.session.timeout.ms', 45_000, 'medium', 'Lower limit of that timeout for single groups.', {
    valid: atLeast(1),
  }),
  int('group.share.max.session.timeout.ms', 60_000, 'medium', 'Upper limit of that timeout for single groups.', {
    valid: atLeast(1),
  }),
  int('group.share.heartbeat.interval.ms', 5000, 'medium', 'How often members of a share group report.', {
    valid: atLeast(1),
  }),
  int('group.share.min.heartbeat.interval.ms', 5000, 'medium', 'Lower limit of that interval for single groups.', {
    valid: atLeast(1),
  }),
  int('group.share.max.heartbeat.interval.ms', 15_000, 'medium', 'Upper limit of that interval for single groups.', {
    valid: atLeast(1),
  }),
  int('group.share.record.lock.duration.ms', 30_000, 'medium', 'How long a delivered record belongs to its reader.', {
    valid: between(1000, 60000),
  }),
  int('group.share.min.record.lock.duration.ms', 15_000, 'medium', 'Lower limit of that time for single groups.', {
    valid: between(1000, 30000),
  }),
  int('group.share.max.record.lock.duration.ms', 60_000, 'medium', 'Upper limit of that time for single groups.', {
    valid: between(30000, 3600000),
  }),
  int(
    'group.share.partition.max.record.locks',
    200,
    'medium',
    'Delivered and unanswered records per partition and share group.',
    { valid: between(100, 10000) },
  ),
] as const;
