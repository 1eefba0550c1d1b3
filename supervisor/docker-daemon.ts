/**
 * The process of a Docker Engine that lives as long as whoever started it. Not a ManagedProcess: that one's children are
 * killed when their parent goes, and containers outlive an engine that is killed. This one is asked to stop, also then, and
 * stops its containers first.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Clock, TimerHandle } from '../runtime/clock';

/** Between us and the engine: sends SIGTERM when our end of its standard input closes, for whatever reason. */
const GUARD = `exec 3<&0
"$@" 3<&- </dev/null & daemon=$!
{ read nothing <&3; kill $daemon; } 2>/dev/null & reader=$!
wait $daemon
kill $reader 2>/dev/null`;
const LINES_IN_ERRORS = 15;

export class DockerDaemon {
  private readonly ended: Promise<void>;
  private isRunning = true;

  private constructor(
    private readonly guard: ChildProcess,
    private readonly logFile: string,
    private readonly clock: Clock,
  ) {
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.isRunning = false;
        resolve();
      };
      guard.once('exit', end).once('error', end);
      guard.stdin?.on('error', () => undefined); // it had ended before
    });
  }

  /** Starts `command`; its output is appended to the log file. */
  static start(command: readonly string[], env: NodeJS.ProcessEnv, logFile: string, clock: Clock): DockerDaemon {
    const log = openSync(logFile, 'a');
    try {
      // A session of its own: Ctrl-C in a terminal is for us, and the engine is to stop after its containers.
      const options = { stdio: ['pipe', log, log] as ['pipe', number, number], env, detached: true };
      return new DockerDaemon(spawn('/bin/sh', ['-c', GUARD, 'sh', ...command], options), logFile, clock);
    } finally {
      closeSync(log);
    }
  }

  get running(): boolean {
    return this.isRunning;
  }

  /** Its last lines, for error texts. */
  lastLines(): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-LINES_IN_ERRORS).join('\n  ');
  }

  /** Asks it to stop and waits. @throws Error when it has not ended after `timeoutMs` */
  async stop(timeoutMs: number): Promise<void> {
    if (!this.isRunning) return;
    this.guard.stdin?.end();
    let timer: TimerHandle | undefined;
    const late = new Promise<void>((_, reject) => {
      const text = `the Docker Engine did not stop within ${timeoutMs / 1000} s`;
      timer = this.clock.after(timeoutMs, () => reject(new Error(`${text}:\n  ${this.lastLines()}`)));
    });
    await Promise.race([this.ended, late]).finally(() => timer?.cancel());
  }
}
