/**
 * How a record's dot moves through the picture. Each leg is drawn in slow motion, but begins only when the brokers have
 * reported that the record really got there; a record that is held up stays where it is.
 */

/** What is known of a record so far. */
export interface Journey {
  /** Followers that have it. */
  followers: readonly number[];
  committed: boolean;
  fetched: boolean;
}

/** When each leg began, on the clock of the picture; null while it has not. */
export interface Dot {
  producedAt: number;
  replicatedAt: Readonly<Record<number, number>>;
  committedAt: number | null;
  fetchedAt: number | null;
  fadesAt: number | null;
}

export type Place =
  | { at: 'producers' }
  | { at: 'leader' }
  | { at: 'follower'; brokerId: number }
  | { at: 'watermark' }
  | { at: 'readers' };

/** One dot to be drawn: on its way from one place to another. */
export interface Mark {
  from: Place;
  to: Place;
  share: number;
  committed: boolean;
  opacity: number;
}

export const LEG_MS = { produce: 800, replicate: 700, commit: 500, fetch: 800, fade: 500 };
/** A record of which nothing new is heard leaves the picture after this long. */
export const WAITS_MS = 5000;

export function begin(nowMs: number): Dot {
  return { producedAt: nowMs, replicatedAt: {}, committedAt: null, fetchedAt: null, fadesAt: null };
}

/** Begins the legs that can begin now. */
export function step(dot: Dot, journey: Journey, nowMs: number): Dot {
  if (dot.fadesAt !== null || nowMs < dot.producedAt + LEG_MS.produce) return dot;
  const replicatedAt = { ...dot.replicatedAt };
  for (const id of journey.followers) replicatedAt[id] ??= nowMs;
  const copied = Object.values(replicatedAt).every((at) => nowMs >= at + LEG_MS.replicate);
  const committedAt = dot.committedAt ?? (journey.committed && copied ? nowMs : null);
  const passed = committedAt !== null && nowMs >= committedAt + LEG_MS.commit;
  const fetchedAt = dot.fetchedAt ?? (journey.fetched && passed ? nowMs : null);
  const next = { ...dot, replicatedAt, committedAt, fetchedAt };
  const arrived = fetchedAt !== null && nowMs >= fetchedAt + LEG_MS.fetch;
  const forgotten = nowMs >= lastMoveEnd(next) + WAITS_MS;
  return arrived || forgotten ? { ...next, fadesAt: nowMs } : next;
}

export function isOver(dot: Dot, nowMs: number): boolean {
  return dot.fadesAt !== null && nowMs >= dot.fadesAt + LEG_MS.fade;
}

/** All that is to be drawn of a record now: itself, and its copies on the followers. */
export function marks(dot: Dot, nowMs: number): Mark[] {
  const opacity = dot.fadesAt === null ? 1 : Math.max(0, 1 - (nowMs - dot.fadesAt) / LEG_MS.fade);
  const common = { committed: dot.committedAt !== null, opacity };
  const copies = Object.entries(dot.replicatedAt).map(([id, at]) => ({
    from: { at: 'leader' as const },
    to: { at: 'follower' as const, brokerId: Number(id) },
    share: shareOf(at, LEG_MS.replicate, nowMs),
    ...common,
  }));
  return [{ ...headOf(dot, nowMs), ...common }, ...copies];
}

function headOf(dot: Dot, nowMs: number): Pick<Mark, 'from' | 'to' | 'share'> {
  if (dot.fetchedAt !== null) {
    return { from: { at: 'watermark' }, to: { at: 'readers' }, share: shareOf(dot.fetchedAt, LEG_MS.fetch, nowMs) };
  }
  if (dot.committedAt !== null) {
    return { from: { at: 'leader' }, to: { at: 'watermark' }, share: shareOf(dot.committedAt, LEG_MS.commit, nowMs) };
  }
  return { from: { at: 'producers' }, to: { at: 'leader' }, share: shareOf(dot.producedAt, LEG_MS.produce, nowMs) };
}

function shareOf(beganAt: number, takesMs: number, nowMs: number): number {
  return Math.min(1, Math.max(0, (nowMs - beganAt) / takesMs));
}

function lastMoveEnd(dot: Dot): number {
  return Math.max(
    dot.producedAt + LEG_MS.produce,
    ...Object.values(dot.replicatedAt).map((at) => at + LEG_MS.replicate),
    dot.committedAt === null ? 0 : dot.committedAt + LEG_MS.commit,
    dot.fetchedAt === null ? 0 : dot.fetchedAt + LEG_MS.fetch,
  );
}
