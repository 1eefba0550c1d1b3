/** Znodes as they stand or stood, and every change of them. */
import { Type } from '@sinclair/typebox';
import type { CoordinatorParts } from '../../parts';
import { ZnodeHistory, ZnodeView } from '../../schemas';
import { type Route, route } from '../route';
import { znodeViewOf } from '../znode-view';
import { absent } from './absent';
import { limit } from './parameters';

const tag = 'ZooKeeper';
const USUAL_CHANGES = 100;

const ZnodePath = Type.String({
  maxLength: 1_000,
  pattern: '^/$|^(/[^/]+)+$',
  description: 'Path of a znode, from the root of the cluster',
});
const Sequence = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Position in the flight recorder',
});

const historyQuery = Type.Object({
  path: Type.Optional(ZnodePath),
  below: Type.Optional(Type.Boolean({ description: 'Also everything under the path' })),
  after: Type.Optional(Sequence),
  before: Type.Optional(Sequence),
  limit: Type.Optional(limit(1_000, USUAL_CHANGES)),
  newestFirst: Type.Optional(Type.Boolean()),
});

export function znodeRoutes({ tree, ownerOf, recorder }: CoordinatorParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/znodes',
      tag,
      summary: 'One znode with payload, stat and children, as it stands or as it stood after a change',
      query: Type.Object({ path: ZnodePath, at: Type.Optional(Sequence) }),
      answer: ZnodeView,
      handle: async ({ query: { path, at } }) => {
        const view = at === undefined ? znodeViewOf(tree, ownerOf, path) : await recorder.nodeAt(path, at);
        if (view) return view;
        const when = at === undefined ? 'is' : 'was';
        throw absent(at !== undefined || tree.ready, 'NO_NODE', `There ${when} no znode ${path}, or it is not known`);
      },
    }),
    route({
      method: 'get',
      path: '/api/znodes/history',
      tag,
      summary: 'Changes of znodes as the flight recorder keeps them',
      query: historyQuery,
      answer: ZnodeHistory,
      handle: ({ query: { limit: most = USUAL_CHANGES, ...query } }) => recorder.history({ ...query, limit: most }),
    }),
  ];
}
