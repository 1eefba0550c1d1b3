import { Kafka, logLevel } from 'kafkajs';
import { systemClock } from '../../../runtime/clock';
import { eventually } from '../../support/eventually';
import { startLocalCluster, type TestLocalCluster } from '../../support/local-cluster';

jest.setTimeout(120_000);

const WAIT_MS = 40_000;

describe('faults on purpose in a cluster on this machine', () => {
  let local: TestLocalCluster;
  beforeAll(async () => (local = await startLocalCluster()));
  afterAll(() => local.close());

  const stateOf = (id: string): string | undefined => local.faults.targets().find((each) => each.id === id)?.state;
  const reaches = (id: string, state: string): Promise<unknown> =>
    eventually(`${id} is ${state}`, () => stateOf(id) === state || Promise.reject(new Error(stateOf(id))), WAIT_MS);
  const jsonAt = async <T>(path: string): Promise<T> =>
    JSON.parse(String((await local.zk.session.getData(path)).data)) as T;
  const registered = async (brokerId: number): Promise<boolean> =>
    (await local.zk.session.exists(`/brokers/ids/${brokerId}`)) !== null;
  const stateOfPartition = (topic: string): Promise<{ leader: number; isr: number[] }> =>
    jsonAt(`/brokers/topics/${topic}/partitions/0/state`);
  const wholeIsr = (topic: string, replicas: number): Promise<unknown> =>
    eventually(`${topic} is in sync`, async () => (await stateOfPartition(topic)).isr.length === replicas, WAIT_MS);
  const kafka = (...addresses: string[]): Kafka =>
    new Kafka({ clientId: 'faults', brokers: addresses, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const createTopic = async (topic: string, replicas: number[]): Promise<void> => {
    const admin = kafka(...local.addresses).admin();
    await admin.connect();
    const replicaAssignment = [{ partition: 0, replicas }];
    await admin.createTopics({ topics: [{ topic, replicaAssignment }] });
    await admin.disconnect();
    await eventually(
      `${topic} has a leader`,
      async () => (await stateOfPartition(topic)).leader === replicas[0],
      WAIT_MS,
    );
    await wholeIsr(topic, replicas.length);
  };
  const produce = async (topic: string, acks: number, value: string): Promise<void> => {
    const producer = kafka(...local.addresses).producer();
    await producer.connect();
    await producer.send({ topic, acks, messages: [{ value }] });
    await producer.disconnect();
  };

  it('tells every process and every link, and what may be done to it', () => {
    expect(local.faults.targets().map(({ id, state }) => `${id} ${state}`)).toEqual([
      'zookeeper running',
      'broker-0 running',
      'broker-1 running',
      'broker-2 running',
      'link:broker-0:zookeeper whole',
      'link:broker-1:zookeeper whole',
      'link:broker-2:zookeeper whole',
      'link:broker-0:broker-1 whole',
      'link:broker-0:broker-2 whole',
      'link:broker-1:broker-2 whole',
    ]);
    const actionsOf = (id: string): unknown => local.faults.targets().find((each) => each.id === id)?.actions;
    expect(actionsOf('broker-1')).toEqual(['kill', 'stop', 'pause', 'restart']);
    expect(actionsOf('link:broker-0:broker-1')).toEqual(['cut']);
  });

  it('kills a broker and starts it again', async () => {
    await local.faults.perform('broker-1', 'kill');
    expect(stateOf('broker-1')).toBe('stopped');
    await eventually('broker 1 is forgotten', async () => !(await registered(1)), WAIT_MS);
    await local.faults.perform('broker-1', 'start');
    await reaches('broker-1', 'running');
    expect(await registered(1)).toBe(true);
  });

  it('stops and restarts a broker orderly, and does not call that an unexpected end', async () => {
    await local.faults.perform('broker-2', 'restart');
    await reaches('broker-2', 'running');
    await local.faults.perform('broker-2', 'stop');
    expect(await registered(2)).toBe(false);
    await local.faults.perform('broker-2', 'start');
    await reaches('broker-2', 'running');
    expect(local.said.filter((text) => /ended/.test(text))).toEqual([]);
    expect(local.said).toContain('On purpose: broker 2 was stopped');
  });

  it('freezes a broker until ZooKeeper gives it up, and lets it go on', async () => {
    await local.faults.perform('broker-0', 'pause');
    expect(stateOf('broker-0')).toBe('paused');
    await eventually('the session of broker 0 expired', async () => !(await registered(0)), WAIT_MS);
    await local.faults.perform('broker-0', 'resume');
    await eventually('broker 0 is registered again', () => registered(0), WAIT_MS);
    expect(stateOf('broker-0')).toBe('running');
  });

  it('cuts a broker off from ZooKeeper, also over a restart, until the link is healed', async () => {
    await local.faults.perform('link:broker-2:zookeeper', 'cut');
    await eventually('the session of broker 2 expired', async () => !(await registered(2)), WAIT_MS);
    await local.faults.perform('broker-2', 'kill');
    await local.faults.perform('broker-2', 'start');
    await eventually('broker 2 tries to connect', () => /Connecting to zookeeper/i.test(logOf(2)), WAIT_MS);
    expect(stateOf('broker-2')).toBe('starting');
    expect(await registered(2)).toBe(false);
    await local.faults.perform('link:broker-2:zookeeper', 'heal');
    await eventually('broker 2 is registered again', () => registered(2), WAIT_MS);
    await reaches('broker-2', 'running');
  });

  it('cuts two brokers off from each other and nobody else: the follower leaves the ISR, clients are served', async () => {
    const controller = (await jsonAt<{ brokerid: number }>('/controller')).brokerid;
    const [leader, follower] = [0, 1, 2].filter((id) => id !== controller) as [number, number];
    await createTopic('cut', [leader, follower, controller]);
    const link = `link:broker-${leader}:broker-${follower}`;
    await local.faults.perform(link, 'cut');
    await produce('cut', 1, 'not everywhere');
    const isr = await eventually(
      'the follower left the ISR',
      async () => {
        const state = await stateOfPartition('cut');
        return state.isr.length === 2 ? state.isr : Promise.reject(new Error(JSON.stringify(state)));
      },
      WAIT_MS,
    );
    expect(isr).toEqual([leader, controller]);
    await produce('cut', -1, 'acknowledged without it');
    // The follower itself serves, too: it is cut off from one broker only.
    await createTopic('elsewhere', [follower, controller]);
    await produce('elsewhere', -1, 'by the broker that is cut off');
    await local.faults.perform(link, 'heal');
    await wholeIsr('cut', 3);
  });

  it('kills ZooKeeper and starts it again on the same data, with the brokers still registered', async () => {
    await createTopic('kept', [0, 1, 2]);
    const id = (await local.zk.session.getData('/cluster/id')).data;
    await local.faults.perform('zookeeper', 'kill');
    expect(stateOf('zookeeper')).toBe('stopped');
    await produce('kept', -1, 'brokers serve without ZooKeeper');
    await local.faults.perform('zookeeper', 'start');
    expect(stateOf('zookeeper')).toBe('running');
    await eventually(
      'the same tree is there',
      async () => ((await local.zk.session.getData('/cluster/id')).data as Buffer).equals(id as Buffer),
      WAIT_MS,
    );
    await eventually(
      'all are registered',
      async () => (await Promise.all([0, 1, 2].map(registered))).every(Boolean),
      WAIT_MS,
    );
    await wholeIsr('kept', 3);
  });

  it('refuses what is not possible, and says why', async () => {
    const { faults } = local;
    await expect(faults.perform('broker-7', 'kill')).rejects.toThrow('there is no broker-7 in this cluster');
    await expect(faults.perform('broker-1', 'start')).rejects.toThrow('broker 1 is running: it cannot start');
    await expect(faults.perform('link:broker-0:broker-1', 'heal')).rejects.toThrow('is whole: it cannot heal');
    const restart = faults.perform('broker-1', 'restart');
    await expect(faults.perform('broker-1', 'kill')).rejects.toThrow('something else is being done to broker 1');
    await restart;
    await reaches('broker-1', 'running');
  });

  it('tells of a broker that ended by itself', async () => {
    const pid = local.cluster.brokers[1]?.pid as number;
    process.kill(pid, 'SIGKILL');
    await eventually('the end is told', () => local.said.includes('Broker 1 was ended by SIGKILL'), WAIT_MS);
    await local.faults.perform('broker-1', 'start');
    await reaches('broker-1', 'running');
  });

  it('stops soon while ZooKeeper is paused, a broker is paused and links are cut', async () => {
    await local.faults.perform('link:broker-0:zookeeper', 'cut');
    await local.faults.perform('link:broker-0:broker-1', 'cut');
    await local.faults.perform('broker-2', 'pause');
    await local.faults.perform('zookeeper', 'pause');
    const startMs = systemClock.monotonicMs();
    await local.cluster.stop();
    const states = local.faults.targets().filter(({ kind }) => kind !== 'link');
    expect(states.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
    // Half a minute is what a broker gets before it is killed.
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(25_000);
  });

  const logOf = (brokerId: number): string => {
    const broker = local.cluster.brokers[brokerId];
    return broker?.output() ?? '';
  };
});
