/**
 * Java's .properties format: `key=value`, `key:value` or `key value`, comments with # or !, lines continued by a
 * trailing backslash, escapes \t \n \r \f \uXXXX. Later keys win. White space before a key and around the separator
 * is dropped; white space after a value is kept, as Java does.
 */

/** Thrown for an unfinished \u escape, which Java refuses too. */
export class PropertiesError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'PropertiesError';
  }
}

const BLANK = new Set([' ', '\t', '\f']);
const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** Parses the text of a .properties file, in the order in which keys first appear. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const keyEnd = findKeyEnd(line);
    const valueStart = findValueStart(line, keyEnd);
    properties.set(unescape(line.slice(0, keyEnd)), unescape(line.slice(valueStart)));
  }
  return properties;
}

/** Joins continued lines; drops comments, blank lines and the white space that lines begin with. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let pending: string | null = null;
  for (const natural of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const line: string = natural.replace(/^[ \t\f]+/, '');
    if (pending === null && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const joined: string = (pending ?? '') + line;
    if (endsInOddBackslashes(line)) {
      pending = joined.slice(0, -1);
    } else {
      lines.push(joined);
      pending = null;
    }
  }
  if (pending !== null && pending !== '') lines.push(pending);
  return lines;
}

function endsInOddBackslashes(line: string): boolean {
  const tail = /\\+$/.exec(line);
  return tail !== null && tail[0].length % 2 === 1;
}

function findKeyEnd(line: string): number {
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] as string;
    if (char === '\\') at += 1;
    else if (char === '=' || char === ':' || BLANK.has(char)) return at;
  }
  return line.length;
}

function findValueStart(line: string, keyEnd: number): number {
  let at = keyEnd;
  while (BLANK.has(line[at] ?? '')) at += 1;
  if (line[at] === '=' || line[at] === ':') at += 1;
  while (BLANK.has(line[at] ?? '')) at += 1;
  return at;
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(u[0-9a-fA-F]{4}|[^]|$)/g, (_whole, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    if (escape === 'u') throw new PropertiesError('Malformed \\uxxxx encoding.');
    return ESCAPES[escape] ?? escape;
  });
}

function escapeSpecials(text: string): string {
  return text.replace(/[\\\t\n\r\f#!=:]/g, (char) => {
    const letter = Object.entries(ESCAPES).find(([, plain]) => plain === char)?.[0];
    return `\\${letter ?? char}`;
  });
}

/** Writes one entry so that parseProperties and Java read it back. */
export function formatProperty(key: string, value: string): string {
  return `${escapeSpecials(key).replaceAll(' ', '\\ ')}=${escapeSpecials(value).replace(/^ /, '\\ ')}`;
}
