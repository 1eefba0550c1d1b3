/**
 * Reading and writing the JSON that lives in znodes. Keys are written in the order in which Apache Kafka writes them;
 * when reading, order does not matter and unknown keys are passed over.
 */

/** A znode's data is not what it should be. */
export class ZnodeFormatError extends Error {
  constructor(what: string, reason: string) {
    super(`cannot read ${what}: ${reason}`);
    this.name = 'ZnodeFormatError';
  }
}

export function encodeJson(value: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/**
 * Parses a znode's data.
 * @param what names the node in error texts, e.g. `registration of broker 3`
 */
export function decodeJson(data: Buffer | null, what: string): JsonObject {
  if (data === null || data.length === 0) throw new ZnodeFormatError(what, 'the node is empty');
  const text = data.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ZnodeFormatError(what, `${(error as Error).message} in '${text.slice(0, 200)}'`);
  }
  return JsonObject.of(value, what);
}

/** An object of unknown content, read key by key; each reader throws ZnodeFormatError naming the key that is wrong. */
export class JsonObject {
  private constructor(
    private readonly values: Record<string, unknown>,
    private readonly what: string,
  ) {}

  static of(value: unknown, what: string): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ZnodeFormatError(what, 'not a JSON object');
    }
    return new JsonObject(value as Record<string, unknown>, what);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.values, key) && this.values[key] !== null && this.values[key] !== undefined;
  }

  keys(): string[] {
    return Object.keys(this.values);
  }

  int(key: string): number {
    const value = this.required(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw this.wrong(key, 'a whole number');
    return value;
  }

  string(key: string): string {
    const value = this.required(key);
    if (typeof value !== 'string') throw this.wrong(key, 'a string');
    return value;
  }

  /** A 64-bit number that is written as a string; must lie within the safe integers. */
  longText(key: string): number {
    const value = Number(this.string(key));
    if (!Number.isSafeInteger(value)) throw this.wrong(key, 'a number in a string');
    return value;
  }

  intArray(key: string): number[] {
    const value = this.array(key);
    if (!value.every((item): item is number => Number.isSafeInteger(item)))
      throw this.wrong(key, 'an array of numbers');
    return value;
  }

  stringArray(key: string): string[] {
    const value = this.array(key);
    if (!value.every((item): item is string => typeof item === 'string')) throw this.wrong(key, 'an array of strings');
    return value;
  }

  objectArray(key: string): JsonObject[] {
    return this.array(key).map((item, index) => JsonObject.of(item, `${this.what}, ${key}[${index}]`));
  }

  object(key: string): JsonObject {
    return JsonObject.of(this.required(key), `${this.what}, ${key}`);
  }

  /** Numbers and booleans as their text: configuration values are strings, but tools of old wrote others. */
  scalarText(key: string): string {
    const value = this.required(key);
    if (typeof value === 'object') throw this.wrong(key, 'a string');
    return String(value);
  }

  private array(key: string): unknown[] {
    const value = this.required(key);
    if (!Array.isArray(value)) throw this.wrong(key, 'an array');
    return value;
  }

  private required(key: string): unknown {
    if (!this.has(key)) throw new ZnodeFormatError(this.what, `'${key}' is missing`);
    return this.values[key];
  }

  private wrong(key: string, expected: string): ZnodeFormatError {
    return new ZnodeFormatError(this.what, `'${key}' is not ${expected}`);
  }
}
