/**
 * zookeeper-shell: looks into ZooKeeper and changes it, as ZooKeeper's own command line does (ZooKeeperMain). With a
 * command it runs that and ends; without one it reads lines from standard input, with completion on a terminal.
 */
import { createInterface, type Interface } from 'node:readline';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { Shell } from './shell/shell';

const USAGE =
  'USAGE: zookeeper-shell.sh zookeeper_host:port[/path] [-timeout ms] [-waitforconnection] [args...]\n' +
  'For example: zookeeper-shell.sh localhost:2181 ls /brokers/ids; without a command it reads lines, of which help tells more.\n';

const DEFAULT_SESSION_TIMEOUT_MS = 30_000;
/** How long a command waits for a server; -waitforconnection waits as long as a session lasts. */
const PATIENCE_MS = 5_000;

export interface ShellInvocation {
  server: string;
  sessionTimeoutMs: number;
  waitMs: number;
  /** Empty for reading lines. */
  words: string[];
}

/** The command line up to the first word of the command. @throws CommandError */
export function parseInvocation(args: readonly string[]): ShellInvocation {
  const rest = [...args];
  if (rest[0] === '-server') rest.shift();
  const server = rest.shift() ?? '';
  let sessionTimeoutMs = DEFAULT_SESSION_TIMEOUT_MS;
  let waits = false;
  for (let option = rest[0]; option?.startsWith('-'); option = rest[0]) {
    rest.shift();
    if (option === '-timeout') {
      sessionTimeoutMs = Number(rest.shift());
      if (!(sessionTimeoutMs > 0)) throw new CommandError('-timeout needs a number of milliseconds');
    } else if (option === '-waitforconnection') {
      waits = true;
    } else if (option === '-zk-tls-config-file' || option === '-client-configuration') {
      throw new CommandError(`${option} is not supported so far: connections to ZooKeeper are not encrypted.`);
    } else if (option !== '-r') {
      throw new CommandError(`Unknown option ${option}\n${USAGE.trimEnd()}`);
    }
  }
  return {
    server,
    sessionTimeoutMs,
    waitMs: waits ? sessionTimeoutMs : Math.min(PATIENCE_MS, sessionTimeoutMs),
    words: rest,
  };
}

async function runRaw(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.length === 0 || args.includes('--help')) {
    io.stderr.write(USAGE);
    return 1;
  }
  const { words, ...invocation } = parseInvocation(args);
  const shell = new Shell({ io, ...invocation });
  try {
    io.stdout.write(`Connecting to ${invocation.server}\n`);
    if (words.length > 0) {
      await runOnce(shell, words, invocation, io);
    } else {
      io.stdout.write('Welcome to ZooKeeper!\n');
      shell.open();
      await runLines(shell, io);
    }
    return shell.exitCode;
  } finally {
    await shell.close();
  }
}

async function runOnce(
  shell: Shell,
  words: string[],
  { server, waitMs }: Pick<ShellInvocation, 'server' | 'waitMs'>,
  io: CommandIo,
): Promise<void> {
  shell.open();
  await shell.runWords(words);
  if (!shell.foundNobody) return;
  io.stderr.write(
    `No ZooKeeper answers at ${server} (tried for ${waitMs / 1000} s). ` +
      'Start one with bin/zookeeper-server-start.sh config/zookeeper.properties, or name one that runs.\n',
  );
}

async function runLines(shell: Shell, io: CommandIo): Promise<void> {
  const terminal = (io.stdin as { isTTY?: boolean }).isTTY === true;
  const lines = createInterface({
    input: io.stdin,
    ...(terminal ? { output: io.stdout, completer: completer(shell) } : {}),
    terminal,
    crlfDelay: Infinity,
  });
  const end = (): void => lines.close();
  lines.on('SIGINT', end);
  io.interrupted.addEventListener('abort', end, { once: true });
  const prompt = (): void => showPrompt(shell, lines, terminal);
  prompt();
  for await (const line of lines) {
    await shell.run(line.trim());
    if (shell.ended) break;
    prompt();
  }
  io.interrupted.removeEventListener('abort', end);
  lines.close();
}

function showPrompt(shell: Shell, lines: Interface, terminal: boolean): void {
  if (!terminal) return;
  lines.setPrompt(`[zk: ${shell.address}(${shell.stateName}) ${shell.commandCount}] `);
  lines.prompt();
}

/** Completes command names, and paths by what lies below them. */
function completer(shell: Shell) {
  return (line: string, done: (error: Error | null, found: [string[], string]) => void): void => {
    const last = line.slice(line.lastIndexOf(' ') + 1);
    if (!line.includes(' ')) {
      done(null, [shell.commandNames.filter((name) => name.startsWith(last)), last]);
      return;
    }
    const folder = last.slice(0, last.lastIndexOf('/') + 1);
    if (folder === '') {
      done(null, [[], last]);
      return;
    }
    void shell
      .childrenOf(folder === '/' ? '/' : folder.slice(0, -1))
      .then((names) => done(null, [names.map((name) => folder + name).filter((path) => path.startsWith(last)), last]));
  };
}

export const zookeeperShell = defineCommand({
  name: 'zookeeper-shell',
  about: 'Looks into ZooKeeper and changes it.',
  options: {},
  runRaw,
  run: () => Promise.resolve(1),
});

if (require.main === module) startCommand(zookeeperShell);
