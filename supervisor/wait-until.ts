/** Waiting for a condition with a deadline; what was seen last is part of the error. */
import { sleep, type Clock } from '../runtime/clock';

export interface WaitOptions {
  /** Completes the sentence "waited 5 s until …". */
  what: string;
  timeoutMs: number;
  clock: Clock;
  /** Pause between two tries in milliseconds; 10 when left out. */
  everyMs?: number;
}

/** A condition did not become true in time. */
export class WaitTimeout extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'WaitTimeout';
  }
}

/**
 * Calls `probe` until it gives a value other than null and returns that value.
 * A probe that throws counts as "not yet"; throw a StopWaiting to give up at once.
 */
export async function waitUntil<T>(probe: () => Promise<T | null> | T | null, options: WaitOptions): Promise<T> {
  const { clock, what, timeoutMs } = options;
  const startMs = clock.monotonicMs();
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== null) return value;
      lastError = undefined;
    } catch (error) {
      if (error instanceof StopWaiting) throw error;
      lastError = error;
    }
    if (clock.monotonicMs() - startMs >= timeoutMs) {
      const seen = lastError instanceof Error ? ` (last error: ${lastError.message})` : '';
      throw new WaitTimeout(`waited ${timeoutMs / 1000} s until ${what}, in vain${seen}`);
    }
    await sleep(clock, options.everyMs ?? 10);
  }
}

/** Thrown by a probe: waiting longer is of no use. */
export class StopWaiting extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'StopWaiting';
  }
}
