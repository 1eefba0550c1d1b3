/**
 * The dashboard in a real browser over Apache Kafka 3.9.1, which tells nothing of itself but what stands in ZooKeeper and what
 * it answers; then beside a broker of Gregor, which reports its records.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import type { Browser } from 'playwright-core';
import { freePorts } from '../../supervisor/ports';
import { type CoordinatorProcess, startCoordinator } from '../support/coordinator/coordinator-process';
import { eventually } from '../support/eventually';
import { MixedCluster } from '../support/mixed-cluster';
import { openBrowser, WatchedPage } from './support/chromium';
import { openDashboard, visit } from './support/visit';

jest.setTimeout(180_000);

/** An id that browsers take out of every path. */
const ODD_GROUP = '..';
const GREGOR = 2;
const BETWEEN_RECORDS_MS = 100;

const pages: [hash: string, heading: string | RegExp, tells: string | RegExp][] = [
  ['#/', 'Overview', /From polled offsets: these brokers do not report single records/],
  ['#/topics', 'Topics', 'orders'],
  ['#/topics/orders', 'orders', 'retention.ms'],
  ['#/topics/orders/records', /^Records of orders/, /order \d/],
  ['#/groups', 'Groups', 'readers'],
  ['#/groups/readers', 'readers', 'Stable'],
  [`#/groups/${ODD_GROUP}`, ODD_GROUP, 'Empty'],
  ['#/brokers/0', /^Broker 0/, 'does not offer them'],
  ['#/zookeeper?path=%2Fcontroller', 'ZooKeeper', /"brokerid": ?[01]/],
  ['#/timeline', 'Timeline', /From znodes only: this broker has no HTTP listener/],
  ['#/events', 'Events', /orders/],
  ['#/faults', 'Faults', /Faults on purpose are off/],
  ['#/lessons', 'Lessons', 'Replay by offset'],
];

let cluster: MixedCluster;
let coordinator: CoordinatorProcess;
let browser: Browser;
let watched: WatchedPage;
let isOver = false;
const clients: (Producer | Consumer)[] = [];
const traffic: Promise<void>[] = [];

/** Each partition has its leader alone, so that it is known which broker takes in what. */
const replicaAssignment = [0, 1].map((brokerId) => ({ partition: brokerId, replicas: [brokerId] }));

const kafka = (): Kafka =>
  new Kafka({ clientId: 'e2e', brokers: cluster.bootstrap.split(','), logLevel: logLevel.NOTHING });

/** Goes on until the test is over. */
async function produce(producer: Producer, partition?: number): Promise<void> {
  for (let at = 0; !isOver; at++) {
    await producer.send({ topic: 'orders', messages: [{ value: `order ${at}`, partition }] });
    await pause(BETWEEN_RECORDS_MS);
  }
}

async function makeTraffic(): Promise<void> {
  const admin = kafka().admin();
  await admin.connect();
  const configEntries = [{ name: 'retention.ms', value: '86400000' }];
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'orders', replicaAssignment, configEntries }] });
  const producer = await connected(kafka().producer());
  const consumer = await connected(kafka().consumer({ groupId: 'readers' }));
  await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
  await consumer.run({ autoCommitInterval: 500, eachMessage: () => Promise.resolve() });
  traffic.push(produce(producer));
  await admin.setOffsets({ groupId: ODD_GROUP, topic: 'orders', partitions: [{ partition: 0, offset: '0' }] });
  await admin.disconnect();
}

/** A partition more, which Gregor's broker leads, and records in it. */
async function produceOnGregor(): Promise<void> {
  const admin = kafka().admin();
  await admin.connect();
  const assignments = [[GREGOR]];
  await admin.createPartitions({ topicPartitions: [{ topic: 'orders', count: GREGOR + 1, assignments }] });
  await admin.disconnect();
  await eventually('the new partition takes records', async () => {
    // A new one each time: a producer of kafkajs asks for partitions once and keeps what it was told.
    const producer = await connected(kafka().producer());
    const sent = await producer.send({ topic: 'orders', messages: [{ partition: GREGOR, value: 'first' }] });
    if (sent[0]?.partition === GREGOR) traffic.push(produce(producer, GREGOR));
    return sent[0]?.partition === GREGOR;
  });
}

async function connected<T extends Producer | Consumer>(client: T): Promise<T> {
  await client.connect();
  clients.push(client);
  return client;
}

beforeAll(async () => {
  const [http] = await freePorts(1);
  cluster = await MixedCluster.create(GREGOR + 1, {
    'zookeeper.session.timeout.ms': 6_000,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Of the three only Gregor's broker knows this key.
    'gregor.http.listener': `127.0.0.1:${http}`,
  });
  [coordinator, browser] = await Promise.all([
    startCoordinator({
      'zookeeper.connect': cluster.zookeeperConnect,
      'broker.http.listeners': `${GREGOR}=127.0.0.1:${http}`,
    }),
    openBrowser(),
    cluster.start(0, 'kafka'),
    cluster.start(1, 'kafka'),
  ]);
  await Promise.all([makeTraffic(), coordinator.ready()]);
});

beforeEach(async () => {
  watched = await WatchedPage.open(browser, coordinator.url);
  await openDashboard(watched.page, `${coordinator.url}/#token=${await coordinator.token()}`);
});

afterEach(() => watched?.close());

afterAll(async () => {
  isOver = true;
  await Promise.allSettled(traffic);
  await Promise.all(clients.map((client) => client.disconnect()));
  await browser?.close();
  await coordinator?.close();
  await cluster?.close();
});

describe('over Apache Kafka', () => {
  it('every page shows the real thing, whole and without errors', async () => {
    const { page, errors, foreignRequests } = watched;
    for (const [hash, heading, tells] of pages) {
      await visit(page, hash, heading);
      await page.locator('main').getByText(tells).first().waitFor();
    }
    expect({ errors, foreignRequests }).toEqual({ errors: [], foreignRequests: [] });
    expect(await watched.accessibilityFindings()).toEqual([]);
  });

  it('the live picture counts what is written and read, draws no record that nobody reported, and says why', async () => {
    const { page, errors } = watched;
    const inWords = /write [1-9][\d\s.,]* records? per second to orders .* 1 group with 1 member/;
    await page.getByRole('img', { name: inWords }).waitFor();
    await watched.picture('overview-apache-kafka');
    await page.getByText('The same in words', { exact: true }).click();
    await page.getByText(/Group readers, member .* reads [1-9]/).waitFor();
    expect(await page.getByTestId('records-in-motion').locator('circle').count()).toBe(0);
    expect(await page.getByText('not yet on all in-sync replicas').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('the timeline has a lane for each broker, made of what stands in ZooKeeper', async () => {
    const { page } = watched;
    await visit(page, '#/timeline', 'Timeline');
    const table = page.getByRole('table');
    for (const step of [/Topic created|topics created/, /registered|registers/i])
      await table.getByText(step).first().waitFor();
    expect(await page.getByText(/From znodes only/).count()).toBe(2);
    await watched.picture('timeline-apache-kafka');
  });
});

describe('a page', () => {
  it('whose module the network breaks off is loaded again', async () => {
    const { page } = watched;
    let broken = 0;
    await page.route('**/dashboard/pages/events.js', (route) =>
      broken++ < 2 ? route.abort('connectionreset') : route.continue(),
    );
    await visit(page, '#/events', 'Events');
    expect(broken).toBe(3);
    await page.route('**/dashboard/pages/faults.js', (route) => route.abort('connectionreset'));
    await visit(page, '#/faults', 'This page could not be loaded');
  });

  it('of records reads them again when it is asked to, also with the choices that it began with', async () => {
    const { page } = watched;
    await visit(page, '#/topics/orders/records', /^Records of orders/);
    await page.getByText(/records found/).waitFor();
    const again = page.waitForResponse((response) => response.url().includes('/orders/records?'));
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    expect((await again).status()).toBe(200);
  });

  it('of a topic that somebody deletes says that it is gone, and offers nothing more to do with it', async () => {
    const { page } = watched;
    const admin = kafka().admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'doomed', replicationFactor: 2 }] });
    await visit(page, '#/topics/doomed', 'doomed');
    await page.getByRole('heading', { name: 'In short' }).waitFor();
    await admin.deleteTopics({ topics: ['doomed'] });
    await admin.disconnect();
    await page.getByRole('alert').getByText('There is no topic doomed').waitFor();
    expect(await page.getByRole('heading', { name: 'In short' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /topic|record|partition/ }).count()).toBe(0);
  });
});

describe('over a mixed cluster', () => {
  it('the live picture draws the records of Gregor’s broker, and says of which brokers it knows offsets only', async () => {
    const { page, errors } = watched;
    await cluster.start(GREGOR, 'gregor');
    await produceOnGregor();
    await page.getByText(/Partitions led by broker 0, 1 show only how many per second/).waitFor();
    const shown = page.getByTestId('records-in-motion').locator('circle[visibility="visible"]');
    await shown.first().waitFor({ state: 'attached' });
    await watched.picture('overview-mixed');
    await visit(page, `#/brokers/${GREGOR}`, new RegExp(`^Broker ${GREGOR}`));
    await visit(page, '#/timeline', 'Timeline');
    expect(await page.getByText(/From znodes only/).count()).toBe(2);
    expect(errors).toEqual([]);
  });
});
