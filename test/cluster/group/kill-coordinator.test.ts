/** Offsets that were acknowledged survive the killing of their coordinator, round after round. */
import { Connection } from '../../../client/connection';
import { startCluster, type Cluster } from '../../../embedded';
import { createTopics, findCoordinator, metadata, offsetCommit, offsetFetch } from '../../../protocol/apis';
import { systemClock } from '../../../runtime/clock';
import { eventually } from '../../support/eventually';

const ROUNDS = 3;
const GROUPS = ['one', 'two', 'three', 'four', 'five', 'six'];
const PATIENCE_MS = 60_000;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ brokers: 3, processes: true, settings: { 'zookeeper.session.timeout.ms': 4000 } });
}, 120_000);

afterAll(() => cluster?.close(), 60_000);

function open(brokerId: number): Promise<Connection> {
  const broker = cluster.brokers[brokerId];
  if (!broker?.running) throw new Error(`broker ${brokerId} does not run`);
  const limits = { connectTimeoutMs: 2000, requestTimeoutMs: 5000 };
  return Connection.open({ host: broker.host, port: broker.port, clientId: 'test', clock: systemClock, ...limits });
}

async function onAnyBroker<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
  const alive = cluster.brokers.find(({ running }) => running);
  const connection = await open(alive?.id ?? -1);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

async function coordinatorOf(groupId: string): Promise<number> {
  const { errorCode, nodeId } = await onAnyBroker((connection) =>
    connection.send(findCoordinator, 2, { key: groupId }),
  );
  if (errorCode !== 0) throw new Error(`error ${errorCode}`);
  return nodeId;
}

async function onCoordinator<T>(groupId: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await open(await coordinatorOf(groupId));
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** Commits ever higher offsets until it is stopped; holds the last one that was acknowledged. */
class Committer {
  acknowledged = -1;
  private next = 0;
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(readonly groupId: string) {
    this.running = this.run();
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await onCoordinator(this.groupId, (connection) => this.commitWhileItWorks(connection)).catch(() => undefined);
    }
  }

  private async commitWhileItWorks(connection: Connection): Promise<void> {
    while (!this.stopped) {
      const committedOffset = this.next++;
      const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }];
      const { topics } = await connection.send(offsetCommit, 8, {
        groupId: this.groupId,
        topics: [{ name: 'orders', partitions }],
      });
      if (topics[0]?.partitions[0]?.errorCode !== 0) return;
      this.acknowledged = committedOffset;
    }
  }
}

async function fetched(groupId: string): Promise<number> {
  const asked = [{ name: 'orders', partitionIndexes: [0] }];
  const answer = await onCoordinator(groupId, (connection) =>
    connection.send(offsetFetch, 7, { groupId, topics: asked, requireStable: true }),
  );
  const partition = answer.topics[0]?.partitions[0];
  if (answer.errorCode !== 0 || partition?.errorCode !== 0) throw new Error(`error ${answer.errorCode}`);
  return partition.committedOffset;
}

test('no acknowledged offset is lost when coordinators are killed', async () => {
  const topic = { name: 'orders', numPartitions: 1, replicationFactor: 3 };
  await eventually('the topic is there', async () => {
    const { controllerId } = await onAnyBroker((connection) => connection.send(metadata, 5, { topics: [] }));
    const controller = await open(controllerId);
    const { topics } = await controller.send(createTopics, 5, { topics: [topic], timeoutMs: 5000 });
    controller.close();
    return [0, 36].includes(topics[0]?.errorCode ?? -1);
  });
  const committers = GROUPS.map((groupId) => new Committer(groupId));
  for (let round = 0; round < ROUNDS; round++) {
    const before = committers.map(({ acknowledged }) => acknowledged);
    await eventually(
      'all commit',
      () => committers.every(({ acknowledged }, index) => acknowledged > (before[index] ?? 0) + 50),
      PATIENCE_MS,
    );
    const victim = await eventually('a coordinator', async () => `${await coordinatorOf(GROUPS[round] as string)}`);
    await cluster.kill(Number(victim));
    const atKill = committers.map(({ acknowledged }) => acknowledged);
    await eventually(
      'all commit again',
      () => committers.every(({ acknowledged }, index) => acknowledged > (atKill[index] ?? 0) + 20),
      PATIENCE_MS,
    );
    await cluster.start(Number(victim));
  }
  for (const committer of committers) await committer.stop();
  for (const { groupId, acknowledged } of committers) {
    const offset = await eventually(`the offset of ${groupId}`, () => fetched(groupId), PATIENCE_MS);
    expect(offset).toBeGreaterThanOrEqual(acknowledged);
  }
}, 300_000);
