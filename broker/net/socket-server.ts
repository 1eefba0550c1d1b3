/**
 * The broker's listeners: one TCP server per listener, the connections they accepted, and the limits on those
 * (max.connections, max.connections.per.ip, connections.max.idle.ms). Bound and opened in two steps, because a broker
 * registers before it serves (kafka.network.SocketServer).
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { AnswerMemory } from '../../runtime/answer-memory';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { TaskGroup } from '../../runtime/task-group';
import { ClientConnection } from './client-connection';
import type { Dispatch } from './dispatch';

export interface ListenerAddress {
  readonly name: string;
  /** Empty or 0.0.0.0: all interfaces. */
  readonly host: string;
  /** 0: a free port is taken when the listener is bound. */
  readonly port: number;
}

export interface SocketServerLimits {
  readonly maxRequestBytes: number;
  /** These two may change while the broker runs. */
  readonly maxConnections: () => number;
  readonly maxConnectionsPerIp: () => number;
  /** Connections without a request for so long are closed; negative: never. */
  readonly maxIdleMs: number;
}

/** A listener's address cannot be used: most often another process has the port. */
export class BindError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'BindError';
  }
}

interface OpenListener {
  readonly address: ListenerAddress;
  readonly server: Server;
  port: number;
}

const IDLE_CHECKS_PER_PERIOD = 10;
const DRAIN_DEADLINE_MS = 5_000;

export class SocketServer {
  private readonly listeners: OpenListener[] = [];
  private readonly connections = new Set<ClientConnection>();
  private readonly perIp = new Map<string, number>();
  private readonly tasks: TaskGroup;
  private nextConnection = 0;
  private accepting = false;

  constructor(
    private readonly addresses: readonly ListenerAddress[],
    private readonly limits: SocketServerLimits,
    private readonly parts: { clock: Clock; logger: Logger; memory: AnswerMemory },
    private readonly dispatch: () => Dispatch,
  ) {
    this.tasks = new TaskGroup('socket server', parts.clock, parts.logger);
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  /** The port a listener is bound to: differs from the configured one when that is 0. */
  portOf(listenerName: string): number {
    const listener = this.listeners.find((candidate) => candidate.address.name === listenerName);
    if (!listener) throw new Error(`there is no listener ${listenerName}`);
    return listener.port;
  }

  /** Binds the listeners with port 0, whose port must be known for the registration; nothing is accepted yet. */
  async bindFreePorts(): Promise<void> {
    for (const address of this.addresses) {
      if (address.port === 0) await this.bind(address);
    }
  }

  /** Opens all listeners: from here on requests are served. */
  async startAccepting(): Promise<void> {
    this.accepting = true;
    for (const address of this.addresses) {
      if (address.port !== 0) await this.bind(address);
      this.announce(address);
    }
    if (this.limits.maxIdleMs > 0) {
      const periodMs = Math.max(1_000, this.limits.maxIdleMs / IDLE_CHECKS_PER_PERIOD);
      this.tasks.every('close idle connections', periodMs, () => this.closeIdle());
    }
  }

  /** Names of the listeners that are bound. */
  get listenerNames(): string[] {
    return this.listeners.map(({ address }) => address.name);
  }

  /** Opens one more listener of a broker that serves. @throws BindError */
  async openListener(address: ListenerAddress): Promise<void> {
    this.parts.logger.info(`Adding listener ${address.name}`);
    await this.bind(address);
    this.announce(address);
  }

  /** Closes a listener and all connections that came over it. */
  async closeListener(name: string): Promise<void> {
    const at = this.listeners.findIndex(({ address }) => address.name === name);
    const [listener] = at < 0 ? [] : this.listeners.splice(at, 1);
    if (!listener) return;
    this.parts.logger.info(`Removing listener ${name}`);
    const closed = new Promise((resolve) => listener.server.close(resolve));
    for (const connection of this.connections) if (connection.listenerName === name) connection.close(null);
    await closed;
  }

  private announce({ name, host }: ListenerAddress): void {
    this.parts.logger.info(`Awaiting socket connections on ${host || '0.0.0.0'}:${this.portOf(name)}.`);
  }

  /** Stops accepting, answers what is being handled, closes all connections. */
  async shutdown(): Promise<void> {
    this.accepting = false;
    await this.tasks.stop();
    const closed = this.listeners.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const connection of this.connections) connection.drainAndClose();
    const deadline = this.parts.clock.after(DRAIN_DEADLINE_MS, () => this.closeAll());
    await Promise.all(closed);
    deadline.cancel();
  }

  /** Cuts all connections without answering. */
  closeAll(): void {
    for (const connection of this.connections) connection.close(null);
  }

  private bind(address: ListenerAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true }, (socket) => this.accept(socket, address.name));
      const listener: OpenListener = { address, server, port: address.port };
      server.once('error', (error: NodeJS.ErrnoException) => {
        const where = `${address.host || '0.0.0.0'}:${address.port}`;
        const why = error.code === 'EADDRINUSE' ? 'Address already in use' : error.message;
        reject(new BindError(`Socket server failed to bind to ${where}: ${why}.`));
      });
      server.listen(address.port, address.host || undefined, () => {
        const bound = server.address();
        if (bound !== null && typeof bound === 'object') listener.port = bound.port;
        server.removeAllListeners('error');
        server.on('error', (error) => this.parts.logger.error(`Error while accepting connections`, error));
        this.listeners.push(listener);
        resolve();
      });
    });
  }

  private accept(socket: Socket, listenerName: string): void {
    const ip = socket.remoteAddress ?? '';
    const refusal = this.refusal(ip);
    if (refusal !== null) {
      if (this.accepting) this.parts.logger.info(`Rejected connection from /${ip}: ${refusal}`);
      socket.destroy();
      return;
    }
    this.perIp.set(ip, (this.perIp.get(ip) ?? 0) + 1);
    const local = `${socket.localAddress}:${socket.localPort}`;
    const connectionId = `${local}-${ip}:${socket.remotePort}-${this.nextConnection++}`;
    const connection = new ClientConnection(
      socket,
      connectionId,
      listenerName,
      { dispatch: this.dispatch(), ...this.parts, maxRequestBytes: this.limits.maxRequestBytes },
      (ended) => this.forget(ended, ip),
    );
    this.connections.add(connection);
  }

  private refusal(ip: string): string | null {
    if (!this.accepting) return 'not yet serving';
    if (this.connections.size >= this.limits.maxConnections()) return `${this.connections.size} connections are open`;
    const fromHere = this.perIp.get(ip) ?? 0;
    if (fromHere >= this.limits.maxConnectionsPerIp()) return `${fromHere} connections from this address are open`;
    return null;
  }

  private forget(connection: ClientConnection, ip: string): void {
    this.connections.delete(connection);
    const left = (this.perIp.get(ip) ?? 1) - 1;
    if (left === 0) this.perIp.delete(ip);
    else this.perIp.set(ip, left);
  }

  private closeIdle(): void {
    const oldestMs = this.parts.clock.monotonicMs() - this.limits.maxIdleMs;
    for (const connection of this.connections) {
      if (!connection.isBusy && connection.lastActiveMs < oldestMs) connection.close(null);
    }
  }
}
