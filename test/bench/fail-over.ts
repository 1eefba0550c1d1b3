/** Three brokers of one kind with default settings: replicated produce, kill -9 of the controller, an orderly stop. */
import type { ClusterClient } from '../../client';
import { errorForCode, KafkaError } from '../../protocol';
import { createTopics, produce } from '../../protocol/apis';
import { buildBatch } from '../../protocol/records';
import { systemClock } from '../../runtime/clock';
import { waitUntil } from '../../supervisor/wait-until';
import { runKafkaTool } from '../support/apache-kafka';
import { MixedCluster, type Kind } from '../support/mixed-cluster';

const PARTITIONS = 6;
const TOPIC = 'replicated';
const DEADLINE_MS = 90_000;

export interface ReplicatedFigures {
  /** kafka-producer-perf-test, 1 KiB, acks=all, three replicas */
  produceMibPerSecond: number;
  /** Seconds from kill -9 of the controller until every partition has acknowledged a record with acks=all. */
  failOverSeconds: number;
  /** Seconds that an orderly stop of a broker takes. */
  stopSeconds: number;
}

export async function measureReplicated(kind: Kind, records: number): Promise<ReplicatedFigures> {
  const cluster = await MixedCluster.create(3, { 'min.insync.replicas': 2 });
  const client = cluster.client();
  try {
    await Promise.all(cluster.ids.map((id) => cluster.start(id, kind)));
    const topics = [{ name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 3 }];
    const created = () =>
      client.toController(createTopics, { topics, timeoutMs: 20_000 }, (answer) => answer.topics[0]?.errorCode ?? 0);
    await waitUntil(
      async () => ((await created()).topics[0]?.errorCode === 38 ? null : true),
      waiting('the topic is made'),
    );
    await cluster.everyReplicaInSync(TOPIC, 3);
    const produceMibPerSecond = await replicatedProduce(cluster, records);
    await everyPartitionAcknowledges(client);
    const victim = await cluster.controllerId();
    const killedAtMs = systemClock.monotonicMs();
    await cluster.kill(victim);
    await everyPartitionAcknowledges(client);
    const failOverSeconds = (systemClock.monotonicMs() - killedAtMs) / 1000;
    const next = cluster.ids.find((id) => id !== victim) as number;
    const stoppedAtMs = systemClock.monotonicMs();
    await cluster.stop(next);
    return { produceMibPerSecond, failOverSeconds, stopSeconds: (systemClock.monotonicMs() - stoppedAtMs) / 1000 };
  } finally {
    await client.close();
    await cluster.close();
  }
}

function waiting(what: string) {
  return { what, timeoutMs: DEADLINE_MS, clock: systemClock, everyMs: 20 };
}

async function replicatedProduce(cluster: MixedCluster, records: number): Promise<number> {
  const load = ['--topic', TOPIC, '--num-records', String(records), '--record-size', '1024', '--throughput', '-1'];
  const client = ['--producer-props', `bootstrap.servers=${cluster.bootstrap}`, 'acks=all'];
  const result = await runKafkaTool('kafka-producer-perf-test', [...load, ...client], undefined, 600_000);
  const rate = /records sent.*\(([\d.]+) MB\/sec\)/.exec(result.stdout.trim().split('\n').at(-1) ?? '');
  if (!rate) throw new Error(`kafka-producer-perf-test printed no summary:\n${result.stdout}\n${result.stderr}`);
  return Number(rate[1]);
}

/** One record with acks=all to each partition in turn, each tried until it is acknowledged. */
async function everyPartitionAcknowledges(client: ClusterClient): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await waitUntil(() => produceOne(client, partition), waiting(`partition ${partition} acknowledges`));
  }
}

async function produceOne(client: ClusterClient, partition: number): Promise<true> {
  const records = buildBatch([{ key: null, value: Buffer.from('x'), timestamp: BigInt(systemClock.nowMs()) }]);
  const topicData = [{ name: TOPIC, partitionData: [{ index: partition, records }] }];
  client.forgetLeader({ topic: TOPIC, partition });
  const leader = await client.leaderOf({ topic: TOPIC, partition });
  const { connection } = await client.broker(leader);
  if (connection.closed) throw new Error(`the connection to broker ${leader} is closed`);
  const answer = await (
    await client.broker(leader)
  ).send(produce, { acks: -1, timeoutMs: 1_000, topicData }, { timeoutMs: 2_000 });
  const code = answer.responses[0]?.partitionResponses[0]?.errorCode ?? 0;
  if (code !== 0) throw new KafkaError(errorForCode(code));
  return true;
}
