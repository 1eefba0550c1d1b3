/**
 * One client's way to the in-memory ZooKeeper: a transport like the real connection, with its faults on demand.
 * Requests are executed in order; answers and events arrive in order, each in a turn of its own.
 */
import { isRead } from './tree';
import type { InMemoryZooKeeper } from './server';
import type { Operation, Reply, Transport, TransportListener } from '../../../zookeeper/transport';
import type { MultiOp, WatchEvent } from '../../../zookeeper/types';

const UNKNOWN_SESSION = Buffer.alloc(8);

export class InMemoryTransport implements Transport {
  sessionId: Buffer = UNKNOWN_SESSION;
  sessionPassword: Buffer = Buffer.alloc(16);
  /** Each connection has a number; what belongs to an earlier one is dropped. */
  private connection = 0;
  private connected = false;
  private over = false;
  private listener: TransportListener | null = null;
  private loseAnswers = 0;
  private loseRequests = 0;

  constructor(
    private readonly server: InMemoryZooKeeper,
    private readonly chroot: string,
    readonly negotiatedTimeoutMs: number,
  ) {}

  open(listener: TransportListener): void {
    this.listener = listener;
    this.server.dial(this);
  }

  /** The server takes the connection: called once per dial. */
  established(): void {
    if (this.over) return;
    const connection = ++this.connection;
    const fresh = this.sessionId.equals(UNKNOWN_SESSION);
    const session = fresh ? this.server.newSession(this) : this.server.resume(this);
    this.server.later(this, () => {
      if (connection !== this.connection || this.over) return;
      if (!session) {
        this.over = true;
        this.listener?.onExpired();
        return;
      }
      this.sessionId = session.id;
      this.sessionPassword = session.password;
      this.connected = true;
      this.listener?.onConnected();
    });
  }

  send(operation: Operation, onReply: (reply: Reply) => void): number {
    const connection = this.connection;
    if (this.loseRequests > 0 && !isRead(operation)) {
      this.loseRequests--;
      this.server.later(this, () => this.cut(connection));
      return 0;
    }
    const lost = this.loseAnswers > 0 && !isRead(operation);
    if (lost) this.loseAnswers--;
    this.server.execute(this, withChroot(operation, this.chroot), (reply) => {
      if (connection !== this.connection) return;
      if (lost) this.cut(connection);
      else onReply(withoutChroot(reply, this.chroot));
    });
    return 0;
  }

  /** An event is on its way to the client. */
  notify(event: WatchEvent): void {
    const connection = this.connection;
    this.server.later(this, () => {
      if (connection === this.connection)
        this.listener?.onWatchEvent({ ...event, path: strip(event.path, this.chroot) });
    });
  }

  /** The answer to the next write is lost, and the connection with it; the write has been executed. */
  loseNextAnswer(): void {
    this.loseAnswers++;
  }

  /** The next write is lost on its way to the server, and the connection with it. */
  loseNextRequest(): void {
    this.loseRequests++;
  }

  /** Breaks the connection; the client dials again at once. */
  cut(connection = this.connection): void {
    if (connection !== this.connection || this.over) return;
    const wasConnected = this.connected;
    this.connection++;
    this.connected = false;
    this.server.hangUp(this);
    if (wasConnected) this.listener?.onDisconnected();
    if (!this.over) this.server.dial(this);
  }

  dropConnection(): void {
    this.cut();
  }

  closeSession(): Promise<boolean> {
    if (!this.connected) return Promise.resolve(false);
    this.server.endSession(this.sessionId);
    return Promise.resolve(true);
  }

  abandon(): void {
    this.over = true;
    this.connection++;
    this.connected = false;
    this.server.hangUp(this);
  }
}

function withChroot(operation: Operation, chroot: string): Operation {
  if (chroot === '') return operation;
  const prefix = (path: string): string => (path === '/' ? chroot : chroot + path);
  if (operation.op === 'multi') {
    return { op: 'multi', ops: operation.ops.map((op): MultiOp => ({ ...op, path: prefix(op.path) })) };
  }
  if (operation.op === 'setWatches') {
    const { data, exists, children } = operation;
    return { ...operation, data: data.map(prefix), exists: exists.map(prefix), children: children.map(prefix) };
  }
  return { ...operation, path: prefix(operation.path) };
}

function withoutChroot(reply: Reply, chroot: string): Reply {
  if (chroot === '') return reply;
  const { path, multi } = reply;
  return {
    ...reply,
    ...(path === undefined ? {} : { path: strip(path, chroot) }),
    ...(multi?.ok
      ? {
          multi: {
            ok: true,
            results: multi.results.map((result) => ({
              ...result,
              ...(result.path === undefined ? {} : { path: strip(result.path, chroot) }),
            })),
          },
        }
      : {}),
  };
}

function strip(path: string, chroot: string): string {
  return path.slice(chroot.length) || '/';
}
