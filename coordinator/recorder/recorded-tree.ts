/**
 * The znodes as they stood after a change, kept up by applying one change after the other. Owns its maps; the nodes in it
 * are never changed in place, so that a list of them is a picture of the moment.
 */
import type { ObservedChange, ParentStat, RecordedNode } from './recorded-change';
import { nameOf, parentPath } from '../znode-path';

const NONE: ReadonlySet<string> = new Set();

/** As much of a change as the tree needs. */
export type TreeStep = Pick<ObservedChange, 'kind' | 'path' | 'after' | 'parent'>;

export class RecordedTree {
  private readonly nodes = new Map<string, RecordedNode>();
  private readonly names = new Map<string, Set<string>>();
  private readonly owned = new Map<string, Set<string>>();

  get size(): number {
    return this.nodes.size;
  }

  get(path: string): RecordedNode | undefined {
    return this.nodes.get(path);
  }

  /** Names of the children, as far as the record tells. */
  children(path: string): ReadonlySet<string> {
    return this.names.get(path) ?? NONE;
  }

  /** Paths of the ephemeral nodes of a session. */
  ownedBy(session: string): string[] {
    return [...(this.owned.get(session) ?? NONE)];
  }

  /** All nodes as they are now. */
  snapshot(): RecordedNode[] {
    return [...this.nodes.values()];
  }

  put(node: RecordedNode): void {
    const before = this.nodes.get(node.path);
    if (before?.owner) this.disown(before.owner, node.path);
    this.nodes.set(node.path, node);
    if (node.owner) added(this.owned, node.owner, node.path);
    if (node.path !== '/') added(this.names, parentPath(node.path), nameOf(node.path));
  }

  apply({ kind, path, after, parent }: TreeStep): void {
    if (kind === 'session-opened' || kind === 'session-closed') return;
    if (kind === 'deleted') this.remove(path);
    else if (after) this.put(after);
    if (parent) this.updateParent(path, parent);
  }

  private remove(path: string): void {
    const node = this.nodes.get(path);
    this.nodes.delete(path);
    this.names.delete(path);
    if (node?.owner) this.disown(node.owner, path);
    if (path !== '/') removed(this.names, parentPath(path), nameOf(path));
  }

  private updateParent(path: string, parent: ParentStat): void {
    const node = path === '/' ? undefined : this.nodes.get(parentPath(path));
    if (node?.stat) this.nodes.set(node.path, { ...node, stat: { ...node.stat, ...parent } });
  }

  private disown(session: string, path: string): void {
    removed(this.owned, session, path);
  }
}

function added(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function removed(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
