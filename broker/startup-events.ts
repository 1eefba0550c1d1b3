/**
 * The startup story: named events in the order in which they happen, kept for the broker's HTTP listener and printed in
 * the log. docs/startup-sequence.md explains each.
 */
import type { Clock } from '../runtime/clock';

export interface StartupEvent {
  readonly name: string;
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Milliseconds since the broker began to start. */
  readonly sinceStartMs: number;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** Bounds the memory that a broker with many session expiries would take. */
const MOST_EVENTS_KEPT = 500;

export class StartupEvents {
  private readonly events: StartupEvent[] = [];
  private readonly listeners = new Set<(event: StartupEvent) => void>();
  private readonly startMs: number;

  constructor(private readonly clock: Clock) {
    this.startMs = clock.monotonicMs();
  }

  emit(name: string, details: StartupEvent['details'] = {}): void {
    const sinceStartMs = Math.round((this.clock.monotonicMs() - this.startMs) * 10) / 10;
    const event = { name, atMs: this.clock.nowMs(), sinceStartMs, details };
    this.events.push(event);
    if (this.events.length > MOST_EVENTS_KEPT) this.events.shift();
    for (const listener of this.listeners) listener(event);
  }

  /** All events so far, the oldest first. */
  list(): readonly StartupEvent[] {
    return this.events;
  }

  onEvent(listener: (event: StartupEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
