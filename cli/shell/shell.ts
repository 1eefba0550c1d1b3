/**
 * The ZooKeeper shell: runs lines one after the other over one connection, which it makes again when it is lost.
 * Owns the client, the history and the exit code.
 *
 * States: unconnected (no server has answered yet, tried again and again) → connected ⇄ lost; any → closed by `close`
 * or `quit`; closed → unconnected by `connect`.
 */
import { sleep } from '../../runtime/clock';
import { silentLogger } from '../../runtime/logger';
import { connect, type SessionState, type WatchEvent, ZkError, type ZooKeeperClient } from '../../zookeeper';
import { failureText, KAFKA_VERSION, type CommandIo } from '../command';
import { prepare, treeCommands } from './commands';
import { eventText, stateText, zkErrorText } from './print';
import { ShellError, splitWords } from './words';

export interface ShellOptions {
  io: CommandIo;
  /** `host:port[/chroot]` */
  server: string;
  sessionTimeoutMs: number;
  /** How long a command waits for a connection before it fails. */
  waitMs: number;
}

const HISTORY_SHOWN = 10;
const RECONNECT_PAUSE_MS = 500;

/** Commands of ZooKeeper's own shell that this one does without. */
const LEFT_OUT = [
  'addWatch',
  'addauth',
  'config',
  'delquota',
  'getAcl',
  'listquota',
  'reconfig',
  'removewatches',
  'setAcl',
  'setquota',
  'sync',
  'whoami',
];

export class Shell {
  /** Exit code of the last command. */
  exitCode = 0;
  ended = false;
  /** A command has failed because no server ever answered. */
  foundNobody = false;
  private readonly history: string[] = [];
  private client: ZooKeeperClient | null = null;
  private opening: AbortController | null = null;
  private badAddress: ShellError | null = null;
  private server: string;
  private printsWatches = true;

  constructor(private readonly options: ShellOptions) {
    this.server = options.server;
  }

  /** Commands given so far. */
  get commandCount(): number {
    return this.history.length;
  }

  get stateName(): string {
    if (this.client?.session.state === 'connected') return 'CONNECTED';
    return this.opening || this.client ? 'CONNECTING' : 'CLOSED';
  }

  get address(): string {
    return this.server;
  }

  /** Starts to connect, and does not wait for it. */
  open(): void {
    this.opening = new AbortController();
    this.badAddress = null;
    void this.connectUntilDone(this.opening.signal);
  }

  /** Runs one line; failures are printed, and remembered as the exit code. */
  async run(line: string): Promise<void> {
    if (line.trim() === '') return;
    this.history.push(line);
    await this.runWords(splitWords(line));
  }

  /** Runs one command given as words. */
  async runWords([name = '', ...args]: readonly string[]): Promise<void> {
    let path = '';
    try {
      const own = this.ownCommands()[name];
      if (own) {
        await own(args);
      } else if (treeCommands[name]) {
        const prepared = prepare(name, treeCommands[name], args);
        path = prepared.path;
        if (!this.client && !this.opening) this.out('Not connected');
        else await this.onSession((client) => prepared.run(this.contextOf(client)));
      } else {
        this.refuse(name);
      }
      this.exitCode = 0;
    } catch (error) {
      this.fail(error, path);
    }
  }

  /** Names of all commands, for completion. */
  get commandNames(): string[] {
    return [...Object.keys(treeCommands), ...Object.keys(this.ownCommands())];
  }

  /** Children of a path, for completion; none when they cannot be had at once. */
  async childrenOf(path: string): Promise<string[]> {
    if (this.client?.session.state !== 'connected') return [];
    return this.client.session.getChildren(path).then(
      ({ children }) => children,
      () => [],
    );
  }

  /** Closes the session, so that its ephemeral nodes vanish at once. */
  async close(): Promise<void> {
    this.opening?.abort();
    this.opening = null;
    const { client } = this;
    this.client = null;
    await client?.close();
  }

  private ownCommands(): Record<string, (args: readonly string[]) => Promise<void> | void> {
    return {
      close: () => this.closeAloud(),
      connect: (args) => this.reconnect(args),
      help: () => this.err(this.helpText().trimEnd()),
      history: () => this.printHistory(),
      printwatches: (args) => this.printWatches(args),
      quit: async () => {
        this.ended = true;
        await this.closeAloud();
      },
      redo: (args) => this.redo(args),
      version: () => this.out(`ZooKeeper CLI version: Gregor's, as of Apache Kafka ${KAFKA_VERSION}`),
    };
  }

  private helpText(): string {
    const usages = {
      ...Object.fromEntries(Object.entries(treeCommands).map(([name, { usage }]) => [name, usage])),
      close: '',
      connect: 'host:port',
      help: '',
      history: '',
      printwatches: 'on|off',
      quit: '',
      redo: 'cmdno',
      version: '',
    };
    const lines = Object.entries(usages)
      .toSorted(([left], [right]) => left.localeCompare(right))
      .map(([name, usage]) => `\t${name} ${usage}\n`);
    return `zookeeper-shell host:port[/path] cmd args\n${lines.join('')}`;
  }

  private refuse(name: string): never {
    if (LEFT_OUT.includes(name)) {
      const hint = name === 'addWatch' ? ' Watches are set with ls -w, get -w and stat -w.' : '';
      throw new ShellError(`${name} is a command of ZooKeeper's own shell that this one does not have.${hint}`, 127);
    }
    this.err(this.helpText().trimEnd());
    throw new ShellError(`Command not found: Command not found ${name}`, 127);
  }

  private fail(error: unknown, path: string): void {
    this.exitCode = error instanceof ShellError ? error.exitCode : 1;
    if (error instanceof ZkError) this.err(zkErrorText(error, path));
    else this.err(error instanceof ShellError ? error.message : failureText(error));
  }

  private printHistory(): void {
    const first = Math.max(0, this.history.length - 1 - HISTORY_SHOWN);
    for (const [index, line] of this.history.entries()) if (index >= first) this.out(`${index} - ${line}`);
  }

  private async redo([text = '']: readonly string[]): Promise<void> {
    if (!/^\d+$/.test(text)) throw new ShellError('redo cmdno');
    const line = this.history[Number(text)];
    if (line === undefined || Number(text) >= this.history.length - 1)
      throw new ShellError('Command index out of range');
    this.history[this.history.length - 1] = line;
    if (splitWords(line)[0] === 'redo') throw new ShellError('No redoing redos');
    await this.runWords(splitWords(line));
    if (this.exitCode !== 0) throw new ShellError('', this.exitCode);
  }

  private printWatches([wanted]: readonly string[]): void {
    if (wanted === undefined) this.out(`printwatches is ${this.printsWatches ? 'on' : 'off'}`);
    else this.printsWatches = wanted === 'on';
  }

  private async reconnect([server]: readonly string[]): Promise<void> {
    if (this.client || this.opening) await this.closeAloud();
    this.server = server ?? this.server;
    this.open();
    await this.connected();
  }

  private async closeAloud(): Promise<void> {
    if (!this.client && !this.opening) {
      this.out('Not connected');
      return;
    }
    const wasConnected = this.client !== null;
    await this.close();
    if (wasConnected) this.tell(stateText('closed'));
  }

  /** Tries until a server answers; a session that stands is kept by the client itself. */
  private async connectUntilDone(signal: AbortSignal): Promise<void> {
    const { io, sessionTimeoutMs, waitMs } = this.options;
    while (!signal.aborted && !io.interrupted.aborted) {
      try {
        const client = await connect({
          connectString: this.server,
          sessionTimeoutMs,
          connectionTimeoutMs: waitMs,
          clock: io.clock,
          logger: silentLogger,
          name: 'zookeeper-shell',
          createChroot: false,
        });
        if (signal.aborted) {
          await client.close();
          return;
        }
        this.adopt(client);
        return;
      } catch (error) {
        if (!(error instanceof ZkError)) {
          // The address makes no sense: trying again would not help.
          this.badAddress = new ShellError((error as Error).message);
          return;
        }
        await sleep(io.clock, RECONNECT_PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  private adopt(client: ZooKeeperClient): void {
    this.client = client;
    this.opening = null;
    this.tell(stateText('connected'));
    client.session.onStateChange((state) => {
      if (this.client === client && state !== 'closed') this.tell(stateText(state));
    });
  }

  /** The client, as soon as it is connected. @throws ZkError CONNECTION_LOSS after the time-out */
  private async connected(): Promise<ZooKeeperClient> {
    const { clock, interrupted } = this.options.io;
    const deadlineMs = clock.monotonicMs() + this.options.waitMs;
    for (;;) {
      if (this.client?.session.state === 'connected') return this.client;
      if (this.badAddress) throw this.badAddress;
      if (interrupted.aborted || clock.monotonicMs() >= deadlineMs) {
        this.foundNobody = this.client === null;
        throw new ZkError('CONNECTION_LOSS');
      }
      await sleep(clock, 20);
    }
  }

  /** Never waits longer than waitMs for a connection, and then never longer than a session can be silent. */
  private async onSession<T>(use: (client: ZooKeeperClient) => Promise<T>): Promise<T> {
    const client = await this.connected();
    const { clock } = this.options.io;
    let off: (() => void) | null = null;
    const lost = new Promise<never>((_resolve, reject) => {
      const timer = clock.after(this.options.sessionTimeoutMs, () => reject(new ZkError('CONNECTION_LOSS')));
      const stop = client.session.onStateChange((state: SessionState) => {
        if (state === 'disconnected') reject(new ZkError('CONNECTION_LOSS'));
        if (state === 'expired') reject(new ZkError('SESSION_EXPIRED'));
      });
      off = () => {
        timer.cancel();
        stop();
      };
    });
    try {
      return await Promise.race([use(client), lost]);
    } finally {
      (off as (() => void) | null)?.();
    }
  }

  private contextOf(client: ZooKeeperClient): Parameters<ReturnType<typeof prepare>['run']>[0] {
    return {
      session: client.session,
      out: (line) => this.out(line),
      err: (line) => this.err(line),
      watch: this.onWatch,
    };
  }

  /** One function for all watches, so that one change is told once. */
  private readonly onWatch = (event: WatchEvent): void => this.tell(eventText(event));

  private tell(text: string): void {
    if (this.printsWatches) this.options.io.stdout.write(text);
  }

  private out(line: string): void {
    this.options.io.stdout.write(`${line}\n`);
  }

  private err(line: string): void {
    if (line !== '') this.options.io.stderr.write(`${line}\n`);
  }
}
