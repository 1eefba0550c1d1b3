/**
 * Deadlines of many waiting requests in one structure with one timer of the clock, because most of them are cancelled
 * long before they are due. Deadlines are rounded up to ticks; adding and removing cost the same however many there are
 * (the idea of Kafka's TimingWheel, with a heap of ticks instead of levels). Owns its buckets.
 */
import type { Clock, TimerHandle } from '../../runtime/clock';

/** Something that is told when its time is up. */
export interface Expirable {
  expire(): void;
}

/** Milliseconds per tick. */
const TICK_MS = 5;

export class DeadlineTimer {
  private readonly buckets = new Map<number, Set<Expirable>>();
  /** Binary min-heap of the ticks that have a bucket. */
  private readonly ticks: number[] = [];
  private timer: TimerHandle | null = null;
  private timerTick = Number.POSITIVE_INFINITY;
  private count = 0;

  constructor(private readonly clock: Clock) {}

  /** How many deadlines are pending. */
  get size(): number {
    return this.count;
  }

  /**
   * Calls `item.expire()` once `delayMs` have passed, unless the returned tick is removed before.
   * @returns the tick to be given to `remove`
   */
  add(item: Expirable, delayMs: number): number {
    const tick = Math.ceil((this.clock.monotonicMs() + delayMs) / TICK_MS);
    let bucket = this.buckets.get(tick);
    if (!bucket) {
      bucket = new Set();
      this.buckets.set(tick, bucket);
      this.push(tick);
      if (tick < this.timerTick) this.arm(tick);
    }
    bucket.add(item);
    this.count++;
    return tick;
  }

  remove(item: Expirable, tick: number): void {
    if (this.buckets.get(tick)?.delete(item)) this.count--;
  }

  /** Forgets all deadlines without calling anybody. */
  close(): void {
    this.timer?.cancel();
    this.timer = null;
    this.timerTick = Number.POSITIVE_INFINITY;
    this.buckets.clear();
    this.ticks.length = 0;
    this.count = 0;
  }

  private arm(tick: number): void {
    this.timer?.cancel();
    this.timerTick = tick;
    this.timer = this.clock.after(Math.max(0, tick * TICK_MS - this.clock.monotonicMs()), () => this.fire());
  }

  private fire(): void {
    this.timer = null;
    this.timerTick = Number.POSITIVE_INFINITY;
    const nowMs = this.clock.monotonicMs();
    for (let tick = this.ticks[0]; tick !== undefined && tick * TICK_MS <= nowMs; tick = this.ticks[0]) {
      this.pop();
      const bucket = this.buckets.get(tick);
      this.buckets.delete(tick);
      this.count -= bucket?.size ?? 0;
      for (const item of bucket ?? []) item.expire();
    }
    this.armForNext();
  }

  private armForNext(): void {
    // Ticks whose items have all been removed need no timer of their own.
    for (let tick = this.ticks[0]; tick !== undefined; tick = this.ticks[0]) {
      if (this.buckets.get(tick)?.size) {
        if (tick < this.timerTick) this.arm(tick);
        return;
      }
      this.pop();
      this.buckets.delete(tick);
    }
  }

  private push(tick: number): void {
    const heap = this.ticks;
    let at = heap.push(tick) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as number) <= tick) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = tick;
  }

  private pop(): void {
    const heap = this.ticks;
    const last = heap.pop() as number;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
  }
}
