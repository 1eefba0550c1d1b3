/**
 * A group of the classic protocol: its members, its generation, and where it stands. Plain data with the rules that
 * keep it consistent; what happens when is in the steps (join, sync, rebalance, members). Changed from within a step
 * of its own group only, and never across an await.
 *
 * Legal transitions:
 * ```
 * Empty               -> PreparingRebalance  a member joins
 * PreparingRebalance  -> CompletingRebalance members have rejoined, or their time is up
 * PreparingRebalance  -> Empty               the last member is gone
 * CompletingRebalance -> Stable              the leader's assignment is stored
 * CompletingRebalance -> PreparingRebalance  a member joins, changes, leaves or fails
 * Stable              -> PreparingRebalance  a member joins, changes, leaves or fails
 * any                 -> Dead                deleted, expired, or moved to another coordinator; final
 * ```
 * (kafka.coordinator.group.GroupMetadata)
 */
import { CONSUMER_PROTOCOL_TYPE } from '../../protocol/internal';
import type { Member } from './member';
import { metadataOf } from './member';
import { subscribedTopicsOf } from './subscription';

export type GroupStateName = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

const legalPredecessors: Record<GroupStateName, readonly GroupStateName[]> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Empty', 'CompletingRebalance', 'Stable'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead'],
};

/** A group as it was stored in its log. */
export interface StoredGroup {
  readonly protocolType: string;
  readonly generation: number;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  /** Null in records older than Kafka 2.1. */
  readonly stateSinceMs: bigint | null;
  readonly members: readonly Member[];
}

export class GroupState {
  name: GroupStateName = 'Empty';
  /** Wall clock at which the group came into its present state; null when an old record did not say. */
  stateSinceMs: bigint | null;
  generation = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** In the order in which they joined. */
  readonly members = new Map<string, Member>();
  /** Member ids given out by MEMBER_ID_REQUIRED and not used yet (KIP-394). */
  readonly pendingMemberIds = new Set<string>();
  /** Members of this generation that have not sent their SyncGroup yet. */
  readonly pendingSyncIds = new Set<string>();
  /** Topics that any consumer of this generation reads; null when that is not known. */
  subscribedTopics: ReadonlySet<string> | null = null;
  /** A newcomer came while the first rebalance was delayed: it may be delayed further. */
  newMemberAdded = false;
  /** What is left of the delays before the first rebalance; null when the rebalance is an ordinary one. */
  initialDelay: { delayMs: number; remainingMs: number } | null = null;

  private readonly memberIdsByInstance = new Map<string, string>();
  /** How many members support each protocol. */
  private readonly supporters = new Map<string, number>();

  constructor(
    readonly groupId: string,
    nowMs: bigint,
  ) {
    this.stateSinceMs = nowMs;
  }

  /** A group from its record: Stable when it has members, else Empty. */
  static load(groupId: string, stored: StoredGroup): GroupState {
    const state = new GroupState(groupId, 0n);
    state.name = stored.members.length === 0 ? 'Empty' : 'Stable';
    state.stateSinceMs = stored.stateSinceMs;
    state.generation = stored.generation;
    state.protocolType = stored.protocolType === '' ? null : stored.protocolType;
    state.protocolName = stored.protocolName;
    state.leaderId = stored.leaderId;
    for (const member of stored.members) state.add(member);
    state.subscribedTopics = state.computeSubscribedTopics();
    return state;
  }

  is(...names: readonly GroupStateName[]): boolean {
    return names.includes(this.name);
  }

  /** Goes to another state; throws when that is not legal, which would be a defect of a step. */
  transitionTo(name: GroupStateName, nowMs: bigint): void {
    if (!legalPredecessors[name].includes(this.name)) {
      throw new Error(`group ${this.groupId} cannot go from ${this.name} to ${name}`);
    }
    this.name = name;
    this.stateSinceMs = nowMs;
  }

  get canRebalance(): boolean {
    return legalPredecessors.PreparingRebalance.includes(this.name);
  }

  get isConsumerGroup(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  get awaitingJoinCount(): number {
    let count = 0;
    for (const member of this.members.values()) if (member.joinTicket !== null) count++;
    return count;
  }

  get hasAllMembersJoined(): boolean {
    return this.pendingMemberIds.size === 0 && this.awaitingJoinCount === this.members.size;
  }

  /** The longest rebalance timeout of all members, 0 without members. */
  get rebalanceTimeoutMs(): number {
    let longestMs = 0;
    for (const member of this.members.values()) longestMs = Math.max(longestMs, member.rebalanceTimeoutMs);
    return longestMs;
  }

  member(memberId: string): Member {
    const member = this.members.get(memberId);
    if (!member) throw new Error(`${memberId} is no member of group ${this.groupId}`);
    return member;
  }

  /** Id of the member that a static member's instance id stands for at present. */
  staticMemberId(instanceId: string): string | null {
    return this.memberIdsByInstance.get(instanceId) ?? null;
  }

  get staticMemberCount(): number {
    return this.memberIdsByInstance.size;
  }

  add(member: Member): void {
    if (member.instanceId !== null) {
      if (this.memberIdsByInstance.has(member.instanceId)) {
        throw new Error(`group ${this.groupId} already has a member with instance id ${member.instanceId}`);
      }
      this.memberIdsByInstance.set(member.instanceId, member.id);
    }
    if (this.members.size === 0) this.protocolType = member.protocolType;
    this.leaderId ??= member.id;
    this.members.set(member.id, member);
    this.countProtocols(member, 1);
    this.pendingMemberIds.delete(member.id);
  }

  /** Takes a member, or an id that was only given out, away. Another member becomes leader if need be. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member) {
      this.members.delete(memberId);
      this.countProtocols(member, -1);
      if (member.instanceId !== null) this.memberIdsByInstance.delete(member.instanceId);
    }
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null;
    this.pendingMemberIds.delete(memberId);
    this.pendingSyncIds.delete(memberId);
  }

  /** Gives a static member a new id; all else, its place as leader included, stays. */
  replaceStaticMember(instanceId: string, oldId: string, newId: string): Member {
    const member = this.member(oldId);
    member.id = newId;
    // The order of members is that of their joining: the replacement keeps the old one's place.
    const inOrder = [...this.members.values()];
    this.members.clear();
    for (const each of inOrder) this.members.set(each.id, each);
    if (this.leaderId === oldId) this.leaderId = newId;
    if (this.pendingSyncIds.delete(oldId)) this.pendingSyncIds.add(newId);
    this.memberIdsByInstance.set(instanceId, newId);
    return member;
  }

  update(member: Member, changes: Pick<Member, 'protocols' | 'rebalanceTimeoutMs' | 'sessionTimeoutMs'>): void {
    this.countProtocols(member, -1);
    member.protocols = changes.protocols;
    member.rebalanceTimeoutMs = changes.rebalanceTimeoutMs;
    member.sessionTimeoutMs = changes.sessionTimeoutMs;
    this.countProtocols(member, 1);
  }

  /**
   * Makes sure that the leader is a member that has rejoined, choosing another one if it is not.
   * @returns false when there is no leader, or nobody has rejoined
   */
  electJoinedLeader(): boolean {
    if (this.leaderId === null) return false;
    if (this.member(this.leaderId).joinTicket !== null) return true;
    for (const member of this.members.values()) {
      if (member.joinTicket === null) continue;
      this.leaderId = member.id;
      return true;
    }
    return false;
  }

  /** Begins the next generation: CompletingRebalance with members, Empty without. */
  beginNextGeneration(nowMs: bigint): void {
    this.generation += 1;
    const empty = this.members.size === 0;
    this.protocolName = empty ? null : this.selectProtocol();
    this.subscribedTopics = this.computeSubscribedTopics();
    this.transitionTo(empty ? 'Empty' : 'CompletingRebalance', nowMs);
    this.pendingSyncIds.clear();
  }

  /**
   * The protocol with the most votes: each member votes for the first of its list that all members support. Among
   * equals the one that was voted for first.
   */
  selectProtocol(): string {
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const vote = member.protocols.find(({ name }) => this.supporters.get(name) === this.members.size);
      if (!vote) throw new Error(`members of group ${this.groupId} have no protocol in common`);
      votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
    }
    let winner = '';
    for (const [name, count] of votes) if (winner === '' || count > (votes.get(winner) ?? 0)) winner = name;
    return winner;
  }

  /** Whether somebody with these protocols fits in: same type, and something that all present members support. */
  supportsProtocols(protocolType: string, names: readonly string[]): boolean {
    if (this.is('Empty')) return protocolType !== '' && names.length > 0;
    if (this.protocolType !== protocolType) return false;
    return names.some((name) => (this.supporters.get(name) ?? 0) === this.members.size);
  }

  /** Whether a consumer may read the topic; true, to be safe, when that is not known. */
  mayBeSubscribedTo(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? true;
  }

  private computeSubscribedTopics(): ReadonlySet<string> | null {
    if (!this.isConsumerGroup) return null;
    if (this.members.size === 0) return new Set();
    const { protocolName } = this;
    if (protocolName === null) return null;
    return subscribedTopicsOf([...this.members.values()].map((member) => metadataOf(member, protocolName)));
  }

  private countProtocols(member: Member, by: 1 | -1): void {
    // A list may name a protocol twice; it counts as one supporter then.
    for (const name of new Set(member.protocols.map((protocol) => protocol.name))) {
      const count = (this.supporters.get(name) ?? 0) + by;
      if (count === 0) this.supporters.delete(name);
      else this.supporters.set(name, count);
    }
  }
}
