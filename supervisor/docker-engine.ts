/**
 * A Docker Engine for tests: the one that runs on this machine, or one that is started for the time being and stopped again.
 * An engine of our own keeps its images in the cache folder and touches nothing of a system-wide one; only root may start it.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Clock } from '../runtime/clock';
import { cacheDirectory } from './cache-directory';
import { DockerDaemon } from './docker-daemon';
import { findOnPath } from './java';
import { installPackages, MissingPrerequisite, type PackageNeed, type Say } from './system-packages';
import { StopWaiting, waitUntil } from './wait-until';

const run = promisify(execFile);
const ANSWER_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 60_000;
/** Where only root looks for programs. */
const DAEMON_FOLDERS: readonly string[] = ['/usr/sbin', '/usr/local/sbin'];
/** The engine stops containers that still run, each with its own patience. */
const STOP_TIMEOUT_MS = 60_000;

const dockerPackage: PackageNeed = { what: 'Docker (tests of compose/ need it)', package: 'docker.io' };
const composePackage: PackageNeed = { what: 'Docker Compose', package: 'docker-compose' };

/** Debian's packages that are missing here; an engine that runs elsewhere (DOCKER_HOST) needs only the commands. */
export async function packagesForDocker(
  env: NodeJS.ProcessEnv = process.env,
  daemonFolders = DAEMON_FOLDERS,
): Promise<PackageNeed[]> {
  const needs: PackageNeed[] = [];
  const canStart = findOnPath('docker', env) !== null && findDaemon(env, daemonFolders) !== null;
  if (!canStart && (await whyNoEngine(env)) !== null) needs.push(dockerPackage);
  if ((await composeCommand(env)) === null) needs.push(composePackage);
  return needs;
}

/** Installs what may be installed. @throws MissingPrerequisite with one line that says what to do, when there can be no engine */
export async function requireDocker(
  say: Say,
  env: NodeJS.ProcessEnv = process.env,
  isRoot = process.getuid?.() === 0,
): Promise<void> {
  await installPackages(await packagesForDocker(env), say);
  const reason = await whyNoEngine(env);
  if (reason === null || isRoot) return;
  throw new MissingPrerequisite(
    `No Docker Engine can be used (${reason}), and only root may start one for the tests of compose/. ` +
      'Please start Docker and let this user use it, or run the tests as root.',
  );
}

/** Null when an engine answers, else the command's own reason in one line. */
async function whyNoEngine(env: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeout: ANSWER_TIMEOUT_MS });
    return null;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return (stderr || message).trim().split('\n').at(-1) ?? '';
  }
}

function findDaemon(env: NodeJS.ProcessEnv, folders = DAEMON_FOLDERS): string | null {
  return findOnPath('dockerd', { PATH: [env['PATH'] ?? '', ...folders].join(delimiter) });
}

/** `docker compose` (version 2) where it is there, else docker-compose. */
async function composeCommand(env: NodeJS.ProcessEnv): Promise<string[] | null> {
  const plugin = await run('docker', ['compose', 'version'], { env }).then(
    () => true,
    () => false,
  );
  if (plugin) return ['docker', 'compose'];
  return findOnPath('docker-compose', env) ? ['docker-compose'] : null;
}

export class DockerEngine {
  private constructor(
    /** For whatever talks to it. */
    readonly env: NodeJS.ProcessEnv,
    /** Null when somebody else runs it. */
    private readonly daemon: DockerDaemon | null,
    private readonly runDirectory: string | null,
  ) {}

  /** The engine that answers, or a new one. */
  static async use(clock: Clock, env: NodeJS.ProcessEnv = process.env): Promise<DockerEngine> {
    return (await whyNoEngine(env)) === null ? new DockerEngine(env, null, null) : DockerEngine.start(clock, env);
  }

  private static async start(clock: Clock, env: NodeJS.ProcessEnv): Promise<DockerEngine> {
    const command = findDaemon(env);
    if (!command) throw new MissingPrerequisite('There is no dockerd on this machine');
    // Short: paths of sockets are limited to about a hundred characters.
    const runDirectory = mkdtempSync(join(tmpdir(), 'gregor-docker-'));
    const dataDirectory = join(cacheDirectory(env), 'docker');
    mkdirSync(dataDirectory, { recursive: true });
    const host = `unix://${join(runDirectory, 'docker.sock')}`;
    const places = ['--data-root', dataDirectory, '--exec-root', join(runDirectory, 'run'), '--host', host];
    // The file makes two engines on the same images impossible.
    const args = [...places, '--pidfile', join(dataDirectory, 'docker.pid')];
    const daemonEnv = { ...env, PATH: `${env['PATH'] ?? ''}:/usr/sbin:/sbin` };
    const logFile = join(runDirectory, 'dockerd.log');
    const daemon = DockerDaemon.start([command, ...args], daemonEnv, logFile, clock);
    const engine = new DockerEngine({ ...env, DOCKER_HOST: host }, daemon, runDirectory);
    try {
      await waitUntil(
        async () => {
          if (!daemon.running) throw new StopWaiting(`the Docker Engine ended:\n  ${daemon.lastLines()}`);
          return (await whyNoEngine(engine.env)) === null ? true : null;
        },
        { what: 'the Docker Engine answered', timeoutMs: START_TIMEOUT_MS, everyMs: 100, clock },
      );
      return engine;
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  /** Whether it was started here. */
  get isOurs(): boolean {
    return this.daemon !== null;
  }

  /** The socket, for whatever mounts it. */
  get socket(): string {
    return (this.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '');
  }

  /** Runs `docker …` and gives its standard output; rejects with both outputs when it fails. */
  docker(args: readonly string[], input?: Readable): Promise<string> {
    return runCommand(['docker', ...args], { env: this.env, input });
  }

  /** Runs compose in `directory`, with more variables in its environment. */
  async compose(args: readonly string[], directory: string, variables: NodeJS.ProcessEnv = {}): Promise<string> {
    const command = await composeCommand(this.env);
    if (!command) throw new MissingPrerequisite('There is no docker compose on this machine');
    return runCommand([...command, ...args], { env: { ...this.env, ...variables }, cwd: directory });
  }

  /** Stops the engine if it was started here. */
  async stop(): Promise<void> {
    await this.daemon?.stop(STOP_TIMEOUT_MS);
    if (!this.runDirectory) return;
    // The network namespace of containers that use the machine's own is left mounted.
    await run('umount', ['--lazy', join(this.runDirectory, 'run', 'netns', 'default')]).catch(() => undefined);
    rmSync(this.runDirectory, { recursive: true, force: true });
  }
}

interface CommandOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  input?: Readable | undefined;
}

function runCommand([program, ...args]: string[], { env, cwd, input }: CommandOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program as string, args, { env, cwd, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const all: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => void (output.push(chunk), all.push(chunk)));
    child.stderr?.on('data', (chunk: Buffer) => void all.push(chunk));
    if (input && child.stdin) {
      child.stdin.on('error', () => undefined); // how the command ended tells more
      input.pipe(child.stdin);
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString());
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${Buffer.concat(all).toString()}`));
    });
  });
}
