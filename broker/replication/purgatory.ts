/**
 * Where requests wait that cannot be answered yet (kafka.server.DelayedOperationPurgatory). An operation is put into
 * the watch lists of the partitions it depends on; whoever changes such a partition checks its list. An operation
 * completes exactly once: by a check, by its deadline, or because its connection ended, and takes itself off all lists
 * at that moment, so nothing has to be swept. A connection has one request in progress, so there are never more
 * operations than connections.
 *
 * waiting ──▶ completed (condition met, forced, or deadline passed)
 */
import type { DeadlineTimer, Expirable } from './deadline-timer';

/** The operations that wait for something to happen to one partition. */
export class WatchList {
  private readonly operations = new Set<DelayedOperation>();

  get size(): number {
    return this.operations.size;
  }

  /** Lets every operation see whether it can complete now. */
  check(): void {
    if (this.operations.size === 0) return;
    for (const operation of this.operations) operation.tryComplete();
  }

  add(operation: DelayedOperation): void {
    this.operations.add(operation);
  }

  delete(operation: DelayedOperation): void {
    this.operations.delete(operation);
  }
}

export abstract class DelayedOperation implements Expirable {
  private done = false;
  private lists: readonly WatchList[] = [];
  private timer: DeadlineTimer | null = null;
  private tick = 0;

  get isCompleted(): boolean {
    return this.done;
  }

  /** Looks whether the condition is met and if so completes. */
  abstract tryComplete(): void;

  /** Gives the answer; called once. */
  protected abstract onComplete(): void;

  /** Completes whatever the condition says. */
  forceComplete(): void {
    if (this.done) return;
    this.done = true;
    this.leave();
    this.onComplete();
  }

  /** Completes without an answer: nobody waits for it any more. */
  abandon(): void {
    this.done = true;
    this.leave();
  }

  expire(): void {
    this.forceComplete();
  }

  /**
   * Waits in `lists` until the condition is met or `delayMs` have passed. The caller has tried before: between that
   * try and this call nothing else ran.
   */
  wait(lists: readonly WatchList[], timer: DeadlineTimer, delayMs: number): void {
    this.lists = lists;
    for (const list of lists) list.add(this);
    this.timer = timer;
    this.tick = timer.add(this, delayMs);
  }

  private leave(): void {
    for (const list of this.lists) list.delete(this);
    this.timer?.remove(this, this.tick);
    this.timer = null;
  }
}
