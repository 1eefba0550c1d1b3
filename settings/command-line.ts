/**
 * The arguments of a service (kafka-server-start, coordinator-start), as kafka.Kafka takes them: FILE first, then any number
 * of --override key=value. An override without `=` sets the key to nothing, and of several for one key the last counts.
 */

export type CommandLine =
  | { kind: 'run'; file: string; overrides: Map<string, string> }
  | { kind: 'version' }
  | { kind: 'usage'; complaint: string | null };

/**
 * What is printed when the arguments cannot be understood.
 * @param command name of the launcher, e.g. `kafka-server-start.sh`
 * @param file name of the file that it takes, e.g. `server.properties`
 */
export function usageOf(command: string, file: string): string {
  return [
    `USAGE: ${command} [-daemon] ${file} [--override property=value]*`,
    'Option                       Description',
    '------                       -----------',
    `--override <property=value>  Sets a property in place of what ${file} says`,
    '--version                    Prints the version and exits',
  ].join('\n');
}

export function parseCommandLine(args: readonly string[]): CommandLine {
  const [file, ...rest] = args;
  if (file === undefined || args.includes('--help')) return { kind: 'usage', complaint: null };
  if (args.includes('--version')) return { kind: 'version' };
  const overrides = new Map<string, string>();
  const words = rest.flatMap((word) => (word.startsWith('--override=') ? ['--override', word.slice(11)] : [word]));
  const superfluous: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--override') {
      const pair = words[++at];
      if (pair === undefined) return { kind: 'usage', complaint: 'Option override requires an argument' };
      const [key, ...value] = pair.split('=');
      overrides.set(key as string, value.join('='));
    } else if (word.startsWith('-')) {
      return { kind: 'usage', complaint: `${word} is not a recognized option` };
    } else {
      superfluous.push(word);
    }
  }
  if (superfluous.length > 0)
    return { kind: 'usage', complaint: `Found non argument parameters: ${superfluous.join(',')}` };
  return { kind: 'run', file, overrides };
}
