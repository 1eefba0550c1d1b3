/**
 * One step of a run being done: its deed with a deadline, what it observed, its checks as they go. Owns the step's part of
 * the answer (LessonStep).
 */
import { sleep, type Clock, type TimerHandle } from '../../runtime/clock';
import type { LessonStep, ZnodeChange } from '../schemas';
import { CheckFailed, type Look, type LessonParts, type Place, type Step, type StepContext } from './lesson';
import type { MadeThings } from './made-things';

const DEFAULT_STEP_TIMEOUT_MS = 60_000;
const DEFAULT_CHECK_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 100;
/** After an abort a step gets this long to come back; then it is left to itself, and nothing it says counts any more. */
const GIVE_UP_MS = 3_000;
/** Changes of znodes that a step shows; a new internal topic alone brings about a hundred. */
const MOST_CHANGES = 200;
const MOST_LINES = 200;

type Check = LessonStep['checks'][number];

export interface StepRunOptions {
  readonly step: Step;
  readonly parts: LessonParts;
  readonly place: Place;
  readonly made: MadeThings;
  readonly clock: Clock;
  /** What changed in ZooKeeper during earlier tries of the step: a topic that one of them made is not made again. */
  readonly earlierChanges: readonly ZnodeChange[];
  /** Called after each change of what `view` gives. */
  readonly changed: () => void;
}

export class StepRun {
  private state: LessonStep['state'] = 'waiting';
  private startedAtMs: number | null = null;
  private endedAtMs: number | null = null;
  private readonly observed: string[] = [];
  private readonly checks: Check[] = [];
  private readonly seenChanges: ZnodeChange[];
  private readonly aborting = new AbortController();
  private over = false;

  constructor(private readonly options: StepRunOptions) {
    this.seenChanges = [...options.earlierChanges];
  }

  /** Whether it has been started at all. */
  get begun(): boolean {
    return this.state !== 'waiting';
  }

  view(): LessonStep {
    const { title, text, command } = this.options.step;
    return {
      title,
      text,
      command,
      state: this.state,
      startedAtMs: this.startedAtMs,
      endedAtMs: this.endedAtMs,
      observed: [...this.observed],
      checks: this.checks.map((check) => ({ ...check })),
      changes: [...this.seenChanges],
    };
  }

  /** Takes a change in ZooKeeper into the step's story; late ones too, as the recorder may be a moment behind. */
  noteChange(change: ZnodeChange): void {
    if (this.seenChanges.length >= MOST_CHANGES) return;
    this.seenChanges.push(change);
    this.options.changed();
  }

  /** Does the step; resolves, never rejects, with whether it passed. */
  async perform(): Promise<boolean> {
    const { step, clock } = this.options;
    this.state = 'running';
    this.startedAtMs = clock.nowMs();
    this.options.changed();
    const timeoutMs = step.timeoutMs ?? DEFAULT_STEP_TIMEOUT_MS;
    const timer = clock.after(timeoutMs, () => this.abort(`it was not done within ${timeoutMs / 1000} s`));
    const failure = await this.outcome();
    timer.cancel();
    this.over = true;
    if (failure !== null && !(failure instanceof CheckFailed)) this.noteFailure(failure);
    this.state = failure === null ? 'passed' : 'failed';
    this.endedAtMs = clock.nowMs();
    this.options.changed();
    return failure === null;
  }

  /** Gives the step up; `perform` then resolves soon. */
  abort(why: string): void {
    this.aborting.abort(new Error(why));
  }

  /** Null when the step was done, else why not. */
  private async outcome(): Promise<Error | null> {
    const { step, clock } = this.options;
    const { signal } = this.aborting;
    let patience: TimerHandle | undefined;
    const givenUp = new Promise<null>((resolve) => {
      // Time to come back in an orderly way, e.g. to note what it has just made.
      const onAbort = (): void => void (patience = clock.after(GIVE_UP_MS, () => resolve(null)));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    const failure = await Promise.race([this.deed(step), givenUp]);
    patience?.cancel();
    return signal.aborted ? (signal.reason as Error) : failure;
  }

  private async deed(step: Step): Promise<Error | null> {
    try {
      await step.perform(this.context());
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** What went wrong outside of a check is shown as a check too, so that a failed step always says what was seen. */
  private noteFailure(error: Error): void {
    for (const check of this.checks) if (!check.held && check.saw === '') check.saw = 'nothing in time';
    this.checks.push({ text: 'The step could be carried out', held: false, saw: error.message });
  }

  private context(): StepContext {
    const { parts, place, made, clock } = this.options;
    const { signal } = this.aborting;
    return {
      ...parts,
      place,
      clock,
      signal,
      observe: (line) => this.observe(line),
      check: (text, look, withinMs) => this.check(text, look, withinMs ?? DEFAULT_CHECK_TIMEOUT_MS),
      changes: () => this.seenChanges,
      makes: (name, undo) => {
        made.add(name, undo);
        this.tell();
      },
      unmakes: (name) => made.undo(name),
      unlessAborted: (promise) => unlessAborted(promise, signal),
    };
  }

  private observe(line: string): void {
    if (this.over || this.observed.length >= MOST_LINES) return;
    this.observed.push(line);
    this.tell();
  }

  private async check(text: string, look: () => Look | Promise<Look>, withinMs: number): Promise<void> {
    const { clock } = this.options;
    const check: Check = { text, held: false, saw: '' };
    if (!this.over) this.checks.push(check);
    this.tell();
    const deadlineMs = clock.monotonicMs() + withinMs;
    for (;;) {
      const { held, saw } = await this.lookOnce(look, deadlineMs, check.saw);
      // A step that was given up says nothing any more.
      if (this.over) throw this.aborting.signal.reason as Error;
      check.saw = saw;
      check.held = held;
      this.tell();
      if (held) return;
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) throw new CheckFailed(text, saw);
      await sleep(clock, Math.min(LOOK_EVERY_MS, leftMs), this.aborting.signal);
    }
  }

  /** @param before what the last look saw, for one that gives no answer at all */
  private async lookOnce(look: () => Look | Promise<Look>, deadlineMs: number, before: string): Promise<Look> {
    const { clock } = this.options;
    const { signal } = this.aborting;
    const waiting = new AbortController();
    const leftMs = Math.max(LOOK_EVERY_MS, deadlineMs - clock.monotonicMs());
    const saw = before === '' ? 'no answer in time' : `${before}; then no answer in time`;
    const late = sleep(clock, leftMs, waiting.signal).then(
      () => ({ held: false, saw }),
      () => ({ held: false, saw }),
    );
    try {
      return await unlessAborted(Promise.race([attempt(look), late]), signal);
    } finally {
      waiting.abort();
    }
  }

  private tell(): void {
    if (!this.over) this.options.changed();
  }
}

/** One look; an error is something seen as well. */
async function attempt(look: () => Look | Promise<Look>): Promise<Look> {
  try {
    return await look();
  } catch (error) {
    return { held: false, saw: error instanceof Error ? error.message : String(error) };
  }
}

/** The promise's outcome, or a rejection with the signal's reason as soon as that is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
