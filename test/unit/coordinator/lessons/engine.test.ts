import { createEventHub } from '../../../../coordinator/event-hub';
import { ApiError } from '../../../../coordinator/http/api-error';
import { LessonEngine } from '../../../../coordinator/lessons/engine';
import type { Lesson, LessonParts, Place, Step, StepContext } from '../../../../coordinator/lessons/lesson';
import type { Ground } from '../../../../coordinator/parts';
import type { LessonRun, ZnodeChange } from '../../../../coordinator/schemas';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import { Metrics } from '../../../../runtime/metrics';
import { TaskGroup } from '../../../../runtime/task-group';
import { parseCoordinatorConfig } from '../../../../settings/coordinator';

/** A promise that a test settles. */
class Gate {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

interface Setup {
  readonly clock: ManualClock;
  readonly engine: LessonEngine;
  readonly tasks: TaskGroup;
  readonly parts: LessonParts;
  /** What the flight recorder tells. */
  record(path: string): void;
}

function setUp(lessons: Lesson[], options: { brokers?: number[]; settings?: [string, string][] } = {}): Setup {
  const clock = new ManualClock();
  const tasks = new TaskGroup('test', clock, silentLogger);
  const config = parseCoordinatorConfig(new Map(options.settings));
  const listeners = new Set<(change: ZnodeChange) => void>();
  const children = new Set((options.brokers ?? [0, 1, 2]).map(String));
  const parts = {
    kafka: { bootstrapServers: () => 'kafka:9092,kafka2:9093' },
    tree: { get: (path: string) => (path === '/brokers/ids' ? { children } : undefined) },
    recorder: {
      onChange(listener: (change: ZnodeChange) => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    observation: {},
    faults: {},
    events: createEventHub({ clock, logger: silentLogger }),
  } as unknown as LessonParts;
  const ground: Ground = { config, clock, logger: silentLogger, metrics: new Metrics(), tasks };
  const record = (path: string): void => {
    for (const listener of listeners) listener({ path, kind: 'created' } as ZnodeChange);
  };
  return { clock, tasks, parts, record, engine: new LessonEngine(ground, parts, lessons) };
}

const stepOf = (perform: Step['perform'], more: Partial<Step> = {}): Step => ({
  title: 'A step',
  text: 'It does something.',
  command: null,
  perform,
  ...more,
});

const lessonOf = (steps: Step[] | ((place: Place) => Step[]), more: Partial<Lesson> = {}): Lesson => ({
  id: 'lesson',
  title: 'A lesson',
  summary: 'It teaches.',
  document: 'concepts.md',
  unavailable: () => null,
  steps: typeof steps === 'function' ? steps : () => steps,
  ...more,
});

const nothing = async (): Promise<void> => undefined;
const refusal = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

/** Begins the lesson and does its first step while time passes. */
async function firstStep({ clock, engine }: Setup, passMs = 0): Promise<LessonRun> {
  const { id } = await engine.begin('lesson');
  const step = engine.step(id);
  await clock.advanceAsync(passMs);
  return step;
}

describe('the engine of the lessons', () => {
  it('does one step after the other, and says what each observed and checked', async () => {
    const look = { held: true, saw: 'three brokers' };
    const setup = setUp([
      lessonOf([
        stepOf(async ({ observe, check }) => {
          observe('a line');
          await check('There are brokers', () => look);
        }),
        stepOf(nothing),
      ]),
    ]);
    const first = await firstStep(setup);
    expect(first).toMatchObject({ state: 'ready', nextStep: 1 });
    expect(first.steps[0]).toMatchObject({
      state: 'passed',
      observed: ['a line'],
      checks: [{ text: 'There are brokers', ...look }],
    });
    expect(await setup.engine.step(first.id)).toMatchObject({ state: 'passed', nextStep: 2 });
  });

  it('waits for a check, and fails the step with what was seen last when it never holds', async () => {
    let looks = 0;
    const step = stepOf(({ check }) => check('It comes', () => ({ held: false, saw: `look ${++looks}` }), 1_000));
    const run = await firstStep(setUp([lessonOf([step, stepOf(nothing)])]), 1_100);
    expect(run).toMatchObject({ state: 'failed', nextStep: 0 });
    expect(looks).toBeGreaterThan(5);
    expect(run.steps[0]?.checks).toEqual([{ text: 'It comes', held: false, saw: `look ${looks}` }]);
  });

  it('passes a check that holds only after a while', async () => {
    let looks = 0;
    const step = stepOf(({ check }) => check('It comes', () => ({ held: ++looks === 3, saw: String(looks) }), 1_000));
    const run = await firstStep(setUp([lessonOf([step])]), 300);
    expect(run.steps[0]).toMatchObject({ state: 'passed', checks: [{ held: true, saw: '3' }] });
  });

  it('takes an error of a look for something seen, and one of the step itself for a failed check', async () => {
    const broken = (): never => {
      throw new Error('connection refused');
    };
    const looks = await firstStep(setUp([lessonOf([stepOf(({ check }) => check('It answers', broken, 100))])]), 200);
    expect(looks.steps[0]?.checks).toEqual([{ text: 'It answers', held: false, saw: 'connection refused' }]);
    const deed = await firstStep(setUp([lessonOf([stepOf(async () => broken())])]));
    expect(deed.steps[0]).toMatchObject({
      state: 'failed',
      checks: [{ text: 'The step could be carried out', held: false, saw: 'connection refused' }],
    });
  });

  it('says so when a look gets no answer at all', async () => {
    const step = stepOf(({ check }) => check('It answers', () => new Promise(() => undefined), 500));
    const run = await firstStep(setUp([lessonOf([step])]), 600);
    expect(run.steps[0]?.checks).toEqual([{ text: 'It answers', held: false, saw: 'no answer in time' }]);
  });

  it('does a failed step again from the start, and keeps what was made', async () => {
    let tries = 0;
    const step = stepOf(async ({ makes, check, observe }) => {
      makes('topic t', nothing);
      observe(`try ${++tries}`);
      await check('It comes', () => ({ held: tries === 2, saw: String(tries) }), 0);
    });
    const setup = setUp([lessonOf([step])]);
    const failed = await firstStep(setup);
    expect(failed.state).toBe('failed');
    const run = await setup.engine.step(failed.id);
    expect(run).toMatchObject({ state: 'passed', made: ['topic t'] });
    expect(run.steps[0]?.observed).toEqual(['try 2']);
  });

  it('gives up a step whose time is up, even one that does not come back', async () => {
    const setup = setUp([lessonOf([stepOf(() => new Promise(() => undefined), { timeoutMs: 5_000 })])]);
    const run = await firstStep(setup, 10_000);
    expect(run.steps[0]).toMatchObject({ state: 'failed', checks: [{ saw: 'it was not done within 5 s' }] });
  });

  it('lets a step that was given up say nothing more, and undoes what it still makes', async () => {
    const gate = new Gate();
    const undone: string[] = [];
    let late: StepContext | undefined;
    const step = stepOf(
      async (context) => {
        late = context;
        await gate.opened;
      },
      { timeoutMs: 1_000 },
    );
    const setup = setUp([lessonOf([step])]);
    const { id } = await firstStep(setup, 10_000);
    await setup.engine.end(id);
    late?.observe('too late');
    late?.makes('topic late', async () => void undone.push('topic late'));
    await expect(late?.check('too late', () => ({ held: true, saw: '' }))).rejects.toThrow('not done within');
    expect(setup.engine.run(id)?.steps[0]?.observed).toEqual([]);
    expect(undone).toEqual(['topic late']);
  });
});

describe('the end of a lesson', () => {
  it('undoes what was made, the newest first', async () => {
    const undone: string[] = [];
    const undo = (name: string) => async (): Promise<void> => void undone.push(name);
    const step = stepOf(async ({ makes }) => {
      for (const name of ['topic', 'group', 'consumer']) makes(name, undo(name));
    });
    const setup = setUp([lessonOf([step])]);
    const { id, made } = await firstStep(setup);
    expect(made).toEqual(['topic', 'group', 'consumer']);
    expect(await setup.engine.end(id)).toMatchObject({ state: 'ended', made: [] });
    expect(undone).toEqual(['consumer', 'group', 'topic']);
  });

  it('cancels a step that is under way', async () => {
    const step = stepOf(({ check }) => check('Never', () => ({ held: false, saw: 'nothing' }), 50_000));
    const setup = setUp([lessonOf([step])]);
    const { id } = await setup.engine.begin('lesson');
    const underWay = setup.engine.step(id);
    await setup.clock.advanceAsync(1_000);
    const ended = setup.engine.end(id);
    await setup.clock.advanceAsync(100);
    expect(await ended).toMatchObject({ state: 'ended' });
    const { steps } = await underWay;
    expect(steps[0]).toMatchObject({ state: 'failed', checks: [{ saw: 'nothing' }, { saw: 'the lesson was ended' }] });
    expect(await refusal(setup.engine.step(id))).toMatchObject({ code: 'LESSON_ENDED' });
  });

  it('keeps a note of what could not be undone, tells it, and tries again when asked', async () => {
    let broken = true;
    const undo = async (): Promise<void> => {
      if (broken) throw new Error('no broker answers');
    };
    const setup = setUp([lessonOf([stepOf(async ({ makes }) => makes('topic t', undo))])]);
    const { id } = await firstStep(setup);
    expect(await setup.engine.end(id)).toMatchObject({ state: 'ended', made: ['topic t'] });
    const told = setup.parts.events.list(0, 1_000).events.map(({ text }) => text);
    expect(told).toContainEqual(expect.stringContaining('Could not remove topic t: no broker answers'));
    broken = false;
    expect(await setup.engine.end(id)).toMatchObject({ made: [] });
  });

  it('does not wait for ever for something that cannot be undone', async () => {
    const setup = setUp([
      lessonOf([stepOf(async ({ makes }) => makes('topic t', () => new Promise(() => undefined)))]),
    ]);
    const { id } = await firstStep(setup);
    const ended = setup.engine.end(id);
    await setup.clock.advanceAsync(60_000);
    expect(await ended).toMatchObject({ state: 'ended', made: ['topic t'] });
  });

  it('comes by itself when nobody goes on, and leaves no timer', async () => {
    const undone: string[] = [];
    const step = stepOf(async ({ makes }) => makes('topic t', async () => void undone.push('t')));
    const setup = setUp([lessonOf([step])]);
    const { id } = await firstStep(setup);
    await setup.clock.advanceAsync(31 * 60_000);
    expect(setup.engine.run(id)?.state).toBe('ended');
    expect(undone).toEqual(['t']);
    expect(setup.clock.pendingTimers).toBe(0);
  });

  it('comes when another lesson begins: one is under way at a time', async () => {
    const undone: string[] = [];
    const step = stepOf(async ({ makes }) => makes('topic t', async () => void undone.push('t')));
    const setup = setUp([lessonOf([step])]);
    const first = await firstStep(setup);
    const second = await setup.engine.begin('lesson');
    expect(undone).toEqual(['t']);
    expect(setup.engine.run(first.id)?.state).toBe('ended');
    expect(second).toMatchObject({ state: 'ready', id: first.id + 1 });
  });

  it('comes with the end of the service', async () => {
    const undone: string[] = [];
    const step = stepOf(async ({ makes }) => makes('topic t', async () => void undone.push('t')));
    const setup = setUp([lessonOf([step])]);
    await firstStep(setup);
    await setup.engine.close();
    expect(undone).toEqual(['t']);
  });
});

describe('the end of the service', () => {
  it('waits for the lesson to be undone, but not for long', async () => {
    const setup = setUp([
      lessonOf([stepOf(async ({ makes }) => makes('topic t', () => new Promise(() => undefined)))]),
    ]);
    await firstStep(setup);
    let closed = false;
    const closing = setup.engine.close().then(() => (closed = true));
    await setup.clock.advanceAsync(5_000);
    expect(closed).toBe(false);
    await setup.clock.advanceAsync(5_000);
    await closing;
  });
});

describe('what changes in ZooKeeper', () => {
  it('belongs to the step that is under way, or to the last one when it comes late', async () => {
    const gates = [new Gate(), new Gate()];
    const setup = setUp([lessonOf(gates.map(({ opened }) => stepOf(() => opened)))]);
    const { id } = await setup.engine.begin('lesson');
    setup.record('/before');
    const first = setup.engine.step(id);
    setup.record('/one');
    gates[0]?.open();
    await first;
    setup.record('/late');
    const second = setup.engine.step(id);
    setup.record('/two');
    gates[1]?.open();
    await second;
    const paths = setup.engine.run(id)?.steps.map(({ changes }) => changes.map(({ path }) => path));
    expect(paths).toEqual([['/one', '/late'], ['/two']]);
  });

  it('is kept when the step is tried again, as what was made is not made again', async () => {
    let tries = 0;
    const step = stepOf(async ({ check, changes }) => {
      tries++;
      await check(
        'It is there',
        () => ({
          held: tries === 2,
          saw: changes()
            .map(({ path }) => path)
            .join(),
        }),
        0,
      );
    });
    const setup = setUp([lessonOf([step])]);
    const { id } = await firstStep(setup);
    setup.record('/made');
    const run = await setup.engine.step(id);
    expect(run.steps[0]).toMatchObject({ checks: [{ saw: '/made' }], changes: [{ path: '/made' }] });
  });

  it('is kept within a bound', async () => {
    const setup = setUp([lessonOf([stepOf(nothing)])]);
    const { id } = await firstStep(setup);
    for (let index = 0; index < 1_000; index++) setup.record(`/${index}`);
    expect(setup.engine.run(id)?.steps[0]?.changes).toHaveLength(200);
  });
});

describe('the list of lessons', () => {
  const needsThree = lessonOf([stepOf(nothing), stepOf(nothing)], {
    unavailable: ({ brokerIds, noFaults }) => (brokerIds.length < 3 ? 'Three brokers are needed.' : noFaults),
  });

  it('says how many steps a lesson has, and why it cannot be done', () => {
    expect(setUp([needsThree], { brokers: [0] }).engine.list().lessons).toEqual([
      expect.objectContaining({ id: 'lesson', steps: 2, unavailable: 'Three brokers are needed.' }),
    ]);
    const on: [string, string][] = [
      ['faults.enabled', 'true'],
      ['faults.control', 'supervisor'],
    ];
    expect(setUp([needsThree], { settings: on }).engine.list().lessons[0]?.unavailable).toBeNull();
    expect(setUp([needsThree]).engine.list().lessons[0]?.unavailable).toMatch(/faults.enabled/);
  });

  it('has none that can be done without brokers, or where nothing may be changed', () => {
    const lesson = lessonOf([stepOf(nothing)]);
    expect(setUp([lesson], { brokers: [] }).engine.list().lessons[0]?.unavailable).toMatch(/No broker is registered/);
    const readOnly = setUp([lesson], { settings: [['actions.enabled', 'false']] });
    expect(readOnly.engine.list().lessons[0]?.unavailable).toMatch(/actions.enabled/);
  });

  it('lets no lesson begin that cannot be done, nor one that does not exist', async () => {
    const { engine } = setUp([needsThree], { brokers: [0] });
    expect(await refusal(engine.begin('lesson'))).toEqual(
      new ApiError(409, 'LESSON_UNAVAILABLE', 'Three brokers are needed.'),
    );
    expect(await refusal(engine.begin('other'))).toMatchObject({ status: 404, code: 'UNKNOWN_LESSON' });
  });

  it('refuses steps beyond the last, steps at the same time, and runs that it does not know', async () => {
    const gate = new Gate();
    const { engine } = setUp([lessonOf([stepOf(() => gate.opened)])]);
    const { id } = await engine.begin('lesson');
    const step = engine.step(id);
    expect(await refusal(engine.step(id))).toMatchObject({ status: 409, code: 'STEP_UNDER_WAY' });
    gate.open();
    await step;
    expect(await refusal(engine.step(id))).toMatchObject({ status: 409, code: 'LESSON_DONE' });
    expect(await refusal(engine.step(id + 1))).toMatchObject({ status: 404, code: 'UNKNOWN_RUN' });
  });

  it('gives each run names of its own, and the addresses of this cluster for its commands', async () => {
    const places: Place[] = [];
    const lesson = lessonOf((place) => {
      places.push(place);
      return [stepOf(nothing)];
    });
    const { engine, clock } = setUp([lesson], { brokers: [5, 7] });
    await engine.begin('lesson');
    clock.advance(1);
    await engine.begin('lesson');
    const [first, second] = places.filter(({ bootstrap }) => bootstrap !== '');
    expect(first).toMatchObject({ bootstrap: 'kafka:9092,kafka2:9093', broker: 'kafka:9092', replicationFactor: 2 });
    expect(first?.topic).toMatch(/^lesson-lesson-[0-9a-z]+$/);
    expect(first?.topic).not.toBe(second?.topic);
  });
});

describe('the events of lessons', () => {
  it('tell each change of a run, those close together as one', async () => {
    const step = stepOf(async ({ observe }) => {
      for (let line = 0; line < 50; line++) observe(`line ${line}`);
    });
    const setup = setUp([lessonOf([step])]);
    const { id } = await firstStep(setup, 200);
    const events = setup.parts.events.list(0, 1_000).events;
    expect(events.length).toBeLessThan(6);
    expect(events.at(-1)).toMatchObject({ type: 'lesson', subject: 'lesson', data: { runId: id, state: 'passed' } });
  });
});
