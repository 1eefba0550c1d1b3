/** What a run of a lesson has made, and how each thing is undone: topics, groups, clients, faults. */
import { sleep, type Clock } from '../../runtime/clock';

interface MadeThing {
  readonly name: string;
  readonly undo: () => Promise<void>;
}

/** What could not be undone, and why. */
export interface Leftover {
  readonly name: string;
  readonly why: string;
}

export class MadeThings {
  private readonly things: MadeThing[] = [];
  private sealed = false;

  /** @param undoTimeoutMs how long the undoing of one thing may take */
  constructor(
    private readonly clock: Clock,
    private readonly undoTimeoutMs: number,
  ) {}

  names(): string[] {
    return this.things.map(({ name }) => name);
  }

  /** Takes note of a thing. After `undoAll` it is undone at once: a step that was given up may still make something. */
  add(name: string, undo: () => Promise<void>): void {
    if (this.sealed) {
      void undo().catch(() => undefined);
      return;
    }
    if (!this.things.some((thing) => thing.name === name)) this.things.push({ name, undo });
  }

  /** Undoes one thing. Rejects when that fails; then it stays noted. */
  async undo(name: string): Promise<void> {
    const thing = this.things.find((each) => each.name === name);
    if (!thing) return;
    await this.inTime(thing);
    this.things.splice(this.things.indexOf(thing), 1);
  }

  /** Undoes everything, the newest first, each within its time. What fails stays noted and can be tried again. */
  async undoAll(): Promise<Leftover[]> {
    this.sealed = true;
    const leftovers: Leftover[] = [];
    for (const { name } of this.things.toReversed()) {
      try {
        await this.undo(name);
      } catch (error) {
        leftovers.push({ name, why: error instanceof Error ? error.message : String(error) });
      }
    }
    return leftovers;
  }

  private async inTime(thing: MadeThing): Promise<void> {
    const waiting = new AbortController();
    const late = sleep(this.clock, this.undoTimeoutMs, waiting.signal).then(() => {
      throw new Error(`not done within ${this.undoTimeoutMs} ms`);
    });
    try {
      await Promise.race([thing.undo(), late]);
    } finally {
      late.catch(() => undefined);
      waiting.abort();
    }
  }
}
