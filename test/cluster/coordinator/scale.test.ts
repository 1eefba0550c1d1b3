/**
 * The coordinator beside a cluster of 1,000 partitions and 200 groups: it stays answerable. How long its event loop stood
 * still and how much memory it takes is printed; the bounds are wide, since other tests run beside this one.
 */
import { Kafka, logLevel } from 'kafkajs';
import { ClusterClient } from '../../../client';
import { startCluster, type Cluster } from '../../../embedded';
import { offsetCommit } from '../../../protocol/apis';
import { systemClock } from '../../../runtime/clock';
import { connectForTest } from '../../support/zookeeper';
import { type CoordinatorProcess, startCoordinator } from '../../support/coordinator/coordinator-process';
import { eventually } from '../../support/eventually';

jest.setTimeout(180_000);

const TOPICS = 50;
const PARTITIONS = 20;
const GROUPS = 200;
const PARTITIONS_READ = 10;
const MORE_ZNODES = 8_000;
const WINDOWS = 8;
const MIB = 1_048_576;

let cluster: Cluster;
let coordinator: CoordinatorProcess;

const topicName = (at: number): string => `topic-${String(at).padStart(2, '0')}`;

async function makeTopics(): Promise<void> {
  const admin = new Kafka({ brokers: [...cluster.addresses], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = Array.from({ length: TOPICS }, (_, at) => topicName(at));
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 3 })),
    timeout: 60_000,
    waitForLeaders: false,
  });
  await admin.disconnect();
}

/** Groups that have read something; without members, which would say nothing of the coordinator. */
async function makeGroups(): Promise<void> {
  const client = new ClusterClient({
    bootstrapServers: cluster.bootstrap,
    clientId: 'scale',
    clock: systemClock,
    timeoutMs: 60_000,
  });
  const commit = (at: number): Promise<unknown> =>
    client.toCoordinator(
      `group-${at}`,
      offsetCommit,
      {
        groupId: `group-${at}`,
        topics: [
          {
            name: topicName(at % TOPICS),
            partitions: Array.from({ length: PARTITIONS_READ }, (_, partitionIndex) => ({
              partitionIndex,
              committedOffset: 0,
              committedMetadata: '',
            })),
          },
        ],
      },
      (answer) => answer.topics[0]?.partitions[0]?.errorCode ?? 0,
    );
  await commit(0); // makes __consumer_offsets, once
  await Promise.all(Array.from({ length: GROUPS - 1 }, (_, at) => commit(at + 1)));
  await client.close();
}

interface Figures {
  delayMs: number;
  residentMiB: number;
}

async function figures(): Promise<Figures> {
  const { body } = await coordinator.get('/metrics');
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(String(body))?.[1]);
  return {
    delayMs: value('gregor_event_loop_delay_max_ms'),
    residentMiB: value('gregor_resident_memory_bytes') / MIB,
  };
}

const print = (what: string, { delayMs, residentMiB }: Figures): void =>
  void process.stdout.write(
    `    ${what}: longest event-loop delay ${delayMs.toFixed(0)} ms, memory ${residentMiB.toFixed(0)} MiB\n`,
  );

/** What a page that is open asks for, once a second, and the longest delay in each of these seconds. */
async function watchLikeAPage(windows: number): Promise<Figures & { medianMs: number; slowestAnswerMs: number }> {
  const delays: number[] = [];
  let slowestAnswerMs = 0;
  let last: Figures = await figures();
  for (let window = 0; window < windows; window++) {
    const endMs = performance.now() + 1_000;
    for (const path of ['/api/cluster', '/api/topics?limit=1000', '/api/groups']) {
      const startMs = performance.now();
      expect((await coordinator.get(path)).status).toBe(200);
      slowestAnswerMs = Math.max(slowestAnswerMs, performance.now() - startMs);
    }
    await eventually('the end of the second', () => performance.now() >= endMs);
    last = await figures();
    delays.push(last.delayMs);
  }
  const medianMs = delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)] as number;
  return { ...last, delayMs: Math.max(...delays), medianMs, slowestAnswerMs };
}

beforeAll(async () => {
  cluster = await startCluster({ brokers: 3, settings: { 'offsets.topic.num.partitions': 50 } });
  await makeTopics();
  await makeGroups();
});

afterAll(async () => {
  await coordinator?.close();
  await cluster?.close();
});

it('sees all of it within seconds of its start', async () => {
  const startedMs = performance.now();
  coordinator = await startCoordinator({
    'zookeeper.connect': cluster.zookeeper,
    'probe.interval.ms': 1_000,
    'offsets.interval.ms': 2_000,
  });
  await coordinator.ready();
  const readyMs = performance.now() - startedMs;
  let seen: unknown;
  await eventually(
    'the whole picture',
    async () => {
      const { body } = await coordinator.get('/api/cluster');
      const { counts } = body as { counts: { partitions: number; groups: number | null; offline: number } };
      seen = counts;
      return counts.partitions >= TOPICS * PARTITIONS && counts.groups === GROUPS && counts.offline === 0;
    },
    60_000,
  ).catch((error: Error) => Promise.reject(new Error(`${error.message}: ${JSON.stringify(seen)}`)));
  process.stdout.write(
    `    ready after ${readyMs.toFixed(0)} ms, whole after ${(performance.now() - startedMs).toFixed(0)} ms\n`,
  );
  print('start', await figures());
  expect(seen).toMatchObject({ groups: GROUPS });
});

it('stays answerable while it polls all of it and a page is open', async () => {
  const { medianMs, slowestAnswerMs, ...last } = await watchLikeAPage(WINDOWS);
  print('steady', last);
  process.stdout.write(
    `    of ${WINDOWS} seconds the median: ${medianMs.toFixed(0)} ms; slowest answer ${slowestAnswerMs.toFixed(0)} ms\n`,
  );
  expect(medianMs).toBeLessThan(250);
  expect(last.residentMiB).toBeLessThan(500);
});

it('reads thousands of znodes more without standing still', async () => {
  const writer = await connectForTest(cluster.zookeeper, { maxInFlight: 100 });
  await writer.session.create('/many', null);
  await figures(); // from here on
  const path = (at: number): string => `/many/node-${at}`;
  const all = Array.from({ length: MORE_ZNODES }, (_, at) => at);
  await Promise.all(all.map((at) => writer.session.create(path(at), Buffer.from(`{"value":${at}}`))));
  const known = async (): Promise<number> =>
    ((await coordinator.get('/api/zookeeper')).body as { knownZnodes: number }).knownZnodes;
  await eventually('all of them known', async () => (await known()) >= MORE_ZNODES, 60_000);
  const made = await figures();
  print(`${MORE_ZNODES} znodes made`, made);
  await Promise.all(all.map((at) => writer.session.delete(path(at), -1)));
  await eventually('all of them gone', async () => (await known()) < MORE_ZNODES, 60_000);
  await writer.close();
  const gone = await figures();
  print(`${MORE_ZNODES} znodes deleted`, gone);
  expect(Math.max(made.delayMs, gone.delayMs)).toBeLessThan(1_000);
  expect(gone.residentMiB).toBeLessThan(500);
});
