/** One run of a lesson: its steps, how far it is, what it has made. Owns the answer that tells of it (LessonRun). */
import type { Clock } from '../../runtime/clock';
import type { LessonRun as LessonRunView, LessonSummary, ZnodeChange } from '../schemas';
import type { LessonParts, Place, Step } from './lesson';
import { MadeThings, type Leftover } from './made-things';
import { StepRun } from './step-run';

const UNDO_TIMEOUT_MS = 45_000;

export interface LessonRunOptions {
  readonly id: number;
  readonly summary: LessonSummary;
  readonly steps: readonly Step[];
  readonly parts: LessonParts;
  readonly place: Place;
  readonly clock: Clock;
  readonly changed: () => void;
}

export class LessonRun {
  private readonly made: MadeThings;
  private readonly steps: StepRun[];
  private nextStep = 0;
  private underWay: Promise<void> | null = null;
  private ended = false;
  /** The step whose story changes in ZooKeeper belong to: the one under way, or the last that was. */
  private latest: StepRun | null = null;
  private readonly stopRecording: () => void;

  constructor(private readonly options: LessonRunOptions) {
    this.made = new MadeThings(options.clock, UNDO_TIMEOUT_MS);
    this.steps = options.steps.map((step) => this.fresh(step));
    this.stopRecording = options.parts.recorder.onChange((change: ZnodeChange) => this.latest?.noteChange(change));
  }

  get id(): number {
    return this.options.id;
  }

  /** Whether everything was ended and undone. */
  get finished(): boolean {
    return this.ended && this.underWay === null && this.made.names().length === 0;
  }

  get isEnded(): boolean {
    return this.ended;
  }

  get isRunning(): boolean {
    return this.underWay !== null;
  }

  get allDone(): boolean {
    return this.nextStep >= this.steps.length;
  }

  view(): LessonRunView {
    return {
      id: this.id,
      lesson: this.options.summary,
      state: this.state(),
      nextStep: this.nextStep,
      steps: this.steps.map((step) => step.view()),
      made: this.made.names(),
    };
  }

  /** Does the next step, or once more the one that failed; resolves when it has ended. */
  async step(): Promise<void> {
    const index = this.nextStep;
    const declared = this.options.steps[index] as Step;
    const stepRun = this.fresh(declared, this.steps[index]?.view().changes);
    this.steps[index] = stepRun;
    this.latest = stepRun;
    this.underWay = stepRun.perform().then((passed) => {
      if (passed) this.nextStep = index + 1;
    });
    await this.underWay;
    this.underWay = null;
    this.options.changed();
  }

  /** Gives up what is under way and undoes what was made. May be called again for what could not be undone. */
  async end(): Promise<Leftover[]> {
    this.ended = true;
    this.latest?.abort('the lesson was ended');
    await this.underWay;
    const leftovers = await this.made.undoAll();
    this.stopRecording();
    this.options.changed();
    return leftovers;
  }

  private state(): LessonRunView['state'] {
    if (this.ended) return 'ended';
    if (this.underWay !== null) return 'running';
    if (this.allDone) return 'passed';
    return this.steps[this.nextStep]?.view().state === 'failed' ? 'failed' : 'ready';
  }

  private fresh(step: Step, earlierChanges: readonly ZnodeChange[] = []): StepRun {
    const { parts, place, clock, changed } = this.options;
    return new StepRun({ step, parts, place, made: this.made, clock, earlierChanges, changed });
  }
}
