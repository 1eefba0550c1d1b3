/**
 * A ZooKeeper in memory, for unit tests and the simulation: tree, sessions with ephemeral nodes, one-shot watches, and
 * faults on demand (lost answers and requests, cut connections, expiry, an unreachable server). The client above it is the
 * production one: sessions, retries and expiry behave as they do against a real server. Owns all state of the ensemble.
 *
 * Without `latencyMs` things happen in turns of the event loop; with it they happen in the time of the clock, so that a
 * seeded source of latencies and a manual clock make every run repeatable.
 */
import type { Clock, TimerHandle } from '../../../runtime/clock';
import { type Logger, silentLogger } from '../../../runtime/logger';
import { Client } from '../../../zookeeper/client';
import { Session } from '../../../zookeeper/session';
import type { Operation, Reply } from '../../../zookeeper/transport';
import type { SessionInfo, WatchEvent, ZooKeeperClient } from '../../../zookeeper/types';
import { InMemoryTransport } from './transport';
import { type Change, Tree } from './tree';

export interface InMemoryOptions {
  clock: Clock;
  /** How long one way between client and server takes now; called once for each. */
  latencyMs?: () => number;
}

export interface InMemoryConnectOptions {
  name?: string;
  /** `/kafka`; made if it is missing. */
  chroot?: string;
  sessionTimeoutMs?: number;
  maxInFlight?: number;
  logger?: Logger;
  /** Aborted when the client's process dies: its connections break and nobody dials again. */
  killed?: AbortSignal;
}

interface ServerSession {
  id: Buffer;
  password: Buffer;
  transport: InMemoryTransport;
  timeoutMs: number;
  expiry: TimerHandle | null;
}

export class InMemoryZooKeeper {
  private readonly tree = new Tree();
  private readonly sessions = new Map<string, ServerSession>();
  private readonly watches = {
    data: new Map<string, Set<InMemoryTransport>>(),
    children: new Map<string, Set<InMemoryTransport>>(),
  };
  /** When the last thing sent on each way arrives: nothing overtakes it. */
  private readonly arrivals = new Map<InMemoryTransport, number>();
  private waiting: InMemoryTransport[] = [];
  private reachable = true;
  private sessionCount = 0;

  constructor(private readonly options: InMemoryOptions) {}

  /** A client of this ZooKeeper, connected. */
  async connect(options: InMemoryConnectOptions = {}): Promise<ZooKeeperClient> {
    const { clock } = this.options;
    const logger = options.logger ?? silentLogger;
    const chroot = options.chroot ?? '';
    this.makeChroot(chroot);
    const client = new Client({
      connectString: `memory${chroot}`,
      logger: logger.for('kafka.zookeeper.ZooKeeperClient', `[ZooKeeperClient ${options.name ?? 'test'}] `),
      newSession: () =>
        new Session({
          transport: this.newTransport(chroot, options),
          clock,
          logger,
          maxInFlight: options.maxInFlight ?? 10,
        }),
    });
    await client.opened();
    return client;
  }

  private newTransport(
    chroot: string,
    { sessionTimeoutMs = 18_000, killed }: InMemoryConnectOptions,
  ): InMemoryTransport {
    const transport = new InMemoryTransport(this, chroot, sessionTimeoutMs);
    killed?.addEventListener('abort', () => transport.abandon());
    return transport;
  }

  /** All nodes with their data, ZooKeeper's own left out. */
  dump(): Record<string, string | null> {
    return Object.fromEntries(
      Object.entries(this.tree.dump()).map(([path, data]) => [path, data === null ? null : data.toString()]),
    );
  }

  /** Ends a session as if its time-out had passed; the client learns it when it dials again, at once. */
  expire(session: SessionInfo): void {
    const { transport } = this.sessionOf(session);
    this.endSession(session.sessionId);
    transport.cut();
  }

  /** Breaks the connection of a session; it goes on over a new one. */
  cut(session: SessionInfo): void {
    this.sessionOf(session).transport.cut();
  }

  loseNextAnswer(session: SessionInfo): void {
    this.sessionOf(session).transport.loseNextAnswer();
  }

  loseNextRequest(session: SessionInfo): void {
    this.sessionOf(session).transport.loseNextRequest();
  }

  /** Cuts all connections and takes none; sessions expire by the clock meanwhile. */
  goAway(): void {
    this.reachable = false;
    for (const session of this.sessions.values()) session.transport.cut();
  }

  comeBack(): void {
    this.reachable = true;
    const waiting = this.waiting;
    this.waiting = [];
    for (const transport of waiting) this.dial(transport);
  }

  // What follows is for the transports.

  dial(transport: InMemoryTransport): void {
    if (this.reachable) this.later(transport, () => transport.established());
    else this.waiting.push(transport);
  }

  newSession(transport: InMemoryTransport): { id: Buffer; password: Buffer } {
    this.tree.nextZxid();
    const id = Buffer.alloc(8);
    id.writeBigInt64BE((1n << 56n) + BigInt(++this.sessionCount));
    const password = Buffer.alloc(16, this.sessionCount);
    this.sessions.set(id.toString('hex'), {
      id,
      password,
      transport,
      timeoutMs: transport.negotiatedTimeoutMs,
      expiry: null,
    });
    return { id, password };
  }

  /** Null when the session has expired. */
  resume(transport: InMemoryTransport): { id: Buffer; password: Buffer } | null {
    const session = this.sessions.get(transport.sessionId.toString('hex'));
    if (!session) return null;
    session.expiry?.cancel();
    session.expiry = null;
    return session;
  }

  hangUp(transport: InMemoryTransport): void {
    this.waiting = this.waiting.filter((other) => other !== transport);
    for (const watchers of [...this.watches.data.values(), ...this.watches.children.values()])
      watchers.delete(transport);
    const session = this.sessions.get(transport.sessionId.toString('hex'));
    if (!session || session.expiry) return;
    session.expiry = this.options.clock.after(session.timeoutMs, () => this.endSession(session.id));
  }

  endSession(sessionId: Buffer): void {
    const key = sessionId.toString('hex');
    const session = this.sessions.get(key);
    if (!session) return;
    session.expiry?.cancel();
    this.sessions.delete(key);
    this.trigger(this.tree.endSession(sessionId));
  }

  execute(transport: InMemoryTransport, operation: Operation, onReply: (reply: Reply) => void): void {
    const { sessionId } = transport;
    this.later(transport, () => {
      const reply = this.executeNow(transport, sessionId, operation);
      this.later(transport, () => onReply(reply));
    });
  }

  /** Runs `step` after one way's latency, never before what was sent on this transport earlier. */
  later(transport: InMemoryTransport, step: () => void): void {
    const { clock, latencyMs } = this.options;
    if (!latencyMs) {
      setImmediate(step);
      return;
    }
    const arrivalMs = Math.max(clock.monotonicMs() + latencyMs(), this.arrivals.get(transport) ?? 0);
    this.arrivals.set(transport, arrivalMs);
    clock.after(arrivalMs - clock.monotonicMs(), step);
  }

  private executeNow(transport: InMemoryTransport, sessionId: Buffer, operation: Operation): Reply {
    if (!this.sessions.has(sessionId.toString('hex'))) return { code: 'SESSION_EXPIRED', zxid: 0n };
    if (operation.op === 'setWatches') this.setWatches(transport, operation);
    const { reply, changes } = this.tree.apply(operation, { sessionId, nowMs: this.options.clock.nowMs() });
    this.trigger(changes);
    if ('watch' in operation && operation.watch) {
      if (reply.code === 'OK' || (operation.op === 'exists' && reply.code === 'NO_NODE')) {
        this.watch(operation.op === 'getChildren' ? 'children' : 'data', operation.path, transport);
      }
    }
    return reply;
  }

  private watch(kind: 'data' | 'children', path: string, transport: InMemoryTransport): void {
    const watchers = this.watches[kind].get(path);
    if (watchers) watchers.add(transport);
    else this.watches[kind].set(path, new Set([transport]));
  }

  /** A client gets one event for a deletion, even when it watches both data and children of the node. */
  private trigger(changes: Change[]): void {
    let toldBefore = new Set<InMemoryTransport>();
    for (const { watchers: kind, event } of changes) {
      const watchers = this.watches[kind].get(event.path) ?? new Set<InMemoryTransport>();
      this.watches[kind].delete(event.path);
      const sameDeletion = kind === 'children' && event.type === 'deleted';
      for (const transport of watchers) if (!sameDeletion || !toldBefore.has(transport)) transport.notify(event);
      toldBefore = watchers;
    }
  }

  /** Watches of a client that is back: what happened meanwhile is told at once. */
  private setWatches(
    transport: InMemoryTransport,
    { sinceZxid, data, exists, children }: Operation & { op: 'setWatches' },
  ): void {
    const tell = (type: WatchEvent['type'], path: string): void => transport.notify({ type, path });
    for (const path of data) {
      const stat = this.tree.stat(path);
      if (!stat) tell('deleted', path);
      else if (stat.mzxid > sinceZxid) tell('data', path);
      else this.watch('data', path, transport);
    }
    for (const path of exists) {
      if (this.tree.stat(path)) tell('created', path);
      else this.watch('data', path, transport);
    }
    for (const path of children) {
      const stat = this.tree.stat(path);
      if (!stat) tell('deleted', path);
      else if (stat.pzxid > sinceZxid) tell('children', path);
      else this.watch('children', path, transport);
    }
  }

  private makeChroot(chroot: string): void {
    const names = chroot.split('/').slice(1);
    for (let depth = 1; depth <= names.length; depth++) {
      const path = `/${names.slice(0, depth).join('/')}`;
      const caller = { sessionId: Buffer.alloc(8), nowMs: this.options.clock.nowMs() };
      this.tree.apply({ op: 'create', path, data: null, mode: 'persistent' }, caller);
    }
  }

  private sessionOf({ sessionId }: SessionInfo): ServerSession {
    const session = this.sessions.get(sessionId.toString('hex'));
    if (!session) throw new Error(`there is no session ${sessionId.toString('hex')}`);
    return session;
  }
}
