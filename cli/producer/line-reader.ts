/** Lines of standard input into records: `[headers<delimiter>][key<separator>]value`, as --property describes. */
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import type { RecordHeader } from '../../protocol/records';
import { CommandError } from '../command';

export interface LineFormat {
  parseKey: boolean;
  keySeparator: string;
  parseHeaders: boolean;
  headersDelimiter: string;
  headersSeparator: RegExp;
  headersKeySeparator: string;
  ignoreError: boolean;
  nullMarker: string | null;
}

export interface ParsedLine {
  key: Buffer | null;
  value: Buffer | null;
  headers: RecordHeader[];
}

/** @throws CommandError when two of the separators are the same */
export function lineFormat(properties: ReadonlyMap<string, string>): LineFormat {
  const isTrue = (name: string): boolean => (properties.get(name) ?? '').trim().toLowerCase() === 'true';
  const separators: [string, string | null][] = [
    ['null.marker', properties.get('null.marker') ?? null],
    ['headers.delimiter', properties.get('headers.delimiter') ?? '\t'],
    ['headers.separator', properties.get('headers.separator') ?? ','],
    ['headers.key.separator', properties.get('headers.key.separator') ?? ':'],
  ];
  const keySeparator = properties.get('key.separator') ?? '\t';
  for (const [index, [name, text]] of separators.entries()) {
    const rest = separators.slice(index + 1);
    if (name === 'null.marker') rest.unshift(['key.separator', keySeparator]);
    const same = rest.find(([, other]) => other === text);
    if (same) throw new CommandError(`${name} and ${same[0]} may not be equal`);
  }
  return {
    parseKey: isTrue('parse.key'),
    keySeparator,
    parseHeaders: isTrue('parse.headers'),
    headersDelimiter: separators[1]?.[1] as string,
    headersSeparator: new RegExp(separators[2]?.[1] as string),
    headersKeySeparator: separators[3]?.[1] as string,
    ignoreError: isTrue('ignore.error'),
    nullMarker: separators[0]?.[1] ?? null,
  };
}

/** @throws CommandError when a separator is missing and errors are not ignored */
export function parseLine(line: string, lineNumber: number, format: LineFormat): ParsedLine {
  const cut = (enabled: boolean, from: number, separator: string, what: string): string | null => {
    if (!enabled) return null;
    const at = line.indexOf(separator, from);
    if (at >= 0) return line.slice(from, at);
    if (format.ignoreError) return null;
    throw new CommandError(`No ${what} found on line number ${lineNumber}: '${line}'`);
  };
  const headers = cut(format.parseHeaders, 0, format.headersDelimiter, 'headers delimiter');
  const keyFrom = headers === null ? 0 : headers.length + format.headersDelimiter.length;
  const key = cut(format.parseKey, keyFrom, format.keySeparator, 'key separator');
  const value = line.slice(keyFrom + (key === null ? 0 : key.length + format.keySeparator.length));
  const hasHeaders = headers !== null && headers !== format.nullMarker;
  return {
    key: key === null ? null : bytesOf(key, format),
    value: bytesOf(value, format),
    headers: hasHeaders ? parseHeaders(headers, lineNumber, format) : [],
  };
}

function bytesOf(text: string, format: LineFormat): Buffer | null {
  return text === format.nullMarker ? null : Buffer.from(text, 'utf8');
}

function parseHeaders(text: string, lineNumber: number, format: LineFormat): RecordHeader[] {
  return text.split(format.headersSeparator).map((pair) => {
    const at = pair.indexOf(format.headersKeySeparator);
    if (at < 0) {
      if (format.ignoreError) return { key: pair, value: null };
      throw new CommandError(`No header key separator found in pair '${pair}' on line number ${lineNumber}`);
    }
    const key = pair.slice(0, at);
    if (key === format.nullMarker) {
      throw new CommandError(
        `Header keys should not be equal to the null marker '${format.nullMarker}' as they can't be null`,
      );
    }
    return { key, value: bytesOf(pair.slice(at + format.headersKeySeparator.length), format) };
  });
}

/**
 * Lines ended by \n, \r\n or \r, as many at a time as came together; what stands after the last of them is a line too,
 * unless it is empty.
 */
export async function* linesOf(input: Readable): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let skipNewline = false;
  for await (const chunk of input) {
    rest += typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer);
    if (skipNewline && rest.startsWith('\n')) rest = rest.slice(1);
    const lines = rest.split(/\r\n|\n|\r/);
    skipNewline = rest.endsWith('\r');
    rest = lines.pop() as string;
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}
