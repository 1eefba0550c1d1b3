/**
 * Time as a dependency. Nothing outside runtime/ calls Date.now, performance.now, setTimeout or setInterval:
 * whoever needs time is given a Clock, so that unit tests and the simulation can own it.
 */

/** A timer that has been set; cancelling twice, or after it fired, does nothing. */
export interface TimerHandle {
  cancel(): void;
}

export interface Clock {
  /** Wall clock in milliseconds since the Unix epoch; may jump when the system's clock is set. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never goes back. For measuring spans and deadlines. */
  monotonicMs(): number;
  /** Calls `callback` once, `delayMs` from now. The timer keeps the process alive until it fired or was cancelled. */
  after(delayMs: number, callback: () => void): TimerHandle;
  /** Calls `callback` every `periodMs`, first one period from now. Does not keep the process alive. */
  every(periodMs: number, callback: () => void): TimerHandle;
}

/** setTimeout fires at once for anything longer than this many milliseconds (2^31 - 1). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return { cancel: () => clearTimeout(timer) };
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, Math.min(Math.max(1, periodMs), LONGEST_TIMER_MS));
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
};

/** Resolves after `delayMs`, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
