/**
 * The network of a simulation: connections between nodes over links that can be slow or cut, in each direction on its own.
 * Bytes on one connection keep their order; connections overtake one another. A cut link holds what is sent, as TCP's
 * retransmission does, and delivers it when it is whole again, even if the sender has died since.
 * Requests are real frames and are answered by the production dispatch, one at a time per connection.
 */
import {
  ConnectionError,
  type Connect,
  type ConnectionOptions,
  type PeerConnection,
  type VersionBounds,
} from '../../../client/connection';
import type { Dispatch, Outcome } from '../../../broker/net/dispatch';
import {
  decodeResponse,
  encodeRequest,
  Reader,
  type Api,
  type Fields,
  type InputOf,
  type MessageOf,
} from '../../../protocol';
import { apiVersions } from '../../../protocol/apis';
import type { Clock, TimerHandle } from '../../../runtime/clock';
import type { Random } from '../../../runtime/random';

/** A process that takes part: a broker in one of its lives, or a client. */
export interface NetworkNode {
  /** Its place in the network; a broker's stays the same over its lives. */
  readonly address: number;
  readonly isAlive: () => boolean;
  /** Null while requests are refused. */
  readonly dispatch: () => Dispatch | null;
}

const MAX_HELD_MS = 3_600_000;

export class SimulatedNetwork {
  private readonly listening = new Map<number, NetworkNode>();
  private readonly cut = new Set<string>();
  private readonly stalled = new Map<string, Set<Pipe>>();
  private readonly ends = new Set<Link>();
  private connections = 0;
  /** Milliseconds for the slowest messages; 0 when none is slow. */
  slownessMs = 0;

  constructor(
    readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** The node takes connections from now on. */
  listen(node: NetworkNode): void {
    this.listening.set(node.address, node);
  }

  /** The node's process is gone: its connections break, for the others as soon as word gets through. */
  kill(node: NetworkNode): void {
    if (this.listening.get(node.address) === node) this.listening.delete(node.address);
    for (const link of this.ends) link.processDied(node);
  }

  cutLink(from: number, to: number): void {
    this.cut.add(`${from}>${to}`);
  }

  healLink(from: number, to: number): void {
    const name = `${from}>${to}`;
    if (!this.cut.delete(name)) return;
    const pipes = this.stalled.get(name);
    this.stalled.delete(name);
    for (const pipe of pipes ?? []) pipe.resume();
  }

  healAll(): void {
    for (const name of this.cut) {
      const [from, to] = name.split('>').map(Number);
      this.healLink(from as number, to as number);
    }
  }

  isCut(from: number, to: number): boolean {
    return this.cut.has(`${from}>${to}`);
  }

  stall(from: number, to: number, pipe: Pipe): void {
    const name = `${from}>${to}`;
    const pipes = this.stalled.get(name);
    if (pipes) pipes.add(pipe);
    else this.stalled.set(name, new Set([pipe]));
  }

  latencyMs(): number {
    const usual = 0.5 + this.random.below(40) / 10;
    return this.slownessMs > 0 && this.random.below(10) === 0 ? usual + this.random.below(this.slownessMs) : usual;
  }

  /** Makes connections on behalf of `node`. The host is `node-<address>`. */
  connectFrom(node: NetworkNode): Connect {
    return (options) =>
      new Promise<PeerConnection>((resolve, reject) => {
        const to = Number(options.host.slice('node-'.length));
        const there = new Pipe(this, node.address, to);
        const back = new Pipe(this, to, node.address);
        const giveUp = (text: string): void =>
          reject(new ConnectionError(`cannot connect to ${options.host}: ${text}`));
        const onAbort = (): void => giveUp('given up');
        const timer = options.clock.after(options.connectTimeoutMs, () => {
          options.signal?.removeEventListener('abort', onAbort);
          giveUp('no answer');
        });
        options.signal?.addEventListener('abort', onAbort, { once: true });
        there.send(() => {
          const target = this.listening.get(to);
          back.send(() => {
            timer.cancel();
            options.signal?.removeEventListener('abort', onAbort);
            if (!node.isAlive()) return;
            if (!target) return giveUp('connection refused');
            const link = new Link(this, ++this.connections, node, target, there, back, options);
            if (target.isAlive()) this.ends.add(link);
            else link.serverGone();
            link.closeWith(options.signal);
            resolve(link);
          });
        });
      });
  }

  forget(link: Link): void {
    this.ends.delete(link);
  }
}

/** One direction of one connection. */
class Pipe {
  private readonly inTransit: (() => void)[] = [];
  private lastArrivalMs = 0;
  private stalled = false;
  /** Arrivals that came while the link was cut. */
  private waiting = 0;

  constructor(
    private readonly network: SimulatedNetwork,
    private readonly from: number,
    private readonly to: number,
  ) {}

  send(deliver: () => void): void {
    const { clock } = this.network;
    this.inTransit.push(deliver);
    this.lastArrivalMs = Math.max(this.lastArrivalMs, clock.monotonicMs() + this.network.latencyMs());
    clock.after(this.lastArrivalMs - clock.monotonicMs(), () => this.arrive());
  }

  resume(): void {
    this.stalled = false;
    const { clock } = this.network;
    // Each of those that wait gets a timer again; what arrives first is decided by the order in which it was sent.
    const latencyMs = this.network.latencyMs();
    const held = this.waiting;
    this.waiting = 0;
    for (let i = 0; i < held; i++) clock.after(latencyMs, () => this.arrive());
  }

  private arrive(): void {
    if (this.stalled || this.network.isCut(this.from, this.to)) {
      this.waiting++;
      if (!this.stalled) this.network.stall(this.from, this.to, this);
      this.stalled = true;
      return;
    }
    this.inTransit.shift()?.();
  }
}

interface Pending {
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (reason: Error) => void;
  readonly timer: TimerHandle;
}

/** A connection as its client sees it, together with the server's end. */
class Link implements PeerConnection {
  private readonly pending: Pending[] = [];
  private readonly requests: Buffer[] = [];
  private readonly serverEnd = new AbortController();
  private busy = false;
  private correlationId = 0;
  private closedBecause: Error | null = null;

  constructor(
    private readonly network: SimulatedNetwork,
    private readonly id: number,
    private readonly client: NetworkNode,
    private readonly server: NetworkNode,
    private readonly there: Pipe,
    private readonly back: Pipe,
    private readonly options: ConnectionOptions,
  ) {}

  get closed(): boolean {
    return this.closedBecause !== null;
  }

  send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    body: InputOf<MessageOf<Q>>,
    { timeoutMs = this.options.requestTimeoutMs }: { timeoutMs?: number } = {},
  ): Promise<MessageOf<S>> {
    if (this.closedBecause) return Promise.reject(this.closedBecause);
    const frame = Buffer.concat(
      encodeRequest(api, version, this.correlationId++, this.options.clientId, body),
    ).subarray(4);
    return new Promise<Buffer>((resolve, reject) => {
      const timer = this.options.clock.after(Math.min(timeoutMs, MAX_HELD_MS), () =>
        this.fail(new ConnectionError(`${this.options.host} did not answer ${api.name} within ${timeoutMs} ms`)),
      );
      this.pending.push({ resolve, reject, timer });
      this.there.send(() => this.received(frame));
    }).then((answer) => decodeResponse(api, version, new Reader(answer.subarray(4))).body);
  }

  async apiVersions(): Promise<Map<number, VersionBounds>> {
    const { apiKeys } = await this.send(apiVersions, 4, { clientSoftwareName: 'gregor', clientSoftwareVersion: '1' });
    return new Map(apiKeys.map((range) => [range.apiKey, { min: range.minVersion, max: range.maxVersion }]));
  }

  close(): void {
    this.fail(new ConnectionError('closed here'));
  }

  closeWith(signal: AbortSignal | undefined): void {
    if (signal?.aborted) this.close();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  private readonly onAbort = (): void => this.close();

  /** One of the two processes was killed. */
  processDied(node: NetworkNode): void {
    if (node === this.server) this.serverGone();
    else if (node === this.client) {
      this.closedBecause ??= new ConnectionError('this process was killed');
      this.network.forget(this);
      this.there.send(() => this.serverEnd.abort());
    }
  }

  serverGone(): void {
    this.serverEnd.abort();
    this.back.send(() => this.fail(new ConnectionError(`${this.options.host} closed the connection`)));
  }

  private fail(reason: Error): void {
    if (this.closedBecause) return;
    this.closedBecause = reason;
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.network.forget(this);
    this.there.send(() => this.serverEnd.abort());
    for (const { timer, reject } of this.pending.splice(0)) {
      timer.cancel();
      reject(reason);
    }
  }

  private received(frame: Buffer): void {
    if (!this.server.isAlive()) return;
    this.requests.push(frame);
    if (!this.busy) this.process();
  }

  private process(): void {
    for (let frame = this.requests.shift(); frame; frame = this.requests.shift()) {
      const dispatch = this.server.dispatch();
      if (!dispatch || !this.server.isAlive() || this.serverEnd.signal.aborted) return;
      const outcome = dispatch.handle(frame, {
        listenerName: 'PLAINTEXT',
        clientHost: '/127.0.0.1',
        connectionId: `${this.client.address}-${this.server.address}-${this.id}`,
        principal: 'User:ANONYMOUS',
        closed: this.serverEnd.signal,
      });
      if (outcome instanceof Promise) {
        this.busy = true;
        void outcome.then((value) => {
          this.busy = false;
          this.answer(value);
          this.process();
        });
        return;
      }
      this.answer(outcome);
    }
  }

  private answer(outcome: Outcome): void {
    if (!this.server.isAlive() || outcome.kind === 'silent') return;
    if (outcome.kind === 'close') return this.serverGone();
    const frame = Buffer.concat(outcome.chunks);
    this.back.send(() => {
      if (this.closedBecause || !this.client.isAlive()) return;
      const request = this.pending.shift();
      request?.timer.cancel();
      request?.resolve(frame);
    });
  }
}
