/**
 * A broker's way to the active controller (kafka.server.NodeToControllerChannelManager): one connection, one request at
 * a time, each repeated until some controller has answered it. Who the controller is comes from UpdateMetadata alone.
 * Owns the connection.
 */
import { Connection, type Connect, type PeerConnection, type VersionBounds } from '../../client/connection';
import { Errors, type Api, type Fields, type InputOf, type MessageOf } from '../../protocol';
import { sleep, type Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { MetadataCache } from '../metadata/metadata-cache';

export interface ControllerChannelOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
  readonly brokerId: number;
  /** control.plane.listener.name, else the listener between brokers */
  readonly listenerName: string;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Left out: real connections. */
  readonly connect?: Connect;
}

const RETRY_MS = 100;

interface OpenChannel {
  readonly connection: PeerConnection;
  readonly controllerId: number;
  readonly versions: ReadonlyMap<number, VersionBounds>;
}

export interface Answered<S extends Fields> {
  readonly version: number;
  readonly response: MessageOf<S>;
}

export class ControllerChannel {
  private readonly stopping = new AbortController();
  private open: OpenChannel | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: ControllerChannelOptions) {}

  /**
   * Sends a request to the controller; asks again, the next controller if need be, after a lost connection and
   * NOT_CONTROLLER. Rejects only when the channel is stopped.
   * @param newest highest version that `build` can make
   * @param build the body, made anew for each attempt
   */
  send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    newest: number,
    build: (version: number) => InputOf<MessageOf<Q>>,
  ): Promise<Answered<S>> {
    const turn = this.last.then(() => this.deliver(api, newest, build));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  stop(): void {
    this.stopping.abort(new Error('the channel to the controller is stopped'));
    this.drop();
  }

  private async deliver<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    newest: number,
    build: (version: number) => InputOf<MessageOf<Q>>,
  ): Promise<Answered<S>> {
    const { logger } = this.options;
    for (;;) {
      this.stopping.signal.throwIfAborted();
      try {
        const answer = await this.attempt(api, newest, build);
        if (answer) return answer;
      } catch (error) {
        this.stopping.signal.throwIfAborted();
        logger.debug(`${api.name} did not reach the controller: ${(error as Error).message}`);
      }
      this.drop();
      await this.pause();
    }
  }

  /** Null when there is no controller to be asked, or the one asked is none any more. */
  private async attempt<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    newest: number,
    build: (version: number) => InputOf<MessageOf<Q>>,
  ): Promise<Answered<S> | null> {
    const channel = await this.connected();
    if (!channel) return null;
    const version = Math.min(newest, channel.versions.get(api.key)?.max ?? 0);
    const response = await channel.connection.send(api, version, build(version));
    const { errorCode } = response as unknown as { errorCode: number };
    if (errorCode !== Errors.NOT_CONTROLLER.code) return { version, response };
    this.options.logger.info(`Broker ${channel.controllerId} is not the controller any more`);
    return null;
  }

  private async connected(): Promise<OpenChannel | null> {
    const { metadata, listenerName, clock, brokerId, requestTimeoutMs, connectTimeoutMs, logger } = this.options;
    const { controllerId } = metadata;
    if (this.open && !this.open.connection.closed && this.open.controllerId === controllerId) return this.open;
    this.drop();
    const endpoint = controllerId === null ? null : metadata.endpoint(controllerId, listenerName);
    if (controllerId === null || endpoint === null) return null;
    const { host, port } = endpoint;
    const clientId = String(brokerId);
    const { signal } = this.stopping;
    const connect = this.options.connect ?? Connection.open;
    const connection = await connect({
      host,
      port,
      clientId,
      connectTimeoutMs,
      requestTimeoutMs,
      clock,
      signal,
    });
    try {
      const versions = await connection.apiVersions();
      this.open = { connection, controllerId, versions };
    } catch (error) {
      connection.close();
      throw error;
    }
    logger.info(`Recorded new ZK controller, from now on will use node ${host}:${port} (id: ${controllerId})`);
    return this.open;
  }

  private drop(): void {
    this.open?.connection.close();
    this.open = null;
  }

  /** Until the metadata changes, but no longer than a moment. */
  private async pause(): Promise<void> {
    const { clock, metadata } = this.options;
    const early = new AbortController();
    const end = (): void => early.abort(new Error('look again'));
    const { controllerId } = metadata;
    const stopListening = metadata.onChange(() => {
      if (metadata.controllerId !== controllerId) end();
    });
    this.stopping.signal.addEventListener('abort', end, { once: true });
    await sleep(clock, RETRY_MS, early.signal).catch(() => undefined);
    this.stopping.signal.removeEventListener('abort', end);
    stopListening();
  }
}
