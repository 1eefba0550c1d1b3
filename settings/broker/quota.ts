/** How rates are measured that quotas are compared with. */
import { className, int } from '../definition';
import { atLeast } from '../validators';

export const quotaKeys = [
  int('quota.window.num', 11, 'low', "Samples over which a client's rate is taken.", { valid: atLeast(1) }),
  int('quota.window.size.seconds', 1, 'low', 'Length of each of those samples.', { valid: atLeast(1) }),
  int('replication.quota.window.num', 11, 'low', 'Samples over which the rate of throttled replication is taken.', {
    valid: atLeast(1),
  }),
  int('replication.quota.window.size.seconds', 1, 'low', 'Length of each of those samples.', { valid: atLeast(1) }),
  int(
    'alter.log.dirs.replication.quota.window.num',
    11,
    'low',
    'Samples over which the rate of moves between log directories is taken.',
    { valid: atLeast(1) },
  ),
  int('alter.log.dirs.replication.quota.window.size.seconds', 1, 'low', 'Length of each of those samples.', {
    valid: atLeast(1),
  }),
  int('controller.quota.window.num', 11, 'low', 'Samples over which the rate of topic changes is taken.', {
    valid: atLeast(1),
  }),
  int('controller.quota.window.size.seconds', 1, 'low', 'Length of each of those samples.', { valid: atLeast(1) }),
  className('client.quota.callback.class', null, 'low', 'Class that computes client quotas in its own way.'),
] as const;
