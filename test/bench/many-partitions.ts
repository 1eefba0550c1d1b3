/**
 * Three brokers of one kind with thousands of partitions of three replicas: how long their creation, the loss of the
 * controller and its return take, and what they cost in memory. Kafka's defaults, but for a session of 6 seconds.
 */
import { VersionedConnection } from '../../client';
import { errorForCode } from '../../protocol';
import { createTopics, metadata, type MetadataResponse } from '../../protocol/apis';
import { sleep, systemClock } from '../../runtime/clock';
import { waitUntil } from '../../supervisor/wait-until';
import { MixedCluster, type Kind } from '../support/mixed-cluster';
import { KAFKA_JVM } from './brokers';
import { peakResidentMib, residentMib } from './process-cost';

const TOPIC = 'many';
const REPLICAS = 3;
const SESSION_MS = 6_000;
const CREATE_TIMEOUT_MS = 240_000;
const DEADLINE_MS = 300_000;
/** Often enough for a figure in seconds; an answer about thousands of partitions costs the broker some milliseconds. */
const ASK_EVERY_MS = 200;
/** After which the memory counts as settled. */
const SETTLE_MS = 10_000;

export interface ManyPartitionsFigures {
  /** Seconds from the CreateTopics request until every broker lists all partitions with a leader and their whole ISR. */
  createSeconds: number;
  /** Seconds from kill -9 of the controller until both others list a live leader for every partition. */
  ledAgainSeconds: number;
  /** Seconds from the start of the killed broker until every broker lists every ISR as whole. */
  wholeAgainSeconds: number;
  /** The largest of the brokers that were not killed, at its highest. */
  peakMib: number;
  /** The same broker's at the end. */
  settledMib: number;
}

type PartitionAnswer = MetadataResponse['topics'][number]['partitions'][number];

/** @param fastFence false: Gregor waits for the dead broker's session to expire, as Apache Kafka always does */
export async function measureManyPartitions(
  kind: Kind,
  partitions: number,
  fastFence = true,
): Promise<ManyPartitionsFigures> {
  const settings = {
    'zookeeper.session.timeout.ms': SESSION_MS,
    ...(kind === 'gregor' && { 'gregor.fast.fence.enable': fastFence }),
  };
  const cluster = await MixedCluster.create(REPLICAS, settings, KAFKA_JVM);
  try {
    await Promise.all(cluster.ids.map((id) => cluster.start(id, kind)));
    const createSeconds = await seconds(async () => {
      await create(cluster, partitions);
      await listedByAll(cluster, cluster.ids, partitions, isWhole);
    });
    const victim = await cluster.controllerId();
    const others = cluster.ids.filter((id) => id !== victim);
    const ledAgainSeconds = await seconds(async () => {
      await cluster.kill(victim);
      await listedByAll(cluster, others, partitions, ({ leaderId }) => leaderId >= 0 && leaderId !== victim);
    });
    const wholeAgainSeconds = await seconds(async () => {
      await cluster.start(victim, kind);
      await listedByAll(cluster, cluster.ids, partitions, isWhole);
    });
    await sleep(systemClock, SETTLE_MS);
    const pids = others.map((id) => cluster.pidOf(id));
    const memory = pids.map((pid) => ({ peakMib: peakResidentMib(pid), settledMib: residentMib(pid) }));
    const largest = memory.sort((one, other) => other.peakMib - one.peakMib)[0];
    return { createSeconds, ledAgainSeconds, wholeAgainSeconds, peakMib: NaN, settledMib: NaN, ...largest };
  } finally {
    await cluster.close();
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const startMs = systemClock.monotonicMs();
  await work();
  return (systemClock.monotonicMs() - startMs) / 1000;
}

/** One request for all; a controller that has not heard of all brokers yet is asked again. */
async function create(cluster: MixedCluster, partitions: number): Promise<void> {
  const client = cluster.client();
  const topics = [{ name: TOPIC, numPartitions: partitions, replicationFactor: REPLICAS }];
  const request = { topics, timeoutMs: CREATE_TIMEOUT_MS };
  try {
    await waitUntil(
      async () => {
        const options = { timeoutMs: CREATE_TIMEOUT_MS };
        const answer = await client.toController(createTopics, request, (a) => a.topics[0]?.errorCode ?? 0, options);
        const error = errorForCode(answer.topics[0]?.errorCode ?? 0);
        if (error.name === 'INVALID_REPLICATION_FACTOR') return null;
        // A creation that took longer than the request may: what is asked for next is whether all of it is there.
        if (error.code === 0 || error.name === 'TOPIC_ALREADY_EXISTS') return true;
        throw new Error(`cannot create ${TOPIC}: ${error.name}`);
      },
      { what: `${TOPIC} is created`, timeoutMs: DEADLINE_MS, clock: systemClock, everyMs: 50 },
    );
  } finally {
    await client.close();
  }
}

function isWhole({ leaderId, isrNodes }: PartitionAnswer): boolean {
  return leaderId >= 0 && isrNodes.length === REPLICAS;
}

/** Waits until each of the brokers lists all partitions as `isGood`; one that does is not asked again. */
async function listedByAll(
  cluster: MixedCluster,
  brokerIds: readonly number[],
  partitions: number,
  isGood: (partition: PartitionAnswer) => boolean,
): Promise<void> {
  await Promise.all(
    brokerIds.map(async (id) => {
      let good = 0;
      const asked = async (): Promise<true | null> => {
        const listed = await partitionsListedBy(cluster.addressOf(id));
        good = listed.filter(isGood).length;
        if (good < partitions) throw new Error(`broker ${id} lists ${good} of ${partitions} as wanted`);
        return true;
      };
      const what = `broker ${id} lists all partitions`;
      await waitUntil(asked, { what, timeoutMs: DEADLINE_MS, clock: systemClock, everyMs: ASK_EVERY_MS });
    }),
  );
}

async function partitionsListedBy(address: { host: string; port: number }): Promise<PartitionAnswer[]> {
  const timeouts = { connectTimeoutMs: 5_000, requestTimeoutMs: 60_000 };
  const connection = await VersionedConnection.open({ ...address, clientId: 'bench', clock: systemClock, ...timeouts });
  try {
    return (await connection.send(metadata, { topics: [{ name: TOPIC }] })).topics[0]?.partitions ?? [];
  } finally {
    connection.close();
  }
}
