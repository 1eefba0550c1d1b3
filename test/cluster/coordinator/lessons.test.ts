/** Every lesson to its end on real clusters, and lessons on clusters that are broken: then the checks must say so. */
import { startCluster, type Cluster } from '../../../embedded';
import type { LessonRun } from '../../../coordinator/schemas';
import { freePorts } from '../../../supervisor/ports';
import { eventuallyPasses } from '../../support/eventually';
import { doLesson, sayRun, startLessonGround, type LessonGround } from '../../support/lesson-ground';
import { startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

const LESSON_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 90_000;

/** A broker that looks for old segments each second from its start on. */
const QUICK_RETENTION = { 'log.retention.check.interval.ms': 1_000, 'log.initial.task.delay.ms': 100 };

interface Setting {
  zookeeper: TestZooKeeper;
  cluster: Cluster;
  ground: LessonGround;
}

async function start(brokers: number, faults: boolean): Promise<Setting> {
  const zookeeper = await startZooKeeper();
  const ports = await freePorts(brokers);
  const httpListeners = new Map(ports.map((port, brokerId) => [brokerId, `127.0.0.1:${port}`]));
  const cluster = await startCluster({
    brokers,
    processes: true,
    zookeeper: zookeeper.connectString,
    settings: QUICK_RETENTION,
    brokerSettings: ports.map((port) => ({ 'gregor.http.listener': `127.0.0.1:${port}` })),
  });
  const options = { httpListeners, ...(faults ? { cluster } : {}) };
  const ground = await startLessonGround(zookeeper.connectString, options);
  return { zookeeper, cluster, ground };
}

async function stop({ zookeeper, cluster, ground }: Setting): Promise<void> {
  await ground.close();
  await cluster.close();
  await zookeeper.stop();
}

/** Names of topics and groups of lessons that still stand in ZooKeeper or in a run. */
const leftovers = ({ ground: { tree, lessons } }: Setting, { id }: LessonRun): string[] => [
  ...[...(tree.get('/brokers/topics')?.children ?? [])].filter((name) => name.startsWith('lesson-')),
  ...(lessons.run(id)?.made ?? []),
];

/** The whole lesson passes, and leaves nothing behind. */
async function expectToPass(setting: Setting, lessonId: string): Promise<LessonRun> {
  const run = await doLesson(setting.ground, lessonId);
  if (run.state !== 'passed') throw new Error(sayRun(run));
  if (process.env['SHOW_LESSONS']) process.stdout.write(`${sayRun(run)}\n`);
  expect(setting.ground.lessons.run(run.id)?.state).toBe('ended');
  // The broker acknowledges the deletion of a topic a moment before its last znode goes.
  await eventuallyPasses(async () => expect(leftovers(setting, run)).toEqual([]));
  return run;
}

describe('lessons on three brokers', () => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start(3, true);
  }, START_TIMEOUT_MS);
  afterAll(() => stop(setting), START_TIMEOUT_MS);

  it('are all possible', () => {
    const { lessons } = setting.ground.lessons.list();
    expect(lessons.map(({ id, unavailable }) => [id, unavailable])).toEqual(
      ['startup', 'replicas', 'order', 'groups', 'replay', 'retention', 'controller'].map((id) => [id, null]),
    );
  });

  it.each(['startup', 'replicas', 'order', 'groups', 'replay', 'retention', 'controller'])(
    'come out as they say: %s',
    (lessonId) => expectToPass(setting, lessonId),
    LESSON_TIMEOUT_MS,
  );
});
