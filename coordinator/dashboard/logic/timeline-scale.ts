/** Where the steps of the timeline stand: zoom, ticks, and rows for steps that would overlap. */

/** The part of the timeline that is shown. */
export interface View {
  fromMs: number;
  toMs: number;
}

/** Share of the view at which a time stands: 0 is its left end, 1 its right one. */
export function placeOf(view: View, atMs: number): number {
  return (atMs - view.fromMs) / Math.max(1, view.toMs - view.fromMs);
}

/** Zooms around a point given as share of the view. Never closer than 10 ms, never beyond the whole. */
export function zoom(view: View, whole: View, factor: number, around = 0.5): View {
  const span = view.toMs - view.fromMs;
  const next = Math.min(whole.toMs - whole.fromMs, Math.max(10, span / factor));
  const middle = view.fromMs + span * around;
  return inside({ fromMs: middle - next * around, toMs: middle + next * (1 - around) }, whole);
}

/** Moves by a share of what is shown. */
export function pan(view: View, whole: View, share: number): View {
  const shift = (view.toMs - view.fromMs) * share;
  return inside({ fromMs: view.fromMs + shift, toMs: view.toMs + shift }, whole);
}

/** The same stretch moved so that a time lies in its middle; the very same when it is in sight already. */
export function viewWith(view: View, whole: View, atMs: number): View {
  if (atMs >= view.fromMs && atMs <= view.toMs) return view;
  const half = (view.toMs - view.fromMs) / 2;
  return inside({ fromMs: atMs - half, toMs: atMs + half }, whole);
}

const MINUTE_MS = 60_000;

export function lastMinute(whole: View): View {
  return inside({ fromMs: whole.toMs - MINUTE_MS, toMs: whole.toMs }, whole);
}

function inside(view: View, whole: View): View {
  const span = Math.min(view.toMs - view.fromMs, whole.toMs - whole.fromMs);
  const from = Math.min(Math.max(view.fromMs, whole.fromMs), whole.toMs - span);
  return { fromMs: from, toMs: from + span };
}

const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 3e5, 6e5, 1.8e6, 3.6e6, 8.64e7];

/** Round times within the view, counted from the beginning of the whole, at most about so many. */
export function ticks(view: View, originMs: number, most: number): number[] {
  const raw = (view.toMs - view.fromMs) / Math.max(1, most);
  const step = STEPS_MS.find((candidate) => candidate >= raw) ?? Math.ceil(raw / 8.64e7) * 8.64e7;
  const result: number[] = [];
  const first = Math.ceil((view.fromMs - originMs) / step) * step;
  for (let at = first; originMs + at <= view.toMs; at += step) result.push(originMs + at);
  return result;
}

/** A time as distance from the beginning: `+1.250 s`. */
export function sinceStart(ms: number): string {
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(ms);
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 120_000) return `${sign}${(size / 1000).toFixed(size < 10_000 ? 2 : 1)} s`;
  return `${sign}${Math.floor(size / 60_000)} min ${Math.round((size % 60_000) / 1000)} s`;
}

/** For each left edge the first row in which it does not touch its neighbour; both in the same unit. */
export function rowsFor(edges: readonly { left: number; right: number }[], mostRows: number): number[] {
  const ends: number[] = [];
  return edges.map(({ left, right }) => {
    let row = ends.findIndex((end) => end <= left);
    if (row < 0) row = ends.length < mostRows ? ends.length : ends.indexOf(Math.min(...ends));
    ends[row] = Math.max(ends[row] ?? 0, right);
    return row;
  });
}
