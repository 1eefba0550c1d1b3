/**
 * Text to typed value and back, with the rules of Kafka's ConfigDef. Long values are bigints inside, so that
 * Long.MAX_VALUE ("no limit") survives exactly.
 */
import { ConfigException } from './config-exception';
import type { ConfigKey, ConfigType, ConfigValue } from './definition';

const INT_RANGE = [-2_147_483_648n, 2_147_483_647n] as const;
const SHORT_RANGE = [-32_768n, 32_767n] as const;
const LONG_RANGE = [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n] as const;

/**
 * Parses one value and checks it against its key.
 * @throws ConfigException
 */
export function parseValue(key: ConfigKey, text: string | null): ConfigValue {
  const value = parseType(key.name, text, key.type);
  key.validator?.check(key.name, value);
  return value;
}

/**
 * Parses a text as the given type, without the key's own validator.
 * @throws ConfigException
 */
export function parseType(name: string, text: string | null, type: ConfigType): ConfigValue {
  if (text === null) return null;
  const trimmed = javaTrim(text);
  switch (type) {
    case 'boolean':
      return parseBoolean(name, text, trimmed);
    case 'int':
      return Number(parseInteger(name, text, trimmed, INT_RANGE, 'INT'));
    case 'short':
      return Number(parseInteger(name, text, trimmed, SHORT_RANGE, 'SHORT'));
    case 'long':
      return parseInteger(name, text, trimmed, LONG_RANGE, 'LONG');
    case 'double':
      return parseDouble(name, text, trimmed);
    case 'list':
      return trimmed === '' ? [] : trimmed.split(/\s*,\s*/);
    case 'string':
    case 'class':
    case 'password':
      return trimmed;
  }
}

function parseBoolean(name: string, text: string, trimmed: string): boolean {
  const lower = trimmed.toLowerCase();
  if (lower === 'true') return true;
  if (lower === 'false') return false;
  throw ConfigException.invalid(name, text, 'Expected value to be either true or false');
}

function parseInteger(
  name: string,
  text: string,
  trimmed: string,
  [min, max]: readonly [bigint, bigint],
  type: string,
): bigint {
  if (/^[+-]?\d+$/.test(trimmed)) {
    const value = BigInt(trimmed.replace(/^\+/, ''));
    if (value >= min && value <= max) return value;
  }
  throw ConfigException.invalid(name, text, `Not a number of type ${type}`);
}

function parseDouble(name: string, text: string, trimmed: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?$/.test(trimmed)) return Number(trimmed.replace(/[dDfF]$/, ''));
  if (/^[+-]?(NaN|Infinity)$/.test(trimmed)) return Number(trimmed);
  throw ConfigException.invalid(name, text, 'Not a number of type DOUBLE');
}

/** Java's String.trim: everything up to and including the space character, at both ends. */
export function javaTrim(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, '');
}

/** The text of a value as DescribeConfigs and ConfigDef.convertToString give it; null stays null. */
export function valueText(value: ConfigValue, type: ConfigType): string | null {
  if (value === null) return null;
  if (type === 'list') return (value as readonly string[]).join(',');
  if (type === 'double') return doubleText(value as number);
  return String(value);
}

/** Java's Double.toString: always a fraction, and an exponent below 10^-3 and from 10^7 on. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const magnitude = Math.abs(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (magnitude >= 1e-3 && magnitude < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '0', exponent = '0'] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
