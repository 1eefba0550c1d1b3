/**
 * Judges a consumer group. Lag in itself is no finding: a group that reads in batches always has some. Lag that only
 * grows is one.
 */
import type { GroupState, Verdict } from '../schemas';
import { reason } from './reasons';
import { judge } from './verdict';

export interface LagReading {
  readonly atMs: number;
  readonly lag: number | null;
}

export interface GroupFacts {
  readonly groupId: string;
  readonly state: GroupState;
  readonly members: number;
  readonly totalLag: number | null;
  /** The oldest first. */
  readonly lagHistory: readonly LagReading[];
  readonly recentRebalances: number;
  readonly coordinatorId: number | null;
  /** Whether the coordinator answered when it was asked last. */
  readonly coordinatorAnswers: boolean;
}

/** Rebalances are counted over this time. */
export const REBALANCE_WINDOW_MS = 5 * 60_000;
/** Members that come and go at a deployment make a few; more than that and something is wrong, e.g. a poll that takes too long. */
const MANY_REBALANCES = 5;

/** @returns degraded when it falls behind, is dead or rebalances often; unknown when its coordinator does not answer */
export function judgeGroup(facts: GroupFacts): Verdict {
  const { groupId: group, totalLag, recentRebalances: rebalances } = facts;
  const subject = { kind: 'group', id: group } as const;
  if (!facts.coordinatorAnswers) {
    return judge([reason('GROUP_COORDINATOR_AWAY', subject, { group, coordinator: facts.coordinatorId })]);
  }
  const reasons = [];
  const growth = growthOf(facts.lagHistory);
  const lag = totalLag ?? 0;
  if (facts.state === 'Dead') reasons.push(reason('GROUP_DEAD', subject, { group }));
  if (facts.members === 0 && facts.state === 'Empty' && lag > 0) {
    const growing = growth !== null;
    reasons.push(reason('GROUP_EMPTY', subject, { group, lag, growing }, growing ? 'warning' : 'info'));
  } else if (growth !== null) {
    reasons.push(reason('GROUP_LAG', subject, { group, lag, ...growth }));
  }
  if (rebalances > MANY_REBALANCES) {
    const minutes = REBALANCE_WINDOW_MS / 60_000;
    reasons.push(reason('GROUP_REBALANCES', subject, { group, rebalances, minutes }));
  }
  return judge(reasons);
}

const GROWTH_WINDOW_MS = 60_000;
/** Consumers commit every 5 s by default: until then lag rises even though all is well. Three of these make a trend. */
const LEAST_SPAN_MS = 15_000;
const LEAST_READINGS = 6;

const PARTS = 6;
const FIRST_PARTS = 2;
const LEAST_RISES = 3;

/**
 * Whether lag has been growing over the last minute: its lowest point in the last third lies above its highest in the
 * first, so that the saw-tooth of periodic commits does not count, and it rose to new heights again and again, so that a
 * burst that came once does not either.
 * @returns where it began and over how long; null when it does not grow, or too little is known
 */
export function growthOf(history: readonly LagReading[]): { before: number; overMs: number } | null {
  const endMs = history.at(-1)?.atMs ?? 0;
  const known = history.filter(
    (reading): reading is { atMs: number; lag: number } =>
      reading.lag !== null && reading.atMs > endMs - GROWTH_WINDOW_MS,
  );
  const startMs = known[0]?.atMs ?? 0;
  const spanMs = endMs - startMs;
  if (known.length < LEAST_READINGS || spanMs < LEAST_SPAN_MS) return null;
  const parts: number[][] = Array.from({ length: PARTS }, () => []);
  for (const { atMs, lag } of known) {
    parts[Math.min(PARTS - 1, Math.floor(((atMs - startMs) / spanMs) * PARTS))]?.push(lag);
  }
  const before = Math.max(...parts.slice(0, FIRST_PARTS).flat());
  const lowestLast = Math.min(...parts.slice(-FIRST_PARTS).flat());
  let highest = before;
  let rises = 0;
  for (const part of parts.slice(FIRST_PARTS)) {
    const peak = Math.max(...part);
    if (peak <= highest) continue;
    highest = peak;
    rises++;
  }
  return lowestLast > before && rises >= LEAST_RISES ? { before, overMs: spanMs } : null;
}
