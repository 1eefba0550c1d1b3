/**
 * DescribeGroups, versions 0-5: state and members of groups that this broker coordinates. A group that does not exist is
 * answered as Dead, without error. v3 can tell authorized operations; v4 has instance ids.
 */
import { Errors } from '../../protocol';
import { describeGroups } from '../../protocol/apis';
import type { GroupCoordinator } from '../group';
import { ALL_GROUP_OPERATIONS, NOT_ASKED_FOR } from './authorized-operations';
import { handler, type Handler } from './handler';

export function describeGroupsHandler(parts: { readonly groups: GroupCoordinator }): Handler {
  return handler(
    describeGroups,
    (request) => ({
      groups: request.groups.map((groupId) => {
        const { error, description } = parts.groups.describeGroup(groupId);
        const asked = request.includeAuthorizedOperations && error === Errors.NONE;
        return {
          errorCode: error.code,
          groupId,
          groupState: description?.state ?? '',
          protocolType: description?.protocolType ?? '',
          protocolData: description?.protocolName ?? '',
          members: (description?.members ?? []).map((member) => ({
            memberId: member.memberId,
            groupInstanceId: member.groupInstanceId,
            clientId: member.clientId,
            clientHost: member.clientHost,
            memberMetadata: member.metadata,
            memberAssignment: member.assignment,
          })),
          authorizedOperations: asked ? ALL_GROUP_OPERATIONS : NOT_ASKED_FOR,
        };
      }),
    }),
    (request, error) => ({ groups: request.groups.map((groupId) => ({ groupId, errorCode: error.code })) }),
  );
}
