/** Which part of the timeline is worth showing first. */

interface TimelineLike {
  fromMs: number | null;
  toMs: number | null;
  lanes: readonly { steps: readonly { atMs: number; tookMs: number | null; from: string }[] }[];
}

interface Span {
  fromMs: number;
  toMs: number;
}

/** The whole, with a little room at its end for the last label. */
export function wholeOf({ fromMs, toMs, lanes }: TimelineLike): Span {
  const times = lanes.flatMap(({ steps }) => steps.map(({ atMs, tookMs }) => [atMs, atMs + (tookMs ?? 0)])).flat();
  const from = fromMs ?? times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
  const to = toMs ?? times.reduce((most, time) => Math.max(most, time), from);
  return { fromMs: from, toMs: Math.max(to, from + 10) + Math.max(10, (to - from) * 0.08) };
}

/** A pause between startup events that is longer than this separates two starts. */
const PAUSE_MS = 20_000;

/** The first start of the processes, up to the first long pause; the whole when no process tells its startup. */
export function firstView({ lanes }: TimelineLike, whole: Span): Span {
  const times = lanes
    .flatMap(({ steps }) => steps.filter(({ from }) => from === 'startup-event').map(({ atMs }) => atMs))
    .sort((a, b) => a - b);
  const [first] = times;
  if (first === undefined) return whole;
  let last = first;
  for (const time of times) {
    if (time - last > PAUSE_MS) break;
    last = time;
  }
  const room = Math.max(20, (last - first) * 0.12);
  return { fromMs: Math.max(whole.fromMs, first - room / 4), toMs: Math.min(whole.toMs, last + room) };
}
