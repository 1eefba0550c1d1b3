/** A znode as it stands, for people: payload without secrets, stat, what it is for, whose it is. */
import { hexId } from '../observe/broker-view';
import { isEphemeral } from '../observe/session-owners';
import { childPath } from '../znode-path';
import type { OwnerOf, Znode, ZnodeTree } from '../parts';
import { payloadOf, withoutSecrets } from '../recorder/payload';
import { zxidText } from '../recorder/recorded-change';
import { meaningOf } from '../recorder/znode-meaning';
import type { ZnodeChild, ZnodeStat, ZnodeView } from '../schemas';
import type { Stat } from '../../zookeeper';

/** Of a znode's data; ZooKeeper's own limit, jute.maxbuffer, is as much. */
const SHOWN_BYTES = 1_048_576;

function statOf(stat: Stat): ZnodeStat {
  const { ctimeMs, mtimeMs, version, cversion, aversion, dataLength, numChildren } = stat;
  return {
    czxid: zxidText(stat.czxid),
    mzxid: zxidText(stat.mzxid),
    pzxid: zxidText(stat.pzxid),
    ctimeMs,
    mtimeMs,
    version,
    cversion,
    aversion,
    ephemeralOwner: hexId(stat.ephemeralOwner),
    dataLength,
    numChildren,
  };
}

function childrenOf(tree: ZnodeTree, { path, children }: Znode): ZnodeChild[] {
  return [...children].sort().map((name) => {
    const at = childPath(path, name);
    const child = tree.get(at);
    return {
      name,
      path: at,
      numChildren: child?.children.size ?? 0,
      ephemeral: child !== undefined && isEphemeral(child.stat),
    };
  });
}

/** Null when there is no such node, or the tree does not know it. */
export function znodeViewOf(tree: ZnodeTree, ownerOf: OwnerOf, path: string): ZnodeView | null {
  const node = tree.get(path);
  if (!node) return null;
  const data = withoutSecrets(path, node.data);
  return {
    freshness: tree.freshness(),
    path,
    data: data === null ? null : payloadOf(data, SHOWN_BYTES),
    stat: statOf(node.stat),
    meaning: meaningOf(path),
    owner: isEphemeral(node.stat) ? ownerOf(node.stat.ephemeralOwner) : null,
    children: childrenOf(tree, node),
    atZxid: null,
  };
}
