/**
 * What watches told of a change, as the recorder keeps it. Watches name neither the session that wrote nor each version: what
 * they do not tell stays unknown. Two things follow with certainty: the session that created an ephemeral node is its owner;
 * and a deletion has the zxid of its parent's last change of children when that was the only one since.
 */
import type { Stat } from '../../zookeeper';
import type { TreeChange, Znode, ZnodeTree } from '../parts';
import { withoutSecrets } from './payload';
import {
  sessionText,
  type ObservedChange,
  type ParentStat,
  type RecordedNode,
  type RecordedStat,
} from './recorded-change';
import type { RecordedTree } from './recorded-tree';
import { childPath, parentPath } from '../znode-path';

const NO_SESSION = Buffer.alloc(8);

/** A znode that was read, as the recorder keeps it. */
export function recordedNode({ path, data, stat }: Pick<Znode, 'path' | 'data' | 'stat'>): RecordedNode {
  return {
    path,
    data: withoutSecrets(path, data),
    version: stat.version,
    owner: stat.ephemeralOwner.equals(NO_SESSION) ? null : sessionText(stat.ephemeralOwner),
    stat: recordedStat(stat),
  };
}

/** All nodes of the tree, parents first. */
export function nodesOf(tree: ZnodeTree): RecordedNode[] {
  const nodes: RecordedNode[] = [];
  const paths = ['/'];
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const node = tree.get(path);
    if (!node) continue;
    nodes.push(recordedNode(node));
    for (const name of node.children) paths.push(childPath(path, name));
  }
  return nodes;
}

/** A change, with what was known of the parent at the moment in which it was told. */
export interface ToldChange extends TreeChange {
  readonly parentThen: ParentStat | null;
}

/** To be called before anything else is read. */
export function toldNow(change: TreeChange, current: ZnodeTree): ToldChange {
  return { ...change, parentThen: parentNow(change.path, current) };
}

/**
 * Applies changes that became known together; the tree has been brought up to date with what their reads told.
 */
export function applyTreeChanges(
  changes: readonly ToldChange[],
  current: ZnodeTree,
  recorded: RecordedTree,
): ObservedChange[] {
  const siblings = new Map<string, number>();
  for (const { kind, path } of changes) {
    if (kind !== 'changed') siblings.set(parentPath(path), (siblings.get(parentPath(path)) ?? 0) + 1);
  }
  return changes.map((change) => {
    const observed = observedChange(change, current, recorded, siblings.get(parentPath(change.path)) === 1);
    recorded.apply(observed);
    return observed;
  });
}

function observedChange(
  change: ToldChange,
  current: ZnodeTree,
  recorded: RecordedTree,
  alone: boolean,
): ObservedChange {
  const { kind, path, after, atMs, missedVersions } = change;
  const before = kind === 'created' ? null : (recorded.get(path) ?? null);
  const now = after && recordedNode(after);
  const parent = kind === 'changed' ? null : parentNow(path, current);
  const zxid = kind === 'deleted' ? (alone ? deletionZxid(change, parent, recorded) : null) : zxidOf(kind, now);
  return {
    kind,
    path,
    zxid,
    timeMs: atMs,
    source: 'watch',
    session: kind === 'created' ? (now?.owner ?? null) : null,
    multiIndex: null,
    missedVersions,
    beforeKnown: kind === 'created' || before !== null,
    before,
    after: now,
    parent,
    aclOnly: false,
    timeoutMs: null,
  };
}

function zxidOf(kind: TreeChange['kind'], node: RecordedNode | null): bigint | null {
  if (!node?.stat) return null;
  // A node first seen with a later version: its creation, and what it holds now, are two transactions.
  return kind === 'created' && node.version === 0 ? node.stat.czxid : node.stat.mzxid;
}

function parentNow(path: string, current: ZnodeTree): ParentStat | null {
  const stat = path === '/' ? undefined : current.get(parentPath(path))?.stat;
  return stat ? { pzxid: stat.pzxid, ...countsOf(stat) } : null;
}

/**
 * A deletion that was heard of before its parent was read again is in that reading; when the reading counts one deletion more
 * and no creation, it is the parent's last change. Were the parent read first, the one deletion might be another's.
 */
function deletionZxid(
  { path, parentThen }: ToldChange,
  parent: ParentStat | null,
  recorded: RecordedTree,
): bigint | null {
  const known = path === '/' ? undefined : recorded.get(parentPath(path))?.stat;
  if (!known || !parent || parentThen?.deletions !== known.deletions) return null;
  return parent.creations === known.creations && parent.deletions === known.deletions + 1 ? parent.pzxid : null;
}

function recordedStat(stat: Stat): RecordedStat {
  const { czxid, mzxid, pzxid, ctimeMs, mtimeMs, aversion } = stat;
  return { czxid, mzxid, pzxid, ctimeMs, mtimeMs, aversion, ...countsOf(stat) };
}

/** cversion counts creations and deletions; with the children that are there it tells both. */
function countsOf({ cversion, numChildren }: Stat): { creations: number; deletions: number } {
  return { creations: (cversion + numChildren) / 2, deletions: (cversion - numChildren) / 2 };
}
