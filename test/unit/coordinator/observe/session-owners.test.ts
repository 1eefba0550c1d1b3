import { createOwnerOf } from '../../../../coordinator/observe/session-owners';
import { tellSessionEvents } from '../../../../coordinator/observe/session-events';
import { createEventHub } from '../../../../coordinator/event-hub';
import { KnownTree } from '../../../../coordinator/observe/znode-tree';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import type { SessionInfo, SessionState } from '../../../../zookeeper';
import { statOf } from '../../../support/coordinator/znode-stat';

const session = (id: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(id));
  return bytes;
};

/** The coordinator's own session, moved by the test. */
class OwnSession implements SessionInfo {
  sessionId = session(0);
  readonly sessionPassword = Buffer.alloc(16);
  readonly negotiatedTimeoutMs = 10_000;
  state: SessionState = 'connecting';
  private readonly listeners = new Set<(state: SessionState) => void>();

  onStateChange(listener: (state: SessionState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  become(state: SessionState, id?: number): void {
    if (id !== undefined) this.sessionId = session(id);
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}

const unknown = { kind: 'unknown', brokerId: null };
const coordinator = { kind: 'coordinator', brokerId: null };
const broker = (brokerId: number): object => ({ kind: 'broker', brokerId });

describe('the owner of a ZooKeeper session', () => {
  let tree: KnownTree;
  let own: OwnSession;
  let zxid: number;

  const register = (brokerId: number, owner: number): void =>
    tree.put(`/brokers/ids/${brokerId}`, null, statOf(zxid++, { ephemeralOwner: session(owner) }));

  beforeEach(() => {
    zxid = 1;
    own = new OwnSession();
    const freshness = () => ({ asOfMs: 0, ageMs: 0, stale: false, why: null });
    tree = new KnownTree({ nowMs: () => 0, logger: silentLogger, freshness });
    for (const path of ['/', '/brokers', '/brokers/ids', '/brokers/topics']) tree.put(path, null, statOf(zxid++));
  });

  it('is the broker whose registration it holds, known also while the tree is read for the first time', () => {
    const ownerOf = createOwnerOf(tree, own);
    register(3, 77);
    expect(ownerOf(session(77))).toEqual(broker(3));
    tree.markReady();
    register(4, 78);
    expect(ownerOf(session(78))).toEqual(broker(4));
    expect(ownerOf(session(79))).toEqual(unknown);
  });

  it('stays known when it has ended, and when the broker has another one', () => {
    const ownerOf = createOwnerOf(tree, own);
    register(3, 77);
    tree.markReady();
    register(3, 80);
    tree.remove('/brokers/ids/3');
    expect([77, 80].map((id) => ownerOf(session(id)))).toEqual([broker(3), broker(3)]);
  });

  it('is nobody for nodes that belong to no session, and for ephemeral nodes elsewhere', () => {
    const ownerOf = createOwnerOf(tree, own);
    tree.markReady();
    register(3, 0);
    tree.put('/brokers/topics/5', null, statOf(zxid++, { ephemeralOwner: session(81) }));
    expect(ownerOf(session(0))).toEqual(unknown);
    expect(ownerOf(session(81))).toEqual(unknown);
  });

  it('is the coordinator for each session that it has had', () => {
    const ownerOf = createOwnerOf(tree, own);
    expect(ownerOf(session(5))).toEqual(unknown);
    own.become('connected', 5);
    own.become('expired');
    own.become('connected', 6);
    expect([5, 6].map((id) => ownerOf(session(id)))).toEqual([coordinator, coordinator]);
    expect(ownerOf(session(0))).toEqual(unknown);
  });
});

it('the coordinator’s own session is told of as it comes, goes and comes back', () => {
  const own = new OwnSession();
  const events = createEventHub({ clock: new ManualClock(), logger: silentLogger });
  tellSessionEvents(own, events);
  own.become('connected', 0xab);
  own.become('disconnected');
  own.become('connected');
  own.become('expired');
  own.become('connected', 0xac);
  own.become('closed');
  const told = events.list(0, 10).events.map(({ type, text }) => `${type}: ${text.replaceAll(/0x0*/g, '0x')}`);
  expect(told).toEqual([
    'zookeeper: The coordinator has opened the ZooKeeper session 0xab.',
    'zookeeper: The coordinator has lost its connection to ZooKeeper; its session 0xab lives on until its time-out.',
    'zookeeper: The coordinator is connected to ZooKeeper again; its session 0xab goes on.',
    'zookeeper: ZooKeeper has expired the coordinator’s session 0xab: its watches are gone, everything is read again.',
    'zookeeper: The coordinator has opened the ZooKeeper session 0xac.',
  ]);
});
