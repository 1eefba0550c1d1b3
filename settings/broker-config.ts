/**
 * The configuration of one broker, for everybody who works inside it. It owns the dynamic keys: what the file says,
 * what /config/brokers/<default> says and what /config/brokers/<id> says are kept apart, and every getter answers with
 * what counts now. Whoever keeps a value for longer listens with onChange.
 */
import { BrokerConfigBase } from './broker-config-base';
import { checkBrokerRules } from './broker-rules';
import { BrokerValues, withNodeId } from './broker-values';
import { brokerKeys } from './broker';
import { withoutInvalid } from './dynamic-rules';
import { brokerSynonyms, listenerBaseKey } from './synonyms';
import { checkThreadCounts } from './thread-count-rules';

/** The little that this directory needs of a logger. */
export interface WarningLog {
  warn(text: string): void;
  error(text: string): void;
}

export type ConfigListener = (changed: ReadonlySet<string>) => void;

/** Prefixes under which plug-ins of Kafka keep keys that nobody else knows. */
const FOREIGN_PREFIXES = ['rsm.config.', 'rlmm.config.', 'gregor.test.'];

export class BrokerConfig extends BrokerConfigBase {
  private current: BrokerValues;
  private dynamicDefault: ReadonlyMap<string, string> = new Map();
  private dynamicBroker: ReadonlyMap<string, string> = new Map();
  private readonly listenersOfChange = new Set<ConfigListener>();
  private generatedId: number | null = null;

  private constructor(
    private readonly file: ReadonlyMap<string, string>,
    private readonly log: WarningLog | null,
  ) {
    super();
    this.current = new BrokerValues(file);
  }

  /**
   * Parses and checks a configuration.
   * @param properties keys and values as they stand in a file
   * @param log gets a warning for each key that nobody knows
   * @throws ConfigException naming key, value and what is allowed
   */
  static parse(
    properties: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
    log: WarningLog | null = null,
  ): BrokerConfig {
    const given = properties instanceof Map ? properties : new Map(Object.entries(properties));
    const file = withNodeId(given);
    const config = new BrokerConfig(file, log);
    checkBrokerRules(config.current);
    for (const name of file.keys()) {
      if (!isKnownKey(name)) log?.warn(`The configuration '${name}' was supplied but isn't a known config.`);
    }
    return config;
  }

  get values(): BrokerValues {
    return this.current;
  }

  /** broker.id, or the one that was generated because it is -1. */
  override get brokerId(): number {
    return this.generatedId ?? this.current.int('broker.id');
  }

  /** Called once by the start of the broker, when the id came from meta.properties or from ZooKeeper. */
  setGeneratedBrokerId(id: number): void {
    this.generatedId = id;
  }

  /** What the file says, by key. */
  get staticConfigs(): ReadonlyMap<string, string> {
    return this.file;
  }

  /** What /config/brokers/<default> says, as far as it is valid. */
  get dynamicDefaultConfigs(): ReadonlyMap<string, string> {
    return this.dynamicDefault;
  }

  /** What /config/brokers/<id> says, as far as it is valid. */
  get dynamicBrokerConfigs(): ReadonlyMap<string, string> {
    return this.dynamicBroker;
  }

  /** What counts now, of what was set anywhere, by key. */
  get originals(): ReadonlyMap<string, string> {
    return this.current.originals;
  }

  /** Takes over the content of /config/brokers/<default>; keys that cannot be used are logged and left out. */
  updateDynamicDefaults(properties: ReadonlyMap<string, string>): void {
    this.replace(withoutInvalid(properties, false, this.log), this.dynamicBroker);
  }

  /** Takes over the content of /config/brokers/<id>; keys that cannot be used are logged and left out. */
  updateDynamicBroker(properties: ReadonlyMap<string, string>): void {
    this.replace(this.dynamicDefault, withoutInvalid(properties, true, this.log));
  }

  /**
   * What the configuration would be with these dynamic keys, without taking them over.
   * @throws ConfigException when it would not be valid
   */
  preview(properties: ReadonlyMap<string, string>, perBroker: boolean): BrokerValues {
    const originals = perBroker
      ? layered(this.file, this.dynamicDefault, properties)
      : layered(this.file, properties, this.dynamicBroker);
    const values = new BrokerValues(originals);
    checkBrokerRules(values);
    checkThreadCounts(this.current, values);
    return values;
  }

  /** Calls `listener` with the names of the keys that were set, changed or removed; returns how to stop that. */
  onChange(listener: ConfigListener): () => void {
    this.listenersOfChange.add(listener);
    return () => this.listenersOfChange.delete(listener);
  }

  private replace(defaults: ReadonlyMap<string, string>, broker: ReadonlyMap<string, string>): void {
    const before = this.current.originals;
    const originals = layered(this.file, defaults, broker);
    let next: BrokerValues;
    try {
      next = new BrokerValues(originals);
      checkBrokerRules(next);
    } catch (error) {
      this.log?.error(`Dynamic broker configuration was not taken over: ${(error as Error).message}`);
      return;
    }
    this.dynamicDefault = defaults;
    this.dynamicBroker = broker;
    const changed = changedNames(before, originals);
    if (changed.size === 0) return;
    this.current = next;
    for (const listener of this.listenersOfChange) listener(changed);
  }
}

/** Later layers count more; a key in one unit hides the same key in other units in the layers below. */
function layered(...layers: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, string> {
  const result = new Map(layers[0]);
  for (const layer of layers.slice(1)) {
    for (const [name, value] of layer) {
      for (const synonym of brokerSynonyms(name, false)) result.delete(synonym);
      result.set(name, value);
    }
  }
  return result;
}

function changedNames(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlySet<string> {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return new Set(names.filter((name) => before.get(name) !== after.get(name)));
}

function isKnownKey(name: string): boolean {
  if (brokerKeys.has(name)) return true;
  const base = listenerBaseKey(name);
  if (base !== null) return brokerKeys.has(base) || [...brokerKeys.keys()].some((key) => base.endsWith(`.${key}`));
  return FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix));
}
