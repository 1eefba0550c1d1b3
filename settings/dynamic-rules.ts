/**
 * Which broker keys may change while a broker runs, and for whom: the checks of a dynamic change (with Kafka's words),
 * and the sieve through which the content of /config/brokers goes before a broker takes it over.
 */
import { brokerKeys } from './broker';
import { ConfigException } from './config-exception';
import { long, type ConfigKey } from './definition';
import { listenerBaseKey } from './synonyms';
import { between } from './validators';
import { parseValue } from './values';

const LONG_LIMIT = 9_223_372_036_854_775_807n;

/** Keys that exist only in ZooKeeper, never in a file: replication throttles. */
export const dynamicOnlyKeys: ReadonlyMap<string, ConfigKey> = new Map(
  [
    long(
      'leader.replication.throttled.rate',
      LONG_LIMIT,
      'medium',
      'Bytes per second that this broker sends at most, as leader, to followers whose replication is throttled.',
      { update: 'cluster-wide', valid: between(0, LONG_LIMIT) },
    ),
    long(
      'follower.replication.throttled.rate',
      LONG_LIMIT,
      'medium',
      'Bytes per second that this broker fetches at most, as follower, for replicas whose replication is throttled.',
      { update: 'cluster-wide', valid: between(0, LONG_LIMIT) },
    ),
    long(
      'replica.alter.log.dirs.io.max.bytes.per.second',
      LONG_LIMIT,
      'medium',
      'Bytes per second that moves between log directories take at most.',
      { update: 'cluster-wide', valid: between(0, LONG_LIMIT) },
    ),
  ].map((key) => [key.name, key]),
);

/** Listener keys that may be set for the whole cluster at once. */
const CLUSTER_LEVEL_LISTENER_KEYS = new Set(['max.connections', 'max.connection.creation.rate', 'num.network.threads']);

/** Keys and certificates change only per listener, under `listener.name.<name>.`. */
export function needsListenerPrefix(name: string): boolean {
  return /^ssl\.(keystore|truststore)\.|^ssl\.key\.password$/.test(name) && brokerKeys.has(name);
}

export function isDynamicKey(name: string): boolean {
  return (brokerKeys.get(name)?.update ?? 'read-only') !== 'read-only';
}

/** A known key that only a restart can change. */
function isFixedKey(name: string): boolean {
  return brokerKeys.has(name) && !isDynamicKey(name);
}

function isPerBrokerKey(name: string): boolean {
  if (brokerKeys.get(name)?.update === 'per-broker') return true;
  const base = listenerBaseKey(name);
  return base !== null && !CLUSTER_LEVEL_LISTENER_KEYS.has(base);
}

function keyOf(name: string): ConfigKey | undefined {
  const base = listenerBaseKey(name) ?? name;
  return brokerKeys.get(base) ?? dynamicOnlyKeys.get(base);
}

/**
 * Checks a change of dynamic broker keys as it stands in a request.
 * @param perBroker whether it is meant for one broker, or for all by default
 * @throws ConfigException
 */
export function checkDynamicConfigs(properties: ReadonlyMap<string, string>, perBroker: boolean): void {
  const names = [...properties.keys()];
  refuse(names.filter(isFixedKey), 'Cannot update these configs dynamically');
  refuse(
    names.filter(needsListenerPrefix),
    'These security configs can be dynamically updated only per-listener using the listener prefix',
  );
  for (const [name, text] of properties) {
    const key = keyOf(name);
    if (key) parseValue(key, text);
  }
  if (perBroker) return;
  refuse(
    names.filter(isPerBrokerKey),
    'Cannot update these configs at default cluster level, broker id must be specified',
  );
}

function refuse(names: readonly string[], complaint: string): void {
  if (names.length > 0) throw new ConfigException(`${complaint}: Set(${names.join(', ')})`);
}

/** What of the content of a /config/brokers node can be used; the rest is logged, as a broker must run with it. */
export function withoutInvalid(
  properties: ReadonlyMap<string, string>,
  perBroker: boolean,
  log: { error(text: string): void } | null,
): ReadonlyMap<string, string> {
  const kept = new Map(properties);
  const drop = (isBad: (name: string, text: string) => boolean, complaint: string): void => {
    const bad = [...kept].filter(([name, text]) => isBad(name, text)).map(([name]) => name);
    if (bad.length === 0) return;
    for (const name of bad) kept.delete(name);
    log?.error(`${complaint}: Set(${bad.join(', ')})`);
  };
  const source = perBroker ? 'broker' : 'default cluster';
  drop(isUnparsable, `Dynamic ${source} config contains invalid values, these configs will be ignored`);
  drop(isFixedKey, 'Non-dynamic configs configured in ZooKeeper will be ignored');
  drop(
    needsListenerPrefix,
    'Security configs can be dynamically updated only using listener prefix, base configs will be ignored',
  );
  if (!perBroker) drop(isPerBrokerKey, 'Per-broker configs defined at default cluster level will be ignored');
  return kept;
}

function isUnparsable(name: string, text: string): boolean {
  const key = keyOf(name);
  if (!key) return false;
  try {
    parseValue(key, text);
    return false;
  } catch {
    return true;
  }
}
