/** Lines of the ZooKeeper shell: words, quoted ones, and the one-letter options among them. */

/** A line that the shell cannot understand, or a command that failed: its text goes to standard error. */
export class ShellError extends Error {
  constructor(
    text: string,
    readonly exitCode = 1,
  ) {
    super(text);
    this.name = 'ShellError';
  }
}

/** Words are separated by blanks; single or double quotes keep a word with blanks together. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

/** What a command of the shell was given. */
export interface ShellArguments {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  /** Everything that is neither an option nor its value. */
  readonly words: readonly string[];
}

/**
 * Options stand anywhere and may be joined, as in `-sR`.
 * @param flags letters without a value
 * @param valued letters with one
 * @throws ShellError for a letter that is in neither
 */
export function parseArguments(args: readonly string[], flags: string, valued: string): ShellArguments {
  const given = { flags: new Set<string>(), values: new Map<string, string>(), words: [] as string[] };
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!/^-[^-]/.test(word)) {
      given.words.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at += 1) {
      const letter = word[at] as string;
      if (flags.includes(letter)) {
        given.flags.add(letter);
      } else if (valued.includes(letter)) {
        const value = word.slice(at + 1) || rest.shift();
        if (value === undefined) throw new ShellError(`Missing argument for option: ${letter}`);
        given.values.set(letter, value);
        break;
      } else {
        throw new ShellError(`Unrecognized option: -${letter}`);
      }
    }
  }
  return given;
}

/** The number that follows an option, else -1. @throws ShellError when it is no number */
export function numberOption(given: ShellArguments, letter: string): number {
  const text = given.values.get(letter);
  if (text === undefined) return -1;
  if (!/^-?\d{1,10}$/.test(text)) throw new ShellError(`-${letter} needs a number, got '${text}'`);
  return Number(text);
}

/** @throws ShellError in the words of ZooKeeper's PathUtils when `path` cannot be that of a znode */
export function checkPath(path: string): void {
  if (path === '') throw new ShellError('Path length must be > 0');
  if (!path.startsWith('/')) throw new ShellError('Path must start with / character');
  if (path === '/') return;
  if (path.endsWith('/')) throw new ShellError('Path must not end with / character');
  let at = 1;
  for (const name of path.slice(1).split('/')) {
    const problem = nameProblem(name);
    const end = at + name.length - (name === '' ? 0 : 1);
    if (problem) throw new ShellError(`Invalid path string "${path}" caused by ${problem} @${end}`);
    at += name.length + 1;
  }
}

function nameProblem(name: string): string | null {
  if (name === '') return 'empty node name specified';
  if (name === '.' || name === '..') return 'relative paths not allowed';
  return name.includes('\0') ? 'null character not allowed' : null;
}
