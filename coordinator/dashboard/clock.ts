/** Time in the browser: the only place of the dashboard that reads clocks and sets timers. */

/** Milliseconds since the Unix epoch, by the browser's clock. */
export const wallMs = () => Date.now();

/** Milliseconds on a clock that only goes forward; for animation. */
export const steadyMs = () => performance.now();

/** Calls once after a while. Returns a function that calls it off. */
export function after(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

/** Calls again and again. Returns a function that ends it. */
export function every(intervalMs: number, run: () => void): () => void {
  const timer = setInterval(run, intervalMs);
  return () => clearInterval(timer);
}
