/**
 * The values of one broker configuration at one moment: parsed once, never changed. BrokerConfig holds the current one
 * and replaces it as a whole when a dynamic key changes.
 */
import { type BrokerKeyOf, brokerKeys } from './broker';
import { ConfigException } from './config-exception';
import type { ConfigValue } from './definition';
import { parseValue } from './values';

export type IntKey = BrokerKeyOf<'int' | 'short'>;
export type LongKey = BrokerKeyOf<'long'>;
export type DoubleKey = BrokerKeyOf<'double'>;
export type BooleanKey = BrokerKeyOf<'boolean'>;
export type StringKey = BrokerKeyOf<'string' | 'class' | 'password'>;
export type ListKey = BrokerKeyOf<'list'>;

export class BrokerValues {
  private readonly values = new Map<string, ConfigValue>();

  /**
   * @param originals what was configured, known keys and others
   * @throws ConfigException on the first value that its key does not allow
   */
  constructor(readonly originals: ReadonlyMap<string, string>) {
    for (const key of brokerKeys.values()) {
      this.values.set(key.name, parseValue(key, originals.get(key.name) ?? key.defaultText));
    }
  }

  boolean(name: BooleanKey): boolean {
    return this.present(name) as boolean;
  }

  int(name: IntKey): number {
    return this.present(name) as number;
  }

  intOrNull(name: IntKey): number | null {
    return this.value(name) as number | null;
  }

  /** As a number: exact up to 2^53; Long.MAX_VALUE becomes 2^63, which compares as "larger than anything". */
  long(name: LongKey): number {
    return Number(this.present(name) as bigint);
  }

  longOrNull(name: LongKey): number | null {
    const value = this.value(name) as bigint | null;
    return value === null ? null : Number(value);
  }

  /** The exact value of a long key. */
  bigint(name: LongKey): bigint {
    return this.present(name) as bigint;
  }

  double(name: DoubleKey): number {
    return this.present(name) as number;
  }

  string(name: StringKey): string {
    return this.present(name) as string;
  }

  stringOrNull(name: StringKey): string | null {
    return this.value(name) as string | null;
  }

  list(name: ListKey): readonly string[] {
    return (this.value(name) ?? []) as readonly string[];
  }

  /** Whether the key was configured, be it with its default value. */
  isSet(name: string): boolean {
    return this.originals.has(name);
  }

  /** The value of any key by its name, null when there is none. */
  value(name: string): ConfigValue {
    const value = this.values.get(name);
    if (value === undefined) throw new ConfigException(`Unknown configuration '${name}'`);
    return value;
  }

  private present(name: string): ConfigValue {
    const value = this.value(name);
    if (value === null) throw new ConfigException(`Configuration ${name} has no value and no default`);
    return value;
  }
}

/** broker.id and node.id are one thing under two names; who sets one of them sets both. */
export function withNodeId(originals: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const brokerId = originals.get('broker.id');
  const nodeId = originals.get('node.id');
  if (brokerId === undefined && nodeId !== undefined) return new Map(originals).set('broker.id', nodeId);
  if (brokerId !== undefined && nodeId === undefined) return new Map(originals).set('node.id', brokerId);
  return originals;
}
