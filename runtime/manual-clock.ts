/**
 * A clock that stands still until it is told to advance: for unit tests and the simulation.
 * Timers fire in the order of their due time, those due together in the order they were set.
 */
import type { Clock, TimerHandle } from './clock';

interface PendingTimer {
  dueMs: number;
  sequence: number;
  periodMs: number | null;
  callback: () => void;
}

export class ManualClock implements Clock {
  private elapsedMs = 0;
  private sequence = 0;
  private readonly timers = new Set<PendingTimer>();

  /** @param startMs wall time at which the clock begins, in milliseconds since the Unix epoch */
  constructor(private readonly startMs = 1_700_000_000_000) {}

  nowMs(): number {
    return this.startMs + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    return this.set(delayMs, null, callback);
  }

  every(periodMs: number, callback: () => void): TimerHandle {
    return this.set(periodMs, periodMs, callback);
  }

  /** Moves time forward by `ms`, firing what falls due on the way at its own due time. */
  advance(ms: number): void {
    const targetMs = this.elapsedMs + ms;
    for (let timer = this.nextDue(targetMs); timer; timer = this.nextDue(targetMs)) {
      this.elapsedMs = Math.max(this.elapsedMs, timer.dueMs);
      if (timer.periodMs === null) this.timers.delete(timer);
      else timer.dueMs += timer.periodMs;
      timer.callback();
    }
    this.elapsedMs = targetMs;
  }

  /** Like advance, but lets promise callbacks run after each timer. */
  async advanceAsync(ms: number): Promise<void> {
    const targetMs = this.elapsedMs + ms;
    await settle();
    for (let timer = this.nextDue(targetMs); timer; timer = this.nextDue(targetMs)) {
      this.elapsedMs = Math.max(this.elapsedMs, timer.dueMs);
      if (timer.periodMs === null) this.timers.delete(timer);
      else timer.dueMs += timer.periodMs;
      timer.callback();
      await settle();
    }
    this.elapsedMs = targetMs;
  }

  /** How many timers are set: a test's way to see that something left none behind. */
  get pendingTimers(): number {
    return this.timers.size;
  }

  private set(delayMs: number, periodMs: number | null, callback: () => void): TimerHandle {
    const timer = { dueMs: this.elapsedMs + Math.max(0, delayMs), sequence: this.sequence++, periodMs, callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  private nextDue(targetMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.timers) {
      if (timer.dueMs > targetMs) continue;
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.sequence < next.sequence)) {
        next = timer;
      }
    }
    return next;
  }
}

/** Lets everything that is ready to run in the microtask and immediate queues run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
