/**
 * The requests of one session: sent in the order of the calls, at most `maxInFlight` unanswered, sent again after a lost
 * connection. Owns every request until it is settled.
 *
 * A write whose answer was lost goes again alone: nothing is sent behind it until it is known whether its first attempt
 * was executed (see lost-answer.ts), so that later operations cannot cover the traces. Looks for those traces are `urgent`.
 */
import { ZkError, type ZkCode } from './errors';
import { findSequential, type Look, mayBeOwnDoing, recoverReply } from './lost-answer';
import type { Operation, Reply, Transport } from './transport';

interface Pending {
  operation: Operation;
  /** Called as soon as the answer is there, before anything that follows it on the connection. */
  onReply: ((reply: Reply) => void) | null;
  resolve(reply: Reply): void;
  reject(error: ZkError): void;
  urgent: boolean;
  /** How often the connection went away while this waited for its answer. */
  losses: number;
  /** The last transaction known when this was first sent; null before. */
  zxidBefore: bigint | null;
  requestBytes: number;
}

/** A queue this long is a caller that has gone wild. */
const MAX_QUEUED = 500_000;

/** A server's own limit (jute.maxbuffer) unless set otherwise: it closes the connection on a longer request, again and again. */
const SERVER_LIMIT_BYTES = 1_000_000;
const MAX_LOSSES_OF_LARGE_REQUEST = 4;

export class RequestPipeline {
  private queue: Pending[] = [];
  private urgent: Pending[] = [];
  private inFlight: Pending[] = [];
  /** The write that goes alone. */
  private alone: Pending | null = null;
  private connected = false;
  private lastZxid = 0n;
  private drainWaiters: (() => void)[] = [];
  /** Set once the pipeline has ended: what every further request is rejected with. */
  private endedBy: ZkCode | null = null;

  constructor(
    private readonly transport: Transport,
    private readonly maxInFlight: number,
  ) {}

  /** The last transaction that an answer has told of. */
  get knownZxid(): bigint {
    return this.lastZxid;
  }

  /** Resolves with the answer, whatever its code. Rejects when the session has ended or ends first. */
  request(operation: Operation, onReply: ((reply: Reply) => void) | null = null): Promise<Reply> {
    if (this.queue.length >= MAX_QUEUED) {
      return Promise.reject(new ZkError('THROTTLED_OP', pathOf(operation), `${MAX_QUEUED} operations wait already`));
    }
    return this.add(operation, onReply, false);
  }

  onConnected(): void {
    this.connected = true;
    this.pump();
  }

  /** All that was not answered waits again, in its order, before all that was not sent. */
  onDisconnected(): void {
    this.connected = false;
    const lost = this.inFlight;
    this.inFlight = [];
    for (const pending of lost) pending.losses++;
    if (this.alone && lost.includes(this.alone)) this.alone = null;
    this.urgent = [...lost.filter((pending) => pending.urgent), ...this.urgent];
    this.queue = [...lost.filter((pending) => !pending.urgent), ...this.queue];
    const first = this.queue[0];
    if (first && first.losses >= MAX_LOSSES_OF_LARGE_REQUEST && first.requestBytes > SERVER_LIMIT_BYTES) {
      this.queue.shift();
      const detail = `a request of ${first.requestBytes} bytes, at which the server drops the connection: see its jute.maxbuffer`;
      first.reject(new ZkError('CONNECTION_LOSS', pathOf(first.operation), detail));
      this.wakeDrained();
    }
  }

  /** Rejects all that waits and all that will come. */
  end(code: ZkCode): void {
    if (this.endedBy !== null) return;
    this.endedBy = code;
    this.connected = false;
    const all = [...this.inFlight, ...(this.alone ? [this.alone] : []), ...this.urgent, ...this.queue];
    this.inFlight = this.urgent = this.queue = [];
    this.alone = null;
    for (const pending of new Set(all)) pending.reject(new ZkError(code, pathOf(pending.operation)));
    this.wakeDrained();
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    if (this.isEmpty()) return Promise.resolve();
    return new Promise((resolve) => this.drainWaiters.push(resolve));
  }

  private add(operation: Operation, onReply: Pending['onReply'], urgent: boolean): Promise<Reply> {
    if (this.endedBy !== null) return Promise.reject(new ZkError(this.endedBy, pathOf(operation)));
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        operation,
        onReply,
        resolve,
        reject,
        urgent,
        losses: 0,
        zxidBefore: null,
        requestBytes: 0,
      };
      (urgent ? this.urgent : this.queue).push(pending);
      this.pump();
    });
  }

  private pump(): void {
    while (this.connected && this.inFlight.length < this.maxInFlight) {
      const next = this.alone ? this.urgent.shift() : this.queue[0];
      if (!next) return;
      if (this.alone) {
        this.transmit(next);
        continue;
      }
      const goesAlone = next.losses > 0 && isWrite(next.operation);
      if (goesAlone && this.inFlight.length > 0) return;
      this.queue.shift();
      if (goesAlone) this.sendAlone(next);
      else this.transmit(next);
    }
  }

  private transmit(pending: Pending): void {
    pending.zxidBefore ??= this.lastZxid;
    this.inFlight.push(pending);
    pending.requestBytes = this.transport.send(pending.operation, (reply) => this.replied(pending, reply));
  }

  private replied(pending: Pending, reply: Reply): void {
    if (reply.zxid > this.lastZxid) this.lastZxid = reply.zxid;
    if (reply.code === 'CONNECTION_LOSS' || reply.code === 'SESSION_MOVED') {
      // Still in flight, so it is sent again with the rest.
      this.transport.dropConnection(`it answered ${reply.code}`);
      return;
    }
    const at = this.inFlight.indexOf(pending);
    if (at === -1) return;
    this.inFlight.splice(at, 1);
    if (pending === this.alone && mayBeOwnDoing(pending.operation, reply)) {
      this.recover(
        pending,
        (lost, look) => recoverReply(lost, look),
        () => this.settle(pending, reply),
      );
    } else {
      this.settle(pending, reply);
    }
    this.pump();
  }

  private settle(pending: Pending, reply: Reply): void {
    if (this.alone === pending) this.alone = null;
    pending.onReply?.(reply);
    pending.resolve(reply);
    this.pump();
    this.wakeDrained();
  }

  private sendAlone(pending: Pending): void {
    this.alone = pending;
    this.recover(
      pending,
      (lost, look) => findSequential(lost, look),
      () => {
        if (this.connected) this.transmit(pending);
        else this.putBack(pending);
      },
    );
  }

  /** Lost again before it could be sent. */
  private putBack(pending: Pending): void {
    this.alone = null;
    this.queue.unshift(pending);
    this.pump();
  }

  /** Settles with what `find` finds of the first attempt, or goes on with `otherwise`. */
  private recover(
    pending: Pending,
    find: (lost: { operation: Operation; zxidBefore: bigint; sessionId: Buffer }, look: Look) => Promise<Reply | null>,
    otherwise: () => void,
  ): void {
    const lost = {
      operation: pending.operation,
      zxidBefore: pending.zxidBefore ?? 0n,
      sessionId: this.transport.sessionId,
    };
    void find(lost, this.look).then(
      (found) => {
        if (this.alone !== pending) return;
        if (found) this.settle(pending, found);
        else otherwise();
      },
      (error: unknown) => {
        if (this.alone !== pending) return;
        this.alone = null;
        pending.reject(error as ZkError);
        this.pump();
        this.wakeDrained();
      },
    );
  }

  private readonly look: Look = {
    getData: async (path) => {
      const reply = await this.add({ op: 'getData', path, watch: false }, null, true);
      if (reply.code === 'NO_NODE') return null;
      return { data: reply.data ?? null, stat: statOf(reply, path) };
    },
    getChildren: async (path) => {
      const reply = await this.add({ op: 'getChildren', path, watch: false }, null, true);
      if (reply.code === 'NO_NODE') return [];
      return reply.children ?? [];
    },
  };

  private isEmpty(): boolean {
    return this.queue.length === 0 && this.inFlight.length === 0 && this.alone === null;
  }

  private wakeDrained(): void {
    if (!this.isEmpty()) return;
    const waiters = this.drainWaiters;
    this.drainWaiters = [];
    for (const wake of waiters) wake();
  }
}

/** The path that an operation is about; null for those about several. */
export function pathOf(operation: Operation): string | null {
  return 'path' in operation ? operation.path : null;
}

function isWrite({ op }: Operation): boolean {
  return op === 'create' || op === 'setData' || op === 'delete' || op === 'multi';
}

function statOf(reply: Reply, path: string): NonNullable<Reply['stat']> {
  if (reply.code !== 'OK' || !reply.stat) throw new ZkError(reply.code, path, reply.detail);
  return reply.stat;
}
