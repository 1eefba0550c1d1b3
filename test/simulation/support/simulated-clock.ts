/**
 * The one clock of a simulation: nothing happens between its timers. Like ManualClock, but steps from one due time to the
 * next and keeps thousands of timers in a heap. Each broker gets a clock of its own over it, which stops when the broker is
 * killed.
 */
import type { Clock, TimerHandle } from '../../../runtime/clock';

interface Timer {
  dueMs: number;
  sequence: number;
  callback: (() => void) | null;
}

const START_MS = 1_700_000_000_000;

export class SimulatedClock implements Clock {
  private elapsedMs = 0;
  private sequence = 0;
  private readonly heap: Timer[] = [];

  nowMs(): number {
    return START_MS + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    const timer: Timer = { dueMs: this.elapsedMs + Math.max(0, delayMs), sequence: this.sequence++, callback };
    this.push(timer);
    return { cancel: () => void (timer.callback = null) };
  }

  every(periodMs: number, callback: () => void): TimerHandle {
    let current: TimerHandle;
    const again = (): void => {
      current = this.after(periodMs, again);
      callback();
    };
    current = this.after(periodMs, again);
    return { cancel: () => current.cancel() };
  }

  /** When the next timer is due; null when none is set. */
  nextDueMs(): number | null {
    while (this.heap[0]?.callback === null) this.pop();
    return this.heap[0]?.dueMs ?? null;
  }

  /** Fires the next timer, and lets everything that follows from it at once happen. */
  async step(): Promise<void> {
    if (this.nextDueMs() === null) return;
    const timer = this.pop();
    this.elapsedMs = timer.dueMs;
    const { callback } = timer;
    timer.callback = null;
    callback?.();
    await settle();
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent] as Timer)) break;
      heap[at] = heap[parent] as Timer;
      at = parent;
    }
    heap[at] = timer;
  }

  private pop(): Timer {
    const { heap } = this;
    const first = heap[0] as Timer;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!isBefore(heap[child] as Timer, last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence);
}

/** The clock of one process: when the process is killed, nothing that it has set fires any more. */
export class ProcessClock implements Clock {
  private alive = true;

  constructor(private readonly clock: SimulatedClock) {}

  kill(): void {
    this.alive = false;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    return this.clock.after(delayMs, () => {
      if (this.alive) callback();
    });
  }

  every(periodMs: number, callback: () => void): TimerHandle {
    const handle = this.clock.every(periodMs, () => {
      if (this.alive) callback();
      else handle.cancel();
    });
    return handle;
  }
}

/** Promise callbacks, and what waits for the next turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
