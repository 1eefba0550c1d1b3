/** Three brokers, three replicas: equal copies, and what becomes of them when brokers die. */
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { startCluster, type Cluster } from '../../../embedded';
import { readAllRecords } from '../../../protocol/records';
import { eventually, eventuallyPasses } from '../../support/eventually';
import { replicaBytes } from '../../support/replica-bytes';

jest.setTimeout(240_000);

let cluster: Cluster;
let kafka: Kafka;
let producer: Producer;

beforeAll(async () => {
  cluster = await startCluster({
    brokers: 3,
    processes: true,
    settings: { 'zookeeper.session.timeout.ms': 6000, 'min.insync.replicas': 2, 'auto.create.topics.enable': false },
  });
  kafka = new Kafka({
    clientId: 'replication-test',
    brokers: [...cluster.addresses],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 100 },
  });
  producer = kafka.producer({ idempotent: false });
  await producer.connect();
});

afterAll(async () => {
  await producer?.disconnect();
  await cluster?.close();
});

async function createTopic(topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 3 }], waitForLeaders: true });
  await admin.disconnect();
  await eventually(
    `${topic} has three replicas in sync`,
    async () => (await partitionOf(topic)).isr.length === 3,
    30_000,
  );
}

async function partitionOf(topic: string): Promise<{ leader: number; isr: number[] }> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const [partition] = topics[0]?.partitions ?? [];
    return { leader: partition?.leader ?? -1, isr: partition?.isr ?? [] };
  } finally {
    await admin.disconnect();
  }
}

async function send(topic: string, values: readonly string[], acks = -1): Promise<void> {
  await producer.send({ topic, acks, messages: values.map((value) => ({ value })) });
}

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const bytesOf = (brokerId: number, topic: string): Buffer =>
  replicaBytes(cluster.brokers[brokerId]?.directory ?? '', topic);

const valuesOf = (bytes: Buffer): string[] => readAllRecords(bytes).map((record) => String(record.value));

/** Waits until all three replicas hold the same bytes; gives the values in them. */
async function equalReplicas(topic: string, count: number): Promise<string[]> {
  await eventually(
    `the three replicas of ${topic} are equal with ${count} records`,
    () => {
      const [first, second, third] = [0, 1, 2].map((id) => bytesOf(id, topic)) as [Buffer, Buffer, Buffer];
      return first.equals(second) && second.equals(third) && valuesOf(first).length >= count;
    },
    60_000,
  );
  return valuesOf(bytesOf(0, topic));
}

describe('a topic with three replicas', () => {
  it('has the same batches in all of them, byte by byte', async () => {
    await createTopic('copies');
    for (let i = 0; i < 20; i++) await send('copies', numbered(`round ${i} record `, 50));
    expect(await equalReplicas('copies', 1000)).toHaveLength(1000);
  });

  it('keeps what was acknowledged when its leader is killed, and takes the dead one back as a follower', async () => {
    await createTopic('survivor');
    await send('survivor', numbered('before ', 100));
    const { leader } = await partitionOf('survivor');
    await cluster.kill(leader);
    await send('survivor', numbered('after ', 100));
    // Whoever is asked may hear of the successor a moment after it has begun to lead.
    await eventuallyPasses(async () => {
      const successor = await partitionOf('survivor');
      expect(successor.leader).not.toBe(leader);
      expect(successor.isr).not.toContain(leader);
    });
    await cluster.start(leader);
    await eventually(
      'the killed broker is in sync again',
      async () => (await partitionOf('survivor')).isr.length === 3,
      60_000,
    );
    const values = await equalReplicas('survivor', 200);
    expect(new Set(values)).toEqual(new Set([...numbered('before ', 100), ...numbered('after ', 100)]));
  });

  it('drops what only a dead leader had when that comes back', async () => {
    await createTopic('diverged');
    await send('diverged', numbered('committed ', 10));
    const { leader } = await partitionOf('diverged');
    const followers = [0, 1, 2].filter((id) => id !== leader);
    for (const id of followers) await cluster.cutLink(leader, id);
    // The fetches that wait at the leader are answered with this one; those answers arrive when the links are whole again.
    await send('diverged', ['on its way'], 1);
    await send('diverged', numbered('lost ', 10), 1);
    expect(valuesOf(bytesOf(leader, 'diverged'))).toContain('lost 9');
    await cluster.kill(leader);
    for (const id of followers) await cluster.healLink(leader, id);
    await send('diverged', numbered('kept ', 10));
    await cluster.start(leader);
    await eventually(
      'the old leader is in sync again',
      async () => (await partitionOf('diverged')).isr.length === 3,
      60_000,
    );
    const values = await equalReplicas('diverged', 20);
    const kept = values.filter((value) => value !== 'on its way');
    expect(kept).toEqual([...numbered('committed ', 10), ...numbered('kept ', 10)]);
  });

  it('refuses acks=all below min.insync.replicas, and goes on when enough are back', async () => {
    await createTopic('guarded');
    await send('guarded', ['first']);
    const { leader } = await partitionOf('guarded');
    const others = [0, 1, 2].filter((id) => id !== leader);
    for (const id of others) await cluster.stop(id);
    await eventually('the leader is alone', async () => (await partitionOf('guarded')).isr.length === 1, 60_000);
    const address = cluster.addresses[leader] as string;
    const impatient = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).producer();
    await impatient.connect();
    await expect(impatient.send({ topic: 'guarded', acks: -1, messages: [{ value: 'refused' }] })).rejects.toThrow(
      /in-sync replicas/,
    );
    await impatient.disconnect();
    for (const id of others) await cluster.start(id);
    await send('guarded', ['second']);
    expect(await equalReplicas('guarded', 2)).toEqual(['first', 'second']);
  });
});
