/**
 * SyncGroup: the leader hands in the assignment, everybody gets their own. The group becomes Stable when its record
 * with the assignment has been stored; until then members wait.
 */
import { Errors, type WireError } from '../../protocol';
import { checkMember, staticReplacementStored } from './join';
import { NO_ASSIGNMENT, type Ticket } from './member';
import { maybePrepareRebalance, resetAssignments, syncReceived } from './rebalance';
import { syncError, type GroupSnapshot, type Step, type StorePurpose, type SyncResult } from './step';

export interface SyncRequest {
  readonly ticket: Ticket;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
  /** Null before version 5. */
  readonly protocolType: string | null;
  /** Null before version 5. */
  readonly protocolName: string | null;
  /** By member id; empty unless the leader sends it. */
  readonly assignments: ReadonlyMap<string, Buffer>;
}

/** Handles a SyncGroup. The answer comes as an effect, at once or when the assignment has been stored. */
export function sync(step: Step, request: SyncRequest): void {
  const { state } = step;
  const error = checkSync(step, request);
  if (error !== null) {
    step.answerSync(request.ticket, syncError(error));
    return;
  }
  const member = state.member(request.memberId);
  switch (state.name) {
    case 'Empty':
    case 'Dead':
      step.answerSync(request.ticket, syncError(Errors.UNKNOWN_MEMBER_ID));
      break;
    case 'PreparingRebalance':
      step.answerSync(request.ticket, syncError(Errors.REBALANCE_IN_PROGRESS));
      break;
    case 'CompletingRebalance':
      step.awaitSync(member, request.ticket);
      syncReceived(step, member);
      if (state.leaderId === member.id) storeAssignments(step, request);
      break;
    case 'Stable':
      syncReceived(step, member);
      step.answerSync(request.ticket, ownAssignment(step, member.assignment));
      step.restartSession(member);
      break;
  }
}

function checkSync(step: Step, request: SyncRequest): WireError | null {
  const { state } = step;
  if (state.is('Dead')) return Errors.COORDINATOR_NOT_AVAILABLE;
  const error = checkMember(step, request.memberId, request.instanceId, 'SyncGroup');
  if (error !== null) return error;
  if (request.generation !== state.generation) return Errors.ILLEGAL_GENERATION;
  const sameType = request.protocolType === null || request.protocolType === state.protocolType;
  const sameName = request.protocolName === null || request.protocolName === state.protocolName;
  return sameType && sameName ? null : Errors.INCONSISTENT_GROUP_PROTOCOL;
}

function storeAssignments(step: Step, request: SyncRequest): void {
  const { state } = step;
  const missing = [...state.members.keys()].filter((memberId) => !request.assignments.has(memberId));
  if (missing.length > 0) {
    const ids = missing.join(', ');
    step.log(
      'warn',
      `The leader of group ${state.groupId} assigns nothing to ${ids} in generation ${state.generation}`,
    );
  }
  step.log(
    'info',
    `Assignment of group ${state.groupId} for generation ${state.generation} came from ${request.memberId}`,
  );
  step.store(
    { kind: 'assignment', byMemberId: request.memberId },
    (member) => request.assignments.get(member.id) ?? NO_ASSIGNMENT,
  );
  step.effects.push({ kind: 'rebalance completed' });
}

/** A record of the group has been stored, or could not be: `error` is what its members are to see then. */
export function stored(step: Step, purpose: StorePurpose, snapshot: GroupSnapshot, error: WireError): void {
  switch (purpose.kind) {
    case 'assignment':
      assignmentStored(step, purpose.byMemberId, snapshot, error);
      break;
    case 'static replacement':
      staticReplacementStored(step, purpose.replacement, error);
      break;
    case 'empty':
      // Should the broker fail now, the former generation comes to life again, and its sessions will run out.
      if (error !== Errors.NONE)
        step.log('warn', `Empty group ${step.state.groupId} could not be stored: ${error.name}`);
      break;
  }
}

function assignmentStored(step: Step, leaderId: string, snapshot: GroupSnapshot, error: WireError): void {
  const { state } = step;
  // Another rebalance may have begun meanwhile; then this assignment is history.
  if (!state.is('CompletingRebalance') || state.generation !== snapshot.generation) return;
  if (error !== Errors.NONE) {
    resetAssignments(step, error);
    maybePrepareRebalance(step, `${error.name} when the assignment by ${leaderId} was stored`);
    return;
  }
  const assignments = new Map(snapshot.members.map((member) => [member.id, member.assignment]));
  for (const member of state.members.values()) {
    member.assignment = assignments.get(member.id) ?? NO_ASSIGNMENT;
    if (step.answerWaitingSync(member, ownAssignment(step, member.assignment))) step.restartSession(member);
  }
  state.transitionTo('Stable', step.nowMs);
}

function ownAssignment(step: Step, assignment: Buffer): SyncResult {
  const { protocolType, protocolName } = step.state;
  return { error: Errors.NONE, protocolType, protocolName, assignment };
}
