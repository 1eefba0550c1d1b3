import {
  checkIdentity,
  generateBrokerId,
  readOrCreateClusterId,
} from '../../../../broker/cluster-zookeeper/cluster-identity';
import { ManualClock } from '../../../../runtime/manual-clock';
import { seededRandom } from '../../../../runtime/random';
import { InMemoryZooKeeper } from '../../../support/in-memory-zookeeper';

const stored = (brokerId: number | null, clusterId: string | null = 'ours', logDir = '/data') => ({
  logDir,
  clusterId,
  brokerId,
});

test.each([
  ['the configured id, when directories are new', [stored(null, null)], 3, 3],
  ['the configured id, when the directories have it as well', [stored(3)], 3, 3],
  ['the id in the directories, when none is configured', [stored(1001), stored(null, null, '/more')], -1, 1001],
  ['no id, when nobody knows one', [], -1, null],
])('it takes %s', (_, directories, configured, expected) => {
  expect(checkIdentity(directories, 'ours', configured)).toBe(expected);
});

test('directories of another cluster are refused with both ids and what to do', () => {
  const check = (): unknown => checkIdentity([stored(1, 'theirs')], 'ours', 1);
  expect(check).toThrow(/The Cluster ID ours doesn't match stored clusterId theirs in \/data\/meta\.properties/);
  expect(check).toThrow(/correct zookeeper\.connect/);
});

test('a directory of another broker is refused', () => {
  expect(() => checkIdentity([stored(1)], 'ours', 2)).toThrow(
    /Configured broker\.id 2 doesn't match stored broker\.id 1/,
  );
});

test('directories of two brokers are refused', () => {
  expect(() => checkIdentity([stored(1), stored(2, 'ours', '/more')], 'ours', -1)).toThrow(
    /come from different brokers/,
  );
});

test('the first to ask makes the cluster id, all others read it', async () => {
  const zookeeper = new InMemoryZooKeeper({ clock: new ManualClock() });
  const [one, other] = [await zookeeper.connect(), await zookeeper.connect()];
  const ids = await Promise.all([
    readOrCreateClusterId(one.session, seededRandom(1)),
    readOrCreateClusterId(other.session, seededRandom(2)),
  ]);
  expect(ids[0]).toBe(ids[1]);
  expect(JSON.parse(zookeeper.dump()['/cluster/id'] as string)).toEqual({ version: '1', id: ids[0] });
});

test('generated ids start above the reserved ones and never repeat', async () => {
  const zookeeper = new InMemoryZooKeeper({ clock: new ManualClock() });
  const { session } = await zookeeper.connect();
  expect(await generateBrokerId(session, 1000)).toBe(1001);
  expect(await generateBrokerId(session, 1000)).toBe(1002);
  expect(zookeeper.dump()['/brokers/seqid']).toBe('');
});
