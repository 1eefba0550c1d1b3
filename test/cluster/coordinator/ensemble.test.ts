/** The coordinator and a ZooKeeper of three servers: what each of them is, and what happens when they go one by one. */
import type { ZooKeeperView } from '../../../coordinator/schemas';
import { type CoordinatorProcess, startCoordinator } from '../../support/coordinator/coordinator-process';
import { eventually } from '../../support/eventually';
import { connectForTest } from '../../support/zookeeper';
import { startEnsemble, type TestEnsemble } from '../../support/zookeeper-ensemble';

jest.setTimeout(120_000);

let ensemble: TestEnsemble;
let coordinator: CoordinatorProcess;

const view = async (): Promise<ZooKeeperView> => (await coordinator.get('/api/zookeeper')).body as ZooKeeperView;

async function untilServersAre(expected: string[]): Promise<ZooKeeperView> {
  let seen: string[] = [];
  const look = async (): Promise<ZooKeeperView | null> => {
    const now = await view();
    seen = now.servers.map(({ state, mode }) => mode ?? state).toSorted();
    return seen.join() === expected.join() ? now : null;
  };
  return eventually(`servers being ${expected.join()}`, look, 30_000).catch((error: Error) =>
    Promise.reject(new Error(`${error.message}: ${seen.join()}`)),
  );
}

const serverAt = (address: string) => ensemble.servers.find(({ connectString }) => connectString === address);

beforeAll(async () => {
  ensemble = await startEnsemble();
  coordinator = await startCoordinator({ 'zookeeper.connect': ensemble.connectString });
  await coordinator.ready();
});

afterAll(async () => {
  await coordinator?.close();
  await ensemble?.stop();
});

it('shows which server leads and which follow', async () => {
  const { servers, verdict } = await untilServersAre(['follower', 'follower', 'leader']);
  expect(servers.map(({ address }) => address)).toEqual(ensemble.connectString.split(','));
  expect(servers.every(({ ruok, figuresFrom }) => ruok === true && figuresFrom === 'mntr')).toBe(true);
  expect(verdict.verdict).toBe('healthy');
});

it('goes on with the same session, and misses nothing, when the leader dies', async () => {
  const before = await view();
  const leader = before.servers.find(({ mode }) => mode === 'leader');
  await serverAt(leader?.address as string)?.kill();
  const after = await untilServersAre(['follower', 'leader', 'unreachable']);
  expect(after.session.sessionId).toBe(before.session.sessionId);
  expect(after.verdict.verdict).not.toBe('healthy');
  const left = after.servers.filter(({ mode }) => mode !== null).map(({ address }) => address);
  const writer = await connectForTest(left.join(','));
  await writer.session.create('/after-the-leader', Buffer.from('news'));
  await writer.close();
  await eventually(
    'the new znode',
    async () => (await coordinator.get('/api/znodes?path=/after-the-leader')).status === 200,
  );
});

it('says that it has no connection when the majority is gone, and comes back with it', async () => {
  const { servers } = await view();
  const [alive] = servers.filter(({ mode }) => mode !== null);
  const killed = serverAt(alive?.address as string);
  await killed?.kill();
  const freshness = async () =>
    ((await coordinator.get('/api/cluster')).body as { freshness: { stale: boolean; why: string | null } }).freshness;
  await eventually('staleness', async () => (await freshness()).stale, 30_000);
  expect((await coordinator.get('/ready')).status).toBe(200);
  await killed?.restart();
  await eventually('freshness', async () => !(await freshness()).stale, 60_000);
  await untilServersAre(['follower', 'leader', 'unreachable']);
});
