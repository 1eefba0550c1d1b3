/**
 * One session with the ensemble: the typed operations, its watches and its life.
 *
 * States: connecting → connected ⇄ disconnected; connected or disconnected → expired (the server's word only); any but
 * expired → closed. A session never ends because a server cannot be reached: that is for the server to say.
 */
import type { Clock, TimerHandle } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { ZkError } from './errors';
import { validatePath } from './library';
import { pathOf, RequestPipeline } from './pipeline';
import type { Operation, Reply, Transport } from './transport';
import type {
  CreateMode,
  MultiOp,
  MultiResult,
  SessionState,
  Stat,
  Watch,
  WatchEvent,
  ZooKeeperSession,
} from './types';
import { type WatchKind, watchPortions, Watches } from './watches';

export interface SessionOptions {
  transport: Transport;
  clock: Clock;
  logger: Logger;
  maxInFlight: number;
}

/** How long close() waits for what is under way and for the server's answer. */
const CLOSE_TIMEOUT_MS = 5_000;
/** The same when there is no connection: the session may then live on until its time-out. */
const DISCONNECTED_CLOSE_TIMEOUT_MS = 2_000;

/** Well below a server's limit of 1 MiB per request; the Java client cuts its SetWatches at the same size. */
const SET_WATCHES_MAX_BYTES = 128 * 1024;

export class Session implements ZooKeeperSession {
  private readonly transport: Transport;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly pipeline: RequestPipeline;
  private readonly watches = new Watches();
  private readonly listeners = new Set<(state: SessionState) => void>();
  private currentState: SessionState = 'connecting';
  private closing: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    this.transport = options.transport;
    this.clock = options.clock;
    this.logger = options.logger;
    this.pipeline = new RequestPipeline(options.transport, options.maxInFlight);
  }

  /** Starts to connect. */
  open(): void {
    this.transport.open({
      onConnected: () => this.connected(),
      onDisconnected: () => {
        this.pipeline.onDisconnected();
        this.become('disconnected');
      },
      onExpired: () => this.expired(),
      onWatchEvent: (event) => this.fire(event),
    });
  }

  get sessionId(): Buffer {
    return Buffer.from(this.transport.sessionId);
  }

  get sessionPassword(): Buffer {
    return Buffer.from(this.transport.sessionPassword);
  }

  get negotiatedTimeoutMs(): number {
    return this.transport.negotiatedTimeoutMs;
  }

  get state(): SessionState {
    return this.currentState;
  }

  onStateChange(listener: (state: SessionState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async create(
    path: string,
    data: Buffer | null,
    mode: CreateMode = 'persistent',
  ): Promise<{ path: string; stat: Stat }> {
    const reply = await this.execute({ op: 'create', path, data, mode });
    return { path: reply.path ?? path, stat: reply.stat as Stat };
  }

  async createRecursive(path: string, data: Buffer | null, options: { ignoreExisting?: boolean } = {}): Promise<void> {
    try {
      await this.create(path, data);
    } catch (error) {
      if (!(error instanceof ZkError)) throw error;
      if (error.code === 'NODE_EXISTS' && options.ignoreExisting) return;
      const slash = path.lastIndexOf('/');
      if (error.code !== 'NO_NODE' || slash <= 0) throw error;
      await this.createRecursive(path.slice(0, slash), null, { ignoreExisting: true });
      await this.createRecursive(path, data, options);
    }
  }

  async getData(path: string, watch?: Watch): Promise<{ data: Buffer | null; stat: Stat }> {
    const reply = await this.execute({ op: 'getData', path, watch: watch !== undefined }, watch);
    return { data: reply.data ?? null, stat: reply.stat as Stat };
  }

  async exists(path: string, watch?: Watch): Promise<Stat | null> {
    const reply = await this.execute({ op: 'exists', path, watch: watch !== undefined }, watch);
    return reply.stat ?? null;
  }

  async getChildren(path: string, watch?: Watch): Promise<{ children: string[]; stat: Stat }> {
    const reply = await this.execute({ op: 'getChildren', path, watch: watch !== undefined }, watch);
    return { children: reply.children ?? [], stat: reply.stat as Stat };
  }

  async setData(path: string, data: Buffer | null, version: number): Promise<Stat> {
    const reply = await this.execute({ op: 'setData', path, data, version });
    return reply.stat as Stat;
  }

  async delete(path: string, version: number): Promise<void> {
    await this.execute({ op: 'delete', path, version });
  }

  async deleteRecursive(path: string): Promise<void> {
    try {
      const { children } = await this.getChildren(path);
      const prefix = path === '/' ? '' : path;
      await Promise.all(children.map((child) => this.deleteRecursive(`${prefix}/${child}`)));
      await this.delete(path, -1);
    } catch (error) {
      if (!(error instanceof ZkError)) throw error;
      if (error.code === 'NO_NODE') return;
      // Somebody has put a child there in the meantime.
      if (error.code === 'NOT_EMPTY') await this.deleteRecursive(path);
      else throw error;
    }
  }

  async multi(ops: readonly MultiOp[]): Promise<MultiResult> {
    if (ops.length === 0) return { ok: true, results: [] };
    const reply = await this.execute({ op: 'multi', ops });
    return reply.multi as MultiResult;
  }

  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  private async execute(operation: Operation, watch?: Watch): Promise<Reply> {
    if (this.closing) throw new ZkError('CLOSED', pathOf(operation));
    checkPaths(operation);
    const reply = await this.pipeline.request(
      operation,
      watch ? (answer) => this.keepWatch(operation, answer, watch) : null,
    );
    if (reply.code === 'OK' || (operation.op === 'exists' && reply.code === 'NO_NODE')) return reply;
    throw new ZkError(reply.code, pathOf(operation), reply.detail);
  }

  private keepWatch(operation: Operation, reply: Reply, watch: Watch): void {
    const kind = watchKind(operation, reply);
    if (kind && 'path' in operation) this.watches.add(kind, operation.path, watch);
  }

  /** Watches first: what changed since the last answer is told before anything newer is read. */
  private connected(): void {
    const sinceZxid = this.pipeline.knownZxid;
    for (const portion of watchPortions(this.watches, SET_WATCHES_MAX_BYTES)) {
      this.transport.send({ op: 'setWatches', sinceZxid, ...portion }, () => undefined);
    }
    this.become('connected');
    this.pipeline.onConnected();
  }

  private expired(): void {
    this.watches.clear();
    this.pipeline.end('SESSION_EXPIRED');
    this.become('expired');
  }

  private fire(event: WatchEvent): void {
    for (const watch of this.watches.take(event)) {
      try {
        watch(event);
      } catch (error) {
        this.logger.error(`A watch of ${event.path} failed`, error);
      }
    }
  }

  private async closeNow(): Promise<void> {
    if (this.currentState === 'expired') return;
    // Before the first connect there is no session that a server would have to close.
    if (this.currentState !== 'connecting') await this.closeOnServer();
    this.transport.abandon();
    this.watches.clear();
    this.pipeline.end('CLOSED');
    this.become('closed');
  }

  private closeOnServer(): Promise<void> {
    return new Promise((resolve) => {
      let late = false;
      let timer: TimerHandle | null = null;
      const end = (): void => {
        timer?.cancel();
        stopListening();
        resolve();
      };
      const limit = (timeoutMs: number): void => {
        timer?.cancel();
        timer = this.clock.after(timeoutMs, () => {
          late = true;
          const id = this.sessionId.toString('hex');
          this.logger.warn(`Session ${id} could not be closed within ${timeoutMs} ms; it ends with its time-out`);
          end();
        });
      };
      const stopListening = this.onStateChange((state) => {
        if (state === 'disconnected') limit(DISCONNECTED_CLOSE_TIMEOUT_MS);
      });
      limit(this.currentState === 'connected' ? CLOSE_TIMEOUT_MS : DISCONNECTED_CLOSE_TIMEOUT_MS);
      void this.finishAndCloseOnServer(() => late).then(end);
    });
  }

  private async finishAndCloseOnServer(late: () => boolean): Promise<void> {
    await this.pipeline.drained();
    while (!late() && this.currentState !== 'expired') {
      if (this.currentState !== 'connected') {
        await this.nextStateChange();
        continue;
      }
      const answered = await this.transport.closeSession();
      if (!answered) this.logger.warn(`Lost the connection while closing session ${this.sessionId.toString('hex')}`);
      return;
    }
  }

  private nextStateChange(): Promise<void> {
    return new Promise((resolve) => {
      const off = this.onStateChange(() => {
        off();
        resolve();
      });
    });
  }

  private become(state: SessionState): void {
    if (this.currentState === state || this.currentState === 'expired' || this.currentState === 'closed') return;
    this.currentState = state;
    for (const listener of this.listeners) {
      try {
        listener(state);
      } catch (error) {
        this.logger.error(`A listener to session state ${state} failed`, error);
      }
    }
  }
}

/** What kind of watch a read has set at the server, null for none. */
function watchKind(operation: Operation, reply: Reply): WatchKind | null {
  if (operation.op === 'exists') {
    if (reply.code === 'NO_NODE') return 'exists';
    return reply.code === 'OK' ? 'data' : null;
  }
  if (reply.code !== 'OK') return null;
  if (operation.op === 'getData') return 'data';
  return operation.op === 'getChildren' ? 'children' : null;
}

function checkPaths(operation: Operation): void {
  const steps = operation.op === 'multi' ? operation.ops : [operation];
  for (const step of steps) {
    if (!('path' in step)) continue;
    // The last part of a sequential node's path may be empty: ZooKeeper appends the digits.
    const sequential = 'mode' in step && step.mode.endsWith('-sequential');
    try {
      validatePath(sequential ? `${step.path}0` : step.path);
    } catch (error) {
      throw new ZkError('BAD_ARGUMENTS', step.path, (error as Error).message);
    }
  }
}
