/** For those who watch over the service: whether the cluster is well, whether the service is ready, and its metrics. */
import { Type } from '@sinclair/typebox';
import type { CoordinatorParts } from '../../parts';
import { HealthAnswer, ReadyAnswer } from '../../schemas';
import { type Route, route } from '../route';

const SERVICE_UNAVAILABLE = 503;

export function healthOf({ observation }: Pick<CoordinatorParts, 'observation'>): HealthAnswer {
  const { verdict, freshness } = observation.cluster();
  return { status: verdict.verdict, reasons: verdict.reasons, freshness };
}

export function probeRoutes(parts: CoordinatorParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/health',
      tag: 'Probes',
      summary: 'Whether the cluster is well: 200 unless it is unhealthy, then 503',
      answer: HealthAnswer,
      status: ({ status }) => (status === 'unhealthy' ? SERVICE_UNAVAILABLE : 200),
      handle: () => healthOf(parts),
    }),
    route({
      method: 'get',
      path: '/ready',
      tag: 'Probes',
      summary: 'Whether the service has seen the whole cluster once: 200, until then 503',
      answer: ReadyAnswer,
      status: ({ ready }) => (ready ? 200 : SERVICE_UNAVAILABLE),
      handle: () => ({
        ready: parts.tree.ready,
        why: parts.tree.ready ? null : parts.tree.freshness().why,
      }),
    }),
    route({
      method: 'get',
      path: '/metrics',
      tag: 'Probes',
      summary: 'Metrics in Prometheus’ text format',
      answer: Type.String(),
      mediaType: 'text/plain; version=0.0.4',
      handle: () => parts.metrics.render(),
    }),
  ];
}
