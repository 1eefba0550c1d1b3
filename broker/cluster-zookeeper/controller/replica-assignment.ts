/**
 * Which brokers hold a partition, and the arithmetic of moving it to others (KIP-455):
 * origin = replicas - adding, target = replicas - removing. Plain values.
 */
import type { ReplicaAssignment as NodeAssignment } from '../../../zookeeper/znodes';

export interface ReplicaAssignment {
  /** All replicas, the preferred leader first; those being added are included, those being removed still are. */
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

export const NO_REPLICAS: ReplicaAssignment = { replicas: [], addingReplicas: [], removingReplicas: [] };

export function assignedTo(replicas: readonly number[]): ReplicaAssignment {
  return { replicas, addingReplicas: [], removingReplicas: [] };
}

function minus(ids: readonly number[], others: readonly number[]): number[] {
  return ids.filter((id) => !others.includes(id));
}

export function originReplicas(assignment: ReplicaAssignment): number[] {
  return minus(assignment.replicas, assignment.addingReplicas);
}

export function targetReplicas(assignment: ReplicaAssignment): number[] {
  return minus(assignment.replicas, assignment.removingReplicas);
}

export function isBeingReassigned(assignment: ReplicaAssignment): boolean {
  return assignment.addingReplicas.length > 0 || assignment.removingReplicas.length > 0;
}

/** The assignment under which the partition moves from its origin to `target`; the target's order comes first. */
export function reassignTo(assignment: ReplicaAssignment, target: readonly number[]): ReplicaAssignment {
  const origin = originReplicas(assignment);
  const replicas = [...new Set([...target, ...origin])];
  return { replicas, addingReplicas: minus(replicas, origin), removingReplicas: minus(replicas, target) };
}

export function withoutAssignedReplica(assignment: ReplicaAssignment, replica: number): ReplicaAssignment {
  return {
    replicas: minus(assignment.replicas, [replica]),
    addingReplicas: minus(assignment.addingReplicas, [replica]),
    removingReplicas: minus(assignment.removingReplicas, [replica]),
  };
}

export function sameAssignment(one: ReplicaAssignment, other: ReplicaAssignment): boolean {
  const same = (a: readonly number[], b: readonly number[]): boolean =>
    a.length === b.length && a.every((id, index) => id === b[index]);
  return (
    same(one.replicas, other.replicas) &&
    same(one.addingReplicas, other.addingReplicas) &&
    same(one.removingReplicas, other.removingReplicas)
  );
}

export function toNodeAssignment(assignment: ReplicaAssignment): NodeAssignment {
  return {
    replicas: [...assignment.replicas],
    addingReplicas: [...assignment.addingReplicas],
    removingReplicas: [...assignment.removingReplicas],
  };
}

/** For the log: `1,2 (adding 2, removing 0)`. */
export function describeAssignment({ replicas, addingReplicas, removingReplicas }: ReplicaAssignment): string {
  if (addingReplicas.length === 0 && removingReplicas.length === 0) return replicas.join(',');
  return `${replicas.join(',')} (adding ${addingReplicas.join(',')}; removing ${removingReplicas.join(',')})`;
}
