/**
 * What lessons need, over a real cluster of broker processes: the coordinator's own tree and clients; faults on the processes that
 * the test started; and a recorder and an observation that know just what lessons ask of them.
 */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../runtime/clock';
import { silentLogger } from '../../runtime/logger';
import { Metrics } from '../../runtime/metrics';
import { TaskGroup } from '../../runtime/task-group';
import { parseCoordinatorConfig } from '../../settings/coordinator';
import { connectInBackground } from '../../zookeeper';
import { createEventHub } from '../../coordinator/event-hub';
import { createKafkaAccess } from '../../coordinator/kafka-access';
import { createLessons, type LessonEngine } from '../../coordinator/lessons';
import { ZnodeWatcher } from '../../coordinator/observe/znode-watcher';
import type {
  Faults,
  FlightRecorder,
  KafkaAccess,
  Observation,
  TreeChange,
  Znode,
  ZnodeTree,
} from '../../coordinator/parts';
import type { FaultTarget, LessonRun, LiveEvent, ZnodeChange } from '../../coordinator/schemas';

export interface LessonGround {
  readonly lessons: LessonEngine;
  readonly tree: ZnodeTree;
  /** All events so far. */
  events(): readonly LiveEvent[];
  close(): Promise<void>;
}

/** Brokers that a test can stop and start; an embedded cluster is such. */
export interface Breakable {
  readonly brokers: readonly { readonly id: number; readonly running: boolean }[];
  kill(brokerId: number): Promise<void>;
  start(brokerId: number): Promise<void>;
  restart(brokerId: number): Promise<void>;
}

export interface LessonGroundOptions {
  /** Faults on these processes; none when left out. */
  cluster?: Breakable;
  /** What a test that breaks something puts in the place of the clients. */
  clients?: (real: KafkaAccess) => KafkaAccess;
  /** `host:port` of the brokers' HTTP listeners, by broker id. */
  httpListeners?: ReadonlyMap<number, string>;
}

const PROBE_MS = 500;
const ANSWER_MS = 5_000;

/** Resolves when the tree has been read. */
export async function startLessonGround(zookeeper: string, options: LessonGroundOptions = {}): Promise<LessonGround> {
  const { cluster } = options;
  const config = parseCoordinatorConfig(
    new Map([
      ['zookeeper.connect', zookeeper],
      ['faults.enabled', String(cluster !== undefined)],
      ['faults.control', cluster === undefined ? 'none' : 'supervisor'],
    ]),
  );
  const clock = systemClock;
  const logger = silentLogger;
  const tasks = new TaskGroup('lessons under test', clock, logger);
  const { client, connected } = connectInBackground({
    connectString: zookeeper,
    sessionTimeoutMs: 10_000,
    clock,
    logger,
    name: 'lessons under test',
  });
  const times = { pingIntervalMs: PROBE_MS, staleAfterMs: ANSWER_MS };
  const watcher = new ZnodeWatcher({ zookeeper: client, connected, clock, tasks, logger, ...times });
  const { tree } = watcher;
  const kafka = createKafkaAccess({ tree, listenerName: '', timeoutMs: ANSWER_MS, clock, logger });
  const events = createEventHub({ clock, logger });
  const parts = {
    kafka: options.clients?.(kafka) ?? kafka,
    tree,
    events,
    recorder: recorderOf(tree),
    observation: observationOf(options.httpListeners ?? new Map()),
    faults: faultsOf(cluster),
  };
  const lessons = createLessons({ config, clock, logger, metrics: new Metrics(), tasks }, parts);
  const ready = new Promise<void>((resolve) => {
    const look = clock.every(20, () => {
      if (!tree.ready) return;
      look.cancel();
      resolve();
    });
  });
  watcher.start();
  await ready;
  return {
    lessons,
    tree,
    events: () => events.list(0, 100_000).events,
    async close() {
      await lessons.close();
      await kafka.close();
      await tasks.stop();
      await client.close();
    },
  };
}

/** Tells every change of the tree, as a recorder by watches does. */
function recorderOf(tree: ZnodeTree): FlightRecorder {
  let sequence = 0;
  const onChange = (listener: (change: ZnodeChange) => void): (() => void) =>
    tree.onChange((change) => listener(toZnodeChange(change, ++sequence)));
  return { onChange } as FlightRecorder;
}

function toZnodeChange({ kind, path, before, after, atMs, missedVersions }: TreeChange, sequence: number): ZnodeChange {
  return {
    sequence,
    kind,
    path,
    zxid: after ? `0x${after.stat.mzxid.toString(16)}` : null,
    timeMs: atMs,
    timeFrom: 'observed',
    session: null,
    owner: null,
    source: 'watch',
    version: after?.stat.version ?? null,
    ephemeral: (after ?? before)?.stat.ephemeralOwner.some((byte) => byte !== 0) ?? false,
    before: payloadOf(before),
    after: payloadOf(after),
    differences: [],
    missedVersions,
    multiIndex: null,
    text: `${path} was ${kind}`,
  };
}

function payloadOf(node: Znode | null): ZnodeChange['before'] {
  if (!node?.data) return null;
  return { encoding: 'utf8', text: String(node.data), bytes: node.data.length, truncated: false };
}

function observationOf(httpListeners: ReadonlyMap<number, string>): Observation {
  const brokers = [...httpListeners].map(([brokerId, httpListener]) => ({ brokerId, httpListener }));
  return { cluster: () => ({ brokers }) } as unknown as Observation;
}

function faultsOf(cluster: Breakable | undefined): Faults {
  const targetsOf = (): FaultTarget[] =>
    (cluster?.brokers ?? []).map(({ id, running }) => ({
      id: `broker-${id}`,
      kind: 'broker',
      title: `Broker ${id}`,
      state: running ? 'running' : 'stopped',
      actions: running ? ['kill', 'restart'] : ['start'],
    }));
  return {
    active: () => 0,
    view: async () => ({ enabled: true, control: 'supervisor', note: '', targets: targetsOf(), faults: [] }),
    async perform(target, action) {
      const brokerId = Number(target.replace('broker-', ''));
      if (!cluster) throw new Error('faults are switched off');
      if (action !== 'kill' && action !== 'restart' && action !== 'start') throw new Error(`no ${action}`);
      await cluster[action](brokerId);
      const startedAtMs = systemClock.nowMs();
      const title = `${action} ${target}`;
      return { id: 1, action, target, title, startedAtMs, endedAtMs: null, error: null, consequences: [] };
    },
  };
}

/** Does all steps of a lesson and ends it; the run as it was after each step is given to `look`. */
export async function doLesson(
  { lessons }: LessonGround,
  lessonId: string,
  look: (run: LessonRun) => void | Promise<void> = () => undefined,
): Promise<LessonRun> {
  const { id, steps } = await lessons.begin(lessonId);
  let run = lessons.run(id) as LessonRun;
  try {
    for (let step = 0; step < steps.length; step++) {
      run = await lessons.step(id);
      await look(run);
      if (run.state === 'failed') break;
    }
  } finally {
    await lessons.end(id);
  }
  return run;
}

/** A run in few lines: what a failing test prints. */
export function sayRun(run: LessonRun): string {
  const lines = run.steps.flatMap(({ title, state, observed, checks }) => [
    `${state}: ${title}`,
    ...observed.map((line) => `    ${line}`),
    ...checks.map(({ text, held, saw }) => `  ${held ? 'yes' : 'NO '} ${text}: ${saw}`),
  ]);
  return [`${run.lesson.title}: ${run.state}`, ...lines].join('\n');
}

/** Whether docs/ has the file and the heading that a lesson links. */
export function documentExists(docs: string, document: string): boolean {
  const [file = '', anchor] = document.split('#');
  const headings = readFileSync(`${docs}/${file}`, 'utf8').matchAll(/^#+ (.+)$/gm);
  const anchors = [...headings].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return anchor === undefined || anchors.includes(anchor);
}
