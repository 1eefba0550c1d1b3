/**
 * Long work that must sometimes be done at once and sometimes beside other work. It is written as a generator that
 * yields where it may pause; nothing it needs may change while it is paused.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../runtime/clock';

export type Steps<T> = Generator<void, T, void>;

/** The longest that steps hold up everything else. */
const TURN_MS = 10;

/** Does all of it now. */
export function runNow<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does it in turns, between which the event loop runs. */
export async function runInTurns<T>(steps: Steps<T>, clock: Clock): Promise<T> {
  for (;;) {
    const turnEndMs = clock.monotonicMs() + TURN_MS;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (clock.monotonicMs() < turnEndMs);
    await setImmediate();
  }
}
