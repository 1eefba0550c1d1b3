/** Consumer groups, and where they read on. */
import { Type } from '@sinclair/typebox';
import { GROUP_TIMEOUT_MS, withClient } from '../../actions/own-client';
import { resetOffsets } from '../../actions/reset-offsets';
import type { CoordinatorParts } from '../../parts';
import { GroupDetail, GroupList, OffsetReset, OffsetResetAnswer } from '../../schemas';
import { ApiError } from '../api-error';
import { type Route, route } from '../route';
import { GroupId } from './parameters';

const tag = 'Groups';
const params = Type.Object({ groupId: GroupId });

export function groupRoutes(parts: CoordinatorParts): Route[] {
  const { observation } = parts;
  return [
    route({
      method: 'get',
      path: '/api/groups',
      tag,
      summary: 'All consumer groups',
      answer: GroupList,
      handle: () => observation.groups(),
    }),
    route({
      method: 'get',
      path: '/api/groups/{groupId}',
      tag,
      summary: 'One group: members, assignment, committed offsets, lag over time',
      params,
      answer: GroupDetail,
      handle: ({ params: { groupId } }) => {
        const group = observation.group(groupId);
        if (!group) throw new ApiError(404, 'GROUP_ID_NOT_FOUND', 'There is no such group');
        return group;
      },
    }),
    route({
      method: 'post',
      path: '/api/groups/{groupId}/offsets',
      tag,
      summary: 'Sets where a group without members reads on',
      params,
      body: OffsetReset,
      answer: OffsetResetAnswer,
      action: true,
      handle: ({ params: { groupId }, body }) =>
        withClient(parts, GROUP_TIMEOUT_MS, (cluster) => resetOffsets(cluster, groupId, body)),
    }),
  ];
}
