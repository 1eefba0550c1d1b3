/** Faults on purpose. */
import type { CoordinatorParts } from '../../parts';
import { Fault, FaultRequest, FaultsView } from '../../schemas';
import { type Route, route } from '../route';

const tag = 'Faults';

export function faultRoutes({ faults }: CoordinatorParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/faults',
      tag,
      summary: 'What faults can be made, and those that were made',
      answer: FaultsView,
      handle: () => faults.view(),
    }),
    route({
      method: 'post',
      path: '/api/faults',
      tag,
      summary: 'Makes a fault: kills, stops, pauses a process or cuts a link; or ends one',
      body: FaultRequest,
      answer: Fault,
      status: 201,
      action: true,
      handle: ({ body: { target, action } }) => faults.perform(target, action),
    }),
  ];
}
