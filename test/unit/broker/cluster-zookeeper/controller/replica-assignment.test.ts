import fc from 'fast-check';
import {
  assignedTo,
  originReplicas,
  reassignTo,
  targetReplicas,
  withoutAssignedReplica,
} from '../../../../../broker/cluster-zookeeper/controller/replica-assignment';
import { plannedAssignment, validateTarget } from '../../../../../broker/cluster-zookeeper/controller/reassignment';

const brokers = fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 5 });

test('a move puts the target first and keeps what is to be removed until it is complete', () => {
  expect(reassignTo(assignedTo([1, 2, 3]), [3, 4])).toEqual({
    replicas: [3, 4, 1, 2],
    addingReplicas: [4],
    removingReplicas: [1, 2],
  });
});

test('a second move starts from the origin of the first', () => {
  const first = reassignTo(assignedTo([1, 2]), [3, 4]);
  expect(reassignTo(first, [2, 5])).toEqual({ replicas: [2, 5, 1], addingReplicas: [5], removingReplicas: [1] });
});

test('whatever is moved where, the origin and the target can be told from the assignment', () => {
  fc.assert(
    fc.property(brokers, brokers, brokers, (origin, first, second) => {
      const moving = reassignTo(reassignTo(assignedTo(origin), first), second);
      expect(targetReplicas(moving)).toEqual(second);
      expect(new Set(originReplicas(moving))).toEqual(new Set(origin));
    }),
  );
});

test('a cancelled move leads back to the replicas it came from', () => {
  fc.assert(
    fc.property(brokers, brokers, (origin, target) => {
      const moving = reassignTo(assignedTo(origin), target);
      fc.pre(moving.addingReplicas.length + moving.removingReplicas.length > 0);
      const cancelled = plannedAssignment(moving, null);
      expect(cancelled?.addingReplicas).toEqual([]);
      expect(new Set(cancelled && targetReplicas(cancelled))).toEqual(new Set(origin));
    }),
  );
});

test('there is nothing to cancel where nothing moves', () => {
  expect(plannedAssignment(assignedTo([1, 2]), null)).toBeNull();
});

test('a replica that is taken out leaves all three lists', () => {
  const moving = { replicas: [1, 2, 3], addingReplicas: [3], removingReplicas: [1] };
  expect(withoutAssignedReplica(moving, 3)).toEqual({ replicas: [1, 2], addingReplicas: [], removingReplicas: [1] });
});

test.each([
  [[], 'Empty replica list specified in partition reassignment.'],
  [[1, 1], 'Duplicate replica ids in partition reassignment replica list: ArrayBuffer(1, 1)'],
  [[1, -2], 'Invalid broker id in replica list: ArrayBuffer(1, -2)'],
  [
    [1, 9],
    'Replica assignment has brokers that are not alive. Replica list: ArrayBuffer(9), live broker list: Set(1, 2)',
  ],
])('the target %j is refused', (target, text) => {
  expect(validateTarget(assignedTo([1]), target, [1, 2])).toMatchObject({
    error: { name: 'INVALID_REPLICA_ASSIGNMENT' },
    text,
  });
});

test('a target may keep a replica whose broker is dead', () => {
  expect(validateTarget(assignedTo([1, 9]), [2, 9], [1, 2])).toBeNull();
});
