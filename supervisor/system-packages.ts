/**
 * Packages of the operating system: may this user install them here, and the exact command when not.
 * Only Debian and Ubuntu are known; there, root and a sudo that asks for no password may install.
 */
import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** How long apt-get waits while another one is at work, e.g. the one that Ubuntu runs by itself after its start. */
const APT_LOCK_TIMEOUT_SECONDS = 120;

/** What is missing on this machine, and the sentence that tells its user what to do. */
export class MissingPrerequisite extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'MissingPrerequisite';
  }
}

export type Say = (line: string) => void;

export interface PackageNeed {
  /** For people, e.g. `Java (ZooKeeper needs it)`. */
  what: string;
  /** Debian's name of the package that brings it. */
  package: string;
}

/** What decides who may install what; tests put another machine in its place. */
export interface Machine {
  /** Text of /etc/os-release, empty where there is none. */
  osRelease: string;
  isRoot: boolean;
  env: NodeJS.ProcessEnv;
}

/**
 * Installs Debian packages, all in one go, after saying so; throws MissingPrerequisite with one line that names the command
 * where that is not allowed or fails. What apt-get prints is shown only when it fails, and then its errors.
 */
export async function installPackages(
  needs: readonly PackageNeed[],
  say: Say,
  machine: Machine = thisMachine(),
): Promise<void> {
  if (needs.length === 0) return;
  const prefix = isDebianLike(machine.osRelease) ? await installerPrefix(machine) : null;
  if (!prefix) throw missingPackages(needs, machine);
  const command = installCommand(needs);
  const they = needs.length === 1 ? 'it is' : 'they are';
  say(`${whatIsMissing(needs)}, so ${they} installed now: ${[...prefix, command].join(' ')}`);
  // A fresh container image holds no package lists, and lists that exist may be outdated: try without, then with.
  if ((await apt(prefix, command, machine)).code === 0) return;
  await apt(prefix, 'apt-get update', machine);
  const { code, errors } = await apt(prefix, command, machine);
  if (code === 0) return;
  const failed = `"${[...prefix, command].join(' ')}" ended with exit code ${code}${errors}`;
  throw new MissingPrerequisite(`${whatIsMissing(needs)} and could not be installed: ${failed}`);
}

/** The error that names what is missing and the command that installs it. */
export function missingPackages(needs: readonly PackageNeed[], machine: Machine = thisMachine()): MissingPrerequisite {
  const missing = whatIsMissing(needs);
  const sudo = machine.isRoot ? '' : 'sudo ';
  const command = `${sudo}${installCommand(needs)}`;
  return new MissingPrerequisite(
    isDebianLike(machine.osRelease)
      ? `${missing}. Please run: ${sudo}apt-get update && ${command}`
      : `${missing}; please install what this would on Debian and Ubuntu: ${command}`,
  );
}

function installCommand(needs: readonly PackageNeed[]): string {
  return `apt-get install -y --no-install-recommends ${needs.map((need) => need.package).join(' ')}`;
}

/** `a is missing`, `a and b are missing`, `a, b and c are missing` */
function whatIsMissing(needs: readonly PackageNeed[]): string {
  const words = needs.map((need) => need.what);
  if (words.length === 1) return `${words[0]} is missing`;
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)} are missing`;
}

/** True for Debian, Ubuntu and what calls itself alike. */
export function isDebianLike(osRelease: string): boolean {
  const ids = /^ID(?:_LIKE)?=(.*)$/gm;
  return [...osRelease.matchAll(ids)].some(([, value]) => /\b(debian|ubuntu)\b/.test(value ?? ''));
}

function thisMachine(): Machine {
  return { osRelease: readOsRelease(), isRoot: process.getuid?.() === 0, env: process.env };
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** [] for root, ['sudo', '-n'] where sudo asks for no password, null where neither holds. */
async function installerPrefix({ isRoot, env }: Machine): Promise<string[] | null> {
  if (isRoot) return [];
  try {
    await run('sudo', ['-n', 'true'], { env });
    return ['sudo', '-n'];
  } catch {
    return null;
  }
}

/**
 * Runs apt-get. Its output goes to a file, not to a pipe: at Ctrl-C this process ends and apt-get completes what dpkg has
 * begun, which a broken pipe would cut off half-way. `errors` are its lines that name an error, as the end of a sentence.
 */
async function apt(
  prefix: readonly string[],
  command: string,
  { env }: Machine,
): Promise<{ code: number; errors: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gregor-apt-'));
  const logFile = join(folder, 'apt.log');
  const log = openSync(logFile, 'w');
  // dpkg wants the system's folders on PATH; with `su` a user's own PATH lacks them.
  const settings = ['DEBIAN_FRONTEND=noninteractive', `PATH=${env['PATH'] ?? ''}:/usr/sbin:/sbin`];
  const options = ['-o', `DPkg::Lock::Timeout=${APT_LOCK_TIMEOUT_SECONDS}`];
  const [program, ...args] = [...prefix, 'env', ...settings, ...command.split(' '), ...options];
  try {
    const code = await new Promise<number>((resolve) => {
      const child = spawn(program as string, args, { stdio: ['ignore', log, log], env });
      child.once('error', () => resolve(127));
      child.once('exit', (exitCode) => resolve(exitCode ?? 1));
    });
    return { code, errors: errorsIn(readFileSync(logFile, 'utf8')) };
  } finally {
    closeSync(log);
    rmSync(folder, { recursive: true, force: true });
  }
}

function errorsIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.startsWith('E: '));
  return lines.length === 0 ? '' : ` (${lines.map((line) => line.slice('E: '.length)).join('; ')})`;
}
