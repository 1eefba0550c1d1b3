import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');
const bin = join(root, 'bin');

const servers = ['coordinator', 'kafka-server', 'zookeeper-server'].flatMap((name) => [
  `${name}-start`,
  `${name}-stop`,
]);

/** Files of cli/ that are commands carry Kafka's names. */
const tools = readdirSync(join(root, 'cli')).flatMap(
  (file) => /^((?:kafka|zookeeper)-[\w-]+)\.ts$/.exec(file)?.[1] ?? [],
);
const commands = [...servers, ...tools].toSorted();

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
const shellText = (command: string): string => readFileSync(join(bin, `${command}.sh`), 'utf8');
const batchText = (command: string): string => readFileSync(join(bin, 'windows', `${command}.bat`), 'utf8');

/** The JavaScript file below dist/ that a launcher runs, and what it puts before the user's arguments. */
const shellEntry = (command: string): string =>
  /run\.sh" (\S+(?: broker| zookeeper| coordinator)?) /.exec(shellText(command))?.[1] ?? '';
const batchEntry = (command: string): string => {
  const [, path = '', words = ''] =
    /dist\\(\S+)\.js"((?: broker| zookeeper| coordinator)?) %\*/.exec(batchText(command)) ?? [];
  return path.replaceAll('\\', '/') + words;
};

describe('the launchers', () => {
  it('exist for every command under its three names', () => {
    const names = [...commands, ...commands.map((command) => `${command}.sh`)];
    expect(filesIn(bin).toSorted()).toEqual(names.toSorted());
    expect(filesIn(join(bin, 'windows')).toSorted()).toEqual(commands.map((command) => `${command}.bat`).toSorted());
  });

  it('are commands of the package, under the names without an ending', () => {
    const { bin: declared } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    expect(declared).toEqual(Object.fromEntries(commands.map((command) => [command, `bin/${command}`])));
  });

  it.each(commands)('%s.sh is short, executable, and passes its arguments on', (command) => {
    const text = shellText(command);
    expect(text.startsWith('#!/bin/sh\n')).toBe(true);
    expect(text.trimEnd().split('\n').length).toBeLessThan(10);
    expect(text).toContain('"$@"');
    expect(statSync(join(bin, `${command}.sh`)).mode & 0o111).toBe(0o111);
    expect(statSync(join(bin, command)).mode & 0o111).toBe(0o111);
    expect(readFileSync(join(bin, command), 'utf8')).toContain(`/${command}.sh" "$@"`);
  });

  it.each(commands)(
    '%s.bat finds its own folder, passes arguments and exit code on, and ends its lines as Windows does',
    (command) => {
      const lines = batchText(command).split('\r\n');
      expect(lines.join('')).not.toMatch(/[\r\n]/);
      expect(lines[0]).toBe('@echo off');
      expect(lines.at(-2)).toBe('exit /b %errorlevel%');
      expect(lines.at(-3)).toMatch(
        /^node (--initial-heap-size=128 --no-parallel-scavenge )?"%~dp0\.\.\\\.\.\\dist\\[\w\\-]+\.js"( broker| zookeeper| coordinator)? %\*$/,
      );
      expect(lines).toContain('call "%~dp0lib\\ready.bat"');
    },
  );

  it.each(commands)('%s runs the same JavaScript on both systems, and its source is there', (command) => {
    expect(batchEntry(command)).toBe(shellEntry(command));
    const [entry = ''] = shellEntry(command).split(' ');
    expect(existsSync(join(root, `${entry}.ts`)) ? entry : `${entry}.ts is missing`).toBe(entry);
  });
});
