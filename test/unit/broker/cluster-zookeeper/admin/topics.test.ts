/** What administrators may ask about topics, and what they are told. */
import { AutoTopicCreation } from '../../../../../broker/cluster-zookeeper/admin/auto-topic-creation';
import { TopicCreation } from '../../../../../broker/cluster-zookeeper/admin/topic-creation';
import { ZooKeeperAdmin } from '../../../../../broker/cluster-zookeeper/admin/zookeeper-admin';
import type { Controller } from '../../../../../broker/cluster-zookeeper/controller';
import { MetadataCache } from '../../../../../broker/metadata/metadata-cache';
import { Errors, errorForCode, ZERO_UUID } from '../../../../../protocol';
import type { CreateTopicsRequest, UpdateMetadataRequest } from '../../../../../protocol/apis';
import { silentLogger } from '../../../../../runtime/logger';
import { ManualClock } from '../../../../../runtime/manual-clock';
import { seededRandom } from '../../../../../runtime/random';
import { BrokerConfig } from '../../../../../settings/broker-config';
import type { ZooKeeperClient } from '../../../../../zookeeper';
import * as znodes from '../../../../../zookeeper/znodes';
import { InMemoryZooKeeper } from '../../../../support/in-memory-zookeeper';

let zookeeper: InMemoryZooKeeper;
let client: ZooKeeperClient;
let metadata: MetadataCache;
let admin: ZooKeeperAdmin;
let auto: AutoTopicCreation;
let controller: { isActive: boolean; isTopicQueuedForDeletion: () => boolean; topicName: () => string | null };
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock();
  zookeeper = new InMemoryZooKeeper({ clock });
  client = await zookeeper.connect();
  for (const path of znodes.TOP_LEVEL_PATHS) await client.session.createRecursive(path, null, { ignoreExisting: true });
  await client.session.create(znodes.CONTROLLER_PATH, znodes.encodeController(1, 0));
  metadata = new MetadataCache();
  learn([1, 2, 3]);
  controller = { isActive: true, isTopicQueuedForDeletion: () => false, topicName: () => null };
  const config = BrokerConfig.parse({
    'broker.id': '1',
    'zookeeper.connect': 'memory',
    'num.partitions': '2',
    'offsets.topic.num.partitions': '4',
  });
  const creation = new TopicCreation({
    zk: client.session,
    config,
    random: seededRandom(1),
    logger: silentLogger,
    metadata,
  });
  auto = new AutoTopicCreation(creation, config, silentLogger);
  admin = new ZooKeeperAdmin({
    zk: client.session,
    config,
    clock,
    logger: silentLogger,
    metadata,
    creation,
    controller: controller as unknown as Controller,
  });
});

afterEach(() => client.close());

/** What the controller would say by UpdateMetadata. */
function learn(brokers: readonly number[], topics: Record<string, number> = {}, leader = 1): void {
  metadata.apply({
    controllerId: 1,
    liveBrokers: brokers.map((id) => ({
      id,
      rack: null,
      v0Host: '',
      v0Port: 0,
      endpoints: [{ host: 'h', port: 1, listener: 'PLAINTEXT', securityProtocol: 0 }],
    })),
    ungroupedPartitionStates: [],
    topicStates: Object.entries(topics).map(([topicName, count]) => ({
      topicName,
      topicId: Buffer.alloc(16, topicName).toString('base64url'),
      partitionStates: Array.from({ length: count }, (_, partitionIndex) => ({
        topicName: '',
        partitionIndex,
        controllerEpoch: 1,
        leader,
        leaderEpoch: 0,
        isr: [1],
        zkVersion: 0,
        replicas: [1],
        offlineReplicas: [],
      })),
    })),
  } as unknown as UpdateMetadataRequest);
}

type TopicWish = Partial<CreateTopicsRequest['topics'][number]> & { name: string };

const request = (
  topics: TopicWish[],
  options: { validateOnly?: boolean; timeoutMs?: number } = {},
): CreateTopicsRequest => ({
  topics: topics.map((topic) => ({ numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...topic })),
  timeoutMs: options.timeoutMs ?? 1000,
  validateOnly: options.validateOnly ?? false,
});

/** Creates without waiting, since nobody makes leaders here. */
async function create(topic: TopicWish): Promise<string> {
  const response = await admin.createTopics(request([topic], { timeoutMs: 0 }));
  const [result] = response.topics ?? [];
  return `${errorForCode(result?.errorCode ?? -1).name}: ${result?.errorMessage ?? ''}`;
}

const manual = (...lists: number[][]): TopicWish['assignments'] =>
  lists.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));

describe('creating a topic', () => {
  test('writes its configuration and its assignment, and answers when every partition has a leader', async () => {
    const waiting = admin.createTopics(
      request([
        { name: 'orders', numPartitions: 3, replicationFactor: 2, configs: [{ name: 'retention.ms', value: '5' }] },
      ]),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    learn([1, 2, 3], { orders: 3 }, -1);
    learn([1, 2, 3], { orders: 3 });
    const [topic] = (await waiting).topics ?? [];
    expect(topic).toMatchObject({
      name: 'orders',
      errorCode: 0,
      errorMessage: null,
      numPartitions: 3,
      replicationFactor: 2,
    });
    expect(topic?.configs?.find(({ name }) => name === 'retention.ms')).toEqual({
      name: 'retention.ms',
      value: '5',
      readOnly: false,
      configSource: 1,
      isSensitive: false,
    });
    const nodes = zookeeper.dump();
    expect(JSON.parse(nodes['/config/topics/orders'] as string)).toEqual({
      version: 1,
      config: { 'retention.ms': '5' },
    });
    const assignment = JSON.parse(nodes['/brokers/topics/orders'] as string) as {
      topic_id: string;
      partitions: Record<string, number[]>;
    };
    expect(assignment.topic_id).toBe(topic?.topicId);
    expect(Object.values(assignment.partitions).every((replicas) => new Set(replicas).size === 2)).toBe(true);
    expect(Object.keys(nodes).filter((path) => path.includes('config_change'))).toEqual([]);
  });

  test('answers REQUEST_TIMED_OUT when there are no leaders in time; the topic is there', async () => {
    const waiting = admin.createTopics(request([{ name: 'orders' }], { timeoutMs: 500 }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.advance(500);
    expect((await waiting).topics?.[0]).toMatchObject({ errorCode: Errors.REQUEST_TIMED_OUT.code, numPartitions: -1 });
    expect(zookeeper.dump()['/brokers/topics/orders']).toBeDefined();
  });

  test('only validates when asked to', async () => {
    const response = await admin.createTopics(
      request([{ name: 'orders', replicationFactor: 2 }], { validateOnly: true }),
    );
    expect(response.topics?.[0]).toMatchObject({ errorCode: 0, numPartitions: 1, topicId: ZERO_UUID });
    expect(zookeeper.dump()['/brokers/topics/orders']).toBeUndefined();
  });

  test('-1 takes the broker’s defaults', async () => {
    const response = await admin.createTopics(
      request([{ name: 'orders', numPartitions: -1, replicationFactor: -1 }], { validateOnly: true }),
    );
    expect(response.topics?.[0]).toMatchObject({ numPartitions: 2, replicationFactor: 1 });
  });

  test.each<[string, TopicWish, string]>([
    [
      'a wrong name',
      { name: 'a b' },
      "INVALID_TOPIC_EXCEPTION: Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
    [
      'too many replicas',
      { name: 'x', replicationFactor: 4 },
      'INVALID_REPLICATION_FACTOR: Replication factor: 4 larger than available brokers: 3.',
    ],
    [
      'no partitions',
      { name: 'x', numPartitions: 0 },
      'INVALID_PARTITIONS: Number of partitions must be larger than 0.',
    ],
    [
      'an unknown configuration',
      { name: 'x', configs: [{ name: 'foo', value: '1' }] },
      'INVALID_CONFIG: Unknown topic config name: foo',
    ],
    [
      'a wrong value',
      { name: 'x', configs: [{ name: 'retention.ms', value: 'y' }] },
      'INVALID_CONFIG: Invalid value y for configuration retention.ms: Not a number of type LONG',
    ],
    [
      'no value',
      { name: 'x', configs: [{ name: 'retention.ms', value: null }] },
      'INVALID_CONFIG: Null value not supported for topic configs: retention.ms',
    ],
    [
      'an assignment and a number of partitions',
      { name: 'x', assignments: manual([1]) },
      'INVALID_REQUEST: Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the same time.',
    ],
    [
      'an uneven assignment',
      { name: 'x', numPartitions: -1, replicationFactor: -1, assignments: manual([1], [1, 2]) },
      'INVALID_REPLICA_ASSIGNMENT: All partitions should have the same number of replicas',
    ],
    [
      'a replica twice',
      { name: 'x', numPartitions: -1, replicationFactor: -1, assignments: manual([1, 1]) },
      'INVALID_REPLICA_ASSIGNMENT: Duplicate replica assignment found: HashMap(0 -> ArrayBuffer(1, 1))',
    ],
    [
      'a gap between partitions',
      { name: 'x', numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 1, brokerIds: [1] }] },
      'INVALID_REPLICA_ASSIGNMENT: partitions should be a consecutive 0-based integer sequence',
    ],
    [
      'the topic of KRaft',
      { name: '__cluster_metadata' },
      'INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited.',
    ],
  ])('%s is refused', async (_, topic, expected) => {
    expect(await create(topic)).toBe(expected);
    expect(zookeeper.dump()[`/brokers/topics/${topic.name}`]).toBeUndefined();
  });

  test('names that collide, exist, or are about to be deleted are refused', async () => {
    await create({ name: 'a.b' });
    expect(await create({ name: 'a_b' })).toBe(
      "INVALID_TOPIC_EXCEPTION: Topic 'a_b' collides with existing topics: a.b",
    );
    expect(await create({ name: 'a.b' })).toBe("TOPIC_ALREADY_EXISTS: Topic 'a.b' already exists.");
    await client.session.create('/admin/delete_topics/gone', null);
    expect(await create({ name: 'gone' })).toBe("TOPIC_ALREADY_EXISTS: Topic 'gone' is marked for deletion.");
  });

  test('a name that is asked for twice is refused both times', async () => {
    const response = await admin.createTopics(request([{ name: 'x' }, { name: 'x' }]));
    expect(response.topics).toHaveLength(2);
    expect(response.topics?.[0]).toMatchObject({ errorMessage: 'Found multiple entries for this topic.' });
  });

  test('another broker than the controller refuses', async () => {
    controller.isActive = false;
    expect(await create({ name: 'x' })).toBe('NOT_CONTROLLER: ');
  });
});

describe('creating a topic that a client asked for', () => {
  test('gives it the defaults, and LEADER_NOT_AVAILABLE for now', async () => {
    expect((await auto.create('asked')).name).toBe('LEADER_NOT_AVAILABLE');
    expect((await auto.create('asked')).name).toBe('LEADER_NOT_AVAILABLE');
    const { partitions } = JSON.parse(zookeeper.dump()['/brokers/topics/asked'] as string) as { partitions: object };
    expect(Object.keys(partitions)).toEqual(['0', '1']);
  });

  test('gives internal topics what they need', async () => {
    await auto.create('__consumer_offsets');
    const { config } = JSON.parse(zookeeper.dump()['/config/topics/__consumer_offsets'] as string) as {
      config: object;
    };
    expect(config).toEqual({
      'cleanup.policy': 'compact',
      'compression.type': 'producer',
      'segment.bytes': '104857600',
    });
    const { partitions } = JSON.parse(zookeeper.dump()['/brokers/topics/__consumer_offsets'] as string) as {
      partitions: Record<string, number[]>;
    };
    expect(Object.values(partitions).map((replicas) => replicas.length)).toEqual([3, 3, 3, 3]);
  });

  test('says why it cannot be', async () => {
    learn([1, 2]);
    expect((await auto.create('__consumer_offsets')).name).toBe('INVALID_REPLICATION_FACTOR');
    expect((await auto.create('a b')).name).toBe('INVALID_TOPIC_EXCEPTION');
  });
});

describe('adding partitions', () => {
  const grow = async (count: number, lists: number[][] | null = null, name = 'orders'): Promise<string> => {
    const assignments = lists?.map((brokerIds) => ({ brokerIds })) ?? null;
    const response = await admin.createPartitions({
      topics: [{ name, count, assignments }],
      timeoutMs: 0,
      validateOnly: false,
    });
    const [result] = response.results ?? [];
    return `${errorForCode(result?.errorCode ?? -1).name}: ${result?.errorMessage ?? ''}`;
  };

  beforeEach(async () => {
    for (const id of [1, 2, 3]) {
      const endpoints = [{ listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'h', port: id }];
      const data = znodes.encodeBrokerRegistration({
        brokerId: id,
        endpoints,
        rack: null,
        jmxPort: -1,
        timestampMs: 0,
        features: {},
      });
      await client.session.create(znodes.brokerPath(id), data, 'ephemeral');
    }
    await create({ name: 'orders', numPartitions: -1, replicationFactor: -1, assignments: manual([2, 3]) });
  });

  test('goes on where the first partition began, and keeps the topic’s id', async () => {
    const before = znodes.decodeTopicAssignment(
      'orders',
      (await client.session.getData('/brokers/topics/orders')).data,
    );
    await grow(3);
    const after = znodes.decodeTopicAssignment('orders', (await client.session.getData('/brokers/topics/orders')).data);
    expect(after.topicId).toBe(before.topicId);
    expect([...after.partitions.values()].map(({ replicas }) => replicas)).toEqual([
      [2, 3],
      [3, 2],
      [1, 3],
    ]);
  });

  test.each<[string, number, number[][] | null, string]>([
    [
      'fewer partitions',
      0,
      null,
      'INVALID_PARTITIONS: Topic currently has 1 partitions, which is higher than the requested 0.',
    ],
    ['as many partitions', 1, null, 'INVALID_PARTITIONS: Topic already has 1 partitions.'],
    ['unknown brokers', 2, [[1, 9]], 'INVALID_REPLICA_ASSIGNMENT: Unknown broker(s) in replica assignment: 9.'],
    [
      'too few lists',
      3,
      [[1, 2]],
      'INVALID_REPLICA_ASSIGNMENT: Increasing the number of partitions by 2 but 1 assignments provided.',
    ],
    [
      'another number of replicas',
      2,
      [[1]],
      'INVALID_REPLICA_ASSIGNMENT: Inconsistent replication factor between partitions, partition 0 has 2 while partitions [1] have replication factors [1], respectively.',
    ],
  ])('%s are refused', async (_, count, lists, expected) => {
    expect(await grow(count, lists)).toBe(expected);
  });

  test('a topic that does not exist is refused', async () => {
    expect(await grow(2, null, 'nothing')).toBe("UNKNOWN_TOPIC_OR_PARTITION: The topic 'nothing' does not exist.");
  });

  test('nothing is added while a reassignment runs', async () => {
    const { data } = await client.session.getData('/brokers/topics/orders');
    const assignment = znodes.decodeTopicAssignment('orders', data);
    assignment.partitions.set(0, { replicas: [1, 2, 3], addingReplicas: [1], removingReplicas: [3] });
    await client.session.setData('/brokers/topics/orders', znodes.encodeTopicAssignment(assignment), -1);
    expect(await grow(2)).toBe(
      "REASSIGNMENT_IN_PROGRESS: A partition reassignment is in progress for the topic 'orders'.",
    );
  });
});

describe('deleting topics', () => {
  test('asks the controller, and waits until this broker has forgotten them', async () => {
    await create({ name: 'orders' });
    learn([1], { orders: 1 });
    const waiting = admin.deleteTopics(
      { topics: [{ name: 'orders', topicId: ZERO_UUID }], topicNames: [], timeoutMs: 500 },
      6,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(zookeeper.dump()['/admin/delete_topics/orders']).toBeNull();
    learn([1], { orders: 1 }, -2);
    expect((await waiting).responses).toEqual([{ name: 'orders', topicId: ZERO_UUID, errorCode: 0 }]);
  });

  test('by an id finds the name', async () => {
    await create({ name: 'orders' });
    learn([1], { orders: 1 });
    controller.topicName = () => 'orders';
    const response = await admin.deleteTopics(
      { topics: [{ name: null, topicId: 'JL1ISlCZQx2Pq0bkGU_0Mg' }], topicNames: [], timeoutMs: 0 },
      6,
    );
    expect(response.responses?.[0]).toMatchObject({ name: 'orders', errorCode: Errors.REQUEST_TIMED_OUT.code });
  });

  test('that do not exist says so', async () => {
    const topics = [
      { name: 'nothing', topicId: ZERO_UUID },
      { name: null, topicId: 'JL1ISlCZQx2Pq0bkGU_0Mg' },
    ];
    const response = await admin.deleteTopics({ topics, topicNames: [], timeoutMs: 500 }, 6);
    expect(response.responses?.map(({ errorCode }) => errorForCode(errorCode ?? -1).name)).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_ID',
    ]);
  });
});
