/** Reads config/coordinator.properties: keys, values, and what they must be together. */
import { ConfigException } from './config-exception';
import { type CoordinatorConfig, coordinatorKeys } from './coordinator-keys';
import { checkCoordinatorConfig } from './coordinator-rules';
import type { ConfigKey, ConfigValue } from './definition';
import { parseValue } from './values';

export { type CoordinatorConfig, coordinatorKeys };

/**
 * @throws ConfigException naming key, value and what is allowed; also for a key that is not known, since a misspelt
 * `actions.enabled` must not pass unseen, and for keys that contradict each other
 */
export function parseCoordinatorConfig(properties: ReadonlyMap<string, string>): CoordinatorConfig {
  const known: readonly ConfigKey[] = coordinatorKeys;
  for (const [name, value] of properties) {
    if (!known.some((key) => key.name === name)) throw ConfigException.invalid(name, value, 'there is no such key');
  }
  const values = known.map((key) => [key.name, plain(parseValue(key, properties.get(key.name) ?? key.defaultText))]);
  const config = Object.fromEntries(values) as CoordinatorConfig;
  checkCoordinatorConfig(config);
  return config;
}

function plain(value: ConfigValue): ConfigValue {
  return typeof value === 'bigint' ? Number(value) : value;
}
