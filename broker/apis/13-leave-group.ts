/**
 * LeaveGroup, versions 0-5: members leave, or an admin client removes them. Up to v2 one member, whose error is that of
 * the response; from v3 on several, also by instance id alone (KIP-345); v5 has a reason.
 */
import { leaveGroup, type LeaveGroupRequest } from '../../protocol/apis';
import type { GroupCoordinator, LeavingMember } from '../group';
import { handler, type Handler } from './handler';

const FIRST_VERSION_WITH_SEVERAL = 3;
const LONGEST_REASON = 255;

export function leaveGroupHandler(parts: { readonly groups: GroupCoordinator }): Handler {
  return handler(leaveGroup, (request, { apiVersion }) => {
    const leaving = leavingMembers(request, apiVersion);
    const { error, members } = parts.groups.leaveGroup(request.groupId, leaving);
    if (apiVersion < FIRST_VERSION_WITH_SEVERAL) return { errorCode: (members[0] ?? error).code };
    return {
      errorCode: error.code,
      members: members.map((memberError, index) => {
        const { memberId, instanceId } = leaving[index] as LeavingMember;
        return { memberId, groupInstanceId: instanceId, errorCode: memberError.code };
      }),
    };
  });
}

function leavingMembers(request: LeaveGroupRequest, apiVersion: number): LeavingMember[] {
  if (apiVersion < FIRST_VERSION_WITH_SEVERAL) return [{ memberId: request.memberId, instanceId: null, reason: null }];
  return request.members.map(({ memberId, groupInstanceId, reason }) => ({
    memberId,
    instanceId: groupInstanceId,
    reason: reason?.slice(0, LONGEST_REASON) || null,
  }));
}
