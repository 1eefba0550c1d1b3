/**
 * Owner of background work. Every loop and periodic task is started through a group, and stops with it,
 * within a deadline; what does not stop in time is named.
 */
import { setMaxListeners } from 'node:events';
import type { Clock, TimerHandle } from './clock';
import type { Logger } from './logger';

/** The abort reason that tasks see in their signal when their group stops. */
export class TaskGroupStopped extends Error {
  constructor(groupName: string) {
    super(`${groupName} is stopping`);
    this.name = 'TaskGroupStopped';
  }
}

export class TaskGroup {
  private readonly controller = new AbortController();
  private readonly running = new Map<Promise<void>, string>();
  private readonly timers = new Set<TimerHandle>();

  constructor(
    private readonly name: string,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    // One listener per task and per wait of a task is meant, and no leak that Node would have to warn of.
    setMaxListeners(0, this.controller.signal);
  }

  /** Aborted as soon as stop() is called. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get stopping(): boolean {
    return this.controller.signal.aborted;
  }

  /** Starts a task. An error that it throws is logged, unless it is the reason of this group's stop. */
  run(taskName: string, task: (signal: AbortSignal) => Promise<void>): void {
    if (this.stopping) return;
    const promise: Promise<void> = task(this.signal)
      .catch((error: unknown) => {
        if (!(error instanceof TaskGroupStopped)) this.logger.error(`Task ${taskName} of ${this.name} failed`, error);
      })
      .finally(() => this.running.delete(promise));
    this.running.set(promise, taskName);
  }

  /** Runs `task` every `periodMs`, the first time after `delayMs`; a run still going when the next is due skips that one. */
  every(taskName: string, periodMs: number, task: () => void | Promise<void>, delayMs = periodMs): void {
    if (this.stopping) return;
    let busy = false;
    const tick = (): void => {
      if (busy || this.stopping) return;
      busy = true;
      this.run(taskName, async () => {
        try {
          await task();
        } finally {
          busy = false;
        }
      });
    };
    this.after(delayMs, () => {
      this.keep(this.clock.every(periodMs, tick));
      tick();
    });
  }

  /** Calls `callback` once after `delayMs`, unless the group is stopped or the handle cancelled before. */
  after(delayMs: number, callback: () => void): TimerHandle {
    const timer = this.clock.after(delayMs, () => {
      this.timers.delete(handle);
      if (!this.stopping) callback();
    });
    const handle: TimerHandle = {
      cancel: () => {
        this.timers.delete(handle);
        timer.cancel();
      },
    };
    return this.keep(handle);
  }

  /** Cancels timers, aborts tasks and waits for them; logs the names of those still running after `deadlineMs`. */
  async stop(deadlineMs = 10_000): Promise<void> {
    if (!this.stopping) this.controller.abort(new TaskGroupStopped(this.name));
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
    if (this.running.size === 0) return;
    let deadline: TimerHandle | undefined;
    const late = new Promise<'late'>((resolve) => (deadline = this.clock.after(deadlineMs, () => resolve('late'))));
    const done = Promise.all(this.running.keys()).then(() => 'done' as const);
    if ((await Promise.race([done, late])) === 'late') {
      const names = [...new Set(this.running.values())].join(', ');
      this.logger.warn(`${this.name} did not stop within ${deadlineMs} ms; still running: ${names}`);
    }
    deadline?.cancel();
  }

  private keep(timer: TimerHandle): TimerHandle {
    this.timers.add(timer);
    return timer;
  }
}
