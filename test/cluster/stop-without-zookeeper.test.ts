/** Brokers stop orderly also when ZooKeeper has gone for good: nobody is to wait for it, and no log is to need a recovery. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import type { BrokerProcess } from '../support/broker-process';
import { startGregor } from '../support/gregor-broker';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper';

jest.setTimeout(120_000);

let zookeeper: TestZooKeeper;
const brokers: BrokerProcess[] = [];
const root = mkdtempSync(join(tmpdir(), 'gregor-stop-'));

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  for (const brokerId of [0, 1]) {
    const settings = { 'offsets.topic.replication.factor': 2, 'gregor.http.listener': '' };
    const directory = join(root, String(brokerId));
    brokers.push(await startGregor({ zookeeper: zookeeper.connectString, brokerId, settings, directory }));
  }
});

afterAll(async () => {
  for (const broker of brokers) await broker.kill();
  await zookeeper?.stop();
  rmSync(root, { recursive: true, force: true });
});

const markers = (): boolean[] => brokers.map(({ logDir }) => existsSync(join(logDir, '.kafka_cleanshutdown')));

it('a broker that ZooKeeper left alone stops by itself, with its logs closed cleanly', async () => {
  const kafka = new Kafka({ clientId: 'test', brokers: [brokers[0]?.bootstrap ?? ''], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic: 'orders', numPartitions: 4, replicationFactor: 2 }],
    waitForLeaders: true,
  });
  await admin.disconnect();
  await zookeeper.kill();
  const kept = markers();
  await Promise.all(brokers.map((broker) => broker.stop()));
  for (const { directory } of brokers) {
    expect(readFileSync(join(directory, 'server.log'), 'utf8')).toContain('shut down completed');
  }
  expect({ before: kept, after: markers() }).toEqual({ before: [false, false], after: [true, true] });
});
