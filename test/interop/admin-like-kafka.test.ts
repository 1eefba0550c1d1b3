/** The same requests about topics, configurations and the cluster to Apache Kafka and to this broker get the same answers. */
import { Connection } from '../../client/connection';
import { ZERO_UUID, type Api, type Fields, type InputOf, type MessageOf } from '../../protocol';
import * as apis from '../../protocol/apis';
import { systemClock } from '../../runtime/clock';
import { startApacheKafka } from '../support/apache-kafka';
import type { BrokerProcess } from '../support/broker-process';
import { eventually, eventuallyPasses } from '../support/eventually';
import { startGregor } from '../support/gregor-broker';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

jest.setTimeout(120_000);

const settings = { 'num.partitions': 2, 'log.retention.hours': 100, 'auto.leader.rebalance.enable': false };

let zookeeper: TestZooKeeper;
let brokers: { kafka: BrokerProcess; gregor: BrokerProcess };
let connections: { kafka: Connection; gregor: Connection };

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  const [kafka, gregor] = await Promise.all([
    startApacheKafka({ zookeeper: `${zookeeper.connectString}/kafka`, settings }),
    startGregor({ zookeeper: `${zookeeper.connectString}/ours`, settings }),
  ]);
  brokers = { kafka, gregor };
  connections = { kafka: await open(kafka.port), gregor: await open(gregor.port) };
  for (const connection of Object.values(connections)) {
    await eventually(
      'a controller',
      async () => {
        const { controllerId } = await connection.send(apis.metadata, 12, { topics: [] });
        return controllerId === 0;
      },
      30_000,
    );
  }
});

afterAll(async () => {
  for (const connection of Object.values(connections ?? {})) connection.close();
  await Promise.all([brokers?.kafka.stop(), brokers?.gregor.stop()]);
  await zookeeper?.stop();
});

function open(port: number): Promise<Connection> {
  return Connection.open({
    host: '127.0.0.1',
    port,
    clientId: 'admin',
    connectTimeoutMs: 10_000,
    requestTimeoutMs: 60_000,
    clock: systemClock,
  });
}

type Body<Q extends Fields> = InputOf<MessageOf<Q>>;

/** Sends a request to both and compares what they answer. @param toBody for what differs between the two, as topic ids do */
async function expectSame<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  toBody: Body<Q> | ((broker: 'kafka' | 'gregor') => Promise<Body<Q>>),
): Promise<MessageOf<S>> {
  const answer = async (broker: 'kafka' | 'gregor'): Promise<MessageOf<S>> => {
    const body = typeof toBody === 'function' ? await toBody(broker) : toBody;
    return connections[broker].send(api, version, body as Body<Q>);
  };
  const [theirs, ours] = await Promise.all([answer('kafka'), answer('gregor')]);
  expect(normalized(ours)).toEqual(normalized(theirs));
  return ours;
}

/** Configurations whose values belong to one broker. */
const OWN =
  /^(advertised\.listeners|listeners|log\.dirs?|zookeeper\.connect|broker\.id|broker\.id\.generation\.enable)$/;

/** Without what may differ: ids, ports, the order of lists that have none, the words of documentation. */
function normalized(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => normalized(item));
    return items.sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
  }
  if (value !== null && typeof value === 'object') {
    const object = value as Record<string, unknown>;
    const own = typeof object['name'] === 'string' && OWN.test(object['name']);
    return Object.fromEntries(
      Object.entries(object).map(([name, item]) => [name, own && name === 'value' ? '<own>' : normalized(item, name)]),
    );
  }
  if (key === 'topicId' && value !== ZERO_UUID) return '<topic id>';
  if (key === 'clusterId' || key === 'port') return `<${key}>`;
  if (key === 'documentation' && value !== null) return '<documentation>';
  return value;
}

/** What an entry of a list without an order is about. */
function nameOf(item: unknown): string {
  const { name, topic } = (item ?? {}) as { name?: string; topic?: string };
  return name ?? topic ?? '';
}

const topic = (name: string, extra: object = {}) => ({ name, numPartitions: 1, replicationFactor: 1, ...extra });
const versionsOf = (api: Api, least = 0): number[] => {
  const { min, max } = api.request.versions as unknown as { min: number; max: number };
  return Array.from({ length: max - min + 1 }, (_, index) => min + index).filter((version) => version >= least);
};

describe('CreateTopics', () => {
  test.each(versionsOf(apis.createTopics))('version %i creates a topic', (version) =>
    expectSame(apis.createTopics, version, {
      topics: [topic(`created-${version}`, { configs: [{ name: 'retention.ms', value: '60000' }] })],
      timeoutMs: 20_000,
    }),
  );

  test.each([
    ['a wrong name', topic('a b')],
    ['no name', topic('')],
    ['a dot for a name', topic('.')],
    ['a name too long', topic('x'.repeat(250))],
    ['the name of a topic that exists', topic('created-7')],
    ['a name that collides', topic('created_7')],
    ['too many replicas', topic('x', { replicationFactor: 2 })],
    ['no replicas', topic('x', { replicationFactor: 0 })],
    ['no partitions', topic('x', { numPartitions: 0 })],
    ['defaults', topic('with-defaults', { numPartitions: -1, replicationFactor: -1 })],
    ['an unknown configuration', topic('x', { configs: [{ name: 'foo', value: '1' }] })],
    ['a configuration of the wrong type', topic('x', { configs: [{ name: 'retention.ms', value: 'soon' }] })],
    ['a configuration out of range', topic('x', { configs: [{ name: 'segment.bytes', value: '1' }] })],
    ['a configuration with a wrong word', topic('x', { configs: [{ name: 'cleanup.policy', value: 'burn' }] })],
    ['a configuration without a value', topic('x', { configs: [{ name: 'retention.ms', value: null }] })],
    [
      'two that contradict each other',
      topic('x', {
        configs: [
          { name: 'min.compaction.lag.ms', value: '9' },
          { name: 'max.compaction.lag.ms', value: '3' },
        ],
      }),
    ],
    [
      'an assignment',
      topic('by-hand', {
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds: [0] }],
      }),
    ],
    ['an assignment and a number', topic('x', { assignments: [{ partitionIndex: 0, brokerIds: [0] }] })],
    [
      'a broker twice',
      topic('x', { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [0, 0] }] }),
    ],
    [
      'a gap',
      topic('x', { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 1, brokerIds: [0] }] }),
    ],
    [
      'an uneven assignment',
      topic('x', {
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [
          { partitionIndex: 0, brokerIds: [0] },
          { partitionIndex: 1, brokerIds: [0, 1] },
        ],
      }),
    ],
    ['the topic of KRaft', topic('__cluster_metadata')],
  ])('%s', (_, wish) => expectSame(apis.createTopics, 7, { topics: [wish], timeoutMs: 20_000 }));

  test('several at once, one of them twice', () =>
    expectSame(apis.createTopics, 7, {
      topics: [topic('one'), topic('two'), topic('two'), topic('a b')],
      timeoutMs: 20_000,
    }));

  test('validation only', () =>
    expectSame(apis.createTopics, 7, { topics: [topic('nothing')], timeoutMs: 20_000, validateOnly: true }));

  test('no time to wait', () => expectSame(apis.createTopics, 7, { topics: [topic('hasty')], timeoutMs: 0 }));
});

describe('CreatePartitions', () => {
  test.each(versionsOf(apis.createPartitions))('version %i adds partitions', (version) =>
    expectSame(apis.createPartitions, version, {
      topics: [{ name: 'one', count: 2 + version, assignments: null }],
      timeoutMs: 20_000,
    }),
  );

  test.each([
    ['as many as there are', { name: 'one', count: 5, assignments: null }],
    ['fewer', { name: 'one', count: 1, assignments: null }],
    ['an unknown topic', { name: 'unknown', count: 3, assignments: null }],
    ['an assignment', { name: 'two', count: 2, assignments: [{ brokerIds: [0] }] }],
    ['an unknown broker', { name: 'one', count: 6, assignments: [{ brokerIds: [7] }] }],
    ['too many lists', { name: 'one', count: 6, assignments: [{ brokerIds: [0] }, { brokerIds: [0] }] }],
    ['an empty list', { name: 'one', count: 6, assignments: [{ brokerIds: [] }] }],
    ['a broker twice', { name: 'one', count: 6, assignments: [{ brokerIds: [0, 0] }] }],
  ])('%s', (_, wish) => expectSame(apis.createPartitions, 3, { topics: [wish], timeoutMs: 20_000 }));

  test('a topic named twice', () => {
    const twice = { name: 'one', count: 9, assignments: null };
    return expectSame(apis.createPartitions, 3, { topics: [twice, twice], timeoutMs: 20_000 });
  });

  test('validation only', () =>
    expectSame(apis.createPartitions, 3, {
      topics: [{ name: 'one', count: 9, assignments: null }],
      timeoutMs: 20_000,
      validateOnly: true,
    }));
});

const TOPIC = 2;
const BROKER = 4;
const set = (name: string, value: string | null, configOperation = 0): object => ({ name, value, configOperation });
const [, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

describe('IncrementalAlterConfigs', () => {
  test.each<[string, number, string, object[]]>([
    ['a topic', TOPIC, 'one', [set('retention.ms', '1000'), set('cleanup.policy', 'compact', APPEND)]],
    ['a list of a topic, less', TOPIC, 'one', [set('cleanup.policy', 'delete', SUBTRACT)]],
    ['a topic, back to its default', TOPIC, 'one', [set('retention.ms', null, DELETE)]],
    ['an unknown topic', TOPIC, 'unknown', [set('retention.ms', '1')]],
    ['no topic', TOPIC, '', [set('retention.ms', '1')]],
    ['an unknown key', TOPIC, 'one', [set('foo', '1')]],
    ['a value of the wrong type', TOPIC, 'one', [set('retention.ms', 'x')]],
    ['a value out of range', TOPIC, 'one', [set('min.insync.replicas', '0')]],
    ['a key twice', TOPIC, 'one', [set('retention.ms', '1'), set('retention.ms', '2')]],
    ['no value', TOPIC, 'one', [set('retention.ms', null)]],
    ['more of what is no list', TOPIC, 'one', [set('retention.ms', '1', APPEND)]],
    ['this broker', BROKER, '0', [set('log.cleaner.threads', '2')]],
    ['all brokers', BROKER, '', [set('log.retention.ms', '86400000')]],
    ['another broker', BROKER, '7', [set('log.cleaner.threads', '2')]],
    ['no number for a broker', BROKER, 'x', [set('log.cleaner.threads', '2')]],
    ['a key that only a restart can change', BROKER, '0', [set('broker.rack', 'r')]],
    ['a broker’s value out of range', BROKER, '0', [set('num.io.threads', '0')]],
    ['more threads than twice as many', BROKER, '0', [set('num.io.threads', '17')]],
    ['fewer threads than half as many', BROKER, '0', [set('num.io.threads', '3')]],
    ['twice as many threads', BROKER, '0', [set('background.threads', '20')]],
    ['many more network threads', BROKER, '', [set('num.network.threads', '7')]],
    ['many more fetchers', BROKER, '', [set('num.replica.fetchers', '3')]],
    ['many more threads that compact', BROKER, '', [set('log.cleaner.threads', '90')]],
    ['an unknown kind', 99, 'x', [set('a', 'b')]],
  ])('%s', (_, resourceType, resourceName, configs) =>
    expectSame(apis.incrementalAlterConfigs, 1, { resources: [{ resourceType, resourceName, configs }] }),
  );

  test('a resource twice', () => {
    const resource = { resourceType: TOPIC, resourceName: 'one', configs: [set('retention.ms', '5')] };
    return expectSame(apis.incrementalAlterConfigs, 1, { resources: [resource, resource] });
  });

  test('version 0, validation only', () =>
    expectSame(apis.incrementalAlterConfigs, 0, {
      resources: [{ resourceType: TOPIC, resourceName: 'one', configs: [set('retention.ms', '5')] }],
      validateOnly: true,
    }));
});

/** Waits until both brokers have taken over what was changed; each learns of a change by itself. @param values sorted */
async function takenOver(values: readonly string[]): Promise<void> {
  const names = ['log.cleaner.threads', 'log.retention.ms'];
  const resource = { resourceType: BROKER, resourceName: '0', configurationKeys: names };
  await Promise.all(
    Object.values(connections).map((connection) =>
      eventuallyPasses(async () => {
        const { results } = await connection.send(apis.describeConfigs, 4, { resources: [resource] });
        expect(results[0]?.configs.map(({ value }) => value).toSorted()).toEqual(values);
      }),
    ),
  );
}

describe('AlterConfigs', () => {
  // A number of threads may be doubled at most, of what it is by then.
  beforeAll(() => takenOver(['2', '86400000']));

  test.each<[string, number, string, object[]]>([
    ['a topic', TOPIC, 'two', [{ name: 'retention.ms', value: '7000' }]],
    ['a topic, with nothing', TOPIC, 'two', []],
    ['an unknown topic', TOPIC, 'unknown', []],
    ['an unknown key', TOPIC, 'two', [{ name: 'foo', value: '1' }]],
    ['no value', TOPIC, 'two', [{ name: 'retention.ms', value: null }]],
    ['a wrong value', TOPIC, 'two', [{ name: 'retention.ms', value: 'x' }]],
    ['this broker', BROKER, '0', [{ name: 'log.cleaner.threads', value: '3' }]],
    ['another broker', BROKER, '8', [{ name: 'log.cleaner.threads', value: '3' }]],
    ['a logger', 8, '0', [{ name: 'root', value: 'DEBUG' }]],
  ])('%s', (_, resourceType, resourceName, configs) =>
    expectSame(apis.alterConfigs, 2, { resources: [{ resourceType, resourceName, configs }] }),
  );
});

describe('DescribeConfigs', () => {
  beforeAll(() => takenOver(['3', '86400000']));

  test.each(versionsOf(apis.describeConfigs))('version %i describes a topic', (version) =>
    expectSame(apis.describeConfigs, version, {
      resources: [{ resourceType: TOPIC, resourceName: 'one', configurationKeys: null }],
      ...(version >= 1 ? { includeSynonyms: true } : {}),
      ...(version >= 3 ? { includeDocumentation: true } : {}),
    }),
  );

  test.each<[string, number, string, string[] | null]>([
    ['some keys of a topic', TOPIC, 'one', ['retention.ms', 'cleanup.policy', 'foo']],
    ['an unknown topic', TOPIC, 'unknown', null],
    ['a wrong name', TOPIC, 'a b', null],
    ['what is set for all brokers', BROKER, '', null],
    ['another broker', BROKER, '7', null],
    ['no number for a broker', BROKER, 'x', null],
    ['the loggers of no broker', 8, '', null],
    ['the loggers of another broker', 8, '7', null],
  ])('%s', (_, resourceType, resourceName, configurationKeys) =>
    expectSame(apis.describeConfigs, 4, {
      resources: [{ resourceType, resourceName, configurationKeys }],
      includeSynonyms: true,
    }),
  );

  test('all keys of this broker', () =>
    expectSame(apis.describeConfigs, 4, {
      resources: [{ resourceType: BROKER, resourceName: '0', configurationKeys: null }],
      includeSynonyms: true,
    }));
});

describe('Metadata', () => {
  const random = 'JL1ISlCZQx2Pq0bkGU_0Mg';

  // These versions have a field for ids in the answer only; the request must leave it empty.
  test.each([10, 11])('version %i refuses to look for a topic by its id', (version) =>
    expectSame(apis.metadata, version, { topics: [{ name: null, topicId: random }, { name: 'one' }] }),
  );

  test.each([10, 11])('version %i refuses a topic without a name', (version) =>
    expectSame(apis.metadata, version, { topics: [{ name: null }] }),
  );

  test('version 12 refuses a topic with neither a name nor an id', () =>
    expectSame(apis.metadata, 12, { topics: [{ name: null }] }));
});

describe('ElectLeaders', () => {
  const partitions = [
    { topic: 'one', partitions: [0, 1] },
    { topic: 'unknown', partitions: [0] },
  ];

  test.each(versionsOf(apis.electLeaders))('version %i', (version) =>
    expectSame(apis.electLeaders, version, { topicPartitions: partitions, timeoutMs: 1000 }),
  );

  test('for all partitions', () => expectSame(apis.electLeaders, 2, { topicPartitions: null, timeoutMs: 1000 }));

  test('outside the ISR', () =>
    expectSame(apis.electLeaders, 2, { electionType: 1, topicPartitions: partitions, timeoutMs: 1000 }));
});

describe('AlterPartitionReassignments and ListPartitionReassignments', () => {
  test.each<[string, string, number, number[] | null]>([
    ['to where it is', 'one', 0, [0]],
    ['to nowhere', 'one', 0, []],
    ['to a broker twice', 'one', 0, [0, 0]],
    ['to a broker below zero', 'one', 0, [-1]],
    ['to an unknown broker', 'one', 0, [7]],
    ['back, though nothing moves', 'one', 0, null],
    ['of an unknown partition', 'one', 99, [0]],
    ['of an unknown topic', 'unknown', 0, [0]],
  ])('%s', (_, name, partitionIndex, replicas) =>
    expectSame(apis.alterPartitionReassignments, 0, {
      topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
      timeoutMs: 1000,
    }),
  );

  test('none is under way', () => expectSame(apis.listPartitionReassignments, 0, { topics: null, timeoutMs: 1000 }));
});

describe('the cluster', () => {
  test.each([0, 1])('DescribeCluster version %i', (version) =>
    expectSame(apis.describeCluster, version, { includeClusterAuthorizedOperations: true }),
  );

  test.each([2, 9])('DescribeCluster for endpoints of type %i', (endpointType) =>
    expectSame(apis.describeCluster, 1, { endpointType }),
  );

  test.each([
    ['a feature', { feature: 'x', maxVersionLevel: 2, upgradeType: 1 }],
    ['a feature taken away', { feature: 'x', maxVersionLevel: 0, upgradeType: 2 }],
    ['a feature at level 0', { feature: 'x', maxVersionLevel: 0, upgradeType: 1 }],
    ['no feature', { feature: '', maxVersionLevel: 1, upgradeType: 1 }],
    ['an unknown kind of update', { feature: 'x', maxVersionLevel: 1, upgradeType: 9 }],
  ])('UpdateFeatures with %s', (_, update) =>
    expectSame(apis.updateFeatures, 1, { featureUpdates: [update], timeoutMs: 1000 }),
  );

  test('ControlledShutdown of an unknown broker', () =>
    expectSame(apis.controlledShutdown, 3, { brokerId: 9, brokerEpoch: -1 }));

  test.each([
    [9, 0],
    [0, 1],
  ])('AllocateProducerIds for broker %i with epoch %i', (brokerId, brokerEpoch) =>
    expectSame(apis.allocateProducerIds, 0, { brokerId, brokerEpoch }),
  );

  test('AlterPartition by a broker of an earlier life', () =>
    expectSame(apis.alterPartition, 3, { brokerId: 0, brokerEpoch: 1, topics: [] }));
});

describe('DeleteTopics', () => {
  test.each(versionsOf(apis.deleteTopics))('version %i deletes a topic', (version) =>
    expectSame(apis.deleteTopics, version, {
      ...(version >= 6 ? { topics: [{ name: `created-${version}` }] } : { topicNames: [`created-${version}`] }),
      timeoutMs: 20_000,
    }),
  );

  test('by its id', () =>
    expectSame(apis.deleteTopics, 6, async (broker) => {
      const found = await connections[broker].send(apis.metadata, 12, { topics: [{ name: 'created-7' }] });
      return { topics: [{ name: null, topicId: found.topics[0]?.topicId }], timeoutMs: 20_000 };
    }));

  test('unknown ones', () =>
    expectSame(apis.deleteTopics, 6, {
      topics: [{ name: 'unknown' }, { name: null, topicId: 'JL1ISlCZQx2Pq0bkGU_0Mg' }],
      timeoutMs: 20_000,
    }));

  test('with a name and an id', () =>
    expectSame(apis.deleteTopics, 6, {
      topics: [{ name: 'one', topicId: 'JL1ISlCZQx2Pq0bkGU_0Mg' }],
      timeoutMs: 20_000,
    }));

  test('no time to wait', () => expectSame(apis.deleteTopics, 5, { topicNames: ['two'], timeoutMs: 0 }));
});
