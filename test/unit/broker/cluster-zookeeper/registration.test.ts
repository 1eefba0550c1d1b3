import {
  Registration,
  RegistrationError,
  type RegistrationOptions,
} from '../../../../broker/cluster-zookeeper/registration';
import { silentLogger, type Logger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import type { ZooKeeperClient } from '../../../../zookeeper';
import * as znodes from '../../../../zookeeper/znodes';
import { eventually } from '../../../support/eventually';
import { InMemoryZooKeeper } from '../../../support/in-memory-zookeeper';

let clock: ManualClock;
let zookeeper: InMemoryZooKeeper;
let clients: ZooKeeperClient[];
let lines: string[];

beforeEach(() => {
  clock = new ManualClock();
  zookeeper = new InMemoryZooKeeper({ clock });
  clients = [];
  lines = [];
});

afterEach(() => Promise.all(clients.map((client) => client.close())));

const logger: Logger = { ...silentLogger, info: (text) => void lines.push(text), for: () => logger };

async function newClient(): Promise<ZooKeeperClient> {
  const client = await zookeeper.connect({ sessionTimeoutMs: 6000 });
  clients.push(client);
  for (const path of znodes.TOP_LEVEL_PATHS) await client.session.createRecursive(path, null, { ignoreExisting: true });
  return client;
}

async function registration(
  options: Partial<RegistrationOptions> & { port?: number; client?: ZooKeeperClient } = {},
): Promise<Registration> {
  const { session } = options.client ?? (await newClient());
  return new Registration({
    zk: session,
    clock,
    logger,
    brokerId: 1,
    endpoints: [{ listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'here', port: options.port ?? 9092 }],
    rack: 'r1',
    jmxPort: -1,
    publishSession: false,
    probe: () => Promise.resolve(false),
    ...options,
  });
}

/** Lets time pass until so many lines of the countdown have been written. */
async function countdown(count: number): Promise<void> {
  const written = (): number => lines.filter((line) => line.includes('waiting for ZooKeeper to end it')).length;
  for (let line = 1; line <= count; line++) {
    await eventually(`line ${line} of the countdown`, () => written() >= line);
    if (line < count) await clock.advanceAsync(2000);
  }
}

test('the node has version 1 after it was made, and its czxid is the broker epoch', async () => {
  const client = await newClient();
  const made = await registration({ client });
  await made.register();
  const { data, stat } = await client.session.getData('/brokers/ids/1');
  expect(stat).toMatchObject({ version: 1, ephemeralOwner: client.session.sessionId });
  expect(made.brokerEpoch).toBe(Number(stat.czxid));
  expect(JSON.parse(String(data))).toMatchObject({ version: 5, host: 'here', port: 9092, rack: 'r1', features: {} });
});

test('a lost answer counts as success', async () => {
  const client = await newClient();
  const made = await registration({ client });
  const multi = client.session.multi.bind(client.session);
  jest.spyOn(client.session, 'multi').mockImplementationOnce((ops) => {
    zookeeper.loseNextAnswer(client.session);
    return multi(ops);
  });
  await made.register();
  expect(made.brokerEpoch).toBeGreaterThan(0);
});

test('the session is published beside the registration, in the same transaction', async () => {
  const client = await newClient();
  await (await registration({ client, publishSession: true })).register();
  const { data, stat } = await client.session.getData('/gregor/sessions/1');
  const published = znodes.decodeGregorSession(1, data);
  expect(published.sessionId).toEqual(client.session.sessionId);
  expect(published.password).toEqual(client.session.sessionPassword);
  const { stat: registered } = await client.session.getData('/brokers/ids/1');
  expect(stat.czxid).toBe(registered.czxid);
});

test('new endpoints are written without a new broker epoch', async () => {
  const client = await newClient();
  const made = await registration({ client });
  await made.register();
  const before = made.brokerEpoch;
  await made.update([{ listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'there', port: 9093 }]);
  const { data, stat } = await client.session.getData('/brokers/ids/1');
  expect(stat.version).toBe(2);
  expect(znodes.decodeBrokerRegistration(1, data).endpoints[0]?.host).toBe('there');
  expect(made.brokerEpoch).toBe(before);
});

describe('while a node of an earlier life is there', () => {
  test('it waits with a countdown until that session has ended', async () => {
    const old = await newClient();
    await (await registration({ client: old })).register();
    const again = await registration();
    const waiting = again.register();
    await countdown(3);
    expect(lines.at(-1)).toContain('at most 7 s more');
    zookeeper.expire(old.session);
    await waiting;
    expect(again.brokerEpoch).toBeGreaterThan(0);
  });

  test('it gives up when the session outlives its own time-out by five seconds, and says what to do', async () => {
    await (await registration()).register();
    const waiting = (await registration()).register();
    const refusal = waiting.catch((error: unknown) => error);
    await countdown(6);
    await clock.advanceAsync(2000);
    expect(String(await refusal)).toMatch(
      /did not end within 11 s\. Stop that broker, or give this one another broker\.id/,
    );
  });

  test('it fails at once when somebody answers there, naming who has the id', async () => {
    await (await registration()).register();
    const second = await registration({ port: 9093, probe: ({ port }) => Promise.resolve(port === 9092) });
    await expect(second.register()).rejects.toThrow(/Broker id 1 is taken: .* answers at PLAINTEXT:\/\/here:9092/);
    expect(lines.filter((line) => line.includes('waiting for'))).toEqual([]);
  });

  test('its own node of an expired session, which the server forgot to remove, is made anew', async () => {
    const client = await newClient();
    const made = await registration({ client });
    await made.register();
    const first = made.brokerEpoch;
    const lost = Buffer.from(client.session.sessionId);
    zookeeper.expire(client.session);
    await new Promise<void>((resolve) => client.afterNewSession(() => resolve()));
    // ZOOKEEPER-2985: the node is still there, and belongs to the session that is gone.
    const other = await newClient();
    await other.session.create('/brokers/ids/1', Buffer.from('{}'), 'ephemeral');
    const getData = client.session.getData.bind(client.session);
    jest.spyOn(client.session, 'getData').mockImplementationOnce(async (path) => {
      const node = await getData(path);
      return { ...node, stat: { ...node.stat, ephemeralOwner: lost } };
    });
    await made.register();
    expect(made.brokerEpoch).toBeGreaterThan(first);
  });
});

test('an address that another broker advertises is refused', async () => {
  await (await registration()).register();
  const other = await registration({ brokerId: 2 });
  await expect(other.register()).rejects.toThrow(
    new RegistrationError('Configured end points here:9092 in advertised listeners are already registered by broker 1'),
  );
});
