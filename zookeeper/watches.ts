/**
 * The watches of one session: who is to be called when what was read changes. One-shot. Kinds follow ZooKeeper's: data
 * watches (getData, and exists of a node that is there), exists watches (of one that is not), child watches.
 */
import type { Watch, WatchEvent } from './types';

export type WatchKind = 'data' | 'exists' | 'children';

/** Which kinds a change sets off. */
const FIRED_BY: Record<WatchEvent['type'], readonly WatchKind[]> = {
  created: ['data', 'exists'],
  data: ['data', 'exists'],
  children: ['children'],
  deleted: ['data', 'children'],
};

export class Watches {
  private readonly byKind: Record<WatchKind, Map<string, Set<Watch>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
  };

  /** The same function set twice on a path is called once, as the server sends one event. */
  add(kind: WatchKind, path: string, watch: Watch): void {
    const watches = this.byKind[kind].get(path);
    if (watches) watches.add(watch);
    else this.byKind[kind].set(path, new Set([watch]));
  }

  /** Takes off, and gives, the watches that an event sets off. */
  take(event: WatchEvent): Watch[] {
    const fired = new Set<Watch>();
    for (const kind of FIRED_BY[event.type]) {
      for (const watch of this.byKind[kind].get(event.path) ?? []) fired.add(watch);
      this.byKind[kind].delete(event.path);
    }
    return [...fired];
  }

  paths(kind: WatchKind): string[] {
    return [...this.byKind[kind].keys()];
  }

  clear(): void {
    for (const watches of Object.values(this.byKind)) watches.clear();
  }
}

/** The paths of all watches, cut into portions whose paths together have at most `maxBytes`, so that no request grows too large. */
export function watchPortions(
  watches: Watches,
  maxBytes: number,
): { data: string[]; exists: string[]; children: string[] }[] {
  const portions: { data: string[]; exists: string[]; children: string[] }[] = [];
  let room = 0;
  for (const kind of ['data', 'exists', 'children'] as const) {
    for (const path of watches.paths(kind)) {
      room -= Buffer.byteLength(path) + 4;
      if (room < 0) {
        portions.push({ data: [], exists: [], children: [] });
        room = maxBytes;
      }
      portions.at(-1)?.[kind].push(path);
    }
  }
  return portions;
}
