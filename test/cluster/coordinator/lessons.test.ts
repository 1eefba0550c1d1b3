/** Every lesson to its end on real clusters, and lessons on clusters that are broken: then the checks must say so. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, type Producer } from 'kafkajs';
import type { KafkaAccess } from '../../../coordinator/parts';
import type { LessonRun } from '../../../coordinator/schemas';
import { startCluster, type Cluster } from '../../../embedded';
import { deleteRecords } from '../../../protocol/apis';
import { ClusterClient } from '../../../client';
import { systemClock } from '../../../runtime/clock';
import { freePorts } from '../../../supervisor/ports';
import { eventuallyPasses } from '../../support/eventually';
import { doLesson, sayRun, startLessonGround, type LessonGround } from '../../support/lesson-ground';
import { startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

const LESSON_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 90_000;
const ALL = ['startup', 'replicas', 'order', 'groups', 'replay', 'retention', 'controller'];

/** A broker that looks for old segments each second from its start on. */
const QUICK_RETENTION = { 'log.retention.check.interval.ms': 1_000, 'log.initial.task.delay.ms': 100 };

interface Setting {
  directory: string;
  zookeeper: TestZooKeeper;
  cluster: Cluster;
  ground: LessonGround;
}

async function start(brokers: number, settings: Record<string, number>): Promise<Setting> {
  const directory = await mkdtemp(join(tmpdir(), 'gregor-lessons-zookeeper-'));
  const zookeeper = await startZooKeeper({ dir: directory });
  const ports = await freePorts(brokers);
  const httpListeners = new Map(ports.map((port, brokerId) => [brokerId, `127.0.0.1:${port}`]));
  const cluster = await startCluster({
    brokers,
    processes: true,
    zookeeper: zookeeper.connectString,
    settings,
    brokerSettings: ports.map((port) => ({ 'gregor.http.listener': `127.0.0.1:${port}` })),
  });
  // With one broker the flight recorder has only watches to go by, as beside a ZooKeeper on another machine.
  const transactionLogs = brokers === 1 ? '' : join(directory, 'data');
  const options = { cluster, httpListeners, transactionLogs };
  const ground = await startLessonGround(zookeeper.connectString, options);
  return { directory, zookeeper, cluster, ground };
}

async function stop({ directory, zookeeper, cluster, ground }: Setting): Promise<void> {
  await ground.close();
  await cluster.close();
  await zookeeper.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Names of topics of a run that still stand in ZooKeeper, and what the run itself says that it has left. */
const leftovers = ({ tree, lessons }: LessonGround, { id }: LessonRun): string[] => [
  ...[...(tree.get('/brokers/topics')?.children ?? [])].filter((name) => name.startsWith('lesson-')),
  ...(lessons.run(id)?.made ?? []),
];

/** The whole lesson passes, and leaves nothing behind. */
async function expectToPass(ground: LessonGround, lessonId: string): Promise<LessonRun> {
  const run = await doLesson(ground, lessonId);
  if (run.state !== 'passed') throw new Error(sayRun(run));
  if (process.env['SHOW_LESSONS']) process.stdout.write(`${sayRun(run)}\n`);
  expect(ground.lessons.run(run.id)?.state).toBe('ended');
  // The broker acknowledges the deletion of a topic a moment before its last znode goes.
  await eventuallyPasses(async () => expect(leftovers(ground, run)).toEqual([]));
  return run;
}

/** The first check that did not hold. */
function failedCheck(run: LessonRun): { step: string; text: string; saw: string } {
  const step = run.steps.find(({ state }) => state === 'failed');
  const check = step?.checks.find(({ held }) => !held);
  if (!step || !check) throw new Error(`nothing failed: ${sayRun(run)}`);
  return { step: step.title, text: check.text, saw: check.saw };
}

/** Does steps of a lesson, up to and without the one with this index. */
async function stepsBefore({ lessons }: LessonGround, lessonId: string, index: number): Promise<LessonRun> {
  let run = await lessons.begin(lessonId);
  while (run.nextStep < index) {
    run = await lessons.step(run.id);
    if (run.state === 'failed') throw new Error(sayRun(run));
  }
  return run;
}

describe('lessons on three brokers', () => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start(3, QUICK_RETENTION);
  }, START_TIMEOUT_MS);
  afterAll(() => stop(setting), START_TIMEOUT_MS);

  it('are all possible', () => {
    const { lessons } = setting.ground.lessons.list();
    expect(lessons.map(({ id, unavailable }) => [id, unavailable])).toEqual(ALL.map((id) => [id, null]));
  });

  it.each(ALL)(
    'come out as they say: %s',
    async (lessonId) => {
      await expectToPass(setting.ground, lessonId);
    },
    LESSON_TIMEOUT_MS,
  );

  it(
    'say what they saw when a broker is away, and go on when it is back',
    async () => {
      const { ground, cluster } = setting;
      const { id } = await ground.lessons.begin('replicas');
      await cluster.stop(2);
      const failed = failedCheck(await ground.lessons.step(id));
      // Either nobody counts the broker any more, or the controller has not heard of it when it places the copies.
      expect(failed.saw).toMatch(/INVALID_REPLICATION_FACTOR|in sync [01], [01]$/);
      await cluster.start(2);
      let run = await ground.lessons.step(id);
      while (run.state === 'ready') run = await ground.lessons.step(id);
      if (run.state !== 'passed') throw new Error(sayRun(run));
      await ground.lessons.end(id);
      expect(ground.lessons.run(id)?.made).toEqual([]);
    },
    LESSON_TIMEOUT_MS,
  );

  it(
    'miss the copy of a broker that has gone since',
    async () => {
      const { ground, cluster } = setting;
      const { id } = await stepsBefore(ground, 'replicas', 3);
      await cluster.stop(1);
      const failed = failedCheck(await ground.lessons.step(id));
      await cluster.start(1);
      await ground.lessons.end(id);
      expect(failed.text).toBe('Every copy holds the same number of bytes');
      expect(failed.saw).toMatch(/broker 1|ECONNREFUSED|no answer/);
    },
    LESSON_TIMEOUT_MS,
  );
});

describe('lessons on a cluster that somebody tampers with', () => {
  let setting: Setting;
  const grounds: LessonGround[] = [];
  const found = new Map<string, Promise<LessonRun>>();

  /** Clients that the lesson's own sessions do not share with others. */
  const groundWith = async (clients?: (real: KafkaAccess) => KafkaAccess): Promise<LessonGround> => {
    const ground = await startLessonGround(setting.zookeeper.connectString, clients ? { clients } : {});
    grounds.push(ground);
    return ground;
  };

  beforeAll(async () => {
    setting = await start(3, { ...QUICK_RETENTION });
    const tamperings = { wrongPartitioner, stranger, lostRecords, keptRecords };
    // All at once, as each of them waits for a check that cannot hold.
    for (const [name, tamper] of Object.entries(tamperings)) {
      const run = tamper();
      run.catch(() => undefined);
      found.set(name, run);
    }
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.allSettled(found.values());
    for (const ground of grounds) await ground.close();
    await stop(setting);
  }, START_TIMEOUT_MS);

  /** A client library that sends every key to partition 0. */
  async function wrongPartitioner(): Promise<LessonRun> {
    const ground = await groundWith((real) => ({
      ...bound(real),
      kafka: (clientId) =>
        withProducer(real.kafka(clientId), (_, kafka) => kafka.producer({ createPartitioner: () => () => 0 })),
    }));
    return doLesson(ground, 'order');
  }

  /** Somebody else reads with the same group. */
  async function stranger(): Promise<LessonRun> {
    const ground = await groundWith();
    const run = await stepsBefore(ground, 'groups', 2);
    const topic = run.made.find((name) => name.startsWith('topic '))?.replace('topic ', '') as string;
    const kafka = new Kafka({ clientId: 'carl', brokers: [...setting.cluster.addresses] });
    const carl = kafka.consumer({ groupId: `${topic}-group` });
    await carl.connect();
    try {
      await carl.subscribe({ topic });
      await carl.run({ eachMessage: async () => undefined });
      return await ground.lessons.step(run.id);
    } finally {
      await carl.disconnect();
    }
  }

  /** Somebody deletes records after they were read the first time. */
  async function lostRecords(): Promise<LessonRun> {
    const ground = await groundWith();
    const run = await stepsBefore(ground, 'replay', 3);
    const name = run.made.find((each) => each.startsWith('topic '))?.replace('topic ', '') as string;
    const bootstrapServers = setting.cluster.bootstrap;
    const client = new ClusterClient({ bootstrapServers, clientId: 'thief', clock: systemClock });
    const leader = await client.leaderOf({ topic: name, partition: 0 });
    const topics = [{ name, partitions: [{ partitionIndex: 0, offset: 6 }] }];
    await client.toBroker(leader, deleteRecords, { topics, timeoutMs: 5_000 });
    await client.close();
    return ground.lessons.step(run.id);
  }

  /** A client library that gives every record the time of now. */
  async function keptRecords(): Promise<LessonRun> {
    const ground = await groundWith((real) => ({
      ...bound(real),
      kafka: (clientId) =>
        withProducer(real.kafka(clientId), (producer) => {
          const send: Producer['send'] = ({ messages, ...rest }) =>
            producer.send({ ...rest, messages: messages.map((message) => ({ ...message, timestamp: undefined })) });
          return Object.assign(Object.create(producer) as Producer, { send });
        }),
    }));
    return doLesson(ground, 'retention');
  }

  const expected: Record<string, { text: RegExp; saw: RegExp }> = {
    wrongPartitioner: { text: /^Our sum names the partition/, saw: /customer-2: reckoned 2, is in 0/ },
    stranger: { text: /^Each of them has two partitions/, saw: /carl reads/ },
    lostRecords: { text: /^They are the same records/, saw: /^6: letter 6, 7/ },
    keptRecords: { text: /^The broker has removed the old segments/, saw: /^offsets 0 to 15/ },
  };

  it.each(Object.keys(expected))(
    'a check fails and says what it saw: %s',
    async (name) => {
      const run = (await found.get(name)) as LessonRun;
      const failed = failedCheck(run);
      expect(failed).toMatchObject({
        text: expect.stringMatching(expected[name]?.text as RegExp),
        saw: expect.stringMatching(expected[name]?.saw as RegExp),
      });
    },
    LESSON_TIMEOUT_MS,
  );
});

describe('lessons on one broker', () => {
  let setting: Setting;
  beforeAll(async () => {
    // Retention as a broker has it that nobody has told otherwise: far apart.
    setting = await start(1, {});
  }, START_TIMEOUT_MS);
  afterAll(() => stop(setting), START_TIMEOUT_MS);

  it('say why one of them cannot be done', () => {
    const { lessons } = setting.ground.lessons.list();
    expect(lessons.filter(({ unavailable }) => unavailable !== null)).toMatchObject([
      { id: 'controller', unavailable: expect.stringMatching(/Only one broker/) },
    ]);
  });

  it.each(ALL.filter((id) => id !== 'controller'))(
    'come out as they say: %s',
    async (lessonId) => {
      await expectToPass(setting.ground, lessonId);
    },
    LESSON_TIMEOUT_MS,
  );

  it(
    'show commands that work as they stand there',
    async () => {
      const typed: string[] = [];
      for (const lessonId of ALL.filter((id) => id !== 'controller')) {
        await doLesson(setting.ground, lessonId, async ({ steps, nextStep }) => {
          const commands = steps[nextStep - 1]?.command?.split('\n') ?? [];
          for (const command of commands.filter((each) => REPEATABLE.test(each) && !WAITING.test(each))) {
            typed.push(command);
            expect(await typeIn(command)).toMatchObject({ command, code: 0, stderr: '' });
          }
        });
      }
      expect(typed.length).toBeGreaterThan(8);
    },
    LESSON_TIMEOUT_MS,
  );

  it(
    'do the startup sequence without faults too',
    async () => {
      const ground = await startLessonGround(setting.zookeeper.connectString);
      const run = await expectToPass(ground, 'startup');
      await ground.close();
      expect(run.steps.at(-1)?.title).toBe('What would change, and what would stay');
    },
    LESSON_TIMEOUT_MS,
  );
});

/** Commands of steps that can be typed in after the step: they look only, or set what is set already. */
const REPEATABLE = /--describe|--reset-offsets|get-offsets|log-dirs|zookeeper-shell|kafka-configs|--max-messages/;
/** With a group that has read everything already. */
const WAITING = /console-consumer.* --group /;
/** What consoles say of themselves beside their output. */
const CHATTER = /^(Processed a total of .*|Connecting to .*|WATCHER::|WatchedEvent .*|)$/;

async function typeIn(command: string): Promise<{ command: string; code: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', command],
      { cwd: join(__dirname, '..', '..', '..'), timeout: 30_000 },
      (error, _, stderr) => {
        const lines = stderr.split('\n').filter((line) => !CHATTER.test(line.trim()));
        resolve({ command, code: error ? Number(error.code ?? -1) : 0, stderr: lines.join('\n') });
      },
    );
  });
}

/** A client whose producers are others. */
function withProducer(kafka: Kafka, replace: (producer: Producer, kafka: Kafka) => Producer): Kafka {
  const producer: Kafka['producer'] = (config) => replace(kafka.producer(config), kafka);
  return Object.assign(Object.create(kafka) as Kafka, { producer });
}

/** The methods of an access as plain functions, so that some can be replaced. */
function bound(real: KafkaAccess): KafkaAccess {
  return {
    addressOf: (brokerId) => real.addressOf(brokerId),
    bootstrapServers: () => real.bootstrapServers(),
    admin: () => real.admin(),
    producer: () => real.producer(),
    kafka: (clientId) => real.kafka(clientId),
    wire: () => real.wire(),
  };
}
