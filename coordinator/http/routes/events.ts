/** What happened: events, the startup timeline, and where records are on their way. */
import { Type } from '@sinclair/typebox';
import type { CoordinatorParts } from '../../parts';
import { EventList, PointInTime, RecordFlow, Timeline } from '../../schemas';
import { type Route, route } from '../route';
import { limit } from './parameters';

const tag = 'Events';
const USUAL_EVENTS = 100;
const USUAL_FLOW_MS = 5_000;

export function eventRoutes({ events, timeline, observation, clock }: CoordinatorParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/events',
      tag,
      summary: 'Events after an id, the oldest first; the live stream is at /api/live',
      query: Type.Object({
        after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
        limit: Type.Optional(limit(1_000, USUAL_EVENTS)),
      }),
      answer: EventList,
      handle: ({ query: { after = 0, limit: most = USUAL_EVENTS } }) => events.list(after, most),
    }),
    route({
      method: 'get',
      path: '/api/timeline',
      tag,
      summary: 'What each process did in which order, one lane each',
      answer: Timeline,
      handle: () => timeline.timeline(),
    }),
    route({
      method: 'get',
      path: '/api/timeline.svg',
      tag,
      summary: 'The timeline as a picture',
      answer: Type.String(),
      mediaType: 'image/svg+xml',
      handle: () => timeline.svg(),
    }),
    route({
      method: 'get',
      path: '/api/flow',
      tag,
      summary: 'Records on their way to leader, followers and groups',
      query: Type.Object({ sinceMs: Type.Optional(PointInTime) }),
      answer: RecordFlow,
      handle: ({ query: { sinceMs } }) => observation.flow(sinceMs ?? clock.nowMs() - USUAL_FLOW_MS),
    }),
  ];
}
