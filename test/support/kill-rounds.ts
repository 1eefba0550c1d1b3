/**
 * Rounds of load under kill -9: an idempotent producer (Java's or kafkajs) writes with acks=all while a broker or ZooKeeper
 * is killed at a seeded moment and started again at once. Afterwards every acknowledged value is in the topic, once,
 * and the values of each partition are in the order in which they were sent.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Kafka, logLevel } from 'kafkajs';
import { ClusterClient } from '../../client';
import type { Cluster } from '../../embedded';
import { systemClock } from '../../runtime/clock';
import { seededRandom } from '../../runtime/random';
import { spawnKafkaTool } from './apache-kafka';
import { CONTROLLER_PATH, decodeController } from '../../zookeeper/znodes';
import { describeAnomalies, findAnomalies } from './history/checker';
import type { Operation } from './history/operations';
import { createTopic, readPartition } from './read-topic';
import { connectForTest, type TestZooKeeper } from './zookeeper';

export interface KillRound {
  seed: number;
  producer: 'java' | 'kafkajs';
  victim: 'broker' | 'zookeeper' | 'session of a broker' | 'session of the controller';
  records: number;
}

export interface KillRoundResult {
  acknowledged: number[];
  /** Values of each partition, in order of offset. */
  stored: number[][];
}

const PARTITIONS = 3;
/** Of a value that was acknowledged and is nowhere. */
const UNKNOWN_PARTITION = -1;
const KAFKAJS_BATCH_RECORDS = 50;
const ROUND_DEADLINE_MS = 90_000;
const JAVA_RECORDS_PER_SECOND = 4_000;

/** Runs one round on a cluster of any size; topics get as many replicas as there are brokers. */
export async function runKillRound(
  cluster: Cluster,
  zookeeper: TestZooKeeper,
  round: KillRound,
): Promise<KillRoundResult> {
  const topic = `round-${round.seed}-${round.producer}-${round.victim.replaceAll(' ', '-')}`;
  const client = new ClusterClient({
    bootstrapServers: cluster.bootstrap,
    clientId: 'kill-rounds',
    clock: systemClock,
  });
  try {
    await createTopic(client, topic, PARTITIONS, cluster.brokers.length);
    const random = seededRandom(round.seed);
    const killAfter = Math.floor(round.records * (0.1 + random.below(700) / 1000));
    const victim = random.below(cluster.brokers.length);
    let strike: Promise<void> | null = null;
    const onProgress = (acknowledged: number): void => {
      if (acknowledged >= killAfter) strike ??= killAndRestart(cluster, zookeeper, round.victim, victim);
    };
    const produce = round.producer === 'java' ? produceWithJava : produceWithKafkajs;
    const acknowledged = await produce(cluster, topic, round.records, onProgress);
    if (strike === null) throw new Error(`only ${acknowledged.length} records were acknowledged, nothing was killed`);
    await strike;
    return { acknowledged, stored: await readTopic(client, topic) };
  } finally {
    await client.close();
  }
}

/** What is wrong with a round's outcome, in words; empty when nothing is. A round is a history of one producer. */
export function faultsOf({ acknowledged, stored }: KillRoundResult): string[] {
  const partitionOf = new Map(stored.flatMap((values, partition) => values.map((value) => [value, partition])));
  const sent = new Set([...acknowledged, ...partitionOf.keys()]);
  const told = new Set(acknowledged);
  const sends = Array.from(sent, (value): Operation => {
    const outcome = told.has(value) ? 'ok' : 'unknown';
    const partition = partitionOf.get(value) ?? UNKNOWN_PARTITION;
    // Values count up as they are sent.
    const times = { beginUs: value, endUs: value };
    return { op: 'send', process: 'producer', partition, value: String(value), offset: null, outcome, ...times };
  });
  const logs = stored.map((values, partition): Operation => {
    return { op: 'log', partition, records: values.map((value, place) => [place, String(value)]) };
  });
  return describeAnomalies(findAnomalies([...sends, ...logs]));
}

async function killAndRestart(
  cluster: Cluster,
  zookeeper: TestZooKeeper,
  victim: KillRound['victim'],
  brokerId: number,
): Promise<void> {
  if (victim === 'zookeeper') {
    await zookeeper.kill();
    await zookeeper.restart();
    return;
  }
  if (victim === 'session of a broker') return cluster.expireSession(brokerId);
  if (victim === 'session of the controller') return cluster.expireSession(await controllerOf(cluster));
  await cluster.kill(brokerId);
  await cluster.start(brokerId);
}

async function controllerOf(cluster: Cluster): Promise<number> {
  const zk = await connectForTest(cluster.zookeeper);
  try {
    return decodeController((await zk.session.getData(CONTROLLER_PATH)).data).brokerId;
  } finally {
    await zk.close();
  }
}

async function produceWithKafkajs(
  cluster: Cluster,
  topic: string,
  records: number,
  onProgress: (acknowledged: number) => void,
): Promise<number[]> {
  const kafka = new Kafka({ clientId: 'kill-rounds', brokers: [...cluster.addresses], logLevel: logLevel.NOTHING });
  const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 200 };
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, retry });
  const acknowledged: number[] = [];
  await producer.connect();
  try {
    for (let from = 0; from < records; from += KAFKAJS_BATCH_RECORDS) {
      const count = Math.min(KAFKAJS_BATCH_RECORDS, records - from);
      const values = Array.from({ length: count }, (_, index) => from + index);
      // One partition a call: kafkajs remembers per broker, not per partition, what it has sent in a call, and loses
      // or repeats records when a partition's leader moves in the middle of one.
      const partition = (from / KAFKAJS_BATCH_RECORDS) % PARTITIONS;
      const messages = values.map((value) => ({ value: String(value), partition }));
      await producer.send({ topic, acks: -1, messages });
      acknowledged.push(...values);
      onProgress(acknowledged.length);
    }
  } finally {
    await producer.disconnect();
  }
  return acknowledged;
}

/** VerifiableProducer does not retry unless it is told to; these are the defaults of a Java producer. */
const JAVA_PRODUCER_CONFIG = 'retries=2147483647\nenable.idempotence=true\n';

/** Kafka's VerifiableProducer sends 0, 1, 2 … and prints a line for each acknowledged value. */
async function produceWithJava(
  cluster: Cluster,
  topic: string,
  records: number,
  onProgress: (acknowledged: number) => void,
): Promise<number[]> {
  const load = ['--topic', topic, '--max-messages', String(records), '--throughput', String(JAVA_RECORDS_PER_SECOND)];
  const config = join(cluster.directory, 'producer.properties');
  await writeFile(config, JAVA_PRODUCER_CONFIG);
  const args = ['--bootstrap-server', cluster.bootstrap, '--acks', '-1', '--producer.config', config, ...load];
  const tool = await spawnKafkaTool('kafka-verifiable-producer', args);
  const deadline = systemClock.after(ROUND_DEADLINE_MS, () => tool.kill('SIGKILL'));
  const acknowledged: number[] = [];
  try {
    for await (const line of createInterface({ input: tool.stdout as NodeJS.ReadableStream })) {
      if (!line.includes('"producer_send_success"')) continue;
      acknowledged.push(Number((JSON.parse(line) as { value: string }).value));
      onProgress(acknowledged.length);
    }
  } finally {
    deadline.cancel();
  }
  return acknowledged;
}

/** The values in each of the topic's three partitions, up to the high watermark. */
export async function readTopic(client: ClusterClient, topic: string): Promise<number[][]> {
  const read = async (partition: number): Promise<number[]> =>
    (await readPartition(client, topic, partition)).map(({ value }) => Number(value));
  return Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => read(partition)));
}
