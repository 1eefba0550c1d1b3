import { elect, type Candidates } from '../../../../../broker/cluster-zookeeper/controller/election-strategies';
import type { Leadership } from '../../../../../broker/cluster-zookeeper/controller/leadership';
import {
  assignedTo,
  type ReplicaAssignment,
} from '../../../../../broker/cluster-zookeeper/controller/replica-assignment';

const current: Leadership = {
  leader: 1,
  leaderEpoch: 4,
  isr: [1, 2],
  leaderRecoveryState: 0,
  controllerEpoch: 1,
  partitionEpoch: 9,
};

function candidates(options: {
  live: readonly number[];
  shuttingDown?: readonly number[];
  isr?: readonly number[];
  assignment?: ReplicaAssignment;
}): Candidates {
  const shuttingDown = options.shuttingDown ?? [];
  return {
    current: { ...current, isr: options.isr ?? current.isr },
    assignment: options.assignment ?? assignedTo([1, 2, 3]),
    isOnline: (id) => options.live.includes(id),
    isOnlineOrShuttingDown: (id) => options.live.includes(id) || shuttingDown.includes(id),
    isShuttingDown: (id) => shuttingDown.includes(id),
  };
}

describe('after the loss of a leader', () => {
  test('the first live replica of the assignment that is in sync leads, and the dead leave the ISR', () => {
    const { next, recipients } = elect('offline', candidates({ live: [2, 3] }), false);
    expect(next).toMatchObject({ leader: 2, leaderEpoch: 5, isr: [2], leaderRecoveryState: 0, partitionEpoch: 9 });
    expect(recipients).toEqual([2, 3]);
  });

  test('nobody leads when only replicas outside the ISR live', () => {
    expect(elect('offline', candidates({ live: [3] }), false).next).toBeNull();
  });

  test('a replica outside the ISR leads alone and has to recover when that is allowed', () => {
    const { next } = elect('offline', candidates({ live: [3] }), true);
    expect(next).toMatchObject({ leader: 3, leaderEpoch: 5, isr: [3], leaderRecoveryState: 1 });
  });

  test('a live replica in sync goes before one outside the ISR even when that is allowed', () => {
    const { next } = elect('offline', candidates({ live: [3, 2], assignment: assignedTo([3, 2, 1]) }), true);
    expect(next).toMatchObject({ leader: 2, leaderRecoveryState: 0 });
  });

  test('nobody leads when nobody lives, whatever is allowed', () => {
    expect(elect('offline', candidates({ live: [] }), true)).toEqual({ next: null, recipients: [] });
  });
});

describe('at the end of a reassignment', () => {
  const assignment = { replicas: [4, 3, 1, 2], addingReplicas: [4, 3], removingReplicas: [1, 2] };

  test('the first target that lives and is in sync leads; the ISR stays', () => {
    const { next, recipients } = elect(
      'reassign',
      candidates({ live: [1, 2, 3], isr: [1, 2, 3, 4], assignment }),
      false,
    );
    expect(next).toMatchObject({ leader: 3, leaderEpoch: 5, isr: [1, 2, 3, 4] });
    expect(recipients).toEqual([4, 3]);
  });

  test('nobody leads while no target is in sync', () => {
    expect(elect('reassign', candidates({ live: [1, 2, 3, 4], isr: [1, 2], assignment }), false).next).toBeNull();
  });
});

describe('when the preferred replica is to lead', () => {
  test('the first of the assignment leads, and every replica is told', () => {
    const { next, recipients } = elect('preferred', candidates({ live: [1, 2, 3], isr: [2, 1] }), false);
    expect(next).toMatchObject({ leader: 1, leaderEpoch: 5, isr: [2, 1] });
    expect(recipients).toEqual([1, 2, 3]);
  });

  test.each([
    ['dead', { live: [2, 3] }],
    ['out of sync', { live: [1, 2, 3], isr: [2, 3] }],
  ])('nobody else does when it is %s', (_, options) => {
    expect(elect('preferred', candidates(options), false).next).toBeNull();
  });
});

describe('when a broker is about to stop', () => {
  test('a replica in sync that stays leads, those that stop leave the ISR, and those are told as well', () => {
    const { next, recipients } = elect('controlledShutdown', candidates({ live: [2, 3], shuttingDown: [1] }), false);
    expect(next).toMatchObject({ leader: 2, leaderEpoch: 5, isr: [2] });
    expect(recipients).toEqual([1, 2, 3]);
  });

  test('it goes on leading when every other replica in sync is about to stop too', () => {
    expect(elect('controlledShutdown', candidates({ live: [3], shuttingDown: [1, 2] }), false).next).toBeNull();
  });
});
