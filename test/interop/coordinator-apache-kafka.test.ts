/** The coordinator's knowledge of a cluster of Apache Kafka 3.9.1 with ZooKeeper, and of a mixed one: the same as of Gregor's. */
import { Kafka, logLevel } from 'kafkajs';
import type { Verdict } from '../../coordinator/schemas';
import { eventually } from '../support/eventually';
import { KafkaToolRunner } from '../support/kafka-tool-runner';
import { MixedCluster } from '../support/mixed-cluster';
import { expectEventually, observe, type ObservedCluster } from '../support/observed-cluster';

jest.setTimeout(240_000);

let cluster: MixedCluster;
let observed: ObservedCluster;
let kafka: Kafka;

beforeAll(async () => {
  cluster = await MixedCluster.create(2, {
    'zookeeper.session.timeout.ms': 2_000,
    'min.insync.replicas': 2,
    'default.replication.factor': 2,
    'offsets.topic.replication.factor': 2,
    'offsets.topic.num.partitions': 3,
    'group.initial.rebalance.delay.ms': 0,
  });
  await cluster.start(0, 'kafka');
  await cluster.start(1, 'kafka');
  observed = await observe(cluster.zookeeperConnect);
  kafka = new Kafka({ clientId: 'test', brokers: cluster.bootstrap.split(','), logLevel: logLevel.NOTHING });
});

afterAll(async () => {
  await observed?.close();
  await cluster?.close();
});

const codes = ({ reasons }: Verdict): string[] => reasons.map(({ code }) => code).sort();

const shownBrokers = () =>
  observed.observation
    .cluster()
    .brokers.map(({ brokerId, registered, probe }) => [brokerId, registered, probe.state, probe.seesBrokers]);

describe('the coordinator, watching Apache Kafka', () => {
  it('sees brokers, controller and cluster id as they see each other', async () => {
    await expectEventually('both answer', shownBrokers, [
      [0, true, 'answers', [0, 1]],
      [1, true, 'answers', [0, 1]],
    ]);
    const view = observed.observation.cluster();
    expect(view.controller).toMatchObject({ brokerId: 0, controllerEpoch: 1 });
    expect(view.brokers.map(({ probe }) => [probe.seesControllerId, probe.seesClusterId])).toEqual([
      [0, view.clusterId],
      [0, view.clusterId],
    ]);
    expect(view.brokers[0]?.probe.apis).toBeGreaterThan(50);
    expect(view.verdict).toEqual({ verdict: 'healthy', reasons: [] });
  });

  it('reads topics with their configuration, offsets and sizes', async () => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: 'orders',
          numPartitions: 4,
          replicationFactor: 2,
          configEntries: [{ name: 'retention.ms', value: '600000' }],
        },
        { topic: 'alone', replicaAssignment: [{ partition: 0, replicas: [1] }] },
      ],
    });
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: 40 }, (_, i) => ({ partition: i % 4, value: `order ${i}` }));
    await producer.send({ topic: 'orders', messages });
    await producer.disconnect();
    await expectEventually('all records are counted', () => observed.observation.topic('orders')?.topic.records, 40);
    await observed.observation.refresh();
    const detail = observed.observation.topic('orders');
    expect(detail?.overrides).toEqual({ 'retention.ms': '600000' });
    expect(detail?.topic).toMatchObject({ partitions: 4, replicationFactor: 2, offline: 0, underReplicated: 0 });
    expect(detail?.topic.topicId).toMatch(/^[\w-]{22}$/);
    // From the broker's server.properties: nothing in ZooKeeper tells it.
    expect(detail?.partitions.map(({ minInsyncReplicas }) => minInsyncReplicas)).toEqual([2, 2, 2, 2]);
    expect(detail?.partitions.map(({ highWatermark }) => highWatermark)).toEqual([10, 10, 10, 10]);
    expect(detail?.partitions.every(({ sizeBytes }) => Object.values(sizeBytes).every((bytes) => bytes > 0))).toBe(
      true,
    );
  });

  it('reads a group with its members and assignment while it reads, and its lag when it has stopped', async () => {
    const consumer = kafka.consumer({ groupId: 'readers' });
    await consumer.connect();
    const group = () => observed.observation.group('readers');
    try {
      await consumer.subscribe({ topic: 'orders', fromBeginning: true });
      let read = 0;
      await consumer.run({ autoCommitThreshold: 1, eachMessage: async () => void read++ });
      await eventually('all is read', () => read === 40, 30_000);
      await expectEventually('it is shown as stable', () => group()?.group.state, 'Stable');
      await expectEventually('it has no lag', () => group()?.group.totalLag, 0);
      expect(group()?.members.map(({ assignment }) => assignment)).toEqual([
        [{ topic: 'orders', partitions: [0, 1, 2, 3] }],
      ]);
      expect(group()?.group.topics).toEqual(['orders']);
    } finally {
      await consumer.disconnect();
    }
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({
      topic: 'orders',
      messages: Array.from({ length: 7 }, () => ({ partition: 2, value: 'late' })),
    });
    await producer.disconnect();
    await expectEventually('it lags', () => [group()?.group.state, group()?.group.totalLag], ['Empty', 7]);
    expect(group()?.offsets.map(({ lag }) => lag)).toEqual([0, 0, 7, 0]);
    expect(group()?.lagHistory.at(-1)?.lag).toBe(7);
  });

  it('shows rates from offsets, and says that they are', async () => {
    const producer = kafka.producer();
    await producer.connect();
    try {
      await eventually('a rate is seen', async () => {
        await producer.send({
          topic: 'orders',
          messages: Array.from({ length: 20 }, () => ({ partition: 1, value: 'more' })),
        });
        return observed.observation
          .flow(0)
          .rates.some(({ topic, recordsPerSecond }) => topic === 'orders' && recordsPerSecond > 0);
      });
    } finally {
      await producer.disconnect();
    }
    expect(observed.observation.flow(0)).toMatchObject({ source: 'offsets', records: [] });
  });

  it('misses a killed broker, its only replica and its copies', async () => {
    await cluster.kill(1);
    const cluster1 = () => observed.observation.cluster().brokers.find(({ brokerId }) => brokerId === 1);
    await expectEventually('it is not registered', () => codes(cluster1()?.verdict as Verdict), [
      'BROKER_NOT_REGISTERED',
    ]);
    await expectEventually(
      'its topic is offline',
      () => codes(observed.observation.topic('alone')?.topic.verdict as Verdict),
      ['PARTITION_OFFLINE'],
    );
    await expectEventually(
      'the other’s copies lack',
      () => {
        const found = codes(observed.observation.topic('orders')?.topic.verdict as Verdict);
        return found.filter((code) => code.startsWith('UNDER'));
      },
      ['UNDER_MIN_ISR', 'UNDER_REPLICATED'],
    );
  });

  it('finds the same partitions wanting as Apache Kafka’s own tool', async () => {
    const tools = await KafkaToolRunner.start();
    try {
      const listed = async (flag: string, topic?: string): Promise<string[]> => {
        const named = topic === undefined ? [] : ['--topic', topic];
        const result = await tools.run('kafka-topics', ['--bootstrap-server', survivor, '--describe', flag, ...named]);
        expect(result).toMatchObject({ code: 0 });
        const lines = result.stdout.matchAll(/Topic: (\S+)\s+Partition: (\d+)/g);
        return Array.from(lines, ([, name, partition]) => `${name}-${partition}`).sort();
      };
      const survivor = cluster.bootstrap.split(',')[0] as string;
      const found = (code: string): string[] => {
        const names = observed.observation.topics().topics.map(({ name }) => name);
        const partitions = names.flatMap((name) => observed.observation.topic(name)?.partitions ?? []);
        const having = partitions.filter(({ verdict }) => codes(verdict).includes(code));
        return having.map(({ topic, partition }) => `${topic}-${partition}`).sort();
      };
      expect(found('PARTITION_OFFLINE')).toEqual(await listed('--unavailable-partitions'));
      expect(found('UNDER_REPLICATED')).toEqual(await listed('--under-replicated-partitions'));
      const ofOrders = (name: string): boolean => name.startsWith('orders-');
      expect(found('UNDER_MIN_ISR').filter(ofOrders)).toEqual(await listed('--under-min-isr-partitions', 'orders'));
      expect(found('PARTITION_OFFLINE')).toEqual(['alone-0']);
      expect(found('UNDER_REPLICATED').length).toBeGreaterThan(4);
    } finally {
      await tools.stop();
    }
  });

  it('sees Gregor’s broker in its place as it saw Apache Kafka’s', async () => {
    await cluster.start(1, 'gregor');
    await expectEventually('both answer', shownBrokers, [
      [0, true, 'answers', [0, 1]],
      [1, true, 'answers', [0, 1]],
    ]);
    await expectEventually(
      'the records of its topic are there again',
      () => codes(observed.observation.topic('alone')?.topic.verdict as Verdict),
      [],
    );
    await expectEventually('all is well', () => observed.observation.cluster().verdict.verdict, 'healthy', 60_000);
    await observed.observation.refresh();
    expect(
      observed.observation.topic('orders')?.partitions.every(({ sizeBytes }) => Object.keys(sizeBytes).length === 2),
    ).toBe(true);
    expect(observed.observation.groups()).toMatchObject({
      freshness: { stale: false },
      groups: [{ groupId: 'readers' }],
    });
  });
});
