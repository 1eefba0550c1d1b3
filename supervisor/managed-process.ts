/**
 * One child process with its output in a log file: start, stop, kill, pause, resume, and what it said last.
 * Legal transitions: running ⇄ paused → ended; ended is final, a restart makes a new ManagedProcess.
 * Children never outlive the process that started them: they are killed when it exits, and by a guard when it is killed.
 */
import { spawn, type ChildProcess, type Serializable, type StdioOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Clock, TimerHandle } from '../runtime/clock';

export interface ProcessSpec {
  /** How messages call it, e.g. `ZooKeeper` or `broker 1`. */
  name: string;
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Both output streams are appended to this file. */
  logFile: string;
  /** Opens a channel for `send` and `onReport`; the process sees it as process.send and 'disconnect'. */
  channel?: boolean;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const LINES_IN_ERRORS = 15;

/** Belongs to this operating system process, not to a cluster: one exit listener serves all children. */
const liveChildren = new Set<ChildProcess>();
let exitListenerSet = false;

function killWithThisProcess(child: ChildProcess): void {
  liveChildren.add(child);
  if (exitListenerSet) return;
  exitListenerSet = true;
  process.on('exit', () => {
    for (const live of liveChildren) live.kill('SIGKILL');
  });
}

/**
 * A shell that waits at a pipe which only this process holds open, and kills the child when it breaks: after a `kill -9`
 * nobody else would. It costs less than a megabyte.
 */
function guardAgainstOrphan(child: ChildProcess): ChildProcess | null {
  if (child.pid === undefined || process.platform === 'win32') return null;
  const script = 'read nothing; kill -9 "$0" 2>/dev/null';
  const guard = spawn('/bin/sh', ['-c', script, String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined); // without a shell there is no guard, and that is all
  guard.unref();
  (guard.stdin as Socket | null)?.unref();
  return guard;
}

export class ManagedProcess {
  /** Resolves once, when the process has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  private end: ProcessEnd | null = null;
  private startError: Error | null = null;
  private readonly logStartBytes: number;

  private constructor(
    private readonly spec: ProcessSpec,
    private readonly child: ChildProcess,
    private readonly clock: Clock,
    logStartBytes: number,
  ) {
    this.logStartBytes = logStartBytes;
    killWithThisProcess(child);
    const guard = guardAgainstOrphan(child);
    this.ended = new Promise((resolve) => {
      const settle = (end: ProcessEnd): void => {
        liveChildren.delete(child);
        guard?.kill('SIGKILL');
        this.end ??= end;
        resolve(this.end);
      };
      child.once('exit', (code, signal) => settle({ code, signal }));
      child.once('error', (error) => {
        this.startError = error;
        if (child.pid === undefined) settle({ code: null, signal: null });
      });
    });
  }

  /** Starts the process; one that cannot be started at all shows as ended, with the reason in `describeEnd`. */
  static start(spec: ProcessSpec, clock: Clock): ManagedProcess {
    const log = openSync(spec.logFile, 'a');
    try {
      const logStartBytes = readFileSync(spec.logFile).length;
      const { cwd, env } = spec;
      const stdio: StdioOptions = spec.channel ? ['ignore', log, log, 'ipc'] : ['ignore', log, log];
      // A group of its own: Ctrl-C in a terminal signals a whole group, but the order in which to stop is ours to choose.
      const child = spawn(spec.command, spec.args, { cwd, env: env ?? process.env, stdio, detached: true });
      return new ManagedProcess(spec, child, clock, logStartBytes);
    } finally {
      closeSync(log);
    }
  }

  get name(): string {
    return this.spec.name;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return this.end === null;
  }

  /** Sends SIGTERM and waits; whoever has not ended after `timeoutMs` is killed. Resolves when it is gone. */
  async stop(timeoutMs = 30_000): Promise<ProcessEnd> {
    if (this.end) return this.end;
    this.child.kill('SIGCONT'); // a paused process would never see the SIGTERM
    this.child.kill('SIGTERM');
    let timer: TimerHandle | undefined;
    const late = new Promise<null>((resolve) => (timer = this.clock.after(timeoutMs, () => resolve(null))));
    const end = await Promise.race([this.ended, late]);
    timer?.cancel();
    return end ?? this.kill();
  }

  /** Ends it at once, as `kill -9` does, and resolves when it is gone. */
  async kill(): Promise<ProcessEnd> {
    if (this.running) this.child.kill('SIGKILL');
    return this.ended;
  }

  /** Freezes the process (SIGSTOP): its sockets stay open, and nothing answers. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Sends over the channel; what a process that ended would have got is lost. */
  send(value: Serializable): void {
    if (this.running && this.child.connected) this.child.send(value, () => undefined);
  }

  /** Calls `listener` with each value that the process sends over the channel. */
  onReport(listener: (value: unknown) => void): void {
    this.child.on('message', listener);
  }

  /** What it has written since this start. */
  output(): string {
    return readFileSync(this.spec.logFile).subarray(this.logStartBytes).toString('utf8');
  }

  /** For error texts: how it ended and its last lines. */
  describeEnd(): string {
    if (this.startError) return `${this.name} could not be started: ${this.startError.message}`;
    const how = this.end?.signal ? `was ended by ${this.end.signal}` : `ended with exit code ${this.end?.code}`;
    const lastLines = this.output().trimEnd().split('\n').slice(-LINES_IN_ERRORS).join('\n  ');
    return `${this.name} ${this.running ? 'is still running' : how}. Its last lines (${this.spec.logFile}):\n  ${lastLines}`;
  }
}
