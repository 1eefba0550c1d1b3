/** Consumer groups, and where they read on. */
import { Type } from '@sinclair/typebox';
import { GROUP_TIMEOUT_MS, withClient } from '../../actions/own-client';
import { resetOffsets } from '../../actions/reset-offsets';
import type { CoordinatorParts } from '../../parts';
import { GroupDetail, GroupList, OffsetReset, OffsetResetAnswer } from '../../schemas';
import { type Route, route } from '../route';
import { absent } from './absent';
import { GroupId } from './parameters';

const tag = 'Groups';
const inPath = Type.Object({ groupId: GroupId });
/** A browser takes the segments `.` and `..` out of every path, also where they are escaped, and Kafka allows such ids. */
const inQuery = Type.Object({ groupId: GroupId });
const SAME_BY_QUERY = 'The same with the id as a parameter, since no path can carry `.` and `..`';

function readRoutes({ observation }: CoordinatorParts): Route[] {
  const groupOf = ({ groupId }: { groupId: string }): GroupDetail => {
    const group = observation.group(groupId);
    if (group) return group;
    const allRead = observation.groups().freshness.asOfMs !== null;
    throw absent(allRead, 'GROUP_ID_NOT_FOUND', 'There is no such group');
  };
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
      params: inPath,
      answer: GroupDetail,
      handle: ({ params }) => groupOf(params),
    }),
    route({
      method: 'get',
      path: '/api/group',
      tag,
      summary: SAME_BY_QUERY,
      query: inQuery,
      answer: GroupDetail,
      handle: ({ query }) => groupOf(query),
    }),
  ];
}

function actionRoutes(parts: CoordinatorParts): Route[] {
  const reset = ({ groupId }: { groupId: string }, body: OffsetReset): Promise<OffsetResetAnswer> =>
    withClient(parts, GROUP_TIMEOUT_MS, (cluster) => resetOffsets(cluster, groupId, body));
  return [
    route({
      method: 'post',
      path: '/api/groups/{groupId}/offsets',
      tag,
      summary: 'Sets where a group without members reads on',
      params: inPath,
      body: OffsetReset,
      answer: OffsetResetAnswer,
      action: true,
      handle: ({ params, body }) => reset(params, body),
    }),
    route({
      method: 'post',
      path: '/api/group/offsets',
      tag,
      summary: SAME_BY_QUERY,
      query: inQuery,
      body: OffsetReset,
      answer: OffsetResetAnswer,
      action: true,
      handle: ({ query, body }) => reset(query, body),
    }),
  ];
}

export function groupRoutes(parts: CoordinatorParts): Route[] {
  return [...readRoutes(parts), ...actionRoutes(parts)];
}
