/** Heartbeat, versions 0-4: a member is alive, and learns whether a rebalance is under way. v3 brings static members. */
import { heartbeat } from '../../protocol/apis';
import type { GroupCoordinator } from '../group';
import { handler, type Handler } from './handler';

export function heartbeatHandler(parts: { readonly groups: GroupCoordinator }): Handler {
  return handler(heartbeat, ({ groupId, generationId, memberId, groupInstanceId }) => {
    const member = { groupId, memberId, instanceId: groupInstanceId, generation: generationId };
    return { errorCode: parts.groups.heartbeat(member).code };
  });
}
