/**
 * Where times stand on a line of a given length. Pure. Time in which nothing happens is cut out, and marked as cut, so that a
 * start of half a second and a fault an hour later both can be read.
 */

export interface Stretch {
  fromMs: number;
  toMs: number;
  left: number;
  right: number;
}

export interface Axis {
  readonly stretches: readonly Stretch[];
  /** Cut out between two stretches. */
  readonly cuts: readonly { left: number; right: number; lengthMs: number }[];
  /** Where a time stands; one in a cut, or outside, at the nearest edge. */
  place(atMs: number): number;
}

const CUT_WIDTH = 34;
const MOST_CUTS = 8;
/** A stretch is never narrower: a single moment needs room, too. */
const LEAST_STRETCH = 26;
const FIRST_CUT_MS = 1_500;

/**
 * @param points the times at which something begins or ends, in any order
 * @param left where the line begins
 * @param width its length; in the unit in which places are given
 */
export function axisFor(points: readonly number[], left: number, width: number): Axis {
  const times = [...new Set(points)].sort((one, other) => one - other);
  const groups = grouped(times);
  const cutWidths = (groups.length - 1) * CUT_WIDTH;
  const spare = Math.max(0, width - cutWidths - groups.length * LEAST_STRETCH);
  const total = groups.reduce((sum, [from, to]) => sum + (to - from), 0);
  const stretches: Stretch[] = [];
  let at = left;
  for (const [fromMs, toMs] of groups) {
    const share = total === 0 ? 1 / groups.length : (toMs - fromMs) / total;
    const right = at + LEAST_STRETCH + spare * share;
    stretches.push({ fromMs, toMs, left: at, right });
    at = right + CUT_WIDTH;
  }
  const cuts = stretches.slice(1).map((next, index) => {
    const former = stretches[index] as Stretch;
    return { left: former.right, right: next.left, lengthMs: next.fromMs - former.toMs };
  });
  return { stretches, cuts, place: (atMs) => placeIn(stretches, atMs, left) };
}

/** Neighbours that are closer than the longest pause that is still shown; that is raised until there are few enough cuts. */
function grouped(times: readonly number[]): [number, number][] {
  for (let pauseMs = FIRST_CUT_MS; ; pauseMs *= 2) {
    const groups: [number, number][] = [];
    for (const time of times) {
      const last = groups.at(-1);
      if (last && time - last[1] <= pauseMs) last[1] = time;
      else groups.push([time, time]);
    }
    if (groups.length <= MOST_CUTS + 1) return groups;
  }
}

function placeIn(stretches: readonly Stretch[], atMs: number, left: number): number {
  const stretch = stretches.findLast(({ fromMs }) => fromMs <= atMs) ?? stretches[0];
  if (!stretch) return left;
  const { fromMs, toMs } = stretch;
  if (toMs === fromMs) return stretch.left + LEAST_STRETCH / 4;
  const share = Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
  return stretch.left + share * (stretch.right - stretch.left);
}

const NICE_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 6e4, 3e5, 6e5, 36e5];

/** Round times after the beginning of a stretch, not closer than `least` to each other. */
export function ticksOf({ fromMs, toMs, left, right }: Stretch, least: number): { atMs: number; sinceMs: number }[] {
  const perMs = (right - left) / Math.max(1, toMs - fromMs);
  const step = NICE_MS.find((candidate) => candidate * perMs >= least);
  if (step === undefined) return [];
  const count = Math.floor((toMs - fromMs) / step);
  return Array.from({ length: count }, (_, index) => ({
    atMs: fromMs + (index + 1) * step,
    sinceMs: (index + 1) * step,
  }));
}
