/**
 * Packages of the operating system: may this user install them here, and the exact command when not.
 * Only Debian and Ubuntu are known; there, root and a sudo that asks for no password may install.
 */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is missing on this machine, and the sentence that tells its user what to do. */
export class MissingPrerequisite extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'MissingPrerequisite';
  }
}

export type Say = (line: string) => void;

/** Installs Debian packages after saying so; throws MissingPrerequisite naming the command where that is not allowed. */
export async function installPackages(what: string, packages: readonly string[], say: Say): Promise<void> {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!isDebianLike()) {
    throw new MissingPrerequisite(`${what} is missing; please install it (on Debian and Ubuntu: sudo ${command})`);
  }
  const prefix = await installerPrefix();
  if (!prefix) throw new MissingPrerequisite(`${what} is missing. Please run: sudo apt-get update && sudo ${command}`);
  say(`${what} is missing, so it is installed now: ${[...prefix, command].join(' ')}`);
  // A fresh container image holds no package lists, and lists that exist may be outdated: try without, then with.
  if ((await apt(prefix, command.split(' '))) === 0) return;
  await apt(prefix, ['apt-get', 'update']);
  const code = await apt(prefix, command.split(' '));
  if (code !== 0) throw new MissingPrerequisite(`${what} could not be installed; this ended with ${code}: ${command}`);
}

/** True for Debian, Ubuntu and what calls itself alike. */
export function isDebianLike(osRelease = readOsRelease()): boolean {
  const ids = /^ID(?:_LIKE)?=(.*)$/gm;
  return [...osRelease.matchAll(ids)].some(([, value]) => /\b(debian|ubuntu)\b/.test(value ?? ''));
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** [] for root, ['sudo', '-n'] where sudo asks for no password, null where neither holds. */
async function installerPrefix(): Promise<string[] | null> {
  if (process.getuid?.() === 0) return [];
  try {
    await run('sudo', ['-n', 'true']);
    return ['sudo', '-n'];
  } catch {
    return null;
  }
}

/** Runs apt-get with its output on our error stream; resolves with the exit code. */
function apt(prefix: readonly string[], command: readonly string[]): Promise<number> {
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  return new Promise((resolve) => {
    const child = spawn(program as string, args, { stdio: ['ignore', 2, 2] });
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
