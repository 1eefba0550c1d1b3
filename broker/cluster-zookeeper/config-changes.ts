/**
 * Follows the configurations under /config: a node under /config/changes says that something was changed, the entity's
 * own node says how it is now (kafka.common.ZkNodeChangeNotificationListener, kafka.server.ZkConfigManager). Every broker
 * takes each notification once, in their order, and deletes those older than 15 minutes.
 * Owns the number of the last notification taken. Quotas of clients, users and addresses are kept, not yet enforced.
 */
import { EventQueue, EventDropped } from '../../runtime/event-queue';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { Watch, ZooKeeperClient } from '../../zookeeper';
import { isZkError } from '../../zookeeper/errors';
import * as znodes from '../../zookeeper/znodes';
import type { ConfigListeners, DynamicBrokerConfig } from './config-listeners';
import { orNull } from './zk-reads';

export interface ConfigChangesOptions {
  readonly client: ZooKeeperClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly brokerId: number;
  readonly listeners: ConfigListeners;
}

export class ConfigChanges {
  /** Quotas by entity path, `users/alice/clients/c`: for their enforcement later on. */
  readonly quotas = new Map<string, Record<string, string>>();
  private readonly queue = new EventQueue('config changes');
  private readonly hooks: (() => void)[] = [];
  private lastTaken = -1;
  private waiting = false;
  private stopped = false;

  constructor(private readonly options: ConfigChangesOptions) {}

  /** Tells the configurations as they are, then every change. */
  async startup(): Promise<void> {
    const { client } = this.options;
    this.hooks.push(client.afterNewSession(() => this.look()));
    await this.queue.enqueue('first look', async () => {
      await this.take();
      await this.tellAll();
    });
  }

  async shutdown(): Promise<void> {
    this.stopped = true;
    for (const removeHook of this.hooks.splice(0)) removeHook();
    await this.queue.close();
  }

  private readonly watch: Watch = () => this.look();

  private look(): void {
    if (this.waiting || this.stopped) return;
    this.waiting = true;
    this.queue
      .enqueue('changes', () => {
        this.waiting = false;
        return this.take();
      })
      .catch((error: unknown) => {
        this.waiting = false;
        if (error instanceof EventDropped || isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED')) return;
        this.options.logger.error('Error while processing notification change for path = /config/changes', error);
      });
  }

  /** Takes the notifications that have come since the last time. */
  private async take(): Promise<void> {
    const { session } = this.options.client;
    const { children } = await session.getChildren(znodes.CONFIG_CHANGES_PATH, this.watch);
    const numbered = children
      .map((name) => ({ name, sequence: znodes.sequenceNumber(name, znodes.CONFIG_CHANGE_PREFIX) }))
      .filter(({ sequence }) => sequence >= 0)
      .sort((one, other) => one.sequence - other.sequence);
    for (const { name, sequence } of numbered) {
      if (sequence > this.lastTaken) {
        await this.takeOne(`${znodes.CONFIG_CHANGES_PATH}/${name}`);
        this.lastTaken = sequence;
      }
    }
    await this.purge(numbered.map(({ name }) => `${znodes.CONFIG_CHANGES_PATH}/${name}`));
  }

  private async takeOne(path: string): Promise<void> {
    const node = await orNull(this.options.client.session.getData(path));
    if (!node) return;
    try {
      await this.tell(znodes.decodeConfigChange(node.data));
    } catch (error) {
      if (isZkError(error, 'SESSION_EXPIRED') || isZkError(error, 'CLOSED')) throw error;
      this.options.logger.error(`Configuration change ${path} could not be taken over`, error);
    }
  }

  private async tell({ type, entityPath }: znodes.ConfigChange): Promise<void> {
    const { listeners, brokerId, logger } = this.options;
    const name = entityPath.slice(type.length + 1);
    const overrides = await this.read(entityPath);
    logger.info(`Processing override for entityPath: ${entityPath} with config: ${describe(overrides)}`);
    if (type === 'topics') listeners.onTopicConfig(name, overrides);
    else if (type !== 'brokers') this.keepQuota(entityPath, overrides);
    else if (name === znodes.DEFAULT_ENTITY || name === String(brokerId)) {
      listeners.onBrokerConfig(await readBrokerConfig(this.options.client.session, brokerId));
    }
  }

  /** At the start: what is set, whoever set it and whenever. Notifications older than 15 minutes are gone. */
  private async tellAll(): Promise<void> {
    const { listeners, brokerId, client } = this.options;
    const { session } = client;
    listeners.onBrokerConfig(await readBrokerConfig(session, brokerId));
    const topics = await childrenOf(client, znodes.configTypePath('topics'));
    await Promise.all(
      topics.map(async (topic) => {
        const overrides = await this.read(znodes.topicConfigEntity(topic));
        if (Object.keys(overrides).length > 0) listeners.onTopicConfig(topic, overrides);
      }),
    );
    for (const entityPath of await quotaEntities(client)) this.keepQuota(entityPath, await this.read(entityPath));
  }

  private keepQuota(entityPath: string, overrides: Record<string, string>): void {
    if (Object.keys(overrides).length === 0) this.quotas.delete(entityPath);
    else this.quotas.set(entityPath, overrides);
  }

  private async read(entityPath: string): Promise<Record<string, string>> {
    const node = await orNull(this.options.client.session.getData(znodes.configPath(entityPath)));
    return znodes.decodeEntityConfig(entityPath, node?.data ?? null);
  }

  /** Every broker that looks deletes what is old; several may try the same. */
  private async purge(paths: readonly string[]): Promise<void> {
    const { client, clock } = this.options;
    for (const path of paths) {
      const stat = await client.session.exists(path);
      if (!stat || clock.nowMs() - stat.ctimeMs <= znodes.CONFIG_CHANGE_EXPIRATION_MS) continue;
      try {
        await client.session.delete(path, -1);
      } catch (error) {
        if (!isZkError(error, 'NO_NODE')) throw error;
      }
    }
  }
}

/** The dynamic configuration that concerns a broker. */
export async function readBrokerConfig(
  session: ZooKeeperClient['session'],
  brokerId: number,
): Promise<DynamicBrokerConfig> {
  const read = async (id: number | null): Promise<Record<string, string>> => {
    const entity = znodes.brokerConfigEntity(id);
    const node = await orNull(session.getData(znodes.configPath(entity)));
    return znodes.decodeEntityConfig(entity, node?.data ?? null);
  };
  const [clusterWide, perBroker] = await Promise.all([read(null), read(brokerId)]);
  return { clusterWide, perBroker };
}

async function childrenOf(client: ZooKeeperClient, path: string): Promise<string[]> {
  return (await orNull(client.session.getChildren(path)))?.children ?? [];
}

async function quotaEntities(client: ZooKeeperClient): Promise<string[]> {
  const below = async (path: string): Promise<string[]> => {
    const names = await childrenOf(client, znodes.configPath(path));
    return names.map((name) => `${path}/${name}`);
  };
  const [users, clients, ips] = await Promise.all([below('users'), below('clients'), below('ips')]);
  const usersAndClients = await Promise.all(users.map((user) => below(`${user}/clients`)));
  return [...users, ...usersAndClients.flat(), ...clients, ...ips];
}

function describe(overrides: Record<string, string>): string {
  const entries = Object.entries(overrides).map(([key, value]) => `${key}=${isSecret(key) ? '[hidden]' : value}`);
  return `{${entries.join(', ')}}`;
}

function isSecret(key: string): boolean {
  return key.startsWith('SCRAM-') || key.endsWith('password') || key.endsWith('jaas.config') || key.endsWith('.key');
}
