/** DeleteGroups, versions 0-2: deletes groups without members, with their offsets (KIP-229). */
import { deleteGroups } from '../../protocol/apis';
import type { GroupCoordinator } from '../group';
import { handler, type Handler } from './handler';

export function deleteGroupsHandler(parts: { readonly groups: GroupCoordinator }): Handler {
  return handler(
    deleteGroups,
    async (request) => {
      const results: { groupId: string; errorCode: number }[] = [];
      for (const groupId of new Set(request.groupsNames)) {
        results.push({ groupId, errorCode: (await parts.groups.deleteGroup(groupId)).code });
      }
      return { results };
    },
    (request, error) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode: error.code })) }),
  );
}
