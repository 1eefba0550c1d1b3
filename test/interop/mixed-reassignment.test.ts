/**
 * Partitions move from brokers of Apache Kafka to Gregor's and back while they are written to, by Kafka's own
 * kafka-reassign-partitions and by ours, with a controller of either kind: throttled, taken back, and carried through.
 */
import { existsSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaReassignPartitions } from '../../cli/kafka-reassign-partitions';
import { createTopics, describeConfigs, produce } from '../../protocol/apis';
import { buildBatch } from '../../protocol/records';
import { systemClock } from '../../runtime/clock';
import { eventuallyPasses } from '../support/eventually';
import { everyBrokerKnows, everyBrokerSays } from '../support/every-broker';
import { KafkaToolRunner } from '../support/kafka-tool-runner';
import { MixedCluster, type Kind } from '../support/mixed-cluster';
import { expectEachOnce, expectEqualReplicas, LOADED_PARTITIONS, readAll, writeWhile } from '../support/mixed-load';
import { runOurs } from '../support/run-command';

jest.setTimeout(180_000);

const GREGOR = [0, 1];
const KAFKA = [2, 3];
const WAIT_MS = 60_000;
/** What makes a move last: a topic of one partition that nobody writes to any more. */
const ballastOf = (topic: string): string => `${topic}-ballast`;
const BALLAST_RECORDS = 80;
const BALLAST_RECORD_BYTES = 500_000;
/** Bytes a second. */
const THROTTLE = 5_000_000;
/** What replica.fetch.max.bytes lets through at a time. */
const FETCH_BYTES = 1 << 20;
const NO_HINDRANCE = 1_000_000_000;
const BROKER_RESOURCE = 4;
const THROTTLES = ['leader.replication.throttled.rate', 'follower.replication.throttled.rate'];

let cluster: MixedCluster;
let tools: KafkaToolRunner;

type Tool = (...args: string[]) => Promise<string>;
type Plan = { file: string; replicas: (partition: number) => readonly number[] };

/** What the tool prints; Kafka's, too, tells of failures on standard output. */
const kafkasTool: Tool = async (...args) =>
  (await tools.run('kafka-reassign-partitions', ['--bootstrap-server', cluster.bootstrap, ...args])).stdout;
const ourTool: Tool = async (...args) =>
  (await runOurs(kafkaReassignPartitions, ['--bootstrap-server', cluster.bootstrap, ...args])).stdout;

async function withClient<T>(use: (client: ReturnType<MixedCluster['client']>) => Promise<T>): Promise<T> {
  const client = cluster.client();
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The topics that move: one under load, and the ballast. */
const partitionsOf = (topic: string): [string, number][] => [
  ...Array.from({ length: LOADED_PARTITIONS }, (_, partition): [string, number] => [topic, partition]),
  [ballastOf(topic), 0],
];

async function planOf(topic: string, name: string, replicas: Plan['replicas']): Promise<Plan> {
  const file = join(cluster.directory, `${topic}-${name}.json`);
  const partitions = partitionsOf(topic).map(([each, partition]) => ({
    topic: each,
    partition,
    replicas: replicas(partition),
  }));
  await writeFile(file, JSON.stringify({ version: 1, partitions }));
  return { file, replicas };
}

async function create(topic: string, partitions: number, brokerIds: readonly number[]): Promise<void> {
  const assignments = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, brokerIds }));
  const topics = [{ name: topic, numPartitions: -1, replicationFactor: -1, assignments }];
  const answer = await withClient((client) =>
    client.toController(createTopics, { topics, timeoutMs: WAIT_MS }, (each) => each.topics[0]?.errorCode ?? 0),
  );
  expect(answer.topics[0]).toMatchObject({ name: topic, errorCode: 0 });
  await everyBrokerKnows(cluster.bootstrap.split(','), topic, partitions);
}

async function fillBallast(ballast: string): Promise<void> {
  await withClient(async (client) => {
    const leader = await client.leaderOf({ topic: ballast, partition: 0 });
    for (let count = 0; count < BALLAST_RECORDS; count++) {
      const timestamp = BigInt(systemClock.nowMs());
      const records = buildBatch([{ timestamp, key: null, value: Buffer.alloc(BALLAST_RECORD_BYTES, count) }]);
      const topicData = [{ name: ballast, partitionData: [{ index: 0, records }] }];
      const answer = await client.toBroker(leader, produce, { acks: -1, timeoutMs: WAIT_MS, topicData });
      expect(answer.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0 });
    }
  });
}

/** How much of the ballast a broker has on its disk. */
async function ballastBytes(brokerId: number, topic: string): Promise<number> {
  const directory = join(cluster.logDirOf(brokerId), `${ballastOf(topic)}-0`);
  if (!existsSync(directory)) return 0;
  const logs = (await readdir(directory)).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Waits until each broker has the throttles, or none. */
async function expectThrottles(value: string | null): Promise<void> {
  await withClient(async (client) => {
    const check = async (brokerId: number): Promise<void> => {
      const resource = { resourceType: BROKER_RESOURCE, resourceName: String(brokerId), configurationKeys: THROTTLES };
      const { results } = await client.toBroker(brokerId, describeConfigs, { resources: [resource] });
      const values = results[0]?.configs.map((config) => config.value) ?? [];
      expect({ brokerId, values }).toEqual({ brokerId, values: value === null ? [] : [value, value] });
    };
    await Promise.all(cluster.ids.map((id) => eventuallyPasses(() => check(id), WAIT_MS)));
  });
}

/** While a second's worth is copied, that takes a second. */
async function expectHeldBack(follower: number, topic: string): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  const before = await ballastBytes(follower, topic);
  const copied = await eventuallyPasses(async () => {
    const bytes = (await ballastBytes(follower, topic)) - before;
    expect(bytes).toBeGreaterThan(THROTTLE);
    return bytes;
  }, WAIT_MS);
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
  expect(copied).toBeLessThan(THROTTLE * seconds + 2 * FETCH_BYTES);
}

/** Starts a move of the ballast that is held back, and sees that it is. */
async function startThrottled(tool: Tool, topic: string, plan: Plan): Promise<void> {
  const follower = plan.replicas(0)[0] as number;
  // What an earlier move had brought there is thrown away a moment after it was taken back.
  await eventuallyPasses(async () => expect(await ballastBytes(follower, topic)).toBe(0));
  const said = await tool('--execute', '--reassignment-json-file', plan.file, '--throttle', String(THROTTLE));
  expect(said).toContain(`Successfully started partition reassignments for ${topic}-0,`);
  await expectThrottles(String(THROTTLE));
  // The throttle reaches each broker a moment after it was set, perhaps when the copying has begun: so not at once.
  await eventuallyPasses(() => expectHeldBack(follower, topic), WAIT_MS);
  for (const each of [kafkasTool, ourTool])
    expect(await each('--verify', '--reassignment-json-file', plan.file)).toContain(
      `Reassignment of partition ${ballastOf(topic)}-0 is still in progress.`,
    );
}

/** Every broker knows that the topic's partitions are where they shall be, and nowhere else. */
function expectReplicas(topic: string, replicas: Plan['replicas']): Promise<void> {
  return everyBrokerSays(cluster.bootstrap.split(','), topic, (answer) => {
    const partitions = answer?.partitions.map((each) => [each.partitionIndex, each.replicaNodes]);
    expect(partitions).toEqual(partitions?.map(([partition]) => [partition, replicas(partition as number)]));
  });
}

/** Both tools say that all is done; after that, no throttle is left. */
async function expectCompleted(topic: string, plan: Plan): Promise<void> {
  for (const tool of [ourTool, kafkasTool])
    await eventuallyPasses(async () => {
      const said = await tool('--verify', '--reassignment-json-file', plan.file);
      const completed = partitionsOf(topic).map(([name, p]) => `Reassignment of partition ${name}-${p} is completed.`);
      expect(said.split('\n')).toEqual(expect.arrayContaining(completed));
    }, WAIT_MS);
  await expectReplicas(topic, plan.replicas);
  await expectReplicas(ballastOf(topic), plan.replicas);
  await expectThrottles(null);
}

async function move(tool: Tool, topic: string, plan: Plan): Promise<void> {
  const said = await tool('--execute', '--reassignment-json-file', plan.file);
  expect(said).toContain(`Successfully started partition reassignments for ${topic}-0,`);
  await expectCompleted(topic, plan);
}

beforeAll(async () => {
  cluster = await MixedCluster.create(4);
  tools = await KafkaToolRunner.start();
  await cluster.start(0, 'gregor');
  await Promise.all([cluster.start(1, 'gregor'), ...KAFKA.map((id) => cluster.start(id, 'kafka'))]);
});

afterAll(async () => {
  await tools?.stop();
  await cluster?.close();
});

describe.each<{
  controller: Kind;
  from: readonly number[];
  to: readonly number[];
  one: Tool;
  other: Tool;
  who: string;
}>([
  { controller: 'gregor', from: KAFKA, to: GREGOR, one: kafkasTool, other: ourTool, who: 'from Kafka to Gregor' },
  { controller: 'kafka', from: GREGOR, to: KAFKA, one: ourTool, other: kafkasTool, who: 'from Gregor to Kafka' },
])('a reassignment $who under a controller of $controller', ({ controller, from, to, one, other, who }) => {
  const topic = `moved-${who.replaceAll(' ', '-')}`;
  let there: Plan;
  let back: Plan;
  let acknowledged: number[];

  beforeAll(async () => {
    there = await planOf(topic, 'there', () => to);
    back = await planOf(topic, 'back', () => from);
    if (controller === 'kafka') {
      // One of Kafka's becomes the controller when Gregor's brokers stop, and stays it.
      await Promise.all(GREGOR.map((id) => cluster.stop(id)));
      await Promise.all(GREGOR.map((id) => cluster.start(id, 'gregor')));
    }
    await create(topic, LOADED_PARTITIONS, from);
    await create(ballastOf(topic), 1, from);
    await fillBallast(ballastOf(topic));
  });

  it('is held back by a throttle, is taken back, is let go, and goes the other way, while everything is written', async () => {
    expect(cluster.kinds.get(await cluster.controllerId())).toBe(controller);
    acknowledged = await writeWhile(cluster, topic, async () => {
      await startThrottled(one, topic, there);
      // The partitions under load are small and may be there by now; the ballast is not.
      expect(await other('--cancel', '--reassignment-json-file', there.file)).toMatch(
        new RegExp(`^Successfully cancelled partition reassignments? for: .*${ballastOf(topic)}-0`, 'm'),
      );
      await expectReplicas(ballastOf(topic), () => from);
      expect(await one('--list')).toContain('No partition reassignments found.');
      await expectThrottles(null);

      await startThrottled(other, topic, there);
      const faster = ['--additional', '--throttle', String(NO_HINDRANCE)];
      await one('--execute', '--reassignment-json-file', there.file, ...faster);
      await expectCompleted(topic, there);

      await move(other, topic, back);
    });
    expect(cluster.kinds.get(await cluster.controllerId())).toBe(controller);
  });

  it('has lost and doubled nothing', async () => {
    expect(acknowledged.length).toBeGreaterThan(1000);
    expectEachOnce(await readAll(cluster, topic), acknowledged);
  });

  it('leaves equal logs on brokers of both kinds', async () => {
    const mixed = await planOf(topic, 'mixed', (partition) => [
      from[partition % 2] as number,
      to[partition % 2] as number,
    ]);
    await move(one, topic, mixed);
    await expectEqualReplicas(cluster, tools, topic, mixed.replicas);
  });
});
