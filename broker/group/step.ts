/**
 * What a step over a group works with, and what comes out of it. A step changes the GroupState at once and leaves as
 * effects what the outside has to do: answer a waiting request, set a timer, store a record. Steps do no I/O, know no
 * clock and wait for nothing, so a group can be tested, and replayed, without a broker around it.
 */
import type { WireError } from '../../protocol';
import { Errors } from '../../protocol';
import type { GroupState } from './group-state';
import type { GroupProtocol, Member, Ticket } from './member';
import { metadataOf } from './member';

/** A member as the leader gets to see it in its JoinGroup answer. */
export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Buffer;
}

export interface JoinResult {
  readonly error: WireError;
  readonly memberId: string;
  /** -1 on error */
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string;
  readonly skipAssignment: boolean;
  /** Filled for the leader only. */
  readonly members: readonly JoinedMember[];
}

export interface SyncResult {
  readonly error: WireError;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

/** A group's timers; each exists at most once (a member's once per member). */
export type GroupTimer =
  /** The session of a member, or the time a newcomer has to use its id, or to wait for its first rebalance. */
  | { readonly kind: 'member'; readonly memberId: string }
  /** The end of a rebalance's first phase, or of the delay before it. */
  | { readonly kind: 'join' }
  /** Time by which all members of a generation must have asked for their assignment. */
  | { readonly kind: 'sync'; readonly generation: number };

/** What a group looked like when it was to be stored, and what the storing was for. */
export interface GroupSnapshot {
  readonly protocolType: string;
  readonly generation: number;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  readonly stateSinceMs: bigint;
  readonly members: readonly (Pick<
    Member,
    'id' | 'instanceId' | 'clientId' | 'clientHost' | 'rebalanceTimeoutMs' | 'sessionTimeoutMs' | 'assignment'
  > & { readonly subscription: Buffer })[];
}

/** The undoing of a static member's replacement, in case it cannot be stored. */
export interface StaticReplacement {
  readonly instanceId: string;
  readonly oldMemberId: string;
  readonly newMemberId: string;
  readonly oldLeaderId: string;
  readonly oldProtocols: readonly GroupProtocol[];
  readonly oldRebalanceTimeoutMs: number;
  readonly oldSessionTimeoutMs: number;
  readonly supportsSkippingAssignment: boolean;
  readonly ticket: Ticket;
}

export type StorePurpose =
  | { readonly kind: 'assignment'; readonly byMemberId: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'static replacement'; readonly replacement: StaticReplacement };

export type Effect =
  | { readonly kind: 'answer join'; readonly ticket: Ticket; readonly result: JoinResult }
  | { readonly kind: 'answer sync'; readonly ticket: Ticket; readonly result: SyncResult }
  | { readonly kind: 'set timer'; readonly timer: GroupTimer; readonly delayMs: number }
  | { readonly kind: 'cancel timer'; readonly timer: GroupTimer }
  | { readonly kind: 'cancel all timers' }
  /** To be followed by the step `stored`, with the outcome. */
  | { readonly kind: 'store'; readonly snapshot: GroupSnapshot; readonly purpose: StorePurpose }
  | { readonly kind: 'rebalance completed' }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error' | 'debug'; readonly text: string };

export interface GroupLimits {
  readonly maxSize: number;
  readonly initialRebalanceDelayMs: number;
}

/** One step over one group. */
export class Step {
  readonly effects: Effect[] = [];

  /** @param nowMs wall clock */
  constructor(
    readonly state: GroupState,
    readonly limits: GroupLimits,
    readonly nowMs: bigint,
  ) {}

  log(level: 'info' | 'warn' | 'error' | 'debug', text: string): void {
    this.effects.push({ kind: 'log', level, text });
  }

  setTimer(timer: GroupTimer, delayMs: number): void {
    this.effects.push({ kind: 'set timer', timer, delayMs });
  }

  cancelTimer(timer: GroupTimer): void {
    this.effects.push({ kind: 'cancel timer', timer });
  }

  /** Begins a member's session anew. */
  restartSession(member: Member, timeoutMs = member.sessionTimeoutMs): void {
    this.setTimer({ kind: 'member', memberId: member.id }, timeoutMs);
  }

  refuseJoin(ticket: Ticket, error: WireError, memberId: string): void {
    this.effects.push({ kind: 'answer join', ticket, result: joinError(error, memberId) });
  }

  answerJoin(ticket: Ticket, result: JoinResult): void {
    this.effects.push({ kind: 'answer join', ticket, result });
  }

  answerSync(ticket: Ticket, result: SyncResult): void {
    this.effects.push({ kind: 'answer sync', ticket, result });
  }

  /** Answers the JoinGroup for which a member waits, if it waits for one. */
  answerWaitingJoin(member: Member, result: JoinResult): void {
    if (member.joinTicket === null) return;
    this.answerJoin(member.joinTicket, result);
    member.joinTicket = null;
  }

  /** Answers the SyncGroup for which a member waits; returns whether it waited for one. */
  answerWaitingSync(member: Member, result: SyncResult): boolean {
    if (member.syncTicket === null) return false;
    this.answerSync(member.syncTicket, result);
    member.syncTicket = null;
    return true;
  }

  /** Lets a member wait with this JoinGroup. An older one of the same member can only be a retry's forerunner. */
  awaitJoin(member: Member, ticket: Ticket): void {
    this.answerWaitingJoin(member, joinError(Errors.COORDINATOR_NOT_AVAILABLE, member.id));
    member.joinTicket = ticket;
  }

  awaitSync(member: Member, ticket: Ticket): void {
    this.answerWaitingSync(member, syncError(Errors.REBALANCE_IN_PROGRESS));
    member.syncTicket = ticket;
  }

  /** Takes a member out of the group with its timer, and answers what it still waits for. */
  drop(member: Member): void {
    this.answerWaitingJoin(member, joinError(Errors.UNKNOWN_MEMBER_ID, ''));
    this.answerWaitingSync(member, syncError(Errors.UNKNOWN_MEMBER_ID));
    this.state.remove(member.id);
    this.cancelTimer({ kind: 'member', memberId: member.id });
  }

  /** The present generation as a member learns it from JoinGroup; the leader is told the members, too. */
  currentGeneration(memberId: string): JoinResult {
    const { state } = this;
    const isLeader = state.leaderId === memberId;
    return {
      error: Errors.NONE,
      memberId,
      generation: state.generation,
      protocolType: state.protocolType,
      protocolName: state.protocolName,
      leaderId: state.leaderId ?? '',
      skipAssignment: false,
      members: isLeader ? joinedMembers(state) : [],
    };
  }

  /** Has the group written to its log, with the given assignments. */
  store(purpose: StorePurpose, assignmentOf: (member: Member) => Buffer): void {
    const { state } = this;
    const { protocolName } = state;
    this.effects.push({
      kind: 'store',
      purpose,
      snapshot: {
        protocolType: state.protocolType ?? '',
        generation: state.generation,
        protocolName,
        leaderId: state.leaderId,
        stateSinceMs: state.stateSinceMs ?? -1n,
        members: [...state.members.values()].map((member) => ({
          ...member,
          subscription: metadataOf(member, protocolName as string),
          assignment: assignmentOf(member),
        })),
      },
    });
  }
}

export function joinError(error: WireError, memberId: string): JoinResult {
  const nothing = { generation: -1, protocolType: null, protocolName: null, leaderId: '', skipAssignment: false };
  return { error, memberId, ...nothing, members: [] };
}

export function syncError(error: WireError): SyncResult {
  return { error, protocolType: null, protocolName: null, assignment: Buffer.alloc(0) };
}

function joinedMembers(state: GroupState): JoinedMember[] {
  return [...state.members.values()].map((member) => ({
    memberId: member.id,
    groupInstanceId: member.instanceId,
    metadata: metadataOf(member, state.protocolName as string),
  }));
}
