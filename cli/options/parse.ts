/**
 * Parsing in the style of joptsimple, which Kafka's commands use: `--name value`, `--name=value`, one dash instead of
 * two, names shortened as long as they stay unambiguous, `--` ends the options, words between options are let be.
 */
import type { OptionDefinition, OptionTable } from './definition';
import { forgottenDashes, nearestName } from './suggestion';
import { UsageError } from './usage-error';

/** What was given on the command line. */
export class ParsedOptions<T extends OptionTable = OptionTable> {
  private readonly given = new Map<string, string[]>();
  /** Words that belong to no option. */
  readonly words: string[] = [];

  constructor(readonly table: T) {}

  /** @internal used by the parser */
  add(name: string, value: string | null): void {
    const values = this.given.get(name) ?? [];
    if (value !== null) values.push(value);
    this.given.set(name, values);
  }

  /** Whether the option stood on the command line. */
  has(name: keyof T & string): boolean {
    return this.given.has(name);
  }

  /** Its value, else its default, else null. @throws UsageError when it was given more than once */
  text(name: keyof T & string): string | null {
    const values = this.given.get(name) ?? [];
    if (values.length > 1) {
      throw new UsageError(`Found multiple arguments for option ${name}, but you asked for only one`);
    }
    return values[0] ?? this.table[name]?.defaultText ?? null;
  }

  /** All its values, in the order given. */
  texts(name: keyof T & string): readonly string[] {
    return this.given.get(name) ?? [];
  }

  /** Its value as a number; the parser has checked that it is one. */
  number(name: keyof T & string): number | null {
    const text = this.text(name);
    return text === null ? null : Number(text);
  }

  /** Names of all options given. */
  get names(): readonly string[] {
    return [...this.given.keys()];
  }
}

/** @throws UsageError */
export function parseOptions<T extends OptionTable>(table: T, args: readonly string[]): ParsedOptions<T> {
  const parsed = new ParsedOptions(table);
  const rest = [...args];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token === '--') {
      parsed.words.push(...rest);
      break;
    }
    if (!looksLikeOption(token)) {
      parsed.words.push(token);
      continue;
    }
    const [written, inline] = splitAtEquals(token);
    const name = resolveName(table, written);
    take(parsed, name, table[name] as OptionDefinition, inline, rest);
  }
  checkWords(table, parsed.words);
  return parsed;
}

/** The options that must be there and are not. @throws UsageError */
export function checkRequired(parsed: ParsedOptions): void {
  const missing = Object.keys(parsed.table).filter((name) => parsed.table[name]?.required && !parsed.has(name));
  if (missing.length > 0) throw new UsageError(`Missing required option(s) [${missing.join(', ')}]`);
}

function looksLikeOption(token: string): boolean {
  return token.startsWith('-') && token !== '-';
}

function splitAtEquals(token: string): [string, string | null] {
  const at = token.indexOf('=');
  return at < 0 ? [token, null] : [token.slice(0, at), token.slice(at + 1)];
}

function resolveName(table: OptionTable, written: string): string {
  const bare = written.replace(/^--?/, '');
  if (table[bare]) return bare;
  const byLetter = Object.keys(table).find((name) => table[name]?.letter === bare);
  if (byLetter !== undefined) return byLetter;
  const candidates = Object.keys(table).filter((name) => name.startsWith(bare));
  if (candidates.length === 1 && bare !== '') return candidates[0] as string;
  if (candidates.length > 1 && bare !== '') {
    throw new UsageError(
      `${bare} is not a recognized option`,
      `It could be any of ${candidates.map((name) => `--${name}`).join(', ')}.`,
    );
  }
  const near = nearestName(bare, Object.keys(table));
  throw new UsageError(`${bare} is not a recognized option`, near === null ? null : `Did you mean --${near}?`);
}

function take(
  parsed: ParsedOptions,
  name: string,
  option: OptionDefinition,
  inline: string | null,
  rest: string[],
): void {
  if (option.kind === 'flag') {
    if (inline !== null) throw new UsageError(`Option ${name} takes no value, but got '${inline}'`);
    parsed.add(name, null);
    return;
  }
  if (inline !== null) {
    parsed.add(name, checkedValue(name, option, inline));
    return;
  }
  const next = rest[0];
  if (option.kind === 'list') {
    const values = rest.splice(0, firstOption(rest));
    if (values.length === 0) throw new UsageError(`Option ${name} requires an argument`);
    for (const value of values) parsed.add(name, checkedValue(name, option, value));
  } else if (option.kind === 'value') {
    if (next === undefined) throw new UsageError(`Option ${name} requires an argument`);
    rest.shift();
    parsed.add(name, checkedValue(name, option, next));
  } else if (next !== undefined && !looksLikeOption(next)) {
    rest.shift();
    parsed.add(name, checkedValue(name, option, next));
  } else {
    parsed.add(name, null);
  }
}

function firstOption(tokens: readonly string[]): number {
  const at = tokens.findIndex(looksLikeOption);
  return at < 0 ? tokens.length : at;
}

const SHAPES = {
  Integer: /^[+-]?\d{1,10}$/,
  Long: /^[+-]?\d{1,19}$/,
  Double: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
};

function checkedValue(name: string, option: OptionDefinition, text: string): string {
  if (option.type === 'String') return text;
  const fits = SHAPES[option.type].test(text) && (option.type !== 'Integer' || Math.abs(Number(text)) <= 2 ** 31);
  if (!fits) throw new UsageError(`Cannot parse argument '${text}' of option ${name}`);
  return text;
}

/** A word that is the name of an option was surely meant as one; Kafka's commands silently drop it. */
function checkWords(table: OptionTable, words: readonly string[]): void {
  const complaint = forgottenDashes(table, words);
  if (complaint) throw new UsageError(complaint.text, complaint.hint);
}
