/** The table of all routes. */
import type { CoordinatorParts } from '../../parts';
import type { Route } from '../route';
import { clusterRoutes } from './cluster';
import { eventRoutes } from './events';
import { faultRoutes } from './faults';
import { groupRoutes } from './groups';
import { lessonRoutes } from './lessons';
import { probeRoutes } from './probes';
import { recordRoutes } from './records';
import { topicRoutes } from './topics';
import { znodeRoutes } from './znodes';

export function routesOf(parts: CoordinatorParts): Route[] {
  return [
    ...probeRoutes(parts),
    ...clusterRoutes(parts),
    ...topicRoutes(parts),
    ...recordRoutes(parts),
    ...groupRoutes(parts),
    ...znodeRoutes(parts),
    ...eventRoutes(parts),
    ...faultRoutes(parts),
    ...lessonRoutes(parts),
  ];
}
