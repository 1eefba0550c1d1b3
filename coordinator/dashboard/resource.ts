/** Answers of the REST interface as components use them: fetched, kept while the page is open, read again when something changed. */
import type { LiveEvent } from '@schemas';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type CallError, get } from './api.js';
import { every, steadyMs, wallMs } from './clock.js';
import { whenChanged } from './live.js';

export interface Resource<T> {
  /** The last good answer; stays when a later call fails. */
  data: T | null;
  error: CallError | null;
  /** When `data` came, by the browser's clock. */
  atMs: number | null;
  reload(): Promise<void>;
}

export interface ResourceOptions {
  /** Which events call for another look; `view` when left out. */
  on?: readonly LiveEvent['type'][];
  /** Also reads again after this long without an event, as freshness changes by itself. */
  everyMs?: number;
}

/** Last answers by path, so that going back shows something at once. Bounded. */
const kept = new Map<string, { data: unknown; atMs: number }>();
const MOST_KEPT = 40;
const VIEW: readonly LiveEvent['type'][] = ['view'];
const EVERY_MS = 10_000;
const SOONEST_MS = 1000;
/** An answer that takes long is asked for less often: this many times as long is left between. */
const REST_FACTOR = 6;

function keep(path: string, data: unknown): number {
  const atMs = wallMs();
  kept.delete(path);
  kept.set(path, { data, atMs });
  const oldest = kept.keys().next().value;
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return atMs;
}

interface State<T> {
  path: string | null;
  data: T | null;
  error: CallError | null;
  atMs: number | null;
}

function firstState<T>(path: string | null): State<T> {
  const known = path === null ? undefined : kept.get(path);
  return { path, data: (known?.data ?? null) as T | null, error: null, atMs: known?.atMs ?? null };
}

/** @param path null: nothing is asked for yet */
export function useResource<T>(
  path: string | null,
  { on = VIEW, everyMs = EVERY_MS }: ResourceOptions = {},
): Resource<T> {
  const [state, setState] = useState<State<T>>(() => firstState<T>(path));
  const running = useRef<AbortController | null>(null);
  const tookMs = useRef(0);
  const load = useCallback(async () => {
    if (path === null) return;
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const beganAt = steadyMs();
    try {
      const data = await get<T>(path, controller.signal);
      tookMs.current = steadyMs() - beganAt;
      if (!controller.signal.aborted) setState({ path, data, error: null, atMs: keep(path, data) });
    } catch (error) {
      if (controller.signal.aborted) return;
      const failure = error as CallError;
      // It is gone: what was known of it would look as if it were still there, and offer to change it.
      const isGone = failure.status === 404;
      if (isGone) kept.delete(path);
      setState((last) => ({ ...(last.path === path && !isGone ? last : firstState<T>(path)), error: failure }));
    }
  }, [path]);
  useEffect(() => {
    void load();
    const offEvents = whenChanged(
      ({ type }) => type === 'lost' || on.includes(type),
      () => void load(),
      () => Math.max(SOONEST_MS, REST_FACTOR * tookMs.current),
    );
    const offTimer = every(everyMs, () => {
      if (!document.hidden) void load();
    });
    return () => {
      offEvents();
      offTimer();
      running.current?.abort();
    };
  }, [load, on.join(), everyMs]);
  const shown = state.path === path ? state : firstState<T>(path);
  return { data: shown.data, error: shown.error, atMs: shown.atMs, reload: load };
}
