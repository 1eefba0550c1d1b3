import { decideIsr, type IsrWish } from '../../../../../broker/cluster-zookeeper/controller/alter-partition';
import type { Leadership } from '../../../../../broker/cluster-zookeeper/controller/leadership';

const current: Leadership = {
  leader: 1,
  leaderEpoch: 4,
  isr: [1, 2],
  leaderRecoveryState: 0,
  controllerEpoch: 1,
  partitionEpoch: 9,
};
const wish: IsrWish = { leader: 1, leaderEpoch: 4, partitionEpoch: 9, isr: [1, 2, 3], leaderRecoveryState: 0 };
const allLive = (): boolean => true;

function decide(
  changes: Partial<IsrWish>,
  options: { current?: Leadership | null; version?: number; live?: number[] } = {},
): string {
  const { live, version = 3 } = options;
  const isLive = live ? (id: number): boolean => live.includes(id) : allLive;
  const verdict = decideIsr(
    options.current === undefined ? current : options.current,
    { ...wish, ...changes },
    isLive,
    version,
  );
  return verdict.kind === 'refused' ? verdict.error.name : verdict.kind;
}

test('a change by the leader, in its epoch and on the version it knows, is accepted', () => {
  expect(decide({})).toBe('accepted');
});

test.each([
  ['a partition that the controller does not know', {}, { current: null }, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['a partition epoch from the future', { partitionEpoch: 10 }, {}, 'NOT_CONTROLLER'],
  ['a leader epoch from the future', { leaderEpoch: 5 }, {}, 'NOT_CONTROLLER'],
  ['a leader epoch of the past', { leaderEpoch: 3 }, {}, 'FENCED_LEADER_EPOCH'],
  ['a partition epoch of the past', { partitionEpoch: 8 }, {}, 'INVALID_UPDATE_VERSION'],
  ['a recovering leader with others in sync', { leaderRecoveryState: 1 }, {}, 'INVALID_REQUEST'],
  ['a recovered leader that wants to recover again', { leaderRecoveryState: 1, isr: [1] }, {}, 'INVALID_REQUEST'],
  ['a replica on a dead broker', {}, { live: [1, 2] }, 'INELIGIBLE_REPLICA'],
  ['a replica on a dead broker, told in an old version', {}, { live: [1, 2], version: 1 }, 'OPERATION_NOT_ATTEMPTED'],
])('%s is refused', (_, changes, options, error) => {
  expect(decide(changes, options)).toBe(error);
});

test('a wish that was fulfilled already succeeds again, though its partition epoch is old', () => {
  expect(decide({ isr: [1, 2], partitionEpoch: 7 })).toBe('unchanged');
});

test('the same replicas in another order are a change', () => {
  expect(decide({ isr: [2, 1] })).toBe('accepted');
});

test('a leader that recovers may say that it has recovered', () => {
  expect(decide({ isr: [1] }, { current: { ...current, isr: [1], leaderRecoveryState: 1 } })).toBe('accepted');
});

test('a wish from a leader of the future epoch is told apart before the past partition epoch is looked at', () => {
  expect(decide({ leaderEpoch: 5, partitionEpoch: 1 })).toBe('NOT_CONTROLLER');
});
