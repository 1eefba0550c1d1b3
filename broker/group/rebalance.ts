/**
 * The rebalance itself: it begins, waits for members to rejoin, and ends with a new generation.
 *
 * A rebalance that wakes an empty group is delayed by group.initial.rebalance.delay.ms, so that the members of an
 * application that just starts come together in one generation; the delay repeats while newcomers arrive, up to the
 * longest rebalance timeout (KIP-134). Any other rebalance waits until all members have rejoined, at most for that
 * timeout; dynamic members that did not are dropped, static ones are kept until their session ends (KIP-345).
 */
import { Errors, type WireError } from '../../protocol';
import { NO_ASSIGNMENT, type Member } from './member';
import { syncError, type Step } from './step';

/** Begins a rebalance unless one is under way. */
export function maybePrepareRebalance(step: Step, reason: string): void {
  if (step.state.canRebalance) prepareRebalance(step, reason);
}

/** Begins a rebalance. */
export function prepareRebalance(step: Step, reason: string): void {
  const { state, limits } = step;
  if (state.is('CompletingRebalance')) resetAssignments(step, Errors.REBALANCE_IN_PROGRESS);
  state.pendingSyncIds.clear();
  step.cancelTimer({ kind: 'sync', generation: state.generation });

  const timeoutMs = state.rebalanceTimeoutMs;
  const fromEmpty = state.is('Empty');
  const delayMs = limits.initialRebalanceDelayMs;
  state.initialDelay = fromEmpty ? { delayMs, remainingMs: Math.max(timeoutMs - delayMs, 0) } : null;
  state.transitionTo('PreparingRebalance', step.nowMs);
  step.log('info', `Group ${state.groupId} prepares a rebalance after generation ${state.generation}: ${reason}`);
  step.setTimer({ kind: 'join' }, fromEmpty ? delayMs : timeoutMs);
  completeJoinIfPossible(step);
}

/** Ends the waiting as soon as all have rejoined; the initial delay is not cut short. */
export function completeJoinIfPossible(step: Step): void {
  const { state } = step;
  if (state.is('PreparingRebalance') && state.initialDelay === null && state.hasAllMembersJoined) completeJoin(step);
}

/** The join timer has fired: the delay is over, or whoever has not rejoined comes too late. */
export function joinTimedOut(step: Step): void {
  const { state, limits } = step;
  if (!state.is('PreparingRebalance')) return;
  const delay = state.initialDelay;
  if (delay !== null && state.newMemberAdded && delay.remainingMs !== 0) {
    state.newMemberAdded = false;
    const delayMs = Math.min(limits.initialRebalanceDelayMs, delay.remainingMs);
    state.initialDelay = { delayMs, remainingMs: Math.max(delay.remainingMs - delay.delayMs, 0) };
    step.setTimer({ kind: 'join' }, delayMs);
    return;
  }
  completeJoin(step);
}

function completeJoin(step: Step): void {
  const { state } = step;
  state.initialDelay = null;
  state.newMemberAdded = false;
  step.cancelTimer({ kind: 'join' });
  dropDynamicMembersThatDidNotRejoin(step);
  if (!state.electJoinedLeader() && state.members.size > 0) {
    // Only static members are left and none is back: wait on, until one comes or their sessions end.
    step.log('error', `Group ${state.groupId} cannot complete its rebalance: no member has rejoined`);
    step.setTimer({ kind: 'join' }, state.rebalanceTimeoutMs);
    return;
  }
  state.beginNextGeneration(step.nowMs);
  if (state.is('Empty')) {
    step.log('info', `Group ${state.groupId} is empty in generation ${state.generation}`);
    step.store({ kind: 'empty' }, () => NO_ASSIGNMENT);
    return;
  }
  const size = state.members.size;
  step.log('info', `Group ${state.groupId} has ${size} members in generation ${state.generation}`);
  for (const member of state.members.values()) {
    step.answerWaitingJoin(member, step.currentGeneration(member.id));
    step.restartSession(member);
    member.isNew = false;
    state.pendingSyncIds.add(member.id);
  }
  step.setTimer({ kind: 'sync', generation: state.generation }, state.rebalanceTimeoutMs);
}

function dropDynamicMembersThatDidNotRejoin(step: Step): void {
  const missing = [...step.state.members.values()].filter(
    (member) => member.joinTicket === null && member.instanceId === null,
  );
  if (missing.length === 0) return;
  const ids = missing.map((member) => member.id).join(', ');
  step.log('info', `Group ${step.state.groupId} drops members that did not rejoin in time: ${ids}`);
  for (const member of missing) step.drop(member);
}

/** The sync timer has fired: members that never asked for their assignment are taken for gone. */
export function syncTimedOut(step: Step, generation: number): void {
  const { state } = step;
  if (generation !== state.generation || !state.is('CompletingRebalance', 'Stable')) return;
  if (state.pendingSyncIds.size === 0) return;
  const late = [...state.pendingSyncIds];
  for (const memberId of late) step.drop(state.member(memberId));
  prepareRebalance(step, `no SyncGroup in time from ${late.join(', ')}`);
}

/** Notes that a member has asked for its assignment. */
export function syncReceived(step: Step, member: Member): void {
  const { state } = step;
  if (!state.pendingSyncIds.delete(member.id) || state.pendingSyncIds.size > 0) return;
  step.cancelTimer({ kind: 'sync', generation: state.generation });
}

/** Clears all assignments, and answers the members that wait for theirs with an error. */
export function resetAssignments(step: Step, error: WireError): void {
  for (const member of step.state.members.values()) {
    member.assignment = NO_ASSIGNMENT;
    // A session that ran out while its member waited had no effect, so a new one must begin now.
    if (step.answerWaitingSync(member, syncError(error))) step.restartSession(member);
  }
}
