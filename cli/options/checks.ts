/** Which options belong together, with the complaints of Kafka's CommandLineUtils. */
import type { ParsedOptions } from './parse';
import { UsageError } from './usage-error';

/** @throws UsageError when one of `names` is missing */
export function requireOptions(given: ParsedOptions, ...names: readonly string[]): void {
  for (const name of names) {
    if (!given.has(name)) throw new UsageError(`Missing required argument "[${name}]"`);
  }
}

/** @throws UsageError when `used` was given together with one of `others` */
export function refuseTogether(given: ParsedOptions, used: string, others: readonly string[]): void {
  if (!given.has(used)) return;
  for (const other of others) {
    if (given.has(other)) throw new UsageError(`Option "[${used}]" can't be used with option "[${other}]"`);
  }
}

/** `key=value` pairs as `--property` and its kin take them; a pair without a value sets it empty. */
export function keyValues(pairs: readonly string[], name: string, acceptMissingValue = true): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const [key, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '' && !acceptMissingValue) {
      throw new UsageError(`Missing value for key ${key}`, `Write --${name} ${key}=...`);
    }
    values.set(key, value);
  }
  return values;
}
