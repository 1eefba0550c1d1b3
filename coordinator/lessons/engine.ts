/**
 * The engine of the lessons: which there are and can be done here, the one run that is under way, and the runs before it
 * that may still be looked at. Tells each change as an event of type `lesson`, so that a page asks again.
 */
import { sleep, type TimerHandle } from '../../runtime/clock';
import { ApiError } from '../http/api-error';
import type { Ground, Lessons } from '../parts';
import type { LessonList, LessonRun as LessonRunView, LessonSummary } from '../schemas';
import type { Conditions, Lesson, LessonParts, Place } from './lesson';
import { LessonRun } from './lesson-run';

/** A run that nobody goes on with is ended, so that its topics and clients do not stay for ever. */
const IDLE_LIMIT_MS = 30 * 60_000;
/** Runs that can still be looked at. */
const MOST_RUNS = 20;
/** Changes of a run that come close together are told at once. */
const TELL_EVERY_MS = 100;
const CLOSE_LIMIT_MS = 8_000;
const MOST_REPLICAS = 3;

export class LessonEngine implements Lessons {
  private readonly runs = new Map<number, LessonRun>();
  private current: LessonRun | null = null;
  private lastRunId = 0;
  private idle: TimerHandle | null = null;
  private telling: TimerHandle | null = null;
  /** Beginnings and ends follow each other: each leaves the cluster as it found it before the next one starts. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ground: Ground,
    private readonly parts: LessonParts,
    private readonly lessons: readonly Lesson[],
  ) {}

  list(): LessonList {
    const conditions = this.conditions();
    return { lessons: this.lessons.map((lesson) => this.summaryOf(lesson, conditions)) };
  }

  begin(lessonId: string): Promise<LessonRunView> {
    return this.inTurn(async () => {
      const lesson = this.lessons.find(({ id }) => id === lessonId);
      if (!lesson) throw new ApiError(404, 'UNKNOWN_LESSON', `There is no lesson ${lessonId}.`);
      const conditions = this.conditions();
      const summary = this.summaryOf(lesson, conditions);
      if (summary.unavailable !== null) throw new ApiError(409, 'LESSON_UNAVAILABLE', summary.unavailable);
      const { brokerIds, noFaults } = conditions;
      const place = this.placeOf(lesson, brokerIds, noFaults === null);
      if (this.current) await this.finish(this.current);
      const id = ++this.lastRunId;
      const { clock } = this.ground;
      const changed = (): void => this.tellSoon();
      const steps = lesson.steps(place);
      const run = new LessonRun({ id, summary, steps, parts: this.parts, place, clock, changed });
      this.current = run;
      this.remember(run);
      this.restartIdleTimer(run);
      this.tell(run, `Lesson begun: ${lesson.title}`);
      return run.view();
    });
  }

  run(runId: number): LessonRunView | null {
    return this.runs.get(runId)?.view() ?? null;
  }

  async step(runId: number): Promise<LessonRunView> {
    const run = this.runOf(runId);
    if (run.isEnded) throw new ApiError(409, 'LESSON_ENDED', 'This run has ended. Begin the lesson again.');
    if (run.isRunning) throw new ApiError(409, 'STEP_UNDER_WAY', 'A step of this run is under way.');
    if (run.allDone) throw new ApiError(409, 'LESSON_DONE', 'All steps of this run are done.');
    this.restartIdleTimer(run);
    await run.step();
    this.restartIdleTimer(run);
    const view = run.view();
    const { title, state } = lastBegun(view);
    this.tell(run, `${title}: ${state === 'passed' ? 'it came out so' : 'it did not come out so'}`);
    return view;
  }

  async end(runId: number): Promise<LessonRunView> {
    const run = this.runOf(runId);
    await this.inTurn(() => this.finish(run));
    return run.view();
  }

  /**
   * Ends the run that is under way; to be called while brokers can still be reached. Where none answers it does not hold up
   * the end of the service for long.
   */
  async close(): Promise<void> {
    const ended = this.inTurn(async () => {
      if (this.current) await this.finish(this.current);
    });
    const waiting = new AbortController();
    const late = sleep(this.ground.clock, CLOSE_LIMIT_MS, waiting.signal).catch(() => undefined);
    await Promise.race([ended, late]);
    waiting.abort();
    this.telling?.cancel();
  }

  private async finish(run: LessonRun): Promise<void> {
    if (run.finished) return;
    const leftovers = await run.end();
    for (const { name, why } of leftovers) {
      this.ground.logger.warn(`Lesson run ${run.id} leaves ${name} behind: ${why}`);
      this.tell(run, `Could not remove ${name}: ${why}. End the lesson again to try once more.`);
    }
    if (this.current === run) {
      this.idle?.cancel();
      if (leftovers.length === 0) this.current = null;
    }
    this.tell(run, `Lesson ended: ${run.view().lesson.title}`);
  }

  private summaryOf(lesson: Lesson, conditions: Conditions): LessonSummary {
    const { id, title, summary, document } = lesson;
    const unavailable = conditions.noActions ?? withoutBrokers(conditions) ?? lesson.unavailable(conditions);
    const steps = lesson.steps(examplePlace(conditions)).length;
    return { id, title, summary, steps, unavailable, document };
  }

  private conditions(): Conditions {
    const { config } = this.ground;
    const faultsOn = config['faults.enabled'] && config['faults.control'] !== 'none';
    return {
      brokerIds: registeredBrokers(this.parts),
      noFaults: faultsOn
        ? null
        : 'Faults on purpose are switched off here (faults.enabled, faults.control in coordinator.properties).',
      noActions: config['actions.enabled']
        ? null
        : 'This service may only look, not change anything (actions.enabled in coordinator.properties is false).',
    };
  }

  private placeOf(lesson: Lesson, brokerIds: readonly number[], faults: boolean): Place {
    const bootstrap = this.parts.kafka.bootstrapServers();
    const own = `lesson-${lesson.id}-${this.ground.clock.nowMs().toString(36)}`;
    return {
      brokerIds,
      faults,
      bootstrap,
      broker: bootstrap.split(',')[0] as string,
      zookeeper: this.ground.config['zookeeper.connect'],
      // Each entry is <broker id>=host:port.
      httpListener: this.ground.config['broker.http.listeners'][0]?.split('=')[1] ?? null,
      replicationFactor: Math.min(MOST_REPLICAS, brokerIds.length),
      topic: own,
      group: `${own}-group`,
    };
  }

  private runOf(runId: number): LessonRun {
    const run = this.runs.get(runId);
    if (!run) throw new ApiError(404, 'UNKNOWN_RUN', `There is no run ${runId} of a lesson, or it is too long ago.`);
    return run;
  }

  private remember(run: LessonRun): void {
    this.runs.set(run.id, run);
    for (const [id, old] of this.runs) {
      if (this.runs.size <= MOST_RUNS) break;
      if (old.finished) this.runs.delete(id);
    }
  }

  private restartIdleTimer(run: LessonRun): void {
    this.idle?.cancel();
    this.idle = this.ground.tasks.after(IDLE_LIMIT_MS, () => {
      this.ground.logger.info(`Ending lesson run ${run.id}: nobody went on with it`);
      this.ground.tasks.run('end of an idle lesson', () => this.inTurn(() => this.finish(run)));
    });
  }

  private tell(run: LessonRun, text: string): void {
    const { state, nextStep, lesson } = run.view();
    this.parts.events.publish('lesson', lesson.id, text, { runId: run.id, state, nextStep });
  }

  /** Tells soon that the run's picture has changed: a step of it observed something, a check looked again. */
  private tellSoon(): void {
    if (this.telling !== null) return;
    this.telling = this.ground.tasks.after(TELL_EVERY_MS, () => {
      this.telling = null;
      if (this.current) this.tell(this.current, lastLine(this.current.view()));
    });
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(task);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

function registeredBrokers({ tree }: LessonParts): number[] {
  const names = tree.get('/brokers/ids')?.children ?? new Set<string>();
  return [...names].map(Number).sort((one, other) => one - other);
}

function withoutBrokers({ brokerIds }: Conditions): string | null {
  return brokerIds.length > 0 ? null : 'No broker is registered in ZooKeeper at the moment.';
}

/** Good enough to count the steps. */
function examplePlace({ brokerIds, noFaults }: Conditions): Place {
  const replicationFactor = Math.min(MOST_REPLICAS, Math.max(1, brokerIds.length));
  const names = { bootstrap: '', broker: '', zookeeper: '', httpListener: null, topic: 'lesson', group: 'lesson' };
  return { ...names, brokerIds, replicationFactor, faults: noFaults === null };
}

function lastBegun(view: LessonRunView): LessonRunView['steps'][number] {
  const begun = view.steps.findLast(({ state }) => state !== 'waiting');
  return begun ?? (view.steps[0] as LessonRunView['steps'][number]);
}

/** The newest thing that a run has to say. */
function lastLine(view: LessonRunView): string {
  const { title, checks, observed } = lastBegun(view);
  const check = checks.at(-1);
  if (check) return `${check.text}: ${check.held ? 'yes' : 'not yet'}`;
  return observed.at(-1) ?? title;
}
