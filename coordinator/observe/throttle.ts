/** Something that may be asked for often and is done a few times a second at most, soon after it was asked for. */
import type { Clock, TimerHandle } from '../../runtime/clock';
import type { TaskGroup } from '../../runtime/task-group';

/** Changes come in bursts: a new topic is dozens of znodes. */
const BURST_MS = 20;

export class Throttle {
  private waiting: TimerHandle | null = null;
  private doneAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly tasks: Pick<TaskGroup, 'after'>,
    private readonly everyMs: number,
    private readonly act: () => void,
  ) {}

  ask(): void {
    if (this.waiting) return;
    const dueMs = Math.max(this.clock.monotonicMs() + BURST_MS, this.doneAtMs + this.everyMs);
    this.waiting = this.tasks.after(dueMs - this.clock.monotonicMs(), () => {
      this.waiting = null;
      this.act();
    });
  }

  /** It has been done just now, whoever asked. */
  done(): void {
    this.waiting?.cancel();
    this.waiting = null;
    this.doneAtMs = this.clock.monotonicMs();
  }
}
