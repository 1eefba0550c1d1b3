/** From findings to a judgement. */
import type { Reason, Verdict } from '../schemas';

const GRAVEST_FIRST = ['critical', 'warning', 'unknown', 'info'] as const;

/** Smaller is graver. */
export function gravity(severity: Reason['severity']): number {
  return GRAVEST_FIRST.indexOf(severity);
}

/**
 * Unhealthy with a critical finding, else degraded with a warning, else unknown when something could not be found out,
 * else healthy: what is only worth knowing changes nothing. Reasons keep their order within the same gravity.
 */
export function judge(reasons: readonly Reason[]): Verdict {
  const sorted = reasons.toSorted((one, other) => gravity(one.severity) - gravity(other.severity));
  const words = { critical: 'unhealthy', warning: 'degraded', unknown: 'unknown', info: 'healthy' } as const;
  return { verdict: sorted[0] ? words[sorted[0].severity] : 'healthy', reasons: sorted };
}
