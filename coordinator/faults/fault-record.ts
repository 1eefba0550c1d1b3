/** One fault on purpose from its beginning to the moment when all that it broke is whole again. Owns its end. */
import type { Clock } from '../../runtime/clock';
import type { Fault, FaultAction } from '../schemas';
import type { Picture } from './cluster-facts';
import { ConsequenceTracker } from './consequence-tracker';
import { titleOf, type Target, type TargetState } from './targets';

const verbs: Record<FaultAction, string> = {
  kill: 'Kill',
  stop: 'Stop',
  pause: 'Pause',
  resume: 'Resume',
  restart: 'Restart',
  start: 'Start',
  cut: 'Cut',
  heal: 'Heal',
};

export interface NewFault {
  id: number;
  targetId: string;
  target: Target;
  action: FaultAction;
  before: Picture;
  /** Brokers that did not answer already before it. */
  silentBefore: readonly number[];
}

export class FaultRecord {
  readonly tracker: ConsequenceTracker;
  readonly startedAtMs: number;
  private endedAtMs: number | null = null;
  private error: string | null = null;
  private carriedOut = false;
  private toldVersion = 0;
  private toldCount = 0;

  constructor(
    readonly fault: NewFault,
    private readonly clock: Clock,
  ) {
    this.startedAtMs = clock.nowMs();
    this.tracker = new ConsequenceTracker({ ...fault, startedAtMs: this.startedAtMs });
  }

  get open(): boolean {
    return this.endedAtMs === null;
  }

  get title(): string {
    return `${verbs[this.fault.action]} ${titleOf(this.fault.target)}`;
  }

  /** What it stands for has been done: from now on it may end. */
  markCarriedOut(state: TargetState): void {
    this.carriedOut = true;
    this.tracker.targetIs(state);
  }

  fail(error: string): void {
    this.error = error;
    this.endedAtMs = this.clock.nowMs();
  }

  /** Ends it when all is whole; true when this call did so. */
  endWhenWhole(): boolean {
    if (!this.open || !this.carriedOut || !this.tracker.isWhole) return false;
    this.endedAtMs = this.clock.nowMs();
    this.tracker.consequences.add('whole', 'everything is as before', this.endedAtMs);
    return true;
  }

  /** Sentences that have not been asked for; the newest one again when a former one has grown since. */
  takeNews(): string[] {
    const { consequences } = this.tracker;
    if (consequences.version === this.toldVersion) return [];
    const news = consequences.addedAfter(Math.min(this.toldCount, consequences.count - 1));
    this.toldVersion = consequences.version;
    this.toldCount = consequences.count;
    return news;
  }

  view(): Fault {
    const { id, action, targetId } = this.fault;
    return {
      id,
      action,
      target: targetId,
      title: this.title,
      startedAtMs: this.startedAtMs,
      endedAtMs: this.endedAtMs,
      error: this.error,
      consequences: this.tracker.consequences.list(),
    };
  }
}
