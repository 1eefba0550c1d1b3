/** A group as the coordinator holds it: membership, offsets, and the timers that are set for it. */
import type { Clock, TimerHandle } from '../../runtime/clock';
import { GroupOffsets } from './group-offsets';
import type { GroupState } from './group-state';
import type { GroupTimer } from './step';

export class Group {
  readonly offsets = new GroupOffsets();
  private readonly timers = new Map<string, TimerHandle>();

  constructor(
    readonly id: string,
    readonly state: GroupState,
  ) {}

  /** Sets a timer, in place of the one of the same name if there is one. */
  setTimer(clock: Clock, timer: GroupTimer, delayMs: number, fired: () => void): void {
    const key = keyOf(timer);
    this.timers.get(key)?.cancel();
    const handle = clock.after(delayMs, () => {
      this.timers.delete(key);
      fired();
    });
    this.timers.set(key, handle);
  }

  cancelTimer(timer: GroupTimer): void {
    const key = keyOf(timer);
    this.timers.get(key)?.cancel();
    this.timers.delete(key);
  }

  cancelAllTimers(): void {
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
  }
}

function keyOf(timer: GroupTimer): string {
  return timer.kind === 'member' ? `member ${timer.memberId}` : timer.kind;
}
