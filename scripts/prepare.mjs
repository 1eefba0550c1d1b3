/**
 * Makes a fresh clone ready: installs the dependencies and builds dist/ where that is missing or older than the sources.
 * Plain JavaScript, as it runs before anything is built. A lock lets commands that start at the same time wait for one build.
 * Run directly, it prepares and ends; `--if-missing` leaves a dist/ that is merely old as it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NEEDED_NODE = 20;
const LOCK_EXPIRES_MS = 300_000;
const lock = join(root, '.gregor', 'preparing');
const buildStamp = join(root, 'dist', '.tsbuildinfo');

/** Installs and builds what is missing; `say` is told of each step before it begins. Throws when a step fails. */
export async function prepare({ say, onlyIfMissing = false }) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < NEEDED_NODE)
    throw new Error(`Node.js ${NEEDED_NODE} or newer is needed, this is ${process.versions.node}`);
  if (!isClone() || isReady(onlyIfMissing)) return;
  await locked(say, () => {
    if (!dependenciesAreThere()) {
      say('Installing the dependencies (npm ci) …');
      npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
    }
    if (!isReady(onlyIfMissing)) {
      say('Building (npm run build) …');
      npm('run', '--silent', 'build');
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
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

function sourcesAreNewer() {
  const builtMs = changedMs(buildStamp);
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !['node_modules', 'dist', 'test'].includes(entry.name) && entry.name[0] !== '.',
  );
  return folders.some(({ name }) =>
    readdirSync(join(root, name), { recursive: true }).some(
      (path) => path.endsWith('.ts') && changedMs(join(root, name, path)) > builtMs,
    ),
  );
}

function changedMs(path) {
  return statSync(path).mtimeMs;
}

async function locked(say, work) {
  mkdirSync(dirname(lock), { recursive: true });
  for (let told = false; !tryLock(); told = true) {
    if (!told) say('Another command is building; waiting for it …');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** The folder is the lock; one that a killed build left behind is taken over after a while. */
function tryLock() {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (existsSync(lock) && Date.now() - changedMs(lock) > LOCK_EXPIRES_MS)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Output goes to the error stream: what a command prints belongs to the command. */
function npm(...args) {
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) throw new Error(`npm ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
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
