/** The children of the znodes that are open in the tree, now or at a point of the past; kept up to date by the live stream. */
import type { ZnodeChange, ZnodeView } from '@schemas';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CallError, get } from '../api.js';
import { after } from '../clock.js';
import { onEvent } from '../live.js';
import { type Child } from '../logic/znodes.js';
import { searchOf } from '../logic/routes.js';

export interface TreeData {
  children: ReadonlyMap<string, readonly Child[]>;
  /** Paths that changed within the last seconds; marked in the tree. */
  changed: ReadonlySet<string>;
}

const GATHER_MS = 700;
const MARKED_MS = 4000;

export const znodePath = (path: string, at: number | null) => `/api/znodes?${searchOf({ path, at })}`;

function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
}

/** @param at position in the flight recorder; null for the present */
export function useTree(open: ReadonlySet<string>, at: number | null): TreeData {
  const [children, setChildren] = useState<ReadonlyMap<string, readonly Child[]>>(new Map());
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const asked = useRef(new Set<string>());
  const latest = useRef({ open, at });
  latest.current = { open, at };
  const load = async (path: string) => {
    try {
      const view = await get<ZnodeView>(znodePath(path, at));
      if (latest.current.at === at) setChildren((last) => new Map(last).set(path, view.children));
    } catch (error) {
      // Gone, or not yet there at that time: then it has no children.
      const none = error instanceof CallError && error.status === 404;
      if (none && latest.current.at === at) setChildren((last) => new Map(last).set(path, []));
    }
  };
  useEffect(() => {
    asked.current = new Set();
    return after(at === null ? 0 : 120, () => {
      for (const path of latest.current.open) {
        asked.current.add(path);
        void load(path);
      }
    });
  }, [at]);
  useEffect(() => {
    for (const path of open) {
      if (asked.current.has(path) || asked.current.size === 0) continue;
      asked.current.add(path);
      void load(path);
    }
  }, [open]);
  useEffect(() => {
    if (at !== null) return;
    return gatherChanges((paths) => {
      for (const path of new Set([...paths].flatMap((each) => [each, parentOf(each)]))) {
        if (latest.current.open.has(path)) void load(path);
      }
      setChanged(paths);
      after(MARKED_MS, () => setChanged((last) => (last === paths ? new Set() : last)));
    });
  }, [at]);
  return { children, changed };
}

/** Calls with all paths that changed within a short while. */
function gatherChanges(tell: (paths: ReadonlySet<string>) => void): () => void {
  let paths = new Set<string>();
  let cancel: (() => void) | null = null;
  const off = onEvent(({ type, data }) => {
    const path = type === 'znode' ? (data as ZnodeChange | null)?.path : undefined;
    if (!path) return;
    paths.add(path);
    cancel ??= after(GATHER_MS, () => {
      cancel = null;
      tell(paths);
      paths = new Set();
    });
  });
  return () => {
    off();
    cancel?.();
  };
}
