/**
 * Makes a fresh clone ready: installs the dependencies and builds dist/ where that is missing or older than the sources.
 * Plain JavaScript, as it runs before anything is built. A lock lets commands that start at the same time wait for one build.
 * Run directly, it prepares and ends; `--if-missing` leaves a dist/ that is merely old as it is.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NEEDED_NODE = 20;
const lock = join(root, '.gregor', 'preparing.lock');
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const buildStamp = join(root, 'dist', '.tsbuildinfo');

/** Installs and builds what is missing; `say` is told of each step before it begins. Throws when a step fails. */
export async function prepare({ say, onlyIfMissing = false }) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < NEEDED_NODE)
    throw new Error(`Node.js ${NEEDED_NODE} or newer is needed, this is ${process.versions.node}`);
  if (!isClone() || isReady(onlyIfMissing)) return;
  const sayThatWeWait = () => say('Another command is building; waiting for it …');
  await withLock(lock, sayThatWeWait, async () => {
    if (!dependenciesAreThere()) {
      say('Installing the dependencies (npm ci) …');
      await npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
    }
    if (!isReady(onlyIfMissing)) {
      say('Building (npm run build) …');
      await npm('run', '--silent', 'build').catch((error) => {
        rmSync(buildStamp, { force: true }); // the compiler writes it also where it found errors
        throw error;
      });
      // The compiler leaves it alone where only the dashboard, which is built apart, has changed.
      utimesSync(buildStamp, new Date(), new Date());
    }
  });
}

/** An installed package comes built and without a lock file. */
function isClone() {
  return existsSync(join(root, 'package-lock.json')) && existsSync(join(root, 'tsconfig.json'));
}

function isReady(onlyIfMissing) {
  return dependenciesAreThere() && existsSync(buildStamp) && (onlyIfMissing || !sourcesAreNewer());
}

/** Whether what npm noted down after its last installation holds all that the lock file asks for on this system. */
function dependenciesAreThere() {
  const present = installedPackages();
  if (!present) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

function installedPackages() {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return null; // never installed, or interrupted while npm wrote it
  }
}

function sourcesAreNewer() {
  const builtMs = changedMs(buildStamp);
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !['node_modules', 'dist', 'test'].includes(entry.name) && entry.name[0] !== '.',
  );
  return folders.some(({ name }) =>
    readdirSync(join(root, name), { recursive: true }).some(
      (path) => /\.tsx?$/.test(path) && changedMs(join(root, name, path)) > builtMs,
    ),
  );
}

function changedMs(path) {
  return statSync(path).mtimeMs;
}

/**
 * Output goes to the error stream: what a command prints belongs to the command. At Ctrl-C npm would tidy up for half a
 * minute what the next npm ci removes anyway; so it gets a process group of its own, which is ended at once.
 */
async function npm(...args) {
  const onWindows = process.platform === 'win32';
  let child;
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    if (onWindows) child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  };
  // Before npm runs: a signal in between would end this process and leave npm behind.
  for (const signal of stopSignals) process.on(signal, interrupt);
  const reason = await new Promise((resolve) => {
    child = spawn('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: onWindows, detached: !onWindows });
    child.once('error', (error) => resolve(`: ${error.message}`));
    child.once('exit', (code) => resolve(code === 0 ? null : ''));
  });
  for (const signal of stopSignals) process.off(signal, interrupt);
  if (interrupted) throw new Error('Interrupted. The next start does what is still missing.');
  if (reason !== null) throw new Error(`npm ${args.join(' ')} failed${reason}`);
}

function sayOnErrorStream(line) {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  prepare({ say: sayOnErrorStream, onlyIfMissing: process.argv.includes('--if-missing') }).catch((error) => {
    sayOnErrorStream(error.message);
    process.exitCode = 1;
  });
}
