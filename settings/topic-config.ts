/**
 * The configuration of one topic: what it sets itself over what its broker gives it. Immutable; made anew when the
 * topic's znode or the broker's dynamic keys change.
 */
import type { BrokerConfig } from './broker-config';
import { ConfigException, InvalidConfiguration } from './config-exception';
import type { ConfigType, ConfigValue } from './definition';
import { topicKeyList, topicKeys } from './topic';
import { topicDefaults } from './topic-defaults';
import { parseType, parseValue } from './values';

type TopicKeyOf<T extends ConfigType> = Extract<(typeof topicKeyList)[number], { type: T }>['name'];

export class TopicConfig {
  private readonly values = new Map<string, ConfigValue>();
  /** What the topic sets itself, unknown keys included. */
  readonly overrides: ReadonlyMap<string, string>;
  /** The text of every known key: the topic's own, else the broker's. */
  readonly texts: ReadonlyMap<string, string>;

  /**
   * @param overrides content of /config/topics/<topic>; a value that cannot be used gives way to the broker's
   */
  constructor(broker: BrokerConfig, overrides: ReadonlyMap<string, string>) {
    this.overrides = overrides;
    const texts = new Map(topicDefaults(broker.values));
    for (const key of topicKeyList) {
      const own = overrides.get(key.name);
      if (own !== undefined && isUsable(key.name, own)) texts.set(key.name, own);
      this.values.set(key.name, parseType(key.name, texts.get(key.name) ?? null, key.type));
    }
    this.texts = texts;
  }

  boolean(name: TopicKeyOf<'boolean'>): boolean {
    return this.values.get(name) as boolean;
  }

  int(name: TopicKeyOf<'int'>): number {
    return this.values.get(name) as number;
  }

  /** A long key; Long.MAX_VALUE comes as 2^63. */
  long(name: TopicKeyOf<'long'>): number {
    return Number(this.values.get(name) as bigint);
  }

  double(name: TopicKeyOf<'double'>): number {
    return this.values.get(name) as number;
  }

  string(name: TopicKeyOf<'string'>): string {
    return this.values.get(name) as string;
  }

  list(name: TopicKeyOf<'list'>): readonly string[] {
    return this.values.get(name) as readonly string[];
  }

  value(name: string): ConfigValue {
    return this.values.get(name) ?? null;
  }
}

function isUsable(name: string, text: string): boolean {
  const key = topicKeys.get(name);
  if (!key) return false;
  try {
    parseValue(key, text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Checks what a request wants a topic to set: names, values, and values against each other.
 * @throws InvalidConfiguration for an unknown name or a contradiction: INVALID_CONFIG with this text
 * @throws ConfigException for a value that its key does not allow: INVALID_CONFIG too, but AlterConfigs and
 *   IncrementalAlterConfigs put "Invalid config value for resource ConfigResource(type=TOPIC, name='t'): " before it
 */
export function checkTopicConfigs(broker: BrokerConfig, overrides: ReadonlyMap<string, string>): void {
  for (const name of overrides.keys()) {
    if (!topicKeys.has(name)) throw new InvalidConfiguration(`Unknown topic config name: ${name}`);
  }
  for (const [name, text] of overrides) {
    const key = topicKeys.get(name);
    if (key) parseValue(key, text);
  }
  const config = new TopicConfig(broker, overrides);
  checkCompactionLag(config);
  checkTieredStorage(config);
}

function checkCompactionLag(config: TopicConfig): void {
  const min = config.value('min.compaction.lag.ms') as bigint;
  const max = config.value('max.compaction.lag.ms') as bigint;
  if (min <= max) return;
  throw new InvalidConfiguration(
    `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`,
  );
}

function checkTieredStorage(config: TopicConfig): void {
  if (config.boolean('remote.log.delete.on.disable') || config.boolean('remote.log.copy.disable')) {
    throw new InvalidConfiguration(
      "It is invalid to set `remote.log.delete.on.disable` or `remote.log.copy.disable` under Zookeeper's mode.",
    );
  }
  if (config.boolean('remote.storage.enable')) {
    throw new ConfigException(
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
    );
  }
}
