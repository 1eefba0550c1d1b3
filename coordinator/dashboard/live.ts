/**
 * The live stream: one EventSource for the whole page. Listeners get each event; `whenChanged` gathers them, so that a
 * burst of events makes one reload at most, and none while the tab is hidden.
 */
import type { LiveEvent } from '@schemas';
import { after } from './clock.js';
import { Store } from './store.js';

const REOPEN_MS = 3000;
/** Between two reloads for events. */
const GATHER_MS = 1000;

export type LiveState = 'connecting' | 'open' | 'broken';

export const liveState = new Store<LiveState>('connecting');

const listeners = new Set<(event: LiveEvent) => void>();
let lastId: string | null = null;

/** Opens the stream; called once. */
export function openLive(): void {
  const source = new EventSource(lastId === null ? '/api/live' : `/api/live?after=${encodeURIComponent(lastId)}`);
  source.addEventListener('open', () => liveState.set('open'));
  source.addEventListener('message', ({ data, lastEventId }: MessageEvent<string>) => {
    lastId = lastEventId;
    const event = JSON.parse(data) as LiveEvent;
    for (const listener of listeners) listener(event);
  });
  source.addEventListener('error', () => {
    liveState.set('broken');
    // While it is merely disconnected the browser tries again by itself; after an error status it does not.
    if (source.readyState === EventSource.CLOSED) after(REOPEN_MS, openLive);
  });
}

export function onEvent(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Calls soon after an event that counts; what happens in a hidden tab is made up for later.
 * @param waitMs how long to gather events before the call; a second when left out
 */
export function whenChanged(
  counts: (event: LiveEvent) => boolean,
  run: () => void,
  waitMs: () => number = () => GATHER_MS,
): () => void {
  let cancel: (() => void) | null = null;
  let missed = false;
  const fire = () => {
    cancel = null;
    if (document.hidden) missed = true;
    else run();
  };
  const off = onEvent((event) => {
    if (cancel === null && counts(event)) cancel = after(waitMs(), fire);
  });
  const onVisible = () => {
    if (document.hidden || !missed) return;
    missed = false;
    run();
  };
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    off();
    cancel?.();
    document.removeEventListener('visibilitychange', onVisible);
  };
}
