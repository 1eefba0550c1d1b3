/**
 * The tree under ZooKeeper after each step of a cluster's life, compared with that of Apache Kafka after the same step:
 * every node, its payload, and how often it was written.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../client/connection';
import type { Api, Fields, InputOf, MessageOf } from '../../protocol';
import * as apis from '../../protocol/apis';
import { systemClock } from '../../runtime/clock';
import type { ZooKeeperClient } from '../../zookeeper';
import { startApacheKafka } from '../support/apache-kafka';
import { eventually } from '../support/eventually';
import { connectForTest, startZooKeeper, type TestZooKeeper } from '../support/zookeeper';
import { differences, dumpTree } from '../support/znode-tree';
import { startGregor } from '../support/gregor-broker';

jest.setTimeout(240_000);

interface Broker {
  readonly port: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const SETTINGS = {
  'zookeeper.session.timeout.ms': 2000,
  'offsets.topic.num.partitions': 3,
  'auto.leader.rebalance.enable': false,
  'controlled.shutdown.retry.backoff.ms': 500,
  'num.partitions': 2,
};

/** One of the two clusters: how its brokers start, and what is sent to them. */
class Cluster {
  readonly brokers = new Map<number, Broker>();
  private readonly directories = new Map<number, string>();

  constructor(
    readonly root: string,
    private readonly zookeeper: TestZooKeeper,
    private readonly launch: typeof startApacheKafka,
  ) {}

  async start(brokerId: number): Promise<void> {
    let directory = this.directories.get(brokerId);
    if (directory === undefined) {
      directory = await mkdtemp(join(tmpdir(), 'gregor-znodes-'));
      this.directories.set(brokerId, directory);
    }
    const zookeeper = `${this.zookeeper.connectString}${this.root}`;
    this.brokers.set(brokerId, await this.launch({ zookeeper, brokerId, directory, settings: SETTINGS }));
  }

  async send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    body: InputOf<MessageOf<Q>>,
    brokerId = 0,
  ): Promise<MessageOf<S>> {
    const port = this.brokers.get(brokerId)?.port as number;
    const times = { connectTimeoutMs: 10_000, requestTimeoutMs: 60_000 };
    const connection = await Connection.open({
      host: '127.0.0.1',
      port,
      clientId: 'znodes',
      clock: systemClock,
      ...times,
    });
    try {
      return await connection.send(api, version, body);
    } finally {
      connection.close();
    }
  }

  async close(): Promise<void> {
    for (const broker of this.brokers.values()) await broker.kill();
    for (const directory of this.directories.values()) await rm(directory, { recursive: true, force: true });
  }
}

let zookeeper: TestZooKeeper;
let client: ZooKeeperClient;
let kafka: Cluster;
let gregor: Cluster;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  client = await connectForTest(zookeeper.connectString);
  kafka = new Cluster('/kafka', zookeeper, startApacheKafka);
  gregor = new Cluster('/gregor-cluster', zookeeper, startGregor);
});

afterAll(async () => {
  await Promise.allSettled([kafka?.close(), gregor?.close()]);
  await client?.close();
  await zookeeper?.stop();
});

/** Does the same to both clusters, and waits until their trees are equal. */
async function both(step: (cluster: Cluster) => Promise<unknown>): Promise<void> {
  await Promise.all([step(kafka), step(gregor)]);
  let lines: string[] = [];
  await eventually(
    'equality of the trees',
    async () => {
      lines = differences(await dumpTree(client, kafka.root), await dumpTree(client, gregor.root));
      if (lines.length > 0) throw new Error(`\n${lines.join('\n')}`);
      return true;
    },
    20_000,
  );
}

const assigned = (...lists: number[][]): { partitionIndex: number; brokerIds: number[] }[] =>
  lists.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));

const topic = (name: string, lists: number[][], configs: { name: string; value: string }[] = []) => ({
  topics: [{ name, numPartitions: -1, replicationFactor: -1, assignments: assigned(...lists), configs }],
  timeoutMs: 30_000,
});

/** Waits until all replicas of a topic are in sync, by what its state nodes say. */
async function wholeIsr(cluster: Cluster, name: string, partitions: number, size: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const path = `${cluster.root}/brokers/topics/${name}/partitions/${partition}/state`;
    await eventually(
      `whole ISR of ${path}`,
      async () => {
        const { data } = await client.session.getData(path);
        return (JSON.parse(String(data)) as { isr: number[] }).isr.length === size;
      },
      30_000,
    );
  }
}

async function gone(path: string): Promise<void> {
  await eventually(`removal of ${path}`, async () => !(await client.session.exists(path)), 30_000);
}

test('a first broker starts', () => both((cluster) => cluster.start(0)));

test('a topic is created with a configuration of its own', () =>
  both((cluster) =>
    cluster.send(apis.createTopics, 7, topic('orders', [[0], [0], [0]], [{ name: 'retention.ms', value: '60000' }])),
  ));

test('a topic is created without a word about partitions', () =>
  both((cluster) =>
    cluster.send(apis.createTopics, 7, {
      topics: [{ name: 'plain', numPartitions: -1, replicationFactor: -1 }],
      timeoutMs: 30_000,
    }),
  ));

test('a topic comes into being because a client asks for it', () =>
  both(async (cluster) => {
    const ask = (): Promise<apis.MetadataResponse> =>
      cluster.send(apis.metadata, 12, { topics: [{ name: 'asked-for' }], allowAutoTopicCreation: true });
    await eventually('creation of asked-for', async () => (await ask()).topics[0]?.errorCode === 0);
  }));

test('a group commits offsets', () =>
  both(async (cluster) => {
    await eventually('a coordinator', async () => {
      const found = await cluster.send(apis.findCoordinator, 4, { coordinatorKeys: ['readers'], keyType: 0 });
      return found.coordinators[0]?.errorCode === 0;
    });
    await eventually('a commit', async () => {
      const answer = await cluster.send(apis.offsetCommit, 8, {
        groupId: 'readers',
        generationIdOrMemberEpoch: -1,
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }],
      });
      return answer.topics[0]?.partitions[0]?.errorCode === 0;
    });
  }));

test('an idempotent producer gets its id', () =>
  both((cluster) =>
    eventually('a producer id', async () => {
      const answer = await cluster.send(apis.initProducerId, 4, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      });
      return answer.errorCode === 0;
    }),
  ));

test('configurations of topics and brokers are altered', () =>
  both(async (cluster) => {
    const alter = async (resourceType: number, resourceName: string, name: string, value: string): Promise<void> => {
      const configs = [{ name, configOperation: 0, value }];
      const answer = await cluster.send(apis.incrementalAlterConfigs, 1, {
        resources: [{ resourceType, resourceName, configs }],
      });
      expect(answer.responses[0]?.errorCode).toBe(0);
    };
    await alter(2, 'orders', 'cleanup.policy', 'compact');
    await alter(4, '0', 'log.cleaner.threads', '2');
    await alter(4, '', 'log.retention.ms', '7000000');
  }));

test('a configuration is replaced as a whole', () =>
  both(async (cluster) => {
    const answer = await cluster.send(apis.alterConfigs, 2, {
      resources: [{ resourceType: 2, resourceName: 'orders', configs: [{ name: 'segment.bytes', value: '1048576' }] }],
    });
    expect(answer.responses[0]?.errorCode).toBe(0);
  }));

test('a second broker joins', () => both((cluster) => cluster.start(1)));

test('a replicated topic is created', () =>
  both(async (cluster) => {
    await cluster.send(
      apis.createTopics,
      7,
      topic('replicated', [
        [0, 1],
        [1, 0],
      ]),
    );
    await wholeIsr(cluster, 'replicated', 2, 2);
  }));

test('partitions are added', () =>
  both(async (cluster) => {
    const answer = await cluster.send(apis.createPartitions, 3, {
      topics: [{ name: 'plain', count: 4, assignments: [{ brokerIds: [1] }, { brokerIds: [0] }] }],
      timeoutMs: 30_000,
    });
    expect(answer.results[0]?.errorCode).toBe(0);
  }));

test('a partition is reassigned', () =>
  both(async (cluster) => {
    await cluster.send(apis.alterPartitionReassignments, 0, {
      topics: [
        {
          name: 'orders',
          partitions: [
            { partitionIndex: 0, replicas: [1, 0] },
            { partitionIndex: 1, replicas: [1] },
          ],
        },
      ],
    });
    await eventually(
      'the end of the reassignment',
      async () => {
        const running = await cluster.send(apis.listPartitionReassignments, 0, { topics: null });
        return running.topics.length === 0;
      },
      60_000,
    );
  }));

test('preferred leaders are elected', () =>
  both(async (cluster) => {
    await cluster.send(apis.electLeaders, 2, { electionType: 0, topicPartitions: null, timeoutMs: 30_000 });
  }));

test('a topic is deleted', () =>
  both(async (cluster) => {
    const answer = await cluster.send(apis.deleteTopics, 6, { topics: [{ name: 'plain' }], timeoutMs: 30_000 });
    expect(answer.responses[0]?.errorCode).toBe(0);
  }));

test('a broker stops cleanly and comes back', async () => {
  await both((cluster) => (cluster.brokers.get(1) as Broker).stop());
  await both(async (cluster) => {
    await cluster.start(1);
    await wholeIsr(cluster, 'replicated', 2, 2);
  });
});

test('a broker is killed, and its session times out', () =>
  both(async (cluster) => {
    await (cluster.brokers.get(1) as Broker).kill();
    await gone(`${cluster.root}/brokers/ids/1`);
  }));

test('the killed broker comes back', () =>
  both(async (cluster) => {
    await cluster.start(1);
    await wholeIsr(cluster, 'replicated', 2, 2);
  }));

test('an old tool asks for preferred leaders', () =>
  both(async (cluster) => {
    const path = `${cluster.root}/admin/preferred_replica_election`;
    const partitions = [{ topic: 'replicated', partition: 1 }];
    await client.session.create(path, Buffer.from(JSON.stringify({ version: 1, partitions })));
    await gone(path);
  }));

test('an old tool asks for a reassignment', () =>
  both(async (cluster) => {
    const path = `${cluster.root}/admin/reassign_partitions`;
    const partitions = [{ topic: 'replicated', partition: 0, replicas: [1] }];
    await client.session.create(path, Buffer.from(JSON.stringify({ version: 1, partitions })));
    await gone(path);
  }));

test('a topic is deleted while a broker that has it is away', async () => {
  await both(async (cluster) => {
    await (cluster.brokers.get(1) as Broker).kill();
    await gone(`${cluster.root}/brokers/ids/1`);
  });
  await both((cluster) => cluster.send(apis.deleteTopics, 6, { topics: [{ name: 'replicated' }], timeoutMs: 500 }));
  await both(async (cluster) => {
    await cluster.start(1);
    await gone(`${cluster.root}/brokers/topics/replicated`);
  });
});

test('the first broker stops and the other one controls', () =>
  both(async (cluster) => {
    await (cluster.brokers.get(0) as Broker).stop();
    await eventually('broker 1 as the controller', async () => {
      const { data } = await client.session.getData(`${cluster.root}/controller`);
      return (JSON.parse(String(data)) as { brokerid: number }).brokerid === 1;
    });
  }));
