/** The lessons on Apache Kafka itself: two brokers of it, which know nothing of startup events and of the fast fence. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../supervisor/ports';
import { startApacheKafka } from '../support/apache-kafka';
import type { BrokerProcess } from '../support/broker-process';
import { doLesson, sayRun, startLessonGround, type Breakable, type LessonGround } from '../support/lesson-ground';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

const START_TIMEOUT_MS = 180_000;
const LESSON_TIMEOUT_MS = 180_000;
const BROKERS = 2;

/** Brokers that can be stopped and started again on the same port and data. */
class ApacheKafkaCluster implements Breakable {
  private readonly processes = new Map<number, BrokerProcess>();

  constructor(
    private readonly zookeeper: string,
    private readonly directory: string,
    private readonly ports: readonly number[],
  ) {}

  get brokers(): { id: number; running: boolean }[] {
    return this.ports.map((_, id) => ({ id, running: this.processes.has(id) }));
  }

  async start(brokerId: number): Promise<void> {
    const started = await startApacheKafka({
      zookeeper: this.zookeeper,
      brokerId,
      port: this.ports[brokerId] as number,
      directory: join(this.directory, `broker-${brokerId}`),
      settings: {
        'zookeeper.session.timeout.ms': 3_000,
        'offsets.topic.replication.factor': BROKERS,
        'offsets.topic.num.partitions': 5,
        'log.retention.check.interval.ms': 1_000,
      },
    });
    this.processes.set(brokerId, started);
  }

  async kill(brokerId: number): Promise<void> {
    await this.processes.get(brokerId)?.kill();
    this.processes.delete(brokerId);
  }

  async restart(brokerId: number): Promise<void> {
    await this.processes.get(brokerId)?.stop();
    this.processes.delete(brokerId);
    await this.start(brokerId);
  }

  async close(): Promise<void> {
    await Promise.all([...this.processes.keys()].map((brokerId) => this.kill(brokerId)));
    await rm(this.directory, { recursive: true, force: true });
  }
}

describe('lessons on Apache Kafka', () => {
  let zookeeper: TestZooKeeper;
  let cluster: ApacheKafkaCluster;
  let ground: LessonGround;

  beforeAll(async () => {
    zookeeper = await startZooKeeper();
    const directory = await mkdtemp(join(tmpdir(), 'gregor-lessons-'));
    cluster = new ApacheKafkaCluster(zookeeper.connectString, directory, await freePorts(BROKERS));
    await Promise.all(cluster.brokers.map(({ id }) => cluster.start(id)));
    ground = await startLessonGround(zookeeper.connectString, { cluster });
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await ground.close();
    await cluster.close();
    await zookeeper.stop();
  }, START_TIMEOUT_MS);

  it.each(['startup', 'replicas', 'order', 'groups', 'replay', 'retention', 'controller'])(
    'come out as they say: %s',
    async (lessonId) => {
      const run = await doLesson(ground, lessonId);
      if (process.env['SHOW_LESSONS']) process.stdout.write(`${sayRun(run)}\n`);
      expect(run.state === 'passed' ? 'passed' : sayRun(run)).toBe('passed');
      expect(ground.lessons.run(run.id)?.made).toEqual([]);
    },
    LESSON_TIMEOUT_MS,
  );
});
