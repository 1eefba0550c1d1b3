/** One member of a group, as the coordinator knows it. Changed by the group's steps only. */

/** Names a JoinGroup or SyncGroup that waits for its answer; the coordinator keeps the request behind it. */
export type Ticket = number;

/** What a member can do (an assignor, for consumers), with data that only members understand. */
export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface Member {
  id: string;
  /** group.instance.id of a static member (KIP-345), else null. */
  readonly instanceId: string | null;
  readonly clientId: string;
  /** As Kafka prints it: `/127.0.0.1`. */
  readonly clientHost: string;
  readonly protocolType: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  /** In the order of the member's preference. */
  protocols: readonly GroupProtocol[];
  assignment: Buffer;
  /** The JoinGroup that waits for the rebalance, if any. */
  joinTicket: Ticket | null;
  /** The SyncGroup that waits for the assignment, if any. */
  syncTicket: Ticket | null;
  /** Has never been told its id by a completed rebalance, so it cannot send heartbeats yet. */
  isNew: boolean;
}

export const NO_ASSIGNMENT: Buffer = Buffer.alloc(0);

export type NewMember = Pick<
  Member,
  | 'id'
  | 'instanceId'
  | 'clientId'
  | 'clientHost'
  | 'protocolType'
  | 'rebalanceTimeoutMs'
  | 'sessionTimeoutMs'
  | 'protocols'
>;

export function newMember(fields: NewMember): Member {
  const { id, instanceId, clientId, clientHost, protocolType, rebalanceTimeoutMs, sessionTimeoutMs, protocols } =
    fields;
  const client = {
    id,
    instanceId,
    clientId,
    clientHost,
    protocolType,
    rebalanceTimeoutMs,
    sessionTimeoutMs,
    protocols,
  };
  return { ...client, assignment: NO_ASSIGNMENT, joinTicket: null, syncTicket: null, isNew: false };
}

/** The member's data for a protocol that it supports. */
export function metadataOf(member: Member, protocolName: string): Buffer {
  const found = member.protocols.find((protocol) => protocol.name === protocolName);
  if (!found) throw new Error(`member ${member.id} does not support the protocol ${protocolName}`);
  return found.metadata;
}

/** Whether a JoinGroup brings the very protocols, in the very order, that the member joined with before. */
export function hasSameProtocols(member: Member, protocols: readonly GroupProtocol[]): boolean {
  if (protocols.length !== member.protocols.length) return false;
  return protocols.every((protocol, index) => {
    const known = member.protocols[index] as GroupProtocol;
    return known.name === protocol.name && known.metadata.equals(protocol.metadata);
  });
}
