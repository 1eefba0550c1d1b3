/** What kafka-console-consumer commits for its group: the position of every partition that it was given. */
import { kafkaConsoleConsumer } from '../../../cli/kafka-console-consumer';
import { ClusterClient } from '../../../client';
import { startCluster, type Cluster } from '../../../embedded';
import { offsetFetch, produce } from '../../../protocol/apis';
import { buildBatch } from '../../../protocol/records';
import { systemClock } from '../../../runtime/clock';
import type { ToolResult } from '../../support/apache-kafka';
import { createTopic } from '../../support/read-topic';
import { runOurs } from '../../support/run-command';

jest.setTimeout(60_000);

const PARTITIONS = 3;

let cluster: Cluster;
let client: ClusterClient;

beforeAll(async () => {
  cluster = await startCluster();
  client = new ClusterClient({ bootstrapServers: cluster.bootstrap, clientId: 'test', clock: systemClock });
});

afterAll(async () => {
  await client?.close();
  await cluster?.close();
});

async function write(topic: string, partition: number, ...values: string[]): Promise<void> {
  const timestamp = BigInt(systemClock.nowMs());
  const records = buildBatch(values.map((value) => ({ key: null, value: Buffer.from(value), timestamp })));
  const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }];
  const answer = await client.toBroker(0, produce, { acks: 1, timeoutMs: 10_000, topicData });
  expect(answer.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0 });
}

const consume = (topic: string, groupId: string, ...more: string[]): Promise<ToolResult> =>
  runOurs(kafkaConsoleConsumer, [
    '--bootstrap-server',
    cluster.bootstrap,
    '--topic',
    topic,
    '--group',
    groupId,
    ...more,
  ]);

/** Committed offsets by partition; -1 for none. */
async function committed(topic: string, groupId: string): Promise<number[]> {
  const partitionIndexes = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const request = { groupId, topics: [{ name: topic, partitionIndexes }], requireStable: true };
  const answer = await client.toCoordinator(groupId, offsetFetch, request, (each) => each.errorCode, {
    highestVersion: 7,
  });
  const partitions = answer.topics[0]?.partitions ?? [];
  return partitionIndexes.map(
    (index) => partitions.find(({ partitionIndex }) => partitionIndex === index)?.committedOffset ?? -1,
  );
}

it('includes partitions of which it has read nothing', async () => {
  await createTopic(client, 'uneven', PARTITIONS, 1);
  await write('uneven', 1, 'a', 'b');
  const { code, stdout } = await consume('uneven', 'all-of-it', '--from-beginning', '--max-messages', '2');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'a\nb\n' });
  expect(await committed('uneven', 'all-of-it')).toEqual([0, 2, 0]);
});

it('is the end that it began at when nothing came, so that the next one goes on from there', async () => {
  await createTopic(client, 'quiet', PARTITIONS, 1);
  await write('quiet', 0, 'before');
  const { stdout } = await consume('quiet', 'latest', '--timeout-ms', '500');
  expect(stdout).toBe('');
  expect(await committed('quiet', 'latest')).toEqual([1, 0, 0]);
  await write('quiet', 0, 'after');
  await write('quiet', 2, 'too');
  const next = await consume('quiet', 'latest', '--max-messages', '2', '--timeout-ms', '20000');
  expect(next.stdout.trimEnd().split('\n').toSorted()).toEqual(['after', 'too']);
});

it('is nothing when commits are switched off', async () => {
  await createTopic(client, 'unsaid', PARTITIONS, 1);
  await write('unsaid', 0, 'x');
  const off = ['--consumer-property', 'enable.auto.commit=false'];
  const { stdout } = await consume('unsaid', 'manual', '--from-beginning', '--max-messages', '1', ...off);
  expect(stdout).toBe('x\n');
  expect(await committed('unsaid', 'manual')).toEqual([-1, -1, -1]);
});
