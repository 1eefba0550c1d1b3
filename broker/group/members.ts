/** How members stay, commit, leave and fail; and how a group is loaded, unloaded and deleted. */
import { Errors, type WireError } from '../../protocol';
import { checkMember } from './join';
import type { Member } from './member';
import {
  completeJoinIfPossible,
  joinTimedOut,
  maybePrepareRebalance,
  prepareRebalance,
  syncTimedOut,
} from './rebalance';
import { joinError, syncError, type GroupTimer, type Step } from './step';

export interface MemberRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

/** Handles a Heartbeat: the member's session begins anew, and it learns of a rebalance. */
export function heartbeat(step: Step, request: MemberRequest): WireError {
  const { state } = step;
  if (state.is('Dead')) return Errors.COORDINATOR_NOT_AVAILABLE;
  const error = checkMember(step, request.memberId, request.instanceId, 'Heartbeat');
  if (error !== null) return error;
  if (request.generation !== state.generation) return Errors.ILLEGAL_GENERATION;
  if (state.is('Empty')) return Errors.UNKNOWN_MEMBER_ID;
  step.restartSession(state.member(request.memberId));
  return state.is('PreparingRebalance') ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
}

/**
 * Whether these offsets may be committed; a member's session begins anew with it. Without generation, member and
 * instance id the commit comes from a consumer without group management, or from an admin client: those may commit
 * while the group has no members. In PreparingRebalance members of the old generation still may: they learn of the
 * rebalance by their heartbeats.
 */
export function commit(step: Step, request: MemberRequest): WireError {
  const { state } = step;
  const error = checkCommit(step, request);
  if (error !== Errors.NONE) return error;
  switch (state.name) {
    case 'Stable':
    case 'PreparingRebalance':
      step.restartSession(state.member(request.memberId));
      return Errors.NONE;
    case 'CompletingRebalance':
      return Errors.REBALANCE_IN_PROGRESS;
    case 'Empty':
    case 'Dead':
      return Errors.NONE;
  }
}

function checkCommit(step: Step, request: MemberRequest): WireError {
  const { state } = step;
  if (state.is('Dead')) return Errors.COORDINATOR_NOT_AVAILABLE;
  if (request.generation < 0 && state.is('Empty')) return Errors.NONE;
  if (request.generation < 0 && request.memberId === '' && request.instanceId === null) return Errors.UNKNOWN_MEMBER_ID;
  const error = checkMember(step, request.memberId, request.instanceId, 'OffsetCommit');
  if (error !== null) return error;
  return request.generation === state.generation ? Errors.NONE : Errors.ILLEGAL_GENERATION;
}

export interface LeavingMember {
  /** Empty when a static member is removed by its instance id alone (KIP-345). */
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly reason: string | null;
}

/** Handles one member's part of a LeaveGroup. */
export function leave(step: Step, leaving: LeavingMember): WireError {
  const { state } = step;
  const reason = `client reason: ${leaving.reason ?? 'not provided'}`;
  if (leaving.memberId === '') {
    const current = leaving.instanceId === null ? null : state.staticMemberId(leaving.instanceId);
    if (current === null) return Errors.UNKNOWN_MEMBER_ID;
    removeMember(step, state.member(current), `member ${current} was removed; ${reason}`);
    return Errors.NONE;
  }
  if (state.pendingMemberIds.has(leaving.memberId)) {
    removePendingMember(step, leaving.memberId);
    return Errors.NONE;
  }
  const error = checkMember(step, leaving.memberId, leaving.instanceId, 'LeaveGroup');
  if (error !== null) return error;
  removeMember(step, state.member(leaving.memberId), `member ${leaving.memberId} left; ${reason}`);
  return Errors.NONE;
}

/** A timer of the group has fired. */
export function timerFired(step: Step, timer: GroupTimer): void {
  if (step.state.is('Dead')) return;
  switch (timer.kind) {
    case 'join':
      joinTimedOut(step);
      break;
    case 'sync':
      syncTimedOut(step, timer.generation);
      break;
    case 'member':
      memberTimedOut(step, timer.memberId);
      break;
  }
}

function memberTimedOut(step: Step, memberId: string): void {
  const { state } = step;
  if (state.pendingMemberIds.has(memberId)) {
    step.log('info', `Group ${state.groupId} forgets the id ${memberId}: nobody has joined with it in time`);
    removePendingMember(step, memberId);
    return;
  }
  const member = state.members.get(memberId);
  if (!member) return;
  // Who waits for an answer of ours cannot send heartbeats; a newcomer, though, may have long gone.
  if (!member.isNew && (member.joinTicket !== null || member.syncTicket !== null)) return;
  step.log('info', `Member ${memberId} of group ${state.groupId} has failed: its session is over`);
  removeMember(step, member, `the session of member ${memberId} is over`);
}

function removePendingMember(step: Step, memberId: string): void {
  step.state.remove(memberId);
  step.cancelTimer({ kind: 'member', memberId });
  completeJoinIfPossible(step);
}

function removeMember(step: Step, member: Member, reason: string): void {
  step.drop(member);
  maybePrepareRebalance(step, reason);
  completeJoinIfPossible(step);
}

/** A group has been read from its log: its members' sessions begin now. */
export function loaded(step: Step): void {
  const { state, limits } = step;
  if (state.members.size > limits.maxSize) prepareRebalance(step, `more than ${limits.maxSize} members were loaded`);
  for (const member of state.members.values()) step.restartSession(member);
}

/** The group is deleted, or has no offsets left. */
export function die(step: Step): void {
  step.state.transitionTo('Dead', step.nowMs);
  step.effects.push({ kind: 'cancel all timers' });
}

/** The group's partition moves to another broker: who waits is told to look for the new coordinator. */
export function unload(step: Step): void {
  const { state } = step;
  for (const member of state.members.values()) {
    step.answerWaitingJoin(member, joinError(Errors.NOT_COORDINATOR, member.id));
    step.answerWaitingSync(member, syncError(Errors.NOT_COORDINATOR));
  }
  die(step);
}
