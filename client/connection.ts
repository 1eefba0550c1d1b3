/**
 * One connection to a broker: requests are pipelined and matched to their responses by order and correlation id.
 * Used between brokers and by the tools; it does no metadata look-ups and no retries of its own.
 */
import { connect, type Socket } from 'node:net';
import type { Clock, TimerHandle } from '../runtime/clock';
import { decodeResponse, encodeRequest, errorForCode, FrameParser, Reader } from '../protocol';
import type { Api, Fields, InputOf, MessageOf } from '../protocol';
import { apiVersions } from '../protocol/apis';

/** The connection could not be made, was lost, or did not answer in time. */
export class ConnectionError extends Error {
  constructor(text: string, options?: { cause?: unknown }) {
    super(text, options);
    this.name = 'ConnectionError';
  }
}

export interface ConnectionOptions {
  host: string;
  port: number;
  clientId: string | null;
  /** Milliseconds within which the TCP connection must stand. */
  connectTimeoutMs: number;
  /** Milliseconds within which each request must be answered, unless it says otherwise. */
  requestTimeoutMs: number;
  clock: Clock;
  /** Aborting it closes the connection. */
  signal?: AbortSignal;
}

/** The part of a connection that requests between brokers need. */
export type PeerConnection = Pick<Connection, 'send' | 'apiVersions' | 'close' | 'closed'>;

/** Makes a connection: Connection.open, unless a simulation stands in for the network. */
export type Connect = (options: ConnectionOptions) => Promise<PeerConnection>;

export interface VersionBounds {
  readonly min: number;
  readonly max: number;
}

interface PendingRequest {
  correlationId: number;
  decode: (reader: Reader) => void;
  fail: (error: Error) => void;
}

/** Larger than any response a broker makes: fetch.max.bytes is 55 MiB by default. */
const MAX_RESPONSE_BYTES = 512 * 1024 * 1024;
const UNSUPPORTED_VERSION = 35;
const NEWEST_API_VERSIONS = 4;

export class Connection {
  private readonly parser = new FrameParser(MAX_RESPONSE_BYTES);
  private readonly pending: PendingRequest[] = [];
  private readonly closeListeners: ((reason: Error) => void)[] = [];
  private correlationId = 0;
  private closedBecause: Error | null = null;

  private constructor(
    private readonly socket: Socket,
    private readonly options: ConnectionOptions,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.fail(new ConnectionError(`${this.peer}: ${error.message}`, { cause: error })));
    socket.on('close', () => this.fail(new ConnectionError(`${this.peer} closed the connection`)));
  }

  /** Opens a TCP connection; ConnectionError when it cannot be made in time. */
  static open(options: ConnectionOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const peer = `${options.host}:${options.port}`;
      const socket = connect({ host: options.host, port: options.port });
      const cleanUp = (): void => {
        timer.cancel();
        options.signal?.removeEventListener('abort', onAbort);
        socket.removeListener('error', onError);
      };
      const giveUp = (text: string, cause?: unknown): void => {
        cleanUp();
        socket.on('error', () => undefined);
        socket.destroy();
        reject(new ConnectionError(text, { cause }));
      };
      const onError = (error: Error): void => giveUp(`cannot connect to ${peer}: ${error.message}`, error);
      const onAbort = (): void => giveUp(`connecting to ${peer} was given up`, options.signal?.reason);
      const timer = options.clock.after(options.connectTimeoutMs, () =>
        giveUp(`cannot connect to ${peer} within ${options.connectTimeoutMs} ms`),
      );
      socket.once('error', onError);
      socket.once('connect', () => {
        cleanUp();
        const connection = new Connection(socket, options);
        const abort = (): void => connection.close();
        options.signal?.addEventListener('abort', abort, { once: true });
        connection.onClose(() => options.signal?.removeEventListener('abort', abort));
        resolve(connection);
      });
      if (options.signal?.aborted) onAbort();
      else options.signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** `host:port` of the other side. */
  get peer(): string {
    return `${this.options.host}:${this.options.port}`;
  }

  get closed(): boolean {
    return this.closedBecause !== null;
  }

  /** Requests sent and not yet answered. */
  get inFlight(): number {
    return this.pending.length;
  }

  /**
   * Sends a request and gives its response. Rejects with ConnectionError when the connection is lost or the answer
   * does not come in time, which closes the connection since what would come later can no longer be told apart.
   */
  send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    body: InputOf<MessageOf<Q>>,
    options: { timeoutMs?: number } = {},
  ): Promise<MessageOf<S>> {
    if (this.closedBecause) return Promise.reject(this.closedBecause);
    const correlationId = this.nextCorrelationId();
    const frame = encodeRequest(api, version, correlationId, this.options.clientId, body);
    return new Promise((resolve, reject) => {
      const timer = this.startTimer(api.name, options.timeoutMs ?? this.options.requestTimeoutMs);
      this.pending.push({
        correlationId,
        decode: (reader) => {
          timer.cancel();
          resolve(decodeResponse(api, version, reader).body);
        },
        fail: (error) => {
          timer.cancel();
          reject(error);
        },
      });
      this.write(frame);
    });
  }

  /** Sends a request that gets no answer (Produce with acks=0). */
  sendOneWay<Q extends Fields>(api: Api<Q, Fields>, version: number, body: InputOf<MessageOf<Q>>): void {
    if (this.closedBecause) throw this.closedBecause;
    this.write(encodeRequest(api, version, this.nextCorrelationId(), this.options.clientId, body));
  }

  /** What the broker speaks, by API key; falls back to version 0 as KIP-511 says. KafkaError-free: throws ConnectionError. */
  async apiVersions(): Promise<Map<number, VersionBounds>> {
    const software = { clientSoftwareName: 'gregor', clientSoftwareVersion: '1' };
    let answer = await this.send(apiVersions, NEWEST_API_VERSIONS, software).catch((error: unknown) => {
      // A broker that does not know version 4 answers in the form of version 0, which does not decode as version 4.
      if (this.closed) throw error;
      return null;
    });
    if (answer === null || answer.errorCode === UNSUPPORTED_VERSION) answer = await this.send(apiVersions, 0, {});
    if (answer.errorCode !== 0) {
      throw new ConnectionError(`${this.peer} refused ApiVersions: ${errorForCode(answer.errorCode).name}`);
    }
    return new Map(answer.apiKeys.map((range) => [range.apiKey, { min: range.minVersion, max: range.maxVersion }]));
  }

  /** Calls `listener` once when the connection has ended, whoever ended it. */
  onClose(listener: (reason: Error) => void): void {
    if (this.closedBecause) listener(this.closedBecause);
    else this.closeListeners.push(listener);
  }

  close(): void {
    this.fail(new ConnectionError(`connection to ${this.peer} was closed here`));
  }

  private nextCorrelationId(): number {
    const id = this.correlationId;
    this.correlationId = (id + 1) & 0x7fff_ffff;
    return id;
  }

  private startTimer(apiName: string, timeoutMs: number): TimerHandle {
    return this.options.clock.after(timeoutMs, () =>
      this.fail(new ConnectionError(`${this.peer} did not answer ${apiName} within ${timeoutMs} ms`)),
    );
  }

  private write(frame: readonly Buffer[]): void {
    if (frame.length > 1) this.socket.cork();
    for (const chunk of frame) this.socket.write(chunk);
    if (frame.length > 1) this.socket.uncork();
  }

  private receive(chunk: Buffer): void {
    this.parser.push(chunk);
    try {
      for (let frame = this.parser.next(); frame; frame = this.parser.next()) this.answer(frame);
    } catch (error) {
      this.fail(new ConnectionError(`${this.peer}: ${(error as Error).message}`, { cause: error }));
    }
  }

  private answer(frame: Buffer): void {
    const request = this.pending.shift();
    if (!request) throw new Error('a response came that nobody asked for');
    const correlationId = frame.length >= 4 ? frame.readInt32BE(0) : -1;
    if (correlationId !== request.correlationId) {
      request.fail(new ConnectionError(`${this.peer} answered out of order`));
      throw new Error(`expected the response to request ${request.correlationId}, got that to ${correlationId}`);
    }
    try {
      request.decode(new Reader(frame));
    } catch (error) {
      request.fail(error as Error);
    }
  }

  private fail(reason: Error): void {
    if (this.closedBecause) return;
    this.closedBecause = reason;
    this.socket.destroy();
    for (const request of this.pending.splice(0)) request.fail(reason);
    for (const listener of this.closeListeners.splice(0)) listener(reason);
  }
}
