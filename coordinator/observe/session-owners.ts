/**
 * Who a ZooKeeper session belongs to: a broker, when the ephemeral node of its registration is or was owned by it; the
 * coordinator itself; else nobody knows. Remembers sessions that have ended, within a bound: what they wrote stays.
 */
import type { SessionInfo, Stat } from '../../zookeeper';
import { BROKER_IDS_PATH } from '../../zookeeper/znodes';
import type { OwnerOf, Znode, ZnodeTree } from '../parts';
import type { SessionOwner } from '../schemas';
import { childPath } from '../znode-path';

const REMEMBERED_SESSIONS = 10_000;
const NO_SESSION = Buffer.alloc(8);
const UNKNOWN: SessionOwner = { kind: 'unknown', brokerId: null };

/** Keeps itself up to date from the tree and from the coordinator's own session. */
export function createOwnerOf(tree: ZnodeTree, own: SessionInfo): OwnerOf {
  const owners = new Map<string, SessionOwner>();

  const remember = (session: Buffer, owner: SessionOwner): void => {
    if (session.equals(NO_SESSION)) return;
    const key = session.toString('hex');
    owners.delete(key);
    owners.set(key, owner);
    const [oldest] = owners.keys();
    if (owners.size > REMEMBERED_SESSIONS && oldest !== undefined) owners.delete(oldest);
  };
  const rememberBroker = (node: Znode | null | undefined): void => {
    const brokerId = node ? brokerIdOf(node.path) : null;
    if (node && brokerId !== null && isEphemeral(node.stat)) {
      remember(node.stat.ephemeralOwner, { kind: 'broker', brokerId });
    }
  };
  const rememberAllBrokers = (): void => {
    for (const name of tree.get(BROKER_IDS_PATH)?.children ?? [])
      rememberBroker(tree.get(childPath(BROKER_IDS_PATH, name)));
  };

  tree.onReady(rememberAllBrokers);
  tree.onChange(({ before, after }) => {
    rememberBroker(before);
    rememberBroker(after);
  });
  own.onStateChange(() => remember(own.sessionId, { kind: 'coordinator', brokerId: null }));
  remember(own.sessionId, { kind: 'coordinator', brokerId: null });

  return (session) => {
    const found = owners.get(session.toString('hex'));
    if (found) return found;
    // While the tree is read for the first time its changes are not told.
    if (!tree.ready) rememberAllBrokers();
    return owners.get(session.toString('hex')) ?? UNKNOWN;
  };
}

/** Whether a session owns the node. */
export function isEphemeral(stat: Stat): boolean {
  return !stat.ephemeralOwner.equals(NO_SESSION);
}

function brokerIdOf(path: string): number | null {
  if (!path.startsWith(`${BROKER_IDS_PATH}/`)) return null;
  const name = path.slice(BROKER_IDS_PATH.length + 1);
  return /^\d+$/.test(name) ? Number(name) : null;
}
