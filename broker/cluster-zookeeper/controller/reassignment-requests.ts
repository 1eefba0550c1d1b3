/** Where wishes for reassignments come from: AlterPartitionReassignments, or old tools by /admin/reassign_partitions. */
import { Errors, partitionKey, type TopicPartition } from '../../../protocol';
import type { ControllerCore } from './controller-core';
import { plannedAssignment, validateTarget, type ReassignmentResult } from './reassignment';
import type { ReplicaAssignment } from './replica-assignment';

export interface ReassignmentWish {
  readonly topicPartition: TopicPartition;
  /** Null cancels a reassignment that runs. */
  readonly target: readonly number[] | null;
}

const NOTHING_TO_CANCEL: ReassignmentResult = {
  error: Errors.NO_REASSIGNMENT_IN_PROGRESS,
  text: 'No partition reassignment is in progress.',
};

interface Planned {
  readonly results: (ReassignmentResult | null)[];
  readonly accepted: { index: number; topicPartition: TopicPartition; assignment: ReplicaAssignment }[];
}

function plan({ context }: ControllerCore, wishes: readonly ReassignmentWish[], validate: boolean): Planned {
  const results: (ReassignmentResult | null)[] = [];
  const accepted: Planned['accepted'] = [];
  for (const [index, { topicPartition, target }] of wishes.entries()) {
    const current = context.assignmentOf(topicPartition);
    const invalid = validate && target !== null ? validateTarget(current, target, context.liveBrokerIds) : null;
    const assignment = invalid ? null : plannedAssignment(current, target);
    results.push(invalid ?? (assignment === null ? NOTHING_TO_CANCEL : null));
    if (assignment !== null) accepted.push({ index, topicPartition, assignment });
  }
  return { results, accepted };
}

async function carryOut(core: ControllerCore, { results, accepted }: Planned): Promise<ReassignmentResult[]> {
  const outcomes = await core.reassignment.trigger(accepted);
  for (const [position, { index }] of accepted.entries()) results[index] = outcomes[position] ?? null;
  return results.map((result) => result ?? NOTHING_TO_CANCEL);
}

/** One result per wish, in order. The wishes go before those that lie in ZooKeeper. */
export async function reassignOnRequest(
  core: ControllerCore,
  wishes: readonly ReassignmentWish[],
): Promise<ReassignmentResult[]> {
  const planned = plan(core, wishes, true);
  const taken = new Set(planned.accepted.map(({ topicPartition }) => partitionKey(topicPartition)));
  await core.reassignment.removeRequested((topicPartition) => taken.has(partitionKey(topicPartition)));
  return carryOut(core, planned);
}

/**
 * Starts what /admin/reassign_partitions asks for, if it is there, and takes out of it what cannot be done.
 * @returns keys of the partitions whose reassignment was started
 */
export async function startOldReassignments(core: ControllerCore): Promise<Set<string>> {
  const requested = await core.store.requestedReassignments(core.watches.reassignments);
  if (requested === null) return new Set();
  const wishes = requested.map(({ topic, partition, replicas }) => ({
    topicPartition: { topic, partition },
    target: replicas,
  }));
  const results = await carryOut(core, plan(core, wishes, false));
  const keys = (failed: boolean): Set<string> =>
    new Set(
      wishes
        .filter((_, index) => (results[index]?.error.code !== 0) === failed)
        .map((w) => partitionKey(w.topicPartition)),
    );
  const failed = keys(true);
  if (failed.size > 0) {
    core.logger.warn(`Failed reassignment through zk of ${[...failed].join(',')}`);
    await core.reassignment.removeRequested((topicPartition) => failed.has(partitionKey(topicPartition)));
  }
  // The node may be gone now: the watch has to be on its creation.
  await core.store.requestedReassignments(core.watches.reassignments);
  return keys(false);
}

/** At failover: first what lies in ZooKeeper, then what was under way. */
export async function resumeReassignments(core: ControllerCore): Promise<void> {
  const started = await startOldReassignments(core);
  await core.reassignment.resume(({ key }) => !started.has(key));
}

/** The reassignments that run, of all partitions or of those named. */
export function runningReassignments(
  { context }: ControllerCore,
  wanted: readonly TopicPartition[] | null,
): { topicPartition: TopicPartition; assignment: ReplicaAssignment }[] {
  const partitions =
    wanted === null
      ? [...context.partitionsBeingReassigned.values()]
      : wanted.flatMap((topicPartition) => context.partition(topicPartition) ?? []);
  return partitions
    .filter(({ assignment }) => assignment.addingReplicas.length > 0 || assignment.removingReplicas.length > 0)
    .map(({ topicPartition, assignment }) => ({ topicPartition, assignment }));
}
