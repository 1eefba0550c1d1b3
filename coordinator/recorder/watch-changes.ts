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
import { parentOf, type RecordedTree } from './recorded-tree';

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
    for (const name of node.children) paths.push(path === '/' ? `/${name}` : `${path}/${name}`);
  }
  return nodes;
}

/**
 * Applies changes that became known together; the tree has been brought up to date with what their reads told.
 */
export function applyTreeChanges(
  changes: readonly TreeChange[],
  current: ZnodeTree,
  recorded: RecordedTree,
): ObservedChange[] {
  const siblings = new Map<string, number>();
  for (const { kind, path } of changes) {
    if (kind !== 'changed') siblings.set(parentOf(path), (siblings.get(parentOf(path)) ?? 0) + 1);
  }
  return changes.map((change) => {
    const observed = observedChange(change, current, recorded, siblings.get(parentOf(change.path)) === 1);
    recorded.apply(observed);
    return observed;
  });
}

function observedChange(
  { kind, path, after, atMs, missedVersions }: TreeChange,
  current: ZnodeTree,
  recorded: RecordedTree,
  alone: boolean,
): ObservedChange {
  const before = kind === 'created' ? null : (recorded.get(path) ?? null);
  const now = after && recordedNode(after);
  const parent = kind === 'changed' ? null : parentNow(path, current);
  const zxid = kind === 'deleted' ? deletionZxid(path, parent, recorded, alone) : zxidOf(kind, now);
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
  const stat = path === '/' ? undefined : current.get(parentOf(path))?.stat;
  return stat ? { pzxid: stat.pzxid, ...countsOf(stat) } : null;
}

function deletionZxid(path: string, parent: ParentStat | null, recorded: RecordedTree, alone: boolean): bigint | null {
  const then = path === '/' ? undefined : recorded.get(parentOf(path))?.stat;
  if (!alone || !then || !parent) return null;
  // One deletion and no creation since the parent was known last: its last change is this one.
  return parent.creations === then.creations && parent.deletions === then.deletions + 1 ? parent.pzxid : null;
}

function recordedStat(stat: Stat): RecordedStat {
  const { czxid, mzxid, pzxid, ctimeMs, mtimeMs, aversion } = stat;
  return { czxid, mzxid, pzxid, ctimeMs, mtimeMs, aversion, ...countsOf(stat) };
}

/** cversion counts creations and deletions; with the children that are there it tells both. */
function countsOf({ cversion, numChildren }: Stat): { creations: number; deletions: number } {
  return { creations: (cversion + numChildren) / 2, deletions: (cversion - numChildren) / 2 };
}
