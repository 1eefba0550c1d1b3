/** Load on a mixed cluster by Kafka's VerifiableProducer, and what must be true of a topic when it is over. */
import { createInterface } from 'node:readline';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnKafkaTool } from './apache-kafka';
import type { KafkaToolRunner } from './kafka-tool-runner';
import { readTopic } from './kill-rounds';
import type { MixedCluster } from './mixed-cluster';

/** Of every topic under this load. */
export const LOADED_PARTITIONS = 3;
const RECORDS_PER_SECOND = 1_000;

/**
 * Writes 0, 1, 2 … with acks=all while `meanwhile` runs; gives the values that were acknowledged.
 * @param records how many; when left out, the load ends when `meanwhile` does
 */
export async function writeWhile(
  cluster: MixedCluster,
  topic: string,
  meanwhile: () => Promise<void>,
  records?: number,
): Promise<number[]> {
  const config = join(cluster.directory, 'producer.properties');
  await writeFile(config, 'retries=2147483647\nenable.idempotence=true\n');
  const args = ['--bootstrap-server', cluster.bootstrap, '--topic', topic, '--acks', '-1', '--producer.config', config];
  const load = ['--max-messages', String(records ?? -1), '--throughput', String(RECORDS_PER_SECOND)];
  const producer = await spawnKafkaTool('kafka-verifiable-producer', [...args, ...load]);
  const acknowledged: number[] = [];
  let begun: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (begun = resolve));
  const written = (async () => {
    for await (const line of createInterface({ input: producer.stdout as NodeJS.ReadableStream })) {
      if (!line.includes('"producer_send_success"')) continue;
      acknowledged.push(Number((JSON.parse(line) as { value: string }).value));
      begun();
    }
    begun();
  })();
  await first;
  try {
    await meanwhile();
  } finally {
    if (records === undefined) producer.kill();
  }
  await written;
  return acknowledged;
}

/** All values of a topic of LOADED_PARTITIONS. */
export async function readAll(cluster: MixedCluster, topic: string): Promise<number[]> {
  const client = cluster.client();
  try {
    return (await readTopic(client, topic)).flat();
  } finally {
    await client.close();
  }
}

/** Everything acknowledged is stored, and nothing twice. */
export function expectEachOnce(stored: readonly number[], acknowledged: readonly number[]): void {
  const present = new Set(stored);
  expect(acknowledged.filter((value) => !present.has(value))).toEqual([]);
  expect(stored).toHaveLength(present.size);
}

/** Kafka's DumpLogSegments prints the same of every replica. @param replicasOf the brokers that hold a partition */
export async function expectEqualReplicas(
  cluster: MixedCluster,
  tools: KafkaToolRunner,
  topic: string,
  replicasOf: (partition: number) => readonly number[] = () => cluster.ids,
): Promise<void> {
  let dumped = '';
  for (let partition = 0; partition < LOADED_PARTITIONS; partition++) {
    const [first, ...others] = await Promise.all(
      replicasOf(partition).map((id) => cluster.dump(tools, id, topic, partition)),
    );
    for (const other of others) expect(other).toBe(first);
    dumped += first;
  }
  expect(dumped).toContain('| offset: 0 ');
}
