/**
 * A client that outlives its sessions: when one expires it opens the next, as Kafka's ZooKeeperClient does.
 *
 * Phases: open → leaving (the session has expired, beforeNewSession hooks run, operations reject with SESSION_EXPIRED) →
 * opening (a new session is being connected, operations wait) → open (afterNewSession hooks run) … ; any → closed.
 */
import type { Logger } from '../runtime/logger';
import { ZkError } from './errors';
import type { Session } from './session';
import type { NewSessionHook, SessionInfo, SessionState, ZooKeeperClient, ZooKeeperOperations } from './types';

export interface ClientOptions {
  /** Makes a session that is not opened yet. */
  newSession: () => Session;
  /** For the log. */
  connectString: string;
  /** Already carries the client's prefix. */
  logger: Logger;
}

type Phase = 'open' | 'leaving' | 'opening' | 'closed';

export class Client implements ZooKeeperClient {
  readonly session: ZooKeeperOperations & SessionInfo;
  private readonly options: ClientOptions;
  private readonly logger: Logger;
  private current: Session;
  private phase: Phase = 'opening';
  private before = new Set<NewSessionHook>();
  private after = new Set<NewSessionHook>();
  private readonly listeners = new Set<(state: SessionState) => void>();
  private waiters: ((phase: Phase) => void)[] = [];
  private reopening: Promise<void> | null = null;
  private expiredAgain = false;

  constructor(options: ClientOptions) {
    this.options = options;
    this.logger = options.logger;
    this.session = this.facade();
    this.current = this.nextSession();
  }

  /** Resolves once the first session is connected; rejects when the client is closed before. */
  async opened(): Promise<void> {
    this.logger.info('Waiting until connected.');
    await this.connectedOnce(this.current);
    this.enter('open');
    this.logger.info('Connected.');
  }

  beforeNewSession(hook: NewSessionHook): () => void {
    this.before.add(hook);
    return () => void this.before.delete(hook);
  }

  afterNewSession(hook: NewSessionHook): () => void {
    this.after.add(hook);
    return () => void this.after.delete(hook);
  }

  async close(): Promise<void> {
    if (this.phase !== 'closed') {
      this.logger.info('Closing.');
      this.enter('closed');
      await this.current.close();
      this.logger.info('Closed.');
    } else {
      await this.current.close();
    }
  }

  private nextSession(): Session {
    this.logger.info(`Initializing a new session to ${this.options.connectString}.`);
    const session = this.options.newSession();
    session.onStateChange((state) => {
      if (session !== this.current) return;
      this.tellListeners(state);
      if (state === 'expired' && this.phase !== 'closed') this.replaceSession();
    });
    this.current = session;
    session.open();
    return session;
  }

  private tellListeners(state: SessionState): void {
    for (const listener of this.listeners) {
      try {
        listener(state);
      } catch (error) {
        this.logger.error(`A listener to session state ${state} failed`, error);
      }
    }
  }

  private replaceSession(): void {
    this.logger.info('Session expired.');
    this.expiredAgain = true;
    this.reopening ??= this.reopen().finally(() => (this.reopening = null));
  }

  private async reopen(): Promise<void> {
    while (this.expiredAgain && !this.isClosed()) {
      this.expiredAgain = false;
      this.enter('leaving');
      await this.runHooks(this.before, 'before');
      if (this.isClosed()) return;
      this.enter('opening');
      try {
        await this.connectedOnce(this.nextSession());
      } catch {
        // Only by close(): a session tries for ever.
        return;
      }
      this.enter('open');
      await this.runHooks(this.after, 'after');
    }
  }

  private async runHooks(hooks: Set<NewSessionHook>, when: string): Promise<void> {
    for (const hook of hooks) {
      try {
        await hook();
      } catch (error) {
        this.logger.error(`A hook ${when} the new session failed`, error);
      }
    }
  }

  private connectedOnce(session: Session): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (state: SessionState): void => {
        if (state === 'connecting') return;
        off();
        if (state === 'closed') reject(new ZkError('CLOSED'));
        else resolve();
      };
      const off = session.onStateChange(look);
      look(session.state);
    });
  }

  private enter(phase: Phase): void {
    if (this.phase === 'closed') return;
    this.phase = phase;
    if (phase === 'leaving' || phase === 'opening') return;
    const waiters = this.waiters;
    this.waiters = [];
    for (const wake of waiters) wake(phase);
  }

  private isClosed(): boolean {
    return this.phase === 'closed';
  }

  /** Runs an operation on the current session; while a session is being opened, in the order of the calls once it is. */
  private on<T>(run: (session: Session) => Promise<T>): Promise<T> {
    if (this.phase !== 'opening') return run(this.current);
    return new Promise<T>((resolve, reject) => {
      this.waiters.push((phase) => {
        if (phase === 'closed') reject(new ZkError('CLOSED'));
        else run(this.current).then(resolve, reject);
      });
    });
  }

  private facade(): ZooKeeperOperations & SessionInfo {
    const current = (): Session => this.current;
    return {
      create: (path, data, mode) => this.on((session) => session.create(path, data, mode)),
      createRecursive: (path, data, options) => this.on((session) => session.createRecursive(path, data, options)),
      getData: (path, watch) => this.on((session) => session.getData(path, watch)),
      exists: (path, watch) => this.on((session) => session.exists(path, watch)),
      getChildren: (path, watch) => this.on((session) => session.getChildren(path, watch)),
      setData: (path, data, version) => this.on((session) => session.setData(path, data, version)),
      delete: (path, version) => this.on((session) => session.delete(path, version)),
      deleteRecursive: (path) => this.on((session) => session.deleteRecursive(path)),
      multi: (ops) => this.on((session) => session.multi(ops)),
      get sessionId() {
        return current().sessionId;
      },
      get sessionPassword() {
        return current().sessionPassword;
      },
      get negotiatedTimeoutMs() {
        return current().negotiatedTimeoutMs;
      },
      get state() {
        return current().state;
      },
      onStateChange: (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
    };
  }
}
