/**
 * Lessons over a real cluster of broker processes, with the parts of the whole coordinator; only the faults are made on the
 * processes that the test itself has started.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLessons, type LessonEngine } from '../../coordinator/lessons';
import type { Faults, KafkaAccess, ZnodeTree } from '../../coordinator/parts';
import type { FaultTarget, LessonRun } from '../../coordinator/schemas';
import { CoordinatorServer } from '../../coordinator/server';
import { systemClock } from '../../runtime/clock';
import { silentLogger } from '../../runtime/logger';
import { parseCoordinatorConfig } from '../../settings/coordinator';
import { eventually } from './eventually';

export interface LessonGround {
  readonly lessons: LessonEngine;
  readonly tree: ZnodeTree;
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
  /** Folder with ZooKeeper's transaction logs, for the flight recorder. */
  transactionLogs?: string;
}

/** Resolves when the tree has been read. */
export async function startLessonGround(zookeeper: string, options: LessonGroundOptions = {}): Promise<LessonGround> {
  const { cluster, httpListeners = new Map<number, string>(), transactionLogs = '', clients } = options;
  const directory = await mkdtemp(join(tmpdir(), 'gregor-lessons-'));
  const config = parseCoordinatorConfig(
    new Map([
      ['zookeeper.connect', zookeeper],
      ['zookeeper.transaction.log.dir', transactionLogs],
      ['http.port', '0'],
      ['data.dir', directory],
      ['broker.http.listeners', [...httpListeners].map(([id, address]) => `${id}=${address}`).join()],
    ]),
  );
  const server = new CoordinatorServer({ config, logger: silentLogger });
  await server.start();
  const { parts } = server;
  const { tree } = parts;
  await eventually('the reading of the tree', () => tree.ready);
  const faults = { 'faults.enabled': cluster !== undefined, 'faults.control': 'supervisor' };
  const lessons = createLessons(
    { ...parts, config: { ...config, ...faults } },
    { ...parts, kafka: clients?.(parts.kafka) ?? parts.kafka, faults: faultsOf(cluster) },
  );
  return {
    lessons,
    tree,
    async close() {
      await lessons.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
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
