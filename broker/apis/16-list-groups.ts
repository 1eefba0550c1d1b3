/**
 * ListGroups, versions 0-5: the groups that this broker coordinates; a client asks all brokers. v4 filters by state
 * (KIP-518), v5 by type (KIP-848).
 */
import { listGroups } from '../../protocol/apis';
import type { GroupCoordinator } from '../group';
import { handler, type Handler } from './handler';

export function listGroupsHandler(parts: { readonly groups: GroupCoordinator }): Handler {
  return handler(listGroups, (request) => {
    const { error, groups } = parts.groups.listGroups(request.statesFilter, request.typesFilter);
    return {
      errorCode: error.code,
      groups: groups.map(({ groupId, protocolType, state, type }) => ({
        groupId,
        protocolType,
        groupState: state,
        groupType: type,
      })),
    };
  });
}
