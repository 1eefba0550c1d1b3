/** The same group requests to Apache Kafka and to this broker get the same answers, and leave the same records. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster, type Cluster } from '../../embedded';
import { startApacheKafka } from '../support/apache-kafka';
import type { BrokerProcess } from '../support/broker-process';
import { GroupScript, playGroupScript, prepareForGroups, scriptGroups } from '../support/group-script';
import {
  decodeConsumerOffsetsKey,
  decodeVersioned,
  groupMetadataValue,
  offsetCommitValue,
} from '../../protocol/internal';
import { readAllRecords } from '../../protocol/records';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

const settings = {
  'group.initial.rebalance.delay.ms': 0,
  'group.max.size': 3,
  'offsets.topic.num.partitions': 5,
  'offsets.topic.replication.factor': 1,
};

let zookeeper: TestZooKeeper;
let kafka: BrokerProcess;
let kafkaData: string;
let cluster: Cluster;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  kafkaData = await mkdtemp(join(tmpdir(), 'gregor-groups-'));
  [kafka, cluster] = await Promise.all([
    startApacheKafka({
      zookeeper: `${zookeeper.connectString}/kafka`,
      settings: { ...settings, 'log.dirs': kafkaData },
    }),
    startCluster({ zookeeper: `${zookeeper.connectString}/ours`, settings }),
  ]);
}, 120_000);

afterAll(async () => {
  await kafka?.stop();
  await cluster?.close();
  await zookeeper?.stop();
  await rm(kafkaData, { recursive: true, force: true });
}, 60_000);

async function transcriptOf(port: number): Promise<string[]> {
  const script = new GroupScript('127.0.0.1', port);
  try {
    await prepareForGroups(script, scriptGroups);
    await playGroupScript(script);
  } finally {
    script.close();
  }
  return script.transcript;
}

test('group requests are answered as Apache Kafka answers them', async () => {
  const ours = await transcriptOf(cluster.brokers[0]?.port as number);
  const theirs = await transcriptOf(kafka.port);
  expect(theirs.length).toBeGreaterThan(200);
  expect(ours).toEqual(theirs);
}, 180_000);

test('the offsets topic holds the records that Apache Kafka writes', async () => {
  await cluster.stop(0);
  await kafka.stop();
  const ours = recordsUnder(join(cluster.brokers[0]?.directory as string, 'data'));
  const theirs = recordsUnder(kafkaData);
  expect(theirs.length).toBeGreaterThan(40);
  expect(ours).toEqual(theirs);
}, 60_000);

/** Each partition's records in order, without what is chance: times, member ids, and the order of a group's members. */
function recordsUnder(dataDirectory: string): string[] {
  const partitions = readdirSync(dataDirectory).filter((name) => name.startsWith('__consumer_offsets-'));
  return partitions.toSorted().flatMap((partition) => {
    const bytes = readFileSync(join(dataDirectory, partition, '00000000000000000000.log'));
    return readAllRecords(bytes).map(({ key, value }) => `${partition} ${describeRecord(key as Buffer, value)}`);
  });
}

function describeRecord(key: Buffer, value: Buffer | null): string {
  const about = decodeConsumerOffsetsKey(key);
  const version = value?.readInt16BE(0) ?? 'tombstone';
  const group = value && about.kind === 'group' ? decodeVersioned(groupMetadataValue, value) : null;
  const offset = value && about.kind === 'offset' ? decodeVersioned(offsetCommitValue, value) : null;
  group?.members.sort((one, other) => (one.clientId < other.clientId ? -1 : 1));
  const text = JSON.stringify([key.readInt16BE(0), about, version, group ?? offset], (name, field: unknown) => {
    if (typeof field === 'bigint') return field > 0n ? 'a time' : String(field);
    const data = field as { type?: string; data?: number[] } | null;
    return data?.type === 'Buffer' ? Buffer.from(data.data ?? []).toString('hex') : field;
  });
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'id');
}
