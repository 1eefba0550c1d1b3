import { ConfigChanges } from '../../../../broker/cluster-zookeeper/config-changes';
import {
  announceConfigChange,
  readEntityConfig,
  writeEntityConfig,
} from '../../../../broker/cluster-zookeeper/admin/entity-configs';
import { silentLogger } from '../../../../runtime/logger';
import { ManualClock } from '../../../../runtime/manual-clock';
import type { ZooKeeperClient } from '../../../../zookeeper';
import * as znodes from '../../../../zookeeper/znodes';
import { eventually } from '../../../support/eventually';
import { InMemoryZooKeeper } from '../../../support/in-memory-zookeeper';

let clock: ManualClock;
let zookeeper: InMemoryZooKeeper;
let client: ZooKeeperClient;
let admin: ZooKeeperClient;
let changes: ConfigChanges;
let told: string[];

beforeEach(async () => {
  clock = new ManualClock();
  zookeeper = new InMemoryZooKeeper({ clock });
  client = await zookeeper.connect();
  admin = await zookeeper.connect();
  for (const path of znodes.TOP_LEVEL_PATHS) await admin.session.createRecursive(path, null, { ignoreExisting: true });
  await admin.session.create(znodes.CONTROLLER_PATH, znodes.encodeController(1, 0));
  told = [];
  changes = new ConfigChanges({
    client,
    clock,
    logger: silentLogger,
    brokerId: 1,
    listeners: {
      onTopicConfig: (topic, overrides) => void told.push(`${topic} ${JSON.stringify(overrides)}`),
      onBrokerConfig: (config) => void told.push(`broker ${JSON.stringify(config)}`),
    },
  });
});

afterEach(async () => {
  await changes.shutdown();
  await client.close();
  await admin.close();
});

async function change(entity: string, config: Record<string, string>): Promise<void> {
  await writeEntityConfig(admin.session, entity, new Map(Object.entries(config)));
  await announceConfigChange(admin.session, entity);
}

test('what is set already is told at the start', async () => {
  await writeEntityConfig(admin.session, 'topics/orders', new Map([['retention.ms', '1000']]));
  await writeEntityConfig(admin.session, 'brokers/<default>', new Map([['log.cleaner.threads', '2']]));
  await changes.startup();
  expect(told).toContain('orders {"retention.ms":"1000"}');
  expect(told).toContain('broker {"clusterWide":{"log.cleaner.threads":"2"},"perBroker":{}}');
});

test('every change is told once, as the entity is now', async () => {
  await changes.startup();
  told.length = 0;
  await change('topics/orders', { 'retention.ms': '1000' });
  await eventually('word of it', () => told.length === 1);
  await change('topics/orders', {});
  await eventually('word of it', () => told.length === 2);
  expect(told).toEqual(['orders {"retention.ms":"1000"}', 'orders {}']);
});

test('changes of other brokers do not concern this one', async () => {
  await changes.startup();
  told.length = 0;
  await change('brokers/2', { 'log.cleaner.threads': '3' });
  await change('brokers/1', { 'log.cleaner.threads': '4' });
  await eventually('word of it', () => told.length > 0);
  expect(told).toEqual(['broker {"clusterWide":{},"perBroker":{"log.cleaner.threads":"4"}}']);
});

test('quotas are kept for later', async () => {
  await change('users/alice/clients/c', { producer_byte_rate: '10' });
  await changes.startup();
  expect(changes.quotas.get('users/alice/clients/c')).toEqual({ producer_byte_rate: '10' });
  await change('ips/<default>', { connection_creation_rate: '5' });
  await eventually('the quota', () => changes.quotas.has('ips/<default>'));
  await change('ips/<default>', {});
  await eventually('no quota', () => !changes.quotas.has('ips/<default>'));
});

test('a notification that cannot be read stops nothing', async () => {
  await changes.startup();
  told.length = 0;
  await admin.session.create(znodes.CONFIG_CHANGE_CREATE_PATH, Buffer.from('?'), 'persistent-sequential');
  await change('topics/orders', { 'retention.ms': '1' });
  await eventually('word of the next', () => told.length === 1);
});

test('notifications are deleted after fifteen minutes, by whoever looks', async () => {
  await change('topics/orders', {});
  await changes.startup();
  clock.advance(16 * 60_000);
  await change('topics/payments', {});
  await eventually('removal of the first', async () => {
    const { children } = await admin.session.getChildren(znodes.CONFIG_CHANGES_PATH);
    return children.length === 1;
  });
});

test('after an expired session nothing is missed', async () => {
  await changes.startup();
  told.length = 0;
  zookeeper.expire(client.session);
  await change('topics/orders', { 'retention.ms': '1' });
  await eventually('word of it', () => told.includes('orders {"retention.ms":"1"}'));
});

describe('writing a configuration', () => {
  test('replaces what was there', async () => {
    await writeEntityConfig(admin.session, 'topics/orders', new Map([['a', '1']]));
    await writeEntityConfig(admin.session, 'topics/orders', new Map([['b', '2']]));
    expect(await readEntityConfig(admin.session, 'topics/orders')).toEqual(new Map([['b', '2']]));
  });

  test.each([
    ['there is no controller', null],
    [
      'a KRaft controller has the cluster',
      JSON.stringify({ version: 2, brokerid: 3000, timestamp: '0', kraftControllerEpoch: 4 }),
    ],
  ])('is refused while %s', async (_, node) => {
    await admin.session.delete(znodes.CONTROLLER_PATH, -1);
    if (node !== null) await admin.session.create(znodes.CONTROLLER_PATH, Buffer.from(node));
    const writing = writeEntityConfig(admin.session, 'topics/orders', new Map());
    await expect(writing).rejects.toMatchObject({ error: { name: 'STALE_CONTROLLER_EPOCH' } });
  });
});
