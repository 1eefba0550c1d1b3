/**
 * The znodes as last read, and what differs whenever a part of them is read again. Pure: whoever reads puts the answers
 * in, in the order in which the server gave them. Owns the nodes.
 *
 * Watches tell that something changed, not what: a node may have been set several times, or deleted and created anew,
 * before it is read again. Versions tell the first, the czxid tells the second; neither is ever filled in by guessing.
 */
import type { Logger } from '../../runtime/logger';
import type { Stat } from '../../zookeeper';
import type { TreeChange, Znode, ZnodeTree } from '../parts';
import type { Freshness } from '../schemas';
import { childPath, nameOf, parentPath } from '../znode-path';

export interface KnownTreeOptions {
  nowMs: () => number;
  logger: Logger;
  /** Known to whoever reads. */
  freshness: () => Freshness;
}

type Gap = { fromMs: number; toMs: number; why: string };

/** A node whose set of children is kept up to date in place: copying it for each child would be quadratic. */
type Node = Znode & { readonly children: Set<string> };

export class KnownTree implements ZnodeTree {
  private readonly nodes = new Map<string, Node>();
  private readonly changeListeners = new Set<(change: TreeChange) => void>();
  private readonly gapListeners = new Set<(gap: Gap) => void>();
  private readonly readyListeners = new Set<() => void>();
  private isReady = false;

  constructor(private readonly options: KnownTreeOptions) {}

  get size(): number {
    return this.nodes.size;
  }

  get ready(): boolean {
    return this.isReady;
  }

  get(path: string): Znode | undefined {
    return this.nodes.get(path);
  }

  freshness(): Freshness {
    return this.options.freshness();
  }

  onChange(listener: (change: TreeChange) => void): () => void {
    this.changeListeners.add(listener);
    return () => void this.changeListeners.delete(listener);
  }

  onGap(listener: (gap: Gap) => void): () => void {
    this.gapListeners.add(listener);
    return () => void this.gapListeners.delete(listener);
  }

  onReady(listener: () => void): () => void {
    if (this.isReady) {
      listener();
      return () => undefined;
    }
    this.readyListeners.add(listener);
    return () => void this.readyListeners.delete(listener);
  }

  /** A node was read. Ignored when its parent is not known: that one is read again, and finds it. */
  put(path: string, data: Buffer | null, stat: Stat): void {
    const before = this.nodes.get(path);
    if (!before) {
      this.create(path, data, stat);
    } else if (before.stat.czxid !== stat.czxid) {
      this.create(path, data, stat, this.removeOlder(before, stat.czxid));
    } else {
      const after: Node = { path, data, stat: newerChildren(stat, before.stat), children: before.children };
      this.nodes.set(path, after);
      if (before.stat.version === stat.version) return;
      this.tell('changed', path, before, after, stat.version - before.stat.version - 1);
    }
  }

  /**
   * The children of a node were read. Gives the paths of those that are known but were not among them: whoever reads looks
   * whether they are gone. They are not removed here, as thousands at once would keep everything else waiting.
   * @param stat of the node, as it came with the names
   */
  putChildren(path: string, names: readonly string[], stat: Stat): string[] {
    const node = this.nodes.get(path);
    // Of a node that was deleted and created anew meanwhile the children are read again when that is known.
    if (!node || node.stat.czxid !== stat.czxid) return [];
    this.nodes.set(path, { ...node, stat: newerChildren(node.stat, stat) });
    const present = new Set(names);
    return [...node.children].filter((name) => !present.has(name)).map((name) => childPath(path, name));
  }

  /** A node is not there any more, nor anything below it. The deepest go first, as they did in ZooKeeper. */
  remove(path: string): void {
    const node = this.nodes.get(path);
    if (!node) return;
    for (const name of node.children) this.remove(childPath(path, name));
    this.nodes.delete(path);
    if (path !== '/') this.nodes.get(parentPath(path))?.children.delete(nameOf(path));
    this.tell('deleted', path, node, null, 0);
  }

  /** The whole tree has been read; from now on changes are told. */
  markReady(): void {
    if (this.isReady) return;
    this.isReady = true;
    for (const listener of this.readyListeners) this.guarded('ready', listener);
    this.readyListeners.clear();
  }

  /** Watches were lost between two times. Told before the changes that are found when all is read again. */
  markGap(gap: Gap): void {
    for (const listener of this.gapListeners) this.guarded('gap', () => listener(gap));
  }

  private create(path: string, data: Buffer | null, stat: Stat, children = new Set<string>()): void {
    const parent = path === '/' ? null : this.nodes.get(parentPath(path));
    if (parent === undefined) return;
    const after: Node = { path, data, stat, children };
    this.nodes.set(path, after);
    parent?.children.add(nameOf(path));
    // Version 0 is how it was created; a later one means that there were others before.
    this.tell('created', path, null, after, stat.version);
  }

  /** Removes a node that was deleted and created anew; gives what below it is younger than the new one, and stays. */
  private removeOlder(node: Node, czxid: bigint): Set<string> {
    const younger = new Set<string>();
    for (const name of node.children) {
      const child = this.nodes.get(childPath(node.path, name)) as Node;
      if (child.stat.czxid > czxid) younger.add(name);
      else this.remove(child.path);
    }
    this.nodes.delete(node.path);
    this.tell('deleted', node.path, node, null, 0);
    return younger;
  }

  private tell(
    kind: TreeChange['kind'],
    path: string,
    before: Znode | null,
    after: Znode | null,
    missedVersions: number,
  ): void {
    if (!this.isReady) return;
    const change: TreeChange = { kind, path, before, after, atMs: this.options.nowMs(), missedVersions };
    for (const listener of this.changeListeners) this.guarded(`${kind} ${path}`, () => listener(change));
  }

  /** What one part makes of a change must not keep the tree, nor the other parts, from it. */
  private guarded(what: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.options.logger.error(`A listener to the znodes failed at: ${what}`, error);
    }
  }
}

/** The stat of the data, with what it says of the children from whichever of two is newer in that. */
function newerChildren(stat: Stat, other: Stat): Stat {
  if (stat.pzxid >= other.pzxid) return stat;
  const { pzxid, cversion, numChildren } = other;
  return { ...stat, pzxid, cversion, numChildren };
}
