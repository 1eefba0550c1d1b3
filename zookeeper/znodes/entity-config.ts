/**
 * `/config/<type>/<entity>`, persistent: what was set on a topic, broker, user, client id or address.
 * `{"version":1,"config":{"retention.ms":"1000"}}`, all values strings. Null and empty data mean: nothing set.
 * Paths below /config: `topics/<t>` · `brokers/<id>` · `clients/<c>` · `users/<u>` · `users/<u>/clients/<c>` · `ips/<ip>`,
 * with `<default>` in place of a name for the default of all; users and client ids are sanitized, topics and brokers not.
 */
import { decodeJson, encodeJson } from './json';
import { sanitize } from './sanitize';

export const CONFIG_PATH = '/config';

/** Written literally, with its angle brackets. */
export const DEFAULT_ENTITY = '<default>';

export const CONFIG_ENTITY_TYPES = ['topics', 'clients', 'users', 'brokers', 'ips'] as const;
export type ConfigEntityType = (typeof CONFIG_ENTITY_TYPES)[number];

/** What a quota is set for. A field that is null means the default of that kind, one that is absent plays no part. */
export interface QuotaEntity {
  user?: string | null;
  clientId?: string | null;
  ip?: string | null;
}

export function configTypePath(type: ConfigEntityType): string {
  return `${CONFIG_PATH}/${type}`;
}

/** @param entityPath below /config, already sanitized: `topics/orders`, `users/<default>/clients/c` */
export function configPath(entityPath: string): string {
  return `${CONFIG_PATH}/${entityPath}`;
}

export function topicConfigEntity(topic: string): string {
  return `topics/${topic}`;
}

/** @param brokerId null for the default of all brokers */
export function brokerConfigEntity(brokerId: number | null): string {
  return `brokers/${brokerId ?? DEFAULT_ENTITY}`;
}

export function quotaConfigEntity({ user, clientId, ip }: QuotaEntity): string {
  if (ip !== undefined) return `ips/${ip ?? DEFAULT_ENTITY}`;
  const client = clientId === undefined ? null : `clients/${nameOrDefault(clientId)}`;
  if (user === undefined) return client ?? '';
  return `users/${nameOrDefault(user)}${client === null ? '' : `/${client}`}`;
}

export function encodeEntityConfig(config: Record<string, string>): Buffer {
  return encodeJson({ version: 1, config });
}

/** @param entityPath names the node in error texts */
export function decodeEntityConfig(entityPath: string, data: Buffer | null): Record<string, string> {
  if (data === null || data.length === 0) return {};
  const json = decodeJson(data, `configuration of ${entityPath}`);
  if (!json.has('config')) return {};
  const config = json.object('config');
  return Object.fromEntries(config.keys().map((key) => [key, config.scalarText(key)]));
}

function nameOrDefault(name: string | null): string {
  return name === null ? DEFAULT_ENTITY : sanitize(name);
}
