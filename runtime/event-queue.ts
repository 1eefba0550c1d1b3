/**
 * A queue that runs its events one at a time, in the order they were put in: the owner of a piece of state
 * (the controller, a group, a partition's ISR) changes that state only from inside its queue.
 */

interface QueuedEvent {
  name: string;
  run: () => unknown;
  resolve: (value: never) => void;
  reject: (reason: Error) => void;
}

/** Why an event that was put in never ran: the queue was cleared or closed first. */
export class EventDropped extends Error {
  constructor(eventName: string, why: string) {
    super(`event ${eventName} was dropped: ${why}`);
    this.name = 'EventDropped';
  }
}

export class EventQueue {
  private events: QueuedEvent[] = [];
  private running: string | null = null;
  private closedBecause: string | null = null;
  private idleWaiters: (() => void)[] = [];

  constructor(readonly name: string) {}

  /** How many events wait, the running one not counted. */
  get size(): number {
    return this.events.length;
  }

  /** Name of the event that runs now, null when idle. */
  get current(): string | null {
    return this.running;
  }

  /** Appends an event; the promise settles with what `run` returns or throws, or rejects with EventDropped. */
  enqueue<T>(eventName: string, run: () => T | Promise<T>): Promise<T> {
    return this.add(eventName, run, false);
  }

  /** Puts an event before all that wait. */
  enqueueFirst<T>(eventName: string, run: () => T | Promise<T>): Promise<T> {
    return this.add(eventName, run, true);
  }

  /** Drops all events that wait; each one's promise rejects with EventDropped. The running event goes on. */
  clear(why: string): void {
    const dropped = this.events;
    this.events = [];
    for (const event of dropped) event.reject(new EventDropped(event.name, why));
  }

  /** Drops what waits, refuses what comes, and resolves when the running event has ended. */
  async close(why = `${this.name} is closed`): Promise<void> {
    this.closedBecause = why;
    this.clear(why);
    await this.idle();
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    if (this.running === null && this.events.length === 0) return;
    await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  private add<T>(name: string, run: () => T | Promise<T>, first: boolean): Promise<T> {
    if (this.closedBecause !== null) return Promise.reject(new EventDropped(name, this.closedBecause));
    return new Promise<T>((resolve, reject) => {
      const event: QueuedEvent = { name, run, resolve: resolve as (value: never) => void, reject };
      if (first) this.events.unshift(event);
      else this.events.push(event);
      if (this.running === null) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    // Marked as running before the first await, so that a second enqueue does not start a second drain.
    for (let event = this.events.shift(); event; event = this.events.shift()) {
      this.running = event.name;
      try {
        event.resolve((await event.run()) as never);
      } catch (error) {
        event.reject(error as Error);
      }
    }
    this.running = null;
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const wake of waiters) wake();
  }
}
