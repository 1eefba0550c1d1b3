/** The cluster's view, read once for the whole shell: header, banners and overview show the same. */
import type { ClusterView } from '@schemas';
import { type CallError, get } from './api.js';
import { every, wallMs } from './clock.js';
import { whenChanged } from './live.js';
import { Store } from './store.js';

export interface ClusterState {
  view: ClusterView | null;
  /** When `view` came, by the browser's clock. */
  atMs: number | null;
  error: CallError | null;
}

const EVERY_MS = 5000;

export const cluster = new Store<ClusterState>({ view: null, atMs: null, error: null });

let running = false;

export async function reloadCluster(): Promise<void> {
  if (running) return;
  running = true;
  try {
    cluster.set({ view: await get<ClusterView>('/api/cluster'), atMs: wallMs(), error: null });
  } catch (error) {
    cluster.set({ ...cluster.get(), error: error as CallError });
  } finally {
    running = false;
  }
}

/** Begins to read it, now and whenever it changed. Returns a function that ends it. */
export function watchCluster(): () => void {
  void reloadCluster();
  const offEvents = whenChanged(
    ({ type }) => type === 'view' || type === 'health' || type === 'fault' || type === 'lost',
    () => void reloadCluster(),
  );
  const offTimer = every(EVERY_MS, () => {
    if (!document.hidden) void reloadCluster();
  });
  return () => {
    offEvents();
    offTimer();
  };
}
