/**
 * What DescribeConfigs answers about a broker or a topic: each key's value, where it comes from, and under which other
 * names and in which layers it is set as well.
 */
import { brokerKeys } from './broker';
import type { BrokerConfig } from './broker-config';
import type { ConfigKey, ConfigType } from './definition';
import { dynamicOnlyKeys, isDynamicKey } from './dynamic-rules';
import { brokerSynonyms } from './synonyms';
import { topicKeys, topicSynonyms } from './topic';
import { TopicConfig } from './topic-config';
import { valueText } from './values';

/** Where a value comes from, with the numbers of the protocol. */
export const ConfigSource = {
  UNKNOWN: 0,
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
} as const;

/** The types of values, with the numbers of the protocol. */
const TYPE_IDS: Readonly<Record<ConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
};

export interface ConfigSynonym {
  name: string;
  /** Null for sensitive keys. */
  value: string | null;
  source: number;
}

export interface ConfigEntry {
  name: string;
  /** Null for sensitive keys and for keys without a value. */
  value: string | null;
  readOnly: boolean;
  sensitive: boolean;
  source: number;
  synonyms: ConfigSynonym[];
  /** Number of the type; 0 when the key is unknown. */
  configType: number;
  documentation: string | null;
}

/**
 * All keys of a broker: those that are set, known or not, and the defaults of all others but the internal ones.
 * @param names only these keys; all when null or empty
 */
export function describeBroker(config: BrokerConfig, names: readonly string[] | null = null): ConfigEntry[] {
  const all = new Map<string, string | null>(config.originals);
  for (const key of brokerKeys.values()) {
    if (!key.internal) all.set(key.name, valueText(config.value(key.name), key.type));
  }
  return chosen(all, names).map(([name, value]) => brokerEntry(config, name, value, true));
}

/** The dynamic defaults of the whole cluster: what DescribeConfigs answers for the broker with the empty name. */
export function describeBrokerDefaults(config: BrokerConfig, names: readonly string[] | null = null): ConfigEntry[] {
  return chosen(config.dynamicDefaultConfigs, names).map(([name, value]) => brokerEntry(config, name, value, false));
}

/** All keys of a topic. */
export function describeTopic(
  config: BrokerConfig,
  overrides: ReadonlyMap<string, string>,
  names: readonly string[] | null = null,
): ConfigEntry[] {
  const topic = new TopicConfig(config, overrides);
  const all = new Map<string, string | null>(overrides);
  for (const key of topicKeys.values()) all.set(key.name, valueText(topic.value(key.name), key.type));
  return chosen(all, names).map(([name, value]) => topicEntry(config, overrides, name, value));
}

function chosen<V>(all: ReadonlyMap<string, V>, names: readonly string[] | null): [string, V][] {
  if (names === null || names.length === 0) return [...all];
  return [...all].filter(([name]) => names.includes(name));
}

/** The key that a name means: itself, or what it overrides for one listener. */
function keyFor(name: string): ConfigKey | undefined {
  const known = brokerKeys.get(name) ?? dynamicOnlyKeys.get(name);
  if (known) return known;
  return brokerSynonyms(name, true)
    .map((synonym) => brokerKeys.get(synonym))
    .find((key) => key !== undefined);
}

function brokerEntry(config: BrokerConfig, name: string, value: string | null, perBroker: boolean): ConfigEntry {
  const key = keyFor(name);
  // A key of unknown type might hold a secret.
  const sensitive = key === undefined || key.type === 'password';
  const synonyms = layersOf(config, name, brokerSynonyms(name, true), sensitive).filter(
    ({ source }) => perBroker || source === ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
  );
  return {
    name,
    value: sensitive ? null : value,
    readOnly: !isDynamicKey(name),
    sensitive,
    source: synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG,
    synonyms,
    configType: key ? TYPE_IDS[key.type] : 0,
    documentation: brokerKeys.get(name)?.doc ?? null,
  };
}

function topicEntry(
  config: BrokerConfig,
  overrides: ReadonlyMap<string, string>,
  name: string,
  value: string | null,
): ConfigEntry {
  const key = topicKeys.get(name);
  const sensitive = key === undefined;
  const shown = sensitive ? null : value;
  const brokerName = topicSynonyms[name]?.[0];
  const synonyms =
    brokerName === undefined ? [] : layersOf(config, brokerName, brokerSynonyms(brokerName, true), false);
  if (overrides.has(name)) synonyms.unshift({ name, value: shown, source: ConfigSource.TOPIC_CONFIG });
  return {
    name,
    value: shown,
    readOnly: false,
    sensitive,
    source: synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG,
    synonyms,
    configType: key ? TYPE_IDS[key.type] : 0,
    documentation: key?.doc ?? null,
  };
}

/** Every layer in which one of `names` is set, the one that counts most first. */
function layersOf(config: BrokerConfig, name: string, names: readonly string[], sensitive: boolean): ConfigSynonym[] {
  const layers: [number, (name: string) => string | null | undefined][] = [
    [ConfigSource.DYNAMIC_BROKER_CONFIG, (key) => config.dynamicBrokerConfigs.get(key)],
    [ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, (key) => config.dynamicDefaultConfigs.get(key)],
    [ConfigSource.STATIC_BROKER_CONFIG, (key) => config.staticConfigs.get(key)],
    [ConfigSource.DEFAULT_CONFIG, (key) => brokerKeys.get(key)?.defaultText ?? undefined],
  ];
  const found: ConfigSynonym[] = [];
  for (const [source, read] of layers) {
    for (const synonym of names) {
      const value = read(synonym);
      if (value !== undefined) found.push({ name: synonym, value: sensitive ? null : (value ?? null), source });
    }
  }
  // What only other units or the unprefixed key say above the key itself does not count for it.
  const first = found.findIndex((synonym) => synonym.name === name);
  return first < 0 ? [] : found.slice(first);
}
