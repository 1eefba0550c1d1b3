/** Waiting for what other processes and sockets do: with a deadline, and with what was seen last in the failure. */
import { setTimeout as pause } from 'node:timers/promises';

type Truthy<T> = Exclude<T, null | undefined | false | '' | 0>;

const TIMEOUT_MS = 10_000;

/**
 * Resolves as soon as `look` gives something truthy, with that; fails after `timeoutMs` with what `look` gave last.
 * @param what completes "… did not happen"
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs = TIMEOUT_MS,
): Promise<Truthy<T>> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    let seen: unknown;
    try {
      const value = await look();
      if (value) return value as Truthy<T>;
      seen = value;
    } catch (error) {
      seen = error;
    }
    if (Date.now() > deadlineMs)
      throw new Error(`${what} did not happen within ${timeoutMs} ms; last seen: ${String(seen)}`);
    await pause(5);
  }
}

/**
 * Repeats a check made of expect() until it passes, for what takes effect a moment after it was acknowledged: a changed
 * configuration, a new topic at another broker. After `timeoutMs` fails as the last try did, with the difference that
 * jest shows.
 */
export async function eventuallyPasses<T>(check: () => Promise<T>, timeoutMs = TIMEOUT_MS): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
    }
    await pause(5);
  }
}
