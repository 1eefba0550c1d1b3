/**
 * SyncGroup, versions 0-5: the leader hands in everybody's assignment, each member gets its own. v3 brings static
 * members; from v5 on the client repeats protocol type and name, which must be the group's (KIP-559).
 */
import { Errors } from '../../protocol';
import { syncGroup } from '../../protocol/apis';
import type { GroupCoordinator } from '../group';
import { handler, type Handler } from './handler';

const FIRST_VERSION_WITH_PROTOCOL = 5;

export function syncGroupHandler(parts: { readonly groups: GroupCoordinator }): Handler {
  return handler(syncGroup, async (request, { apiVersion }) => {
    const lacksProtocol = request.protocolType === null || request.protocolName === null;
    if (apiVersion >= FIRST_VERSION_WITH_PROTOCOL && lacksProtocol) {
      return { errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL.code };
    }
    const result = await parts.groups.syncGroup({
      groupId: request.groupId,
      memberId: request.memberId,
      instanceId: request.groupInstanceId,
      generation: request.generationId,
      protocolType: request.protocolType,
      protocolName: request.protocolName,
      // The group keeps them for long, the request's buffer must not live that long.
      assignments: new Map(request.assignments.map((each) => [each.memberId, Buffer.from(each.assignment)])),
    });
    return {
      errorCode: result.error.code,
      protocolType: result.protocolType,
      protocolName: result.protocolName,
      assignment: result.assignment,
    };
  });
}
