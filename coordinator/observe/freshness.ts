/** How old what is shown is, and why. Pure. */
import type { Freshness } from '../schemas';
import type { Knowledge } from './knowledge';

/** The tree's freshness as of now. */
export function aged({ asOfMs, stale, why }: Freshness, nowMs: number): Freshness {
  return { asOfMs, ageMs: asOfMs === null ? null : Math.max(0, nowMs - asOfMs), stale, why };
}

/** Of topics: leaders and replicas are as fresh as the tree, offsets as the last reading of each leader. */
export function topicsFreshness(knowledge: Knowledge): Freshness {
  return withReadings(knowledge, 'offsets', ({ offsetsAtMs }) => offsetsAtMs, true);
}

/** Of groups: as fresh as the broker that was heard longest ago. */
export function groupsFreshness(knowledge: Knowledge): Freshness {
  const { freshness, state, nowMs, readOf } = knowledge;
  if (state.brokers.size === 0) {
    const known = [...knowledge.groups.values()].map(({ atMs }) => atMs);
    const asOfMs = known.length > 0 ? Math.max(...known) : null;
    return { ...aged({ ...freshness, asOfMs }, nowMs), stale: true, why: 'No broker is registered.' };
  }
  const heard = [...state.brokers.keys()].map((brokerId) => readOf(brokerId).groupsAtMs);
  const asOfMs = heard.reduce<number | null>(
    (oldest, at) => (oldest === null || at === null ? null : Math.min(oldest, at)),
    Infinity,
  );
  const its = withReadings(knowledge, 'groups', ({ groupsAtMs }) => groupsAtMs, false);
  return aged({ ...its, asOfMs }, nowMs);
}

function withReadings(
  knowledge: Knowledge,
  what: string,
  at: (fact: ReturnType<Knowledge['readOf']>) => number | null,
  trust: boolean,
): Freshness {
  const { freshness, state, nowMs, limits, readOf } = knowledge;
  const now = aged(freshness, nowMs);
  if (now.stale && trust) return now;
  for (const brokerId of state.brokers.keys()) {
    const fact = readOf(brokerId);
    const readMs = at(fact);
    if (readMs !== null && nowMs - readMs <= limits.staleAfterMs) continue;
    // A broker that has just come is asked in the next round.
    if (readMs === null && fact.error === null) continue;
    const since = readMs === null ? 'not yet' : `last ${Math.round((nowMs - readMs) / 1000)} s ago`;
    const why = `Broker ${brokerId} told its ${what} ${since}${fact.error === null ? '' : `: ${fact.error}`}.`;
    return { ...now, stale: true, why };
  }
  return now;
}
