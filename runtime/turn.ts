/** Long work in turns: it holds everything else up for some milliseconds only, then lets the event loop run. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock';

const TURN_MS = 10;

export class Turn {
  private endMs: number;

  constructor(private readonly clock: Clock) {
    this.endMs = clock.monotonicMs() + TURN_MS;
  }

  get isOver(): boolean {
    return this.clock.monotonicMs() >= this.endMs;
  }

  /** Lets other work run, then begins the next turn. */
  async next(): Promise<void> {
    await setImmediate();
    this.endMs = this.clock.monotonicMs() + TURN_MS;
  }
}
