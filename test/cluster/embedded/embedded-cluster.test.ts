import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { VersionedConnection } from '../../../client';
import { startCluster, type Cluster } from '../../../embedded';
import { metadata } from '../../../protocol/apis';
import { systemClock } from '../../../runtime/clock';
import { portAnswers } from '../../../supervisor/ports';
import { waitUntil } from '../../../supervisor/wait-until';
import { connect } from '../../../zookeeper';
import { silentLogger } from '../../../runtime/logger';

jest.setTimeout(180_000);

const settings = { 'zookeeper.session.timeout.ms': 6000, 'replica.lag.time.max.ms': 2000 };

const kafkaOf = (cluster: Cluster): Kafka =>
  new Kafka({
    clientId: 'embedded-test',
    brokers: [...cluster.addresses],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 40 },
  });

/** Reads a topic from its beginning until `count` records came; gives their values. */
const readValues = async (cluster: Cluster, topic: string, count: number): Promise<string[]> => {
  const consumer = kafkaOf(cluster).consumer({ groupId: `readers-of-${topic}`, maxWaitTimeInMs: 100 });
  const values: string[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void values.push(String(message.value)) });
    const enough = (): true | null => (values.length >= count ? true : null);
    await waitUntil(enough, { what: `${count} records came`, timeoutMs: 30_000, clock: systemClock });
  } finally {
    await consumer.disconnect();
  }
  return values;
};

const openConnection = (cluster: Cluster, brokerId: number): Promise<VersionedConnection> =>
  VersionedConnection.open({
    host: '127.0.0.1',
    port: cluster.brokers[brokerId]?.port ?? 0,
    clientId: 'embedded-test',
    connectTimeoutMs: 5000,
    requestTimeoutMs: 30_000,
    clock: systemClock,
  });

const openZooKeeper = (cluster: Cluster) =>
  connect({
    connectString: cluster.zookeeper,
    sessionTimeoutMs: 10_000,
    connectionTimeoutMs: 10_000,
    clock: systemClock,
    logger: silentLogger,
    name: 'test',
  });

/** czxid of a broker's registration as long as it is there, read with a session of our own. */
const watchRegistration = async (cluster: Cluster, brokerId: number) => {
  const client = await openZooKeeper(cluster);
  return {
    registeredAt: async (): Promise<bigint | null> =>
      (await client.session.exists(`/brokers/ids/${brokerId}`))?.czxid ?? null,
    close: () => client.close(),
  };
};

const controllerOf = async (cluster: Cluster): Promise<number> => {
  const client = await openZooKeeper(cluster);
  const { data } = await client.session.getData('/controller');
  await client.close();
  return (JSON.parse(String(data)) as { brokerid: number }).brokerid;
};

describe.each([
  ['threads of this process', false],
  ['processes of their own', true],
])('a cluster whose brokers are %s', (_kind, processes) => {
  let cluster: Cluster;
  let admin: Admin;
  let producer: Producer;

  beforeAll(async () => {
    cluster = await startCluster({ brokers: 3, processes, settings });
    const kafka = kafkaOf(cluster);
    admin = kafka.admin();
    producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
  });

  afterAll(async () => {
    await Promise.all([admin?.disconnect(), producer?.disconnect()]);
    await cluster?.close();
  });

  /** Tried again, as brokers take a moment to learn of a new controller, and kafkajs does not try again by itself. */
  const createTopic = (topic: string, replicationFactor = 3): Promise<true> => {
    const create = async (): Promise<true> => {
      const creator = kafkaOf(cluster).admin();
      await creator.connect();
      await creator
        .createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor }] })
        .finally(() => creator.disconnect());
      return true;
    };
    const what = `topic ${topic} was created`;
    return waitUntil(create, { what, timeoutMs: 20_000, clock: systemClock, everyMs: 100 });
  };
  /** Brokers learn of a new topic one after the other, and a restarted one all at once. */
  const leaderOf = (topic: string): Promise<number> =>
    waitUntil(
      async () => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        const leader = topics[0]?.partitions[0]?.leader ?? -1;
        return leader < 0 ? null : leader;
      },
      { what: `topic ${topic} had a leader`, timeoutMs: 30_000, clock: systemClock, everyMs: 50 },
    );

  it('serves a client through its bootstrap string', async () => {
    expect(cluster.bootstrap).toBe(cluster.addresses.join(','));
    const { brokers, controller } = await admin.describeCluster();
    expect(brokers.map(({ nodeId }) => nodeId).toSorted()).toEqual([0, 1, 2]);
    expect([0, 1, 2]).toContain(controller);
    await createTopic('letters');
    await producer.send({ topic: 'letters', messages: [{ value: 'a' }, { value: 'b' }] });
    expect(await readValues(cluster, 'letters', 2)).toEqual(['a', 'b']);
  });

  it('stops and starts a single broker on its old port and data', async () => {
    await createTopic('kept', 1);
    await producer.send({ topic: 'kept', messages: [{ value: 'kept over the restart' }] });
    const leader = await leaderOf('kept');
    const broker = cluster.brokers[leader];
    await cluster.stop(leader);
    expect(broker?.running).toBe(false);
    expect(await portAnswers(broker?.port ?? 0)).toBe(false);
    await cluster.start(leader);
    expect(broker?.running).toBe(true);
    expect(await readValues(cluster, 'kept', 1)).toEqual(['kept over the restart']);
  });

  it('survives the killing of a broker, which comes back with what it had acknowledged', async () => {
    await createTopic('survivor', 1);
    await producer.send({ topic: 'survivor', messages: [{ value: 'acknowledged' }] });
    const leader = await leaderOf('survivor');
    await cluster.kill(leader);
    expect(cluster.brokers[leader]?.running).toBe(false);
    await cluster.start(leader);
    expect(await readValues(cluster, 'survivor', 1)).toEqual(['acknowledged']);
  });

  it('answers nothing from a paused broker, and goes on where it was when it is resumed', async () => {
    const [paused, other] = await Promise.all([0, 1].map((id) => openConnection(cluster, id)));
    cluster.pause(0);
    let answered = false;
    const asking = paused?.send(metadata, { topics: [] }).then(() => (answered = true));
    // The other one answers many times over while the paused one does not answer once.
    for (let asked = 0; asked < 50; asked++) await other?.send(metadata, { topics: [] });
    expect(answered).toBe(false);
    cluster.resume(0);
    expect(await asking).toBe(true);
    paused?.close();
    other?.close();
  });

  it('registers a broker anew after its session has expired', async () => {
    const view = await watchRegistration(cluster, 1);
    const before = await view.registeredAt();
    await cluster.expireSession(1);
    const registeredAnew = async (): Promise<true | null> => {
      const now = await view.registeredAt();
      return now !== null && now !== before ? true : null;
    };
    await waitUntil(registeredAnew, { what: 'broker 1 registered anew', timeoutMs: 20_000, clock: systemClock });
    await view.close();
    expect(cluster.brokers[1]?.running).toBe(true);
  });

  it('lets the session of a broker expire whose link to ZooKeeper is cut, and takes it back when it is healed', async () => {
    const view = await watchRegistration(cluster, 2);
    await cluster.cutLink(2, 'zookeeper');
    const gone = async (): Promise<true | null> => ((await view.registeredAt()) === null ? true : null);
    await waitUntil(gone, { what: 'broker 2 was forgotten', timeoutMs: 30_000, clock: systemClock });
    await cluster.healLink(2, 'zookeeper');
    const back = async (): Promise<true | null> => ((await view.registeredAt()) === null ? null : true);
    await waitUntil(back, { what: 'broker 2 was back', timeoutMs: 30_000, clock: systemClock });
    await view.close();
    expect(cluster.brokers[2]?.running).toBe(true);
  });

  it.each([
    ['both ways', false],
    ['from the follower to the leader only', true],
  ])('keeps a follower out of the ISR while its link to the leader is cut %s', async (_how, oneWay) => {
    const topic = oneWay ? 'cut-one-way' : 'cut';
    await createTopic(topic);
    const leader = await leaderOf(topic);
    // The follower must not be the controller, which the leader asks to change the ISR; the third broker sees both.
    const controller = await controllerOf(cluster);
    const follower = [0, 1, 2].find((id) => id !== leader && id !== controller) as number;
    const observer = await openConnection(cluster, 3 - leader - follower);
    const isrHas = (count: number): Promise<true> =>
      waitUntil(
        async () => {
          const { topics } = await observer.send(metadata, { topics: [{ name: topic }] });
          return topics[0]?.partitions[0]?.isrNodes.length === count ? true : null;
        },
        { what: `the ISR had ${count} members`, timeoutMs: 60_000, clock: systemClock, everyMs: 100 },
      );
    await isrHas(3);
    await cluster.cutLink(follower, leader, { oneWay });
    // A follower counts as lagging only when there is something that it lacks, or when it asks no more.
    await producer.send({ topic, messages: [{ value: 'not everywhere' }], acks: 1 });
    await isrHas(2);
    await cluster.healLink(follower, leader);
    expect(await isrHas(3)).toBe(true);
    observer.close();
  });

  it('fails as many requests as it was told to, then none', async () => {
    await createTopic('unlucky', 1);
    const impatient = kafkaOf(cluster).producer({ retry: { retries: 0 } });
    await impatient.connect();
    await impatient.send({ topic: 'unlucky', messages: [{ value: 'first' }] });
    await cluster.failNext('Produce', 'CORRUPT_MESSAGE', { broker: await leaderOf('unlucky') });
    const failing = impatient.send({ topic: 'unlucky', messages: [{ value: 'second' }] });
    await expect(failing).rejects.toThrow(/CRC|corrupt|contents does not match/i);
    await impatient.send({ topic: 'unlucky', messages: [{ value: 'third' }] });
    await impatient.disconnect();
    expect(await readValues(cluster, 'unlucky', 2)).toEqual(['first', 'third']);
  });

  it('names what it does not know', async () => {
    await expect(cluster.failNext('Prduce', 'NONE')).rejects.toThrow('there is no API Prduce');
    await expect(cluster.failNext('Produce', 'NO_SUCH')).rejects.toThrow('there is no error NO_SUCH');
    const misspelled = { brokers: 1 } as object;
    await expect(cluster.failNext('Produce', 'NONE', misspelled)).rejects.toThrow(
      'failNext has no option brokers; there are broker, times',
    );
    await expect(cluster.stop(7)).rejects.toThrow('there is no broker 7; there are 0 to 2');
  });

  it('leaves neither folder nor open port behind when it is closed', async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
    await cluster.close();
    expect(existsSync(cluster.directory)).toBe(false);
    const answers = await Promise.all(cluster.brokers.map(({ port }) => portAnswers(port)));
    expect(answers).toEqual([false, false, false]);
  });
});

describe('an embedded cluster that cannot start', () => {
  it('rejects with the reason and leaves nothing running', async () => {
    const start = startCluster({ settings: { 'log.retention.hours': 'soon' } });
    await expect(start).rejects.toThrow(/broker 0: .*log\.retention\.hours/);
  });

  it('refuses options that it does not have, and names those that it has', async () => {
    // As plain JavaScript may call it.
    const misspelled = { broker: 3 } as object;
    await expect(startCluster(misspelled)).rejects.toThrow(
      'startCluster has no option broker; there are brokers, processes, zookeeper, settings, brokerSettings, ports, directory, timeoutMs, onProgress',
    );
    await expect(startCluster(3 as unknown as object)).rejects.toThrow('startCluster takes an object with options');
  });

  it('keeps a given folder, with the log that tells what happened', async () => {
    const cluster = await startCluster();
    await cluster.close();
    expect(existsSync(cluster.directory)).toBe(false);
    await expect(startCluster({ brokers: 0 })).rejects.toThrow('a cluster has 1 broker or more, not 0');
    await expect(startCluster({ brokers: 2, ports: [1] })).rejects.toThrow('2 brokers need 2 ports');
  });

  it('uses the ZooKeeper that it is given, and leaves it running', async () => {
    const owner = await startCluster({ settings });
    const directory = join(owner.directory, 'second');
    const guest = await startCluster({ zookeeper: `${owner.zookeeper}/second`, directory, settings });
    await guest.close();
    expect(readFileSync(join(directory, 'broker-0', 'server.log'), 'utf8')).toContain('[KafkaServer id=0] started');
    expect(await portAnswers(Number(owner.zookeeper.split(':')[1]))).toBe(true);
    await expect(guest.start(0)).rejects.toThrow('the cluster was closed');
    await owner.close();
  });
});
