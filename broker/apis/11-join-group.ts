/**
 * JoinGroup, versions 0-9: a member comes into a group, or back to it, and waits for the rebalance to complete. v0 has
 * no rebalance timeout (its session timeout serves for both); from v4 on a newcomer is first given an id and asked to
 * rejoin (MEMBER_ID_REQUIRED, KIP-394); v5 brings static members (KIP-345); v7 allows a null protocol name; v8 has a
 * reason; v9 can tell a static leader to skip the assignment (KIP-814).
 */
import { joinGroup, type JoinGroupRequest } from '../../protocol/apis';
import type { GroupCoordinator } from '../group';
import { handler, type Handler } from './handler';

const FIRST_VERSION_WITH_REBALANCE_TIMEOUT = 1;
const FIRST_VERSION_WITH_MEMBER_ID_REQUIRED = 4;
const FIRST_VERSION_WITH_NULL_PROTOCOL = 7;
const FIRST_VERSION_WITH_SKIP_ASSIGNMENT = 9;
const LONGEST_REASON = 255;

export function joinGroupHandler(parts: { readonly groups: GroupCoordinator }): Handler {
  return handler(joinGroup, async (request, context) => {
    const { apiVersion } = context;
    const result = await parts.groups.joinGroup({
      groupId: request.groupId,
      memberId: request.memberId,
      instanceId: request.groupInstanceId,
      requireKnownMemberId: apiVersion >= FIRST_VERSION_WITH_MEMBER_ID_REQUIRED && request.groupInstanceId === null,
      supportsSkippingAssignment: apiVersion >= FIRST_VERSION_WITH_SKIP_ASSIGNMENT,
      clientId: context.clientId ?? '',
      clientHost: context.clientHost,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: rebalanceTimeoutMs(request, apiVersion),
      protocolType: request.protocolType,
      // The group keeps them for long, the request's buffer must not live that long.
      protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
      reason: request.reason?.slice(0, LONGEST_REASON) || 'not provided',
    });
    const noProtocol = apiVersion < FIRST_VERSION_WITH_NULL_PROTOCOL ? '' : null;
    return {
      errorCode: result.error.code,
      generationId: result.generation,
      protocolType: result.protocolType,
      protocolName: result.protocolName ?? noProtocol,
      leader: result.leaderId,
      skipAssignment: result.skipAssignment,
      memberId: result.memberId,
      members: result.members.map((member) => ({ ...member })),
    };
  });
}

function rebalanceTimeoutMs(request: JoinGroupRequest, apiVersion: number): number {
  return apiVersion < FIRST_VERSION_WITH_REBALANCE_TIMEOUT ? request.sessionTimeoutMs : request.rebalanceTimeoutMs;
}
