/** The coordinator as a process: how it starts, what it says while ZooKeeper is away, and how it ends. */
import { createServer } from 'node:net';
import { freePorts } from '../../../supervisor/ports';
import { type CoordinatorProcess, startCoordinator } from '../../support/coordinator/coordinator-process';
import { eventually } from '../../support/eventually';
import { connectForTest, startZooKeeper, type TestZooKeeper } from '../../support/zookeeper';

const open: CoordinatorProcess[] = [];

const start = async (...args: Parameters<typeof startCoordinator>): Promise<CoordinatorProcess> => {
  const coordinator = await startCoordinator(...args);
  open.push(coordinator);
  return coordinator;
};

/** Starts it where it cannot start; gives its exit code and what it says. */
async function refused(...args: Parameters<typeof startCoordinator>): Promise<{ code: number | null; says: string }> {
  const coordinator = await start(...args);
  const { code } = await coordinator.ended;
  const lines = (await coordinator.log()).split('\n').filter((line) => line.includes('ERROR'));
  return { code, says: lines.join('\n') };
}

afterEach(async () => {
  for (const coordinator of open.splice(0)) await coordinator.close();
});

describe('the coordinator without ZooKeeper', () => {
  it('serves at once, is not ready and says why, and goes on by itself when ZooKeeper comes', async () => {
    const [port = 0] = await freePorts(1);
    const coordinator = await start({ 'zookeeper.connect': `127.0.0.1:${port}` });
    await coordinator.serving();
    expect(await coordinator.get('/ready')).toEqual({
      status: 503,
      body: { ready: false, why: 'ZooKeeper has not been reached yet.' },
    });
    expect(await coordinator.get('/api/cluster')).toMatchObject({
      status: 200,
      body: { clusterId: null, freshness: { asOfMs: null, stale: true, why: 'ZooKeeper has not been reached yet.' } },
    });
    const late = await startZooKeeper({ port });
    try {
      await coordinator.ready();
      expect(await coordinator.get('/api/zookeeper')).toMatchObject({
        body: { session: { state: 'connected' }, knownZnodes: 4 },
      });
    } finally {
      await late.stop();
    }
  });

  it('ends orderly on SIGTERM also when it has never reached it', async () => {
    const [port = 0] = await freePorts(1);
    const coordinator = await start({ 'zookeeper.connect': `127.0.0.1:${port}` });
    await coordinator.serving();
    expect(await coordinator.stop()).toEqual({ code: 143, signal: null });
  });
});

describe('the coordinator beside ZooKeeper', () => {
  let zookeeper: TestZooKeeper;

  beforeAll(async () => {
    zookeeper = await startZooKeeper();
  });

  afterAll(() => zookeeper.stop());

  it('survives ZooKeeper’s end, says how old its knowledge is, and takes up what is new when it is back', async () => {
    const coordinator = await start({ 'zookeeper.connect': zookeeper.connectString });
    await coordinator.ready();
    await zookeeper.kill();
    const stale = await eventually('staleness', async () => {
      const { body } = (await coordinator.get('/api/cluster')) as { body: { freshness: { stale: boolean } } };
      return body.freshness.stale ? body.freshness : null;
    });
    expect(stale).toMatchObject({ why: 'There is no connection to ZooKeeper.', asOfMs: expect.any(Number) as number });
    expect((await coordinator.get('/ready')).status).toBe(200);
    await zookeeper.restart();
    const writer = await connectForTest(zookeeper.connectString);
    await writer.session.create('/since-then', Buffer.from('here'));
    await writer.close();
    await eventually('the new znode', async () => {
      const { body } = await coordinator.get('/api/znodes?path=/since-then');
      return JSON.stringify(body).includes('"here"');
    });
    const { body } = await coordinator.get('/api/events?limit=1000');
    const { events } = body as { events: { type: string; text: string }[] };
    const told = events.filter(({ type }) => type === 'zookeeper').map(({ text }) => text.replaceAll(/0x\w+/g, '<id>'));
    expect(told.slice(0, 3)).toEqual([
      'The coordinator has opened the ZooKeeper session <id>.',
      'The coordinator has lost its connection to ZooKeeper; its session <id> lives on until its time-out.',
      'The coordinator is connected to ZooKeeper again; its session <id> goes on.',
    ]);
  });

  it('ends orderly on SIGTERM with live streams open, without a word of complaint', async () => {
    const coordinator = await start({ 'zookeeper.connect': zookeeper.connectString });
    await coordinator.ready();
    const stream = await fetch(`${coordinator.url}/api/live`);
    expect(await coordinator.stop()).toEqual({ code: 143, signal: null });
    await stream.text().catch(() => undefined); // cut off by the end
    const log = await coordinator.log();
    expect(log).toContain('stopped');
    expect(log).not.toContain('ERROR');
    expect(log).not.toContain('Warning');
  });

  it('starts again on what a killed one left behind, with the same token', async () => {
    const first = await start({ 'zookeeper.connect': zookeeper.connectString });
    await first.ready();
    const token = await first.token();
    await first.kill();
    const second = await start({ 'zookeeper.connect': zookeeper.connectString }, first.directory);
    await second.ready();
    expect(await second.token()).toBe(token);
  });

  it('refuses a data.dir that another one uses', async () => {
    const first = await start({ 'zookeeper.connect': zookeeper.connectString });
    await first.ready();
    const settings = { 'zookeeper.connect': zookeeper.connectString, 'data.dir': `${first.directory}/data` };
    const { code, says } = await refused(settings);
    expect(code).toBe(1);
    expect(says).toContain(`another coordinator uses data.dir ${first.directory}/data`);
  });
});

describe('a coordinator that cannot start ends with code 1 and says in a sentence why:', () => {
  it('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, says } = await refused({ 'http.port': port });
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(1);
    expect(says).toContain(`127.0.0.1:${port} (http.host, http.port) cannot be bound: something else listens there`);
    expect(says).not.toContain(' at ');
  });

  it.each([
    ['a misspelt key', { 'action.enabled': false }, 'action.enabled: there is no such key'],
    ['keys that contradict each other', { 'faults.enabled': true }, 'faults.enabled=true needs faults.control'],
    ['servers that are none', { 'zookeeper.connect': 'host:port' }, "zookeeper.connect 'host:port'"],
    ['a folder that cannot be', { 'data.dir': '/dev/null/here' }, 'data.dir /dev/null/here cannot be used'],
  ])('%s', async (_what, settings, why) => {
    const { code, says } = await refused(settings);
    expect(code).toBe(1);
    expect(says).toContain('The coordinator cannot start: ');
    expect(says).toContain(why);
    expect(says.split('\n')).toHaveLength(1);
  });
});
