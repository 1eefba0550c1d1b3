/**
 * Plays a history: Java's clients and kafkajs write, read and commit in a cluster of three broker processes while one fault
 * after the other strikes it; then everything is read back and checked. A history with an anomaly is kept, beside the
 * brokers' logs.
 */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterClient } from '../../../client';
import { startCluster, type Cluster } from '../../../embedded';
import { systemClock } from '../../../runtime/clock';
import { seededRandom } from '../../../runtime/random';
import { startJava, type AnsweringProcess } from '../answering-process';
import { whole } from '../cluster-view';
import { eventually } from '../eventually';
import { createTopic, readPartition } from '../read-topic';
import { replicaBytes } from '../replica-bytes';
import { connectForTest, startZooKeeper } from '../zookeeper';
import { describeAnomalies, findAnomalies } from './checker';
import { faults, shuffledFaults, type FaultWorld } from './faults';
import { KafkajsClients } from './kafkajs-clients';
import { settledOffsets } from './settled-offsets';
import { readHistory, writeHistory, type Operation, type StoredLog } from './operations';

const PARTITIONS = 3;
const TOPIC = 'history';
const PROGRESS_TIMEOUT_MS = 60_000;
/** How many records each producer must have acknowledged, and both groups read, after a fault. */
const PROGRESS = 40;
const IMPATIENT_ONE_OF = 3;

const settings = {
  'zookeeper.session.timeout.ms': 2_000,
  'min.insync.replicas': 2,
  'replica.lag.time.max.ms': 1_500,
  'group.min.session.timeout.ms': 1_000,
};

export interface HistoryResult {
  /** What is wrong, in words; the last line says where the history is kept. */
  anomalies: string[];
  /** How many operations of each kind there were, with their outcomes. */
  counts: Record<string, number>;
}

/** Those who work, and one who only looks. */
interface Clients {
  reader: ClusterClient;
  /** What the reader was told. */
  told: Operation[];
  java: AnsweringProcess;
  kafkajs: KafkajsClients;
}

/**
 * Plays every kind of fault once, in the seed's order.
 * @param say is told each fault when it is over
 */
export async function playHistory(seed: number, say: (line: string) => void): Promise<HistoryResult> {
  const directory = await mkdtemp(join(tmpdir(), `gregor-history-${seed}-`));
  const zookeeper = await startZooKeeper();
  let cluster: Cluster | undefined;
  let keep = true;
  try {
    cluster = await startCluster({ brokers: 3, processes: true, zookeeper: zookeeper.connectString, settings });
    const client = await connectForTest(zookeeper.connectString);
    const world = { cluster, zookeeper, client, topic: TOPIC, random: seededRandom(seed) };
    const operations = await strike(world, directory, say).finally(() => client.close());
    const anomalies = describeAnomalies(findAnomalies(operations));
    await writeHistory(join(directory, 'history.jsonl'), operations);
    keep = anomalies.length > 0;
    return { anomalies: keep ? [...anomalies, `kept in ${directory}`] : [], counts: countOf(operations) };
  } catch (error) {
    throw new Error(`seed ${seed}, kept in ${directory}: ${(error as Error).message}`, { cause: error });
  } finally {
    if (keep && cluster) await keepLogs(cluster, directory);
    await cluster?.close();
    await zookeeper.stop();
    if (!keep) await rm(directory, { recursive: true, force: true });
  }
}

async function strike(world: FaultWorld, directory: string, say: (line: string) => void): Promise<Operation[]> {
  const { cluster } = world;
  const reader = new ClusterClient({ bootstrapServers: cluster.bootstrap, clientId: 'history', clock: systemClock });
  await createTopic(reader, TOPIC, PARTITIONS, cluster.brokers.length);
  const file = join(directory, 'java.jsonl');
  const java = await startJava(['HistoryClients'], cluster.bootstrap, TOPIC, String(PARTITIONS), file);
  const kafkajs = new KafkajsClients(cluster.addresses, join(directory, 'kafkajs.log'), TOPIC, PARTITIONS);
  const clients: Clients = { java, kafkajs, reader, told: [] };
  try {
    await java.ask('start');
    kafkajs.start();
    await progress(clients);
    for (const name of shuffledFaults(world.random)) {
      const what = await faults[name]?.(world);
      // Now and then the next fault strikes a cluster that has not recovered from this one.
      const patient = world.random.below(IMPATIENT_ONE_OF) > 0;
      if (patient) await recovered(world, clients);
      say(`${what}; ${patient ? 'the cluster is whole again' : 'and at once'}`);
    }
    await recovered(world, clients);
    await Promise.all([java.ask('stopProducers'), kafkajs.stopProducers()]);
    const logs = await Promise.all(Array.from({ length: PARTITIONS }, (_, each) => storedLog(reader, each)));
    await allRead(clients, logs);
    const failures = await java.ask('stop');
    if (failures !== '[]') throw new Error(`Java's clients failed: ${failures}`);
    await kafkajs.stop();
    await sameReplicas(cluster);
    const all = [...(await readHistory(file)), ...kafkajs.operations, ...clients.told, ...logs];
    return all.filter((each) => kafkajs.counts(each));
  } finally {
    await kafkajs.stop();
    await writeHistory(join(directory, 'kafkajs.jsonl'), kafkajs.operations);
    await java.close();
    await reader.close();
  }
}

/** Waits until every ISR is whole and every client gets on; looks meanwhile at what the groups have committed. */
async function recovered({ cluster }: FaultWorld, clients: Clients): Promise<void> {
  await whole(cluster);
  clients.told.push(...(await settledOffsets(clients.reader, TOPIC, PARTITIONS)));
  await progress(clients);
}

/** What each client has done so far: records acknowledged to each producer, records polled and commits of each group. */
async function done({ java, kafkajs }: Clients): Promise<number[]> {
  const told = (await java.ask('progress')).split(' ').map(Number);
  return [...told, kafkajs.acknowledged, kafkajs.polled, kafkajs.commits];
}

/** Waits until every client gets on, so that the next fault strikes a cluster at work. */
async function progress(clients: Clients): Promise<void> {
  const before = await done(clients);
  const wanted = [PROGRESS, PROGRESS, PROGRESS, 2, PROGRESS, PROGRESS, 2];
  await eventually(
    'progress of every client',
    async () => {
      const more = (await done(clients)).map((count, index) => count - (before[index] as number));
      if (more.some((count, index) => count < (wanted[index] as number))) throw new Error(more.join(' '));
      return true;
    },
    PROGRESS_TIMEOUT_MS,
  );
}

async function storedLog(client: ClusterClient, partition: number): Promise<StoredLog> {
  const records = await readPartition(client, TOPIC, partition);
  return { op: 'log', partition, records: records.map(({ offset, value }) => [offset, value]) };
}

/** Waits until both groups have read, and committed, all that there is. */
async function allRead({ java, kafkajs }: Clients, logs: readonly StoredLog[]): Promise<void> {
  const ends = logs.map(({ records }) => (records.at(-1)?.[0] ?? -1) + 1);
  const expected = ends.join(' ');
  await eventually(
    `offsets ${expected} are committed in both groups`,
    async () => {
      const seen = [await java.ask('committed'), kafkajs.committedOffsets().join(' ')];
      if (seen.some((each) => each !== expected)) throw new Error(seen.join(', '));
      return true;
    },
    PROGRESS_TIMEOUT_MS,
  );
}

async function sameReplicas(cluster: Cluster): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await eventually(
      `the replicas of ${TOPIC}-${partition} are equal`,
      () => {
        const [first, ...others] = cluster.brokers.map(({ directory }) => replicaBytes(directory, TOPIC, partition));
        return others.every((bytes) => bytes.equals(first as Buffer));
      },
      PROGRESS_TIMEOUT_MS,
    );
  }
}

function countOf(operations: readonly Operation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const operation of operations) {
    const kind = 'outcome' in operation ? `${operation.op} ${operation.outcome}` : operation.op;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

async function keepLogs(cluster: Cluster, directory: string): Promise<void> {
  for (const { id, directory: folder } of cluster.brokers) {
    await mkdir(join(directory, `broker-${id}`), { recursive: true });
    await copyFile(join(folder, 'server.log'), join(directory, `broker-${id}`, 'server.log')).catch(() => undefined);
  }
}
