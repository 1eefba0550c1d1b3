/** What the coordinator says of a cluster of three brokers while they are killed, frozen and cut off. */
import { Kafka, logLevel } from 'kafkajs';
import type { Cluster } from '../../../embedded';
import type { BrokerView, Verdict } from '../../../coordinator/schemas';
import { freePorts } from '../../../supervisor/ports';
import { eventually } from '../../support/eventually';
import { expectEventually, observe, type ObservedCluster } from '../../support/observed-cluster';
import { startProcessCluster, type ProcessCluster } from '../../support/process-cluster';

jest.setTimeout(120_000);

let processes: ProcessCluster;
let cluster: Cluster;
let observed: ObservedCluster;
let kafka: Kafka;

beforeAll(async () => {
  const httpPorts = await freePorts(3);
  const settings = {
    'zookeeper.session.timeout.ms': 1_500,
    'min.insync.replicas': 2,
    'replica.lag.time.max.ms': 3_000,
    'offsets.topic.replication.factor': 3,
    'offsets.topic.num.partitions': 3,
    'group.initial.rebalance.delay.ms': 0,
    'auto.leader.rebalance.enable': true,
    'leader.imbalance.check.interval.seconds': 1,
    'leader.imbalance.per.broker.percentage': 0,
  };
  const listeners = httpPorts.map((port) => `127.0.0.1:${port}`);
  const brokerSettings = Object.fromEntries(
    listeners.map((listener, id) => [id, { 'gregor.http.listener': listener }]),
  );
  processes = await startProcessCluster(settings, brokerSettings);
  ({ cluster } = processes);
  const http = listeners.map((listener, id) => `${id}=${listener}`).join(',');
  observed = await observe(cluster.zookeeper, { 'broker.http.listeners': http });
  kafka = new Kafka({ clientId: 'test', brokers: [...cluster.addresses], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: 'three', numPartitions: 3, replicationFactor: 3 },
      { topic: 'alone', replicaAssignment: [0, 1, 2].map((id) => ({ partition: id, replicas: [id] })) },
    ],
  });
  await admin.disconnect();
});

afterAll(async () => {
  await observed?.close();
  await processes?.close();
});

const broker = (id: number): BrokerView => {
  const found = observed.observation.cluster().brokers.find(({ brokerId }) => brokerId === id);
  if (!found) throw new Error(`broker ${id} is not shown`);
  return found;
};
const codes = ({ reasons }: Verdict): string[] => reasons.map(({ code }) => code).sort();
const topicCodes = (name: string): string[] => {
  const topic = observed.observation.topic(name);
  return topic === null ? ['not shown'] : codes(topic.topic.verdict);
};

const allIsWell = (): Promise<void> => {
  const findings = (): string[] => {
    const { verdict, reasons } = observed.observation.cluster().verdict;
    return [verdict, ...reasons.flatMap(({ severity, text }) => (severity === 'info' ? [] : [text]))];
  };
  return expectEventually('all is well', findings, ['healthy'], 60_000);
};

describe('the coordinator, watching three brokers', () => {
  it('sees a whole cluster: brokers, controller, ZooKeeper, topics, and finds it healthy', async () => {
    await allIsWell();
    const view = observed.observation.cluster();
    expect(view.brokers.map(({ brokerId, registered, probe }) => [brokerId, registered, probe.state])).toEqual([
      [0, true, 'answers'],
      [1, true, 'answers'],
      [2, true, 'answers'],
    ]);
    expect(view.brokers.map(({ probe }) => probe.seesBrokers)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(view.brokers.map(({ probe }) => probe.seesControllerId)).toEqual(Array(3).fill(view.controller.brokerId));
    expect(view.brokers.every(({ probe }) => probe.seesClusterId === view.clusterId)).toBe(true);
    expect(view.controller).toMatchObject({ controllerEpoch: 1, controllerEpochZkVersion: 1 });
    expect(view.zookeeper).toMatchObject({ session: { state: 'connected' }, servers: [{ mode: 'standalone' }] });
    expect(view.freshness.stale).toBe(false);
    expect(view.counts).toMatchObject({ brokers: 3, offline: 0, underReplicated: 0, underMinIsr: 0 });
  });

  it('raises no alarm when topics are made and deleted', async () => {
    await allIsWell();
    const { lastId } = observed.events.list(0, 1_000);
    const admin = kafka.admin();
    await admin.connect();
    const names = Array.from({ length: 15 }, (_, i) => `brief-${i}`);
    await admin.createTopics({ topics: names.map((topic) => ({ topic, numPartitions: 4, replicationFactor: 3 })) });
    const shown = () => observed.observation.topics().topics.filter(({ name }) => name.startsWith('brief-'));
    await expectEventually('all are shown', () => shown().length, names.length);
    await admin.deleteTopics({ topics: names });
    await expectEventually('all are gone', () => shown().length, 0);
    await admin.disconnect();
    const { events } = observed.events.list(lastId ?? 0, 1_000);
    expect(events.filter(({ type }) => type === 'health').map(({ text }) => text)).toEqual([]);
    expect(events.filter(({ type }) => type === 'view').length).toBeGreaterThan(0);
  });

  it('takes min.insync.replicas from the broker’s file, from what is set on all brokers, and from the topic', async () => {
    await expectEventually(
      'the file’s value',
      () => observed.observation.topic('three')?.partitions[0]?.minInsyncReplicas,
      2,
    );
    const set = (entity: string, value: string): Promise<unknown> =>
      processes.zk.session
        .createRecursive(`/config/${entity}`, null, { ignoreExisting: true })
        .then(() =>
          processes.zk.session.setData(
            `/config/${entity}`,
            Buffer.from(JSON.stringify({ version: 1, config: value === '' ? {} : { 'min.insync.replicas': value } })),
            -1,
          ),
        );
    await set('brokers/<default>', '3');
    await expectEventually(
      'the dynamic value',
      () => observed.observation.topic('three')?.partitions[0]?.minInsyncReplicas,
      3,
    );
    await set('topics/three', '1');
    await expectEventually(
      'the topic’s value',
      () => observed.observation.topic('three')?.partitions[0]?.minInsyncReplicas,
      1,
    );
    await set('topics/three', '');
    await set('brokers/<default>', '');
    await expectEventually(
      'the file’s again',
      () => observed.observation.topic('three')?.partitions[0]?.minInsyncReplicas,
      2,
    );
  });

  it('reads offsets, sizes and the lag of a group that is behind', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const records = Array.from({ length: 30 }, (_, i) => ({ partition: i % 3, value: `record ${i}` }));
    await producer.send({ topic: 'three', messages: records });
    await producer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    await admin.setOffsets({
      groupId: 'behind',
      topic: 'three',
      partitions: [0, 1, 2].map((partition) => ({ partition, offset: '4' })),
    });
    await admin.disconnect();
    await observed.observation.refresh();
    const topic = observed.observation.topic('three');
    expect(topic?.topic.records).toBe(30);
    expect(topic?.partitions.map(({ logStartOffset, highWatermark }) => [logStartOffset, highWatermark])).toEqual(
      Array.from({ length: 3 }, () => [0, 10]),
    );
    expect(Object.keys(topic?.partitions[0]?.sizeBytes ?? {})).toEqual(['0', '1', '2']);
    expect(topic?.groups).toEqual(['behind']);
    const group = observed.observation.group('behind');
    expect(group?.group).toMatchObject({ state: 'Empty', members: 0, totalLag: 18, topics: ['three'] });
    expect(
      group?.offsets.map(({ committedOffset, highWatermark, lag }) => [committedOffset, highWatermark, lag]),
    ).toEqual(Array.from({ length: 3 }, () => [4, 10, 6]));
    expect(codes(group?.group.verdict as Verdict)).toEqual(['GROUP_EMPTY']);
    const metrics = await observed.metrics.render();
    expect(metrics).toContain('kafka_consumergroup_lag{group="behind",topic="three",partition="1"} 6');
    expect(metrics).toContain('kafka_controller_kafkacontroller_activecontrollercount 1');
  });

  it('sees a member with its assignment, and counts the rebalance when another comes', async () => {
    const consumers = [kafka.consumer({ groupId: 'pair' }), kafka.consumer({ groupId: 'pair' })] as const;
    const partitionsOf = (): number[] =>
      (observed.observation.group('pair')?.members ?? [])
        .map(({ assignment }) => assignment.reduce((sum, { partitions }) => sum + partitions.length, 0))
        .sort();
    try {
      for (const [i, consumer] of consumers.entries()) {
        await consumer.connect();
        await consumer.subscribe({ topic: 'three' });
        await consumer.run({ eachMessage: async () => undefined });
        await expectEventually(`member ${i + 1} is assigned`, partitionsOf, i === 0 ? [3] : [1, 2]);
      }
      await expectEventually('the group is stable', () => observed.observation.group('pair')?.group.state, 'Stable');
      expect(observed.observation.group('pair')?.group.recentRebalances).toBeGreaterThan(0);
      expect(observed.told.some(({ type, subject }) => type === 'group' && subject === 'pair')).toBe(true);
    } finally {
      await Promise.all(consumers.map((consumer) => consumer.disconnect()));
    }
  });

  it('follows a sampled record from its leader to the followers and past the high watermark', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const startedMs = Date.now();
    const traced = () => observed.observation.flow(startedMs).records.filter(({ topic }) => topic === 'three');
    try {
      await eventually('a record is traced', async () => {
        await producer.send({ topic: 'three', messages: [{ partition: 1, value: 'watched' }] });
        return traced().some(({ committedMs }) => committedMs !== null);
      });
    } finally {
      await producer.disconnect();
    }
    const [record] = traced().filter(({ committedMs }) => committedMs !== null);
    const leader = observed.observation.topic('three')?.partitions[1]?.leader;
    expect(record).toMatchObject({ topic: 'three', partition: 1, leader });
    expect(Object.keys(record?.replicatedMs ?? {})).toEqual([0, 1, 2].filter((id) => id !== leader).map(String));
    expect(observed.observation.flow(startedMs).source).toBe('traces');
  });

  it('goes on without ZooKeeper, says how old what it knows is, and blames no broker for it', async () => {
    await allIsWell();
    await processes.zookeeper.kill();
    const view = () => observed.observation.cluster();
    await expectEventually(
      'it is missed',
      () => codes(view().zookeeper.verdict).includes('ZOOKEEPER_UNREACHABLE'),
      true,
    );
    await expectEventually('what is known grows old', () => view().freshness.stale, true);
    expect(view().verdict.verdict).toBe('unhealthy');
    expect(view().brokers.map(({ registered }) => registered)).toEqual([true, true, true]);
    await expectEventually(
      'brokers still answer',
      () => view().brokers.every(({ probe }) => probe.state !== 'silent'),
      true,
    );
    expect(observed.observation.topics().freshness.stale).toBe(true);
    await processes.zookeeper.restart();
    await allIsWell();
    expect(view().freshness.stale).toBe(false);
  });

  it('shows a killed broker as not registered, its only replicas as offline, the others as under-replicated', async () => {
    await allIsWell();
    await cluster.kill(1);
    await expectEventually('the broker is missed', () => codes(broker(1).verdict), ['BROKER_NOT_REGISTERED']);
    await expectEventually('its port refuses', () => broker(1).probe.state, 'refused');
    await expectEventually(
      'the topic with a copy elsewhere',
      () => topicCodes('three').includes('UNDER_REPLICATED'),
      true,
    );
    await expectEventually('the topic without one', () => topicCodes('alone'), ['PARTITION_OFFLINE']);
    const offline = observed.observation
      .topic('alone')
      ?.partitions.filter(({ verdict }) => verdict.verdict === 'unhealthy');
    expect(offline?.map(({ partition, offlineReplicas }) => [partition, offlineReplicas])).toEqual([[1, [1]]]);
    expect(observed.observation.cluster().verdict.verdict).toBe('unhealthy');
    expect(broker(1)).toMatchObject({ registered: false, replicas: broker(0).replicas });
    await cluster.start(1);
    await allIsWell();
    const story = observed.told
      .filter(({ type, subject }) => type === 'health' && subject === '1')
      .map(({ text }) => text);
    expect(story.at(-1)).toMatch(/^Broker 1 went from (unhealthy|unknown) to healthy\.$/);
  });

  it('tells a frozen broker from a dead one, and finds it healthy again when it goes on', async () => {
    const frozen = observed.observation.cluster().controller.brokerId === 2 ? 0 : 2;
    cluster.pause(frozen);
    await expectEventually('it is silent', () => broker(frozen).probe.state, 'silent');
    await expectEventually('it loses its session', () => broker(frozen).registered, false);
    expect(broker(frozen).probe.error).toContain('did not answer');
    cluster.resume(frozen);
    await allIsWell();
  });

  it('finds a broker out that ZooKeeper has forgotten and that answers from what it knew', async () => {
    const cut = observed.observation.cluster().controller.brokerId === 2 ? 0 : 2;
    await cluster.cutLink(cut, 'zookeeper');
    try {
      await expectEventually('it is forgotten', () => broker(cut).registered, false);
      await expectEventually('it still answers', () => ['answers', 'slow'].includes(broker(cut).probe.state), true);
      await expectEventually('its view is stale', () => broker(cut).probe.staleView, true);
      expect(broker(cut).verdict.reasons[0]?.text).toContain('answers but has no registration');
    } finally {
      await cluster.healLink(cut, 'zookeeper');
    }
    await allIsWell();
    expect(broker(cut).probe.staleView).toBe(false);
  });
});
