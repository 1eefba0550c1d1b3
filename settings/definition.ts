/**
 * The language in which configuration keys are declared: one call per key, with everything that anybody wants to know
 * about it. Parsing, DescribeConfigs, the typed getters and docs/configuration.md derive from these declarations.
 */
/** The types of Kafka's ConfigDef. */
export type ConfigType = 'boolean' | 'int' | 'short' | 'long' | 'double' | 'string' | 'list' | 'class' | 'password';

/** A parsed value; a long is a bigint. */
export type ConfigValue = boolean | number | bigint | string | readonly string[] | null;

/** What a value may be, beyond its type. */
export interface Validator {
  /** @throws ConfigException when the value is not allowed */
  check(name: string, value: ConfigValue): void;
  /** For the documentation, in the notation of Kafka's. */
  describe(): string;
}

export type Importance = 'high' | 'medium' | 'low';

/** When a new value takes effect: at the next start, or at once for one broker, or at once for one or all of them. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide';

/** One configuration key. */
export interface ConfigKey<N extends string = string, T extends ConfigType = ConfigType> {
  readonly name: N;
  readonly type: T;
  /** The default as it would stand in a file; null when there is none. */
  readonly defaultText: string | null;
  readonly importance: Importance;
  readonly update: UpdateMode;
  readonly validator: Validator | null;
  /** Internal keys work, but appear neither in the documentation nor in DescribeConfigs unless they were set. */
  readonly internal: boolean;
  readonly doc: string;
}

export interface KeyOptions {
  update?: UpdateMode;
  valid?: Validator;
  internal?: boolean;
}

type Default = string | number | boolean | bigint | null;

function declare<T extends ConfigType>(type: T) {
  return <const N extends string>(
    name: N,
    defaultValue: Default,
    importance: Importance,
    doc: string,
    options: KeyOptions = {},
  ): ConfigKey<N, T> => ({
    name,
    type,
    defaultText: defaultValue === null ? null : String(defaultValue),
    importance,
    update: options.update ?? 'read-only',
    validator: options.valid ?? null,
    internal: options.internal ?? false,
    doc,
  });
}

export const boolean = declare('boolean');
export const int = declare('int');
export const short = declare('short');
export const long = declare('long');
export const double = declare('double');
export const string = declare('string');
export const list = declare('list');
export const className = declare('class');
export const password = declare('password');

/** The largest value of a Java long: "no limit" in many keys. */
export const LONG_MAX = 9_223_372_036_854_775_807n;
/** The largest value of a Java int. */
export const INT_MAX = 2_147_483_647;
/** The largest value of a Java double, in Java's own notation. */
export const DOUBLE_MAX_TEXT = '1.7976931348623157E308';
