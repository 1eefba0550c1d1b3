/**
 * The controller's connections to all brokers, itself included: per broker one connection and one queue, one request in
 * flight, each repeated until it is answered or the broker is gone (kafka.controller.ControllerChannelManager). The
 * requests are the very first bytes on a connection: no ApiVersions, the version follows from the inter-broker protocol.
 * Owns the queues and the connections.
 */
import { Connection } from '../../../client/connection';
import type { LeaderAndIsrResponse, StopReplicaResponse, UpdateMetadataResponse } from '../../../protocol/apis';
import { leaderAndIsr, stopReplica, updateMetadata } from '../../../protocol/apis';
import { sleep, type Clock } from '../../../runtime/clock';
import type { Logger } from '../../../runtime/logger';
import type { BrokerRegistration } from '../../../zookeeper/znodes';
import type { AddressedRequest, ControlRequest } from './request-batch';

/** What a broker answered, together with what it was asked. */
export type ControlResponse =
  | {
      readonly kind: 'LeaderAndIsr';
      readonly brokerId: number;
      readonly body: LeaderAndIsrResponse;
      readonly version: number;
    }
  | { readonly kind: 'UpdateMetadata'; readonly brokerId: number; readonly body: UpdateMetadataResponse }
  | {
      readonly kind: 'StopReplica';
      readonly brokerId: number;
      readonly body: StopReplicaResponse;
      readonly request: Extract<ControlRequest, { kind: 'StopReplica' }>['body'];
    };

/** The little of a connection that a channel needs; a test gives its own. */
export type ControlConnection = Pick<Connection, 'send' | 'close' | 'closed'>;
export type OpenConnection = (host: string, port: number, signal: AbortSignal) => Promise<ControlConnection>;

export interface BrokerChannelsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly controllerId: number;
  /** Listener over which the controller talks: control.plane.listener.name, else the one between brokers. */
  readonly listenerName: string;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly onResponse: (response: ControlResponse) => void;
  /** Left out: real connections. */
  readonly open?: OpenConnection;
}

/** A broker that has just registered opens its socket within moments: it is tried more often at first. */
const FIRST_BACKOFF_MS = 25;
const FIRST_ATTEMPTS = 40;
const BACKOFF_MS = 100;
/** A broker that stays away is mentioned in the log once in so many attempts. */
const ATTEMPTS_PER_LOG_LINE = 100;

export class BrokerChannels {
  private readonly channels = new Map<number, BrokerChannel>();

  constructor(private readonly options: BrokerChannelsOptions) {}

  add(broker: BrokerRegistration): void {
    if (this.channels.has(broker.brokerId)) return;
    this.channels.set(broker.brokerId, new BrokerChannel(this.options, broker));
  }

  /** Drops what waits for the broker. */
  remove(brokerId: number): void {
    this.channels.get(brokerId)?.stop();
    this.channels.delete(brokerId);
  }

  /** Moves a channel to a broker's new address; what waits goes there. */
  update(broker: BrokerRegistration): void {
    this.channels.get(broker.brokerId)?.move(broker);
  }

  send(requests: readonly AddressedRequest[]): void {
    for (const { brokerId, request } of requests) this.channels.get(brokerId)?.enqueue(request);
  }

  stop(): void {
    for (const channel of this.channels.values()) channel.stop();
    this.channels.clear();
  }

  /** Requests that wait for brokers, all together. */
  get queued(): number {
    return [...this.channels.values()].reduce((sum, channel) => sum + channel.queued, 0);
  }
}

class BrokerChannel {
  private readonly queue: ControlRequest[] = [];
  private readonly stopping = new AbortController();
  private connection: ControlConnection | null = null;
  private running = false;
  private failures = 0;

  constructor(
    private readonly options: BrokerChannelsOptions,
    private broker: BrokerRegistration,
  ) {}

  get queued(): number {
    return this.queue.length;
  }

  enqueue(request: ControlRequest): void {
    if (this.stopping.signal.aborted) return;
    this.queue.push(request);
    if (!this.running) void this.run();
  }

  move(broker: BrokerRegistration): void {
    this.broker = broker;
    this.connection?.close();
    this.connection = null;
  }

  stop(): void {
    this.stopping.abort(new Error('the channel is stopped'));
    this.queue.length = 0;
    this.connection?.close();
    this.connection = null;
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      for (let request = this.queue.shift(); request; request = this.queue.shift()) await this.deliver(request);
    } catch {
      // Only stop() ends a delivery early.
    } finally {
      this.running = false;
    }
  }

  /** Repeats the request until it is answered; throws when the channel is stopped. */
  private async deliver(request: ControlRequest): Promise<void> {
    const { clock } = this.options;
    for (;;) {
      this.stopping.signal.throwIfAborted();
      try {
        const response = await this.exchange(await this.connected(), request);
        this.stopping.signal.throwIfAborted();
        this.failures = 0;
        this.options.onResponse(response);
        return;
      } catch (error) {
        this.connection?.close();
        this.connection = null;
        this.stopping.signal.throwIfAborted();
        this.logFailure(request, error as Error);
        await sleep(clock, this.failures <= FIRST_ATTEMPTS ? FIRST_BACKOFF_MS : BACKOFF_MS, this.stopping.signal);
      }
    }
  }

  private async connected(): Promise<ControlConnection> {
    if (this.connection && !this.connection.closed) return this.connection;
    const { listenerName, controllerId, logger } = this.options;
    const endpoint = this.broker.endpoints.find(({ listener }) => listener === listenerName);
    if (!endpoint) throw new Error(`broker ${this.broker.brokerId} has no listener ${listenerName}`);
    const { host, port } = endpoint;
    this.connection = await (this.options.open ?? this.openReal)(host, port, this.stopping.signal);
    logger.info(
      `Controller ${controllerId} connected to ${host}:${port} (id: ${this.broker.brokerId}) for sending state change requests`,
    );
    return this.connection;
  }

  private readonly openReal: OpenConnection = (host, port, signal) => {
    const { clock, controllerId, requestTimeoutMs, connectTimeoutMs } = this.options;
    const clientId = String(controllerId);
    return Connection.open({ host, port, clientId, connectTimeoutMs, requestTimeoutMs, clock, signal });
  };

  private async exchange(connection: ControlConnection, request: ControlRequest): Promise<ControlResponse> {
    const { brokerId } = this.broker;
    const { version } = request;
    switch (request.kind) {
      case 'LeaderAndIsr':
        return {
          kind: request.kind,
          brokerId,
          version,
          body: await connection.send(leaderAndIsr, version, request.body),
        };
      case 'UpdateMetadata':
        return { kind: request.kind, brokerId, body: await connection.send(updateMetadata, version, request.body) };
      case 'StopReplica': {
        const body = await connection.send(stopReplica, version, request.body);
        return { kind: request.kind, brokerId, body, request: request.body };
      }
    }
  }

  private logFailure(request: ControlRequest, error: Error): void {
    this.failures++;
    const text = `Controller ${this.options.controllerId}'s connection to broker ${this.broker.brokerId} was unsuccessful`;
    const line = `${text}; ${request.kind} waits: ${error.message}`;
    if (this.failures % ATTEMPTS_PER_LOG_LINE === 1) this.options.logger.warn(line);
    else this.options.logger.debug(line);
  }
}
