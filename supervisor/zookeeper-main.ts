/**
 * Entry of zookeeper-server-start: finds ZooKeeper and Java and starts the server with the given properties file.
 * With --print-command it prints the command for a shell instead, so that the launcher can become ZooKeeper itself.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ZOOKEEPER_MAIN_CLASS } from './zookeeper-classpath';
import { requireZooKeeper } from './zookeeper-prerequisites';
import { loggingOptions, quickJvm } from './zookeeper-process';

const SIGNALLED_EXIT_CODE = 128;

/** Program and arguments that start ZooKeeper; KAFKA_HEAP_OPTS and KAFKA_OPTS count as they do for Kafka's launcher. */
async function commandFor(configFile: string): Promise<string[]> {
  const { java, installation } = await requireZooKeeper({ say });
  const { version, source, classpath } = installation;
  say(`ZooKeeper ${version} from ${source}`);
  const options = [...quickJvm, ...loggingOptions('info'), ...wordsOf('KAFKA_HEAP_OPTS'), ...wordsOf('KAFKA_OPTS')];
  return [java, ...options, '-cp', classpath, ZOOKEEPER_MAIN_CLASS, resolve(configFile)];
}

/** Standard output is for the command alone. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The words of an environment variable. */
function wordsOf(name: string): string[] {
  return (process.env[name] ?? '').split(/\s+/).filter((word) => word !== '');
}

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function runInForeground([program, ...args]: string[]): void {
  const child = spawn(program as string, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => process.exit(code ?? SIGNALLED_EXIT_CODE));
}

async function main(args: string[]): Promise<void> {
  const printOnly = args[0] === '--print-command';
  const [configFile] = printOnly ? args.slice(1) : args;
  if (configFile === undefined) {
    say('USAGE: zookeeper-server-start.sh [-daemon] zookeeper.properties');
    process.exitCode = 1;
    return;
  }
  if (!existsSync(configFile)) {
    say(`There is no file ${resolve(configFile)}; the repository holds one at config/zookeeper.properties`);
    process.exitCode = 1;
    return;
  }
  const command = await commandFor(configFile);
  if (printOnly) process.stdout.write(`${command.map(quoteForShell).join(' ')}\n`);
  else runInForeground(command);
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
