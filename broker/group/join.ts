/**
 * JoinGroup: how a member comes into a group, or comes back to it.
 *
 * | who | Empty | PreparingRebalance | CompletingRebalance | Stable |
 * |---|---|---|---|---|
 * | newcomer | rebalance | waits with the others | rebalance | rebalance |
 * | member, same protocols | - | waits | present generation | leader: rebalance; else present generation |
 * | member, other protocols | - | waits | rebalance | rebalance |
 * | static member, id unknown to it | - | replaces its old id | replaces, rebalance | replaces; rebalance only if the protocol changes |
 *
 * A dynamic newcomer is first only given an id, if its version can (KIP-394); the id is good for one session timeout.
 */
import { Errors, type WireError } from '../../protocol';
import { hasSameProtocols, newMember, type GroupProtocol, type Member, type Ticket } from './member';
import { completeJoinIfPossible, maybePrepareRebalance, prepareRebalance } from './rebalance';
import { joinError, syncError, type StaticReplacement, type Step } from './step';

export interface JoinRequest {
  readonly ticket: Ticket;
  /** Empty when the client has none yet. */
  readonly memberId: string;
  /** The id that the member gets if it has none. */
  readonly freshMemberId: string;
  readonly instanceId: string | null;
  /** The client knows MEMBER_ID_REQUIRED (version 4 and later) and is no static member. */
  readonly requireKnownMemberId: boolean;
  /** The client knows SkipAssignment (version 9 and later, KIP-814). */
  readonly supportsSkippingAssignment: boolean;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly GroupProtocol[];
  readonly reason: string;
}

/** A newcomer may wait this long in a rebalance: it cannot send heartbeats, and may be gone (KAFKA-7610). */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60_000;

/** Handles a JoinGroup. The answer comes as an effect, at once or when the rebalance is complete. */
export function join(step: Step, request: JoinRequest): void {
  const { state } = step;
  if (!hasRoomFor(step, request.memberId)) {
    const member = state.members.get(request.memberId);
    if (member) step.drop(member);
    else state.remove(request.memberId);
    step.refuseJoin(request.ticket, Errors.GROUP_MAX_SIZE_REACHED, '');
  } else if (state.is('Dead')) {
    // The group has just been deleted or has moved away: the client is to look for its coordinator again.
    step.refuseJoin(request.ticket, Errors.COORDINATOR_NOT_AVAILABLE, request.memberId);
  } else if (!supports(step, request)) {
    step.refuseJoin(request.ticket, Errors.INCONSISTENT_GROUP_PROTOCOL, request.memberId);
  } else if (request.memberId === '') {
    joinAsNewcomer(step, request);
  } else {
    joinWithId(step, request);
  }
  completeJoinIfPossible(step);
}

/**
 * While members rejoin, those who wait already are counted and not all members, so that a group that has become too
 * large sheds the last ones to come back.
 */
function hasRoomFor(step: Step, memberId: string): boolean {
  const { state, limits } = step;
  switch (state.name) {
    case 'Empty':
    case 'Dead':
      return true;
    case 'PreparingRebalance':
      return (state.members.get(memberId)?.joinTicket ?? null) !== null || state.awaitingJoinCount < limits.maxSize;
    case 'CompletingRebalance':
    case 'Stable':
      return state.members.has(memberId) || state.members.size < limits.maxSize;
  }
}

function supports(step: Step, request: JoinRequest): boolean {
  const names = request.protocols.map((protocol) => protocol.name);
  return step.state.supportsProtocols(request.protocolType, names);
}

function joinAsNewcomer(step: Step, request: JoinRequest): void {
  const { state } = step;
  const id = request.freshMemberId;
  if (request.instanceId !== null) {
    const oldId = state.staticMemberId(request.instanceId);
    if (oldId === null) addMember(step, request, id);
    else replaceStaticMember(step, request, request.instanceId, oldId);
  } else if (request.requireKnownMemberId) {
    state.pendingMemberIds.add(id);
    step.setTimer({ kind: 'member', memberId: id }, request.sessionTimeoutMs);
    step.log('debug', `Group ${state.groupId} gives the id ${id} to a newcomer, which is to rejoin with it`);
    step.refuseJoin(request.ticket, Errors.MEMBER_ID_REQUIRED, id);
  } else {
    addMember(step, request, id);
  }
}

function joinWithId(step: Step, request: JoinRequest): void {
  const { state } = step;
  if (state.pendingMemberIds.has(request.memberId)) {
    // Static members are never given an id in advance, so no client has a reason to do this.
    if (request.instanceId !== null) step.refuseJoin(request.ticket, Errors.UNKNOWN_SERVER_ERROR, request.memberId);
    else addMember(step, request, request.memberId);
    return;
  }
  const error = checkMember(step, request.memberId, request.instanceId, 'JoinGroup');
  if (error !== null) step.refuseJoin(request.ticket, error, request.memberId);
  else rejoin(step, request, state.member(request.memberId));
}

function rejoin(step: Step, request: JoinRequest, member: Member): void {
  const { state } = step;
  const unchanged = hasSameProtocols(member, request.protocols);
  const isLeader = state.leaderId === member.id;
  switch (state.name) {
    case 'PreparingRebalance':
      updateMember(step, request, member, 'rejoins');
      break;
    case 'CompletingRebalance':
      // With the same protocols it only repeats itself: the first answer may have been lost.
      if (unchanged) step.answerJoin(request.ticket, step.currentGeneration(member.id));
      else updateMember(step, request, member, 'has changed');
      break;
    case 'Stable':
      // The leader may have seen what no member's data shows, such as more partitions of a topic.
      if (isLeader) updateMember(step, request, member, 'is the leader and rejoins');
      else if (!unchanged) updateMember(step, request, member, 'has changed');
      else step.answerJoin(request.ticket, step.currentGeneration(member.id));
      break;
    case 'Empty':
    case 'Dead':
      step.refuseJoin(request.ticket, Errors.UNKNOWN_MEMBER_ID, member.id);
      break;
  }
}

function updateMember(step: Step, request: JoinRequest, member: Member, what: string): void {
  step.state.update(member, request);
  step.awaitJoin(member, request.ticket);
  maybePrepareRebalance(step, `member ${member.id} ${what}; client reason: ${request.reason}`);
}

function addMember(step: Step, request: JoinRequest, id: string): void {
  const { state } = step;
  if (state.is('PreparingRebalance') && state.generation === 0) state.newMemberAdded = true;
  const member = newMember({ ...request, id });
  member.isNew = true;
  state.add(member);
  step.awaitJoin(member, request.ticket);
  step.restartSession(member, NEW_MEMBER_JOIN_TIMEOUT_MS);
  const instance = member.instanceId === null ? '' : ` (static member ${member.instanceId})`;
  maybePrepareRebalance(step, `new member ${id}${instance}; client reason: ${request.reason}`);
}

/** A static member starts again: it takes over the place, and the assignment, of the id it had before (KIP-345). */
function replaceStaticMember(step: Step, request: JoinRequest, instanceId: string, oldId: string): void {
  const { state } = step;
  const newId = request.freshMemberId;
  const oldMember = state.member(oldId);
  step.log('info', `Static member ${instanceId} of group ${state.groupId} is now ${newId}, not ${oldId}`);
  // Whoever still waits under the old id is another process with the same instance id.
  step.answerWaitingJoin(oldMember, joinError(Errors.FENCED_INSTANCE_ID, oldId));
  step.answerWaitingSync(oldMember, syncError(Errors.FENCED_INSTANCE_ID));
  step.cancelTimer({ kind: 'member', memberId: oldId });
  const replacement: StaticReplacement = {
    instanceId,
    oldMemberId: oldId,
    newMemberId: newId,
    oldLeaderId: state.leaderId ?? '',
    oldProtocols: oldMember.protocols,
    oldRebalanceTimeoutMs: oldMember.rebalanceTimeoutMs,
    oldSessionTimeoutMs: oldMember.sessionTimeoutMs,
    supportsSkippingAssignment: request.supportsSkippingAssignment,
    ticket: request.ticket,
  };
  const member = state.replaceStaticMember(instanceId, oldId, newId);
  step.restartSession(member);
  state.update(member, request);
  step.awaitJoin(member, request.ticket);
  if (state.is('CompletingRebalance')) {
    // The leader may be assigning to the old id at this very moment.
    prepareRebalance(step, `static member ${instanceId} came back as ${newId}; client reason: ${request.reason}`);
  } else if (state.is('Stable')) {
    if (state.selectProtocol() === state.protocolName) {
      step.store({ kind: 'static replacement', replacement }, (each) => each.assignment);
    } else {
      maybePrepareRebalance(step, `static member ${instanceId} changes the protocol; client reason: ${request.reason}`);
    }
  }
}

/** The group's record with the new id of a static member has been stored, or could not be. */
export function staticReplacementStored(step: Step, replacement: StaticReplacement, error: WireError): void {
  const { state } = step;
  const member = state.members.get(replacement.newMemberId);
  // Gone, answered otherwise, or waiting for a rebalance that has begun since: then that decides.
  if (!member || member.joinTicket !== replacement.ticket) return;
  if (error !== Errors.NONE) {
    step.log('warn', `Group ${state.groupId} could not store its static member ${member.id}: ${error.name}`);
    step.answerWaitingJoin(member, {
      ...step.currentGeneration(''),
      error,
      leaderId: replacement.oldLeaderId,
      members: [],
    });
    step.cancelTimer({ kind: 'member', memberId: member.id });
    state.update(member, {
      protocols: replacement.oldProtocols,
      rebalanceTimeoutMs: replacement.oldRebalanceTimeoutMs,
      sessionTimeoutMs: replacement.oldSessionTimeoutMs,
    });
    state.replaceStaticMember(replacement.instanceId, replacement.newMemberId, replacement.oldMemberId);
    step.restartSession(member);
    completeJoinIfPossible(step);
    return;
  }
  if (!state.is('Stable')) return;
  if (replacement.supportsSkippingAssignment) {
    const isLeader = state.leaderId === member.id;
    step.answerWaitingJoin(member, { ...step.currentGeneration(member.id), skipAssignment: isLeader });
  } else {
    // Told the old leader's id, an old client will not take itself for the leader and assign in vain.
    const result = { ...step.currentGeneration(member.id), leaderId: replacement.oldLeaderId, members: [] };
    step.answerWaitingJoin(member, result);
  }
  step.restartSession(member);
}

/**
 * Whether a request comes from a present member: the instance id, if given, must stand for this very member id.
 * @returns the error to answer with, or null
 */
export function checkMember(
  step: Step,
  memberId: string,
  instanceId: string | null,
  operation: string,
): WireError | null {
  const { state } = step;
  if (instanceId !== null) {
    const current = state.staticMemberId(instanceId);
    if (current === null) return Errors.UNKNOWN_MEMBER_ID;
    if (current !== memberId) {
      const text = `${operation} of ${memberId} as ${instanceId} is fenced: group ${state.groupId} has ${current} there`;
      step.log('info', text);
      return Errors.FENCED_INSTANCE_ID;
    }
  }
  return state.members.has(memberId) ? null : Errors.UNKNOWN_MEMBER_ID;
}
