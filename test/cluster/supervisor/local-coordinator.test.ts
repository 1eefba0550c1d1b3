import { Kafka, logLevel, type Producer } from 'kafkajs';
import { describeTarget } from '../../../coordinator/faults/targets';
import type { Fault, FaultAction, FaultsView } from '../../../coordinator/schemas';
import { systemClock } from '../../../runtime/clock';
import { LocalCoordinator } from '../../../supervisor/local-coordinator';
import { freePorts, portAnswers } from '../../../supervisor/ports';
import { eventually } from '../../support/eventually';
import { compiledFolder, startLocalCluster, type TestLocalCluster } from '../../support/local-cluster';

jest.setTimeout(180_000);

const WAIT_MS = 60_000;
const TOPIC = 'traffic';

describe('the coordinator beside a cluster on this machine, and faults through it', () => {
  let local: TestLocalCluster;
  let coordinator: LocalCoordinator;
  let port: number;
  let producer: Producer;
  let producing = true;
  let traffic: Promise<void>;
  const unexpected: string[] = [];

  const start = (): LocalCoordinator =>
    LocalCoordinator.start({
      directory: local.directory,
      port,
      zookeeperPort: local.cluster.zookeeperPort,
      transactionLogDirectory: local.cluster.transactionLogDirectory,
      httpPorts: local.httpPorts,
      compiled: compiledFolder,
      faults: local.faults,
      clock: systemClock,
    });

  beforeAll(async () => {
    local = await startLocalCluster();
    [port] = (await freePorts(1)) as [number];
    coordinator = start();
    coordinator.onUnexpectedEnd((text) => unexpected.push(text));
    await coordinator.waitUntilReady();
    const kafka = new Kafka({
      clientId: 'traffic',
      brokers: local.addresses,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 300, retries: 200 },
    });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 3, replicationFactor: 3 }] });
    await admin.disconnect();
    producer = kafka.producer({ metadataMaxAge: 500 });
    await producer.connect();
    traffic = produceUntilTold();
    await eventually('all partitions are in sync', async () => (await shrunk()).length === 0, WAIT_MS);
  });

  afterAll(async () => {
    producing = false;
    await coordinator.stop();
    await local.close();
    await traffic;
    await producer.disconnect().catch(() => undefined);
  });

  /** Records with acks=all to every partition, one after the other. */
  const produceUntilTold = async (): Promise<void> => {
    const sendTo = async (partition: number): Promise<void> => {
      while (producing) {
        const messages = [{ partition, value: 'a record' }];
        await producer.send({ topic: TOPIC, acks: -1, messages }).catch(() => undefined);
      }
    };
    await Promise.all([0, 1, 2].map(sendTo));
  };

  const shrunk = async (): Promise<number[]> => {
    const state = async (partition: number): Promise<{ isr: number[] }> => {
      const { data } = await local.zk.session.getData(`/brokers/topics/${TOPIC}/partitions/${partition}/state`);
      return JSON.parse(String(data)) as { isr: number[] };
    };
    const states = await Promise.all([0, 1, 2].map(state));
    return states.flatMap(({ isr }, partition) => (isr.length < 3 ? [partition] : []));
  };
  const controller = async (): Promise<number> =>
    (JSON.parse(String((await local.zk.session.getData('/controller')).data)) as { brokerid: number }).brokerid;

  const token = (): string => coordinator.address.split('#token=')[1] as string;
  const view = async (): Promise<FaultsView> =>
    (await (await fetch(`http://127.0.0.1:${port}/api/faults`)).json()) as FaultsView;
  const request = (target: string, action: FaultAction, withToken = token()): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/api/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${withToken}` },
      body: JSON.stringify({ target, action }),
    });
  const perform = async (target: string, action: FaultAction): Promise<Fault> => {
    const answer = await request(target, action);
    const body = (await answer.json()) as Fault;
    if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(body)}`);
    return body;
  };
  const faultWith = async (id: number): Promise<Fault> =>
    (await view()).faults.find((fault) => fault.id === id) as Fault;
  /** The fault as soon as all these kinds of consequences were told; a failure shows what was. */
  const followed = (id: number, ...kinds: string[]): Promise<Fault> =>
    eventually(
      `${kinds.join(', ')} followed`,
      async () => {
        const fault = await faultWith(id);
        const told = new Set(fault.consequences.map(({ kind }) => kind));
        if (kinds.every((kind) => told.has(kind))) return fault;
        throw new Error(JSON.stringify(fault, null, 1));
      },
      WAIT_MS,
    );
  const textOf = (fault: Fault, kind: string): string =>
    fault.consequences.find((each) => each.kind === kind)?.text ?? `no ${kind}`;

  it('tells what faults can be made, and makes none without the token', async () => {
    const { enabled, control, targets } = await view();
    expect({ enabled, control }).toEqual({ enabled: true, control: 'supervisor' });
    expect(targets).toHaveLength(10);
    expect(targets[0]).toEqual(describeTarget({ kind: 'process', process: 'zookeeper' }, 'running'));
    expect((await request('broker-0', 'kill', 'wrong')).status).toBe(401);
    expect((await request('broker-7', 'kill')).status).toBe(404);
    expect((await request('broker-0', 'start')).status).toBe(409);
  });

  it('tells what followed when the controller was killed, to the end of it', async () => {
    const killed = await controller();
    const { id } = await perform(`broker-${killed}`, 'kill');
    const broken = await followed(id, 'session-closed', 'controller', 'leader', 'isr-shrunk', 'acks', 'silent');
    expect(textOf(broken, 'session-closed')).toMatch(
      new RegExp(`^ZooKeeper closed the session of broker ${killed} after \\d+\\.\\d s$`),
    );
    expect(textOf(broken, 'controller')).toMatch(/^Broker \d became controller after \d+\.\d s \(epoch 2\)$/);
    expect(textOf(broken, 'leader')).toMatch(new RegExp(`^${TOPIC}-\\d: leader ${killed} → \\d`));
    expect(textOf(broken, 'acks')).toMatch(new RegExp(`^${TOPIC}-\\d acknowledges acks=all again after \\d+\\.\\d s$`));
    expect(broken.endedAtMs).toBeNull();
    await perform(`broker-${killed}`, 'start');
    const ended = await followed(id, 'repair', 'registered', 'isr-whole', 'answers', 'whole');
    expect(ended.endedAtMs).toBeGreaterThan(ended.startedAtMs);
    expect(await shrunk()).toEqual([]);
    const times = ended.consequences.map(({ afterMs }) => afterMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it('tells of a paused broker that its session expired, and that it registered again', async () => {
    const { id } = await perform('broker-1', 'pause');
    const broken = await followed(id, 'silent', 'session-closed', 'isr-shrunk');
    // The session lasts four seconds from its last sign of life.
    const { afterMs } = broken.consequences.find(({ kind }) => kind === 'session-closed') as { afterMs: number };
    expect(afterMs).toBeGreaterThan(2_000);
    await perform('broker-1', 'resume');
    await followed(id, 'registered', 'isr-whole', 'answers', 'whole');
  });

  it('tells of a broker that was cut off from ZooKeeper: its session expires, and it registers again', async () => {
    const { id } = await perform('link:broker-2:zookeeper', 'cut');
    expect((await view()).targets.find((target) => target.id === 'link:broker-2:zookeeper')?.state).toBe('cut');
    await followed(id, 'session-closed', 'isr-shrunk');
    await perform('link:broker-2:zookeeper', 'heal');
    const ended = await followed(id, 'registered', 'isr-whole', 'whole');
    expect(textOf(ended, 'registered')).toMatch(/^Broker 2 registered again after/);
  });

  it('tells of two brokers that were cut off from each other: the ISR shrinks and grows again', async () => {
    const { id } = await perform('link:broker-0:broker-1', 'cut');
    const broken = await followed(id, 'isr-shrunk');
    expect(broken.consequences.map(({ kind }) => kind)).not.toContain('session-closed');
    await perform('link:broker-0:broker-1', 'heal');
    await followed(id, 'isr-whole', 'whole');
    expect(await shrunk()).toEqual([]);
  });

  it('tells of ZooKeeper that it was away, and that all is well when it is back', async () => {
    const { id } = await perform('zookeeper', 'kill');
    await followed(id, 'zookeeper-silent');
    await perform('zookeeper', 'start');
    await followed(id, 'zookeeper-answers', 'whole');
    expect((await view()).targets.find((target) => target.id === 'zookeeper')?.state).toBe('running');
  });

  it('is told of when it ends unexpectedly, the cluster goes on, and a next one knows what is broken on purpose', async () => {
    expect(unexpected).toEqual([]);
    const { id } = await perform('link:broker-0:broker-1', 'cut');
    const before = await followed(id, 'isr-shrunk');
    process.kill(coordinator.pid as number, 'SIGKILL');
    await eventually('its end is told', () => unexpected.includes('The coordinator was ended by SIGKILL'));
    expect(await portAnswers(local.cluster.brokers[0]?.port ?? 0)).toBe(true);
    coordinator = start();
    await coordinator.waitUntilReady();
    const { faults } = await view();
    expect(faults.map((fault) => fault.id)).toEqual(Array.from({ length: id }, (_, index) => id - index));
    expect(faults[0]).toMatchObject({ title: before.title, startedAtMs: before.startedAtMs, endedAtMs: null });
    await perform('link:broker-0:broker-1', 'heal');
    expect((await followed(id, 'unwatched')).endedAtMs).toBeGreaterThan(before.startedAtMs);
  });
});
