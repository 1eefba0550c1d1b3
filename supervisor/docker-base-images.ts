/**
 * Base images made of this machine's own files, for machines that reach no image registry: one with Node, npm and bash, one
 * with Java and ZooKeeper, one with Java and Apache Kafka. They hold the programs with the libraries that these load and
 * nothing else, in the places where the public images have them. For tests; images for users are built on the public ones.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from './java';
import type { DockerEngine } from './docker-engine';

const run = promisify(execFile);

/** What scripts of ours and of npm call, and what somebody who looks into a container would miss first. */
const everydayPrograms = (
  'bash sh env ls cat cp mv rm mkdir rmdir ln chmod chown touch id stat date sleep head tail wc sort uniq cut tr tee ' +
  'grep sed find xargs dirname basename readlink realpath uname hostname seq timeout setpriv mktemp ps'
).split(' ');

/** Parts of the C library that are loaded while a program runs, e.g. by Node's native modules: ldd does not tell of them. */
const LIBRARY_PATTERN = /^lib(nss_(dns|files)|resolv|rt|util|anl|dl|pthread|gcc_s)\.so\.\d+$/;

export interface BaseImages {
  /** In place of node:20-bookworm-slim. */
  node: string;
  /** In place of zookeeper:3.8.4. */
  zookeeper: string;
  /** In place of apache/kafka:3.9.1. */
  apacheKafka: string;
}

export interface JavaSide {
  /** The java program. */
  java: string;
  /** For `java -cp`; its jars are copied. */
  zooKeeperClasspath: string;
  /** The same of Apache Kafka. */
  kafkaClasspath: string;
}

/** Makes the images that the engine does not have yet. Some seconds each. */
export async function makeBaseImages(engine: DockerEngine, javaSide: JavaSide): Promise<BaseImages> {
  const npm = realpathSync(join(dirname(process.execPath), 'npm'));
  const npmFolder = npm.slice(0, npm.lastIndexOf('/bin/'));
  const node = await importOnce(engine, 'gregor-test-node', [process.version, npmFolder], async (root) => {
    await addProgram(root, process.execPath, 'usr/local/bin/node');
    cpSync(npmFolder, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true });
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  });
  const { java, zooKeeperClasspath, kafkaClasspath } = javaSide;
  const withJars = (name: string, classpath: string, folder: string): Promise<string> =>
    importOnce(engine, name, [java, classpath], async (root) => {
      await addJava(root, dirname(dirname(realpathSync(java))));
      for (const jar of jarsOf(classpath)) cpSync(jar, join(root, folder, basename(jar)));
    });
  const lib = 'apache-zookeeper-of-this-machine-bin/lib';
  const zookeeper = await withJars('gregor-test-zookeeper', zooKeeperClasspath, lib);
  const apacheKafka = await withJars('gregor-test-apache-kafka', kafkaClasspath, 'opt/kafka/libs');
  return { node, zookeeper, apacheKafka };
}

/** The tag tells what the image holds: an engine that keeps its images has it the next time. */
async function importOnce(
  engine: DockerEngine,
  name: string,
  contents: readonly string[],
  fill: (root: string) => Promise<void>,
): Promise<string> {
  const recipe = [...contents, ...everydayPrograms, LIBRARY_PATTERN.source].join('\n');
  const tag = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  const image = `${name}:${tag}`;
  if ((await engine.docker(['images', '--quiet', image])).trim() !== '') return image;
  const root = mkdtempSync(join(tmpdir(), 'gregor-base-'));
  try {
    await addSystem(root);
    await fill(root);
    await importFolder(engine, root, image);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return image;
}

async function addSystem(root: string): Promise<void> {
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', folder), { recursive: true });
    symlinkSync(`usr/${folder}`, join(root, folder));
  }
  for (const folder of [
    'etc',
    'proc',
    'sys',
    'dev',
    'root',
    'home/node',
    'usr/local/bin',
    'usr/local/lib/node_modules',
  ])
    mkdirSync(join(root, folder), { recursive: true });
  for (const folder of ['tmp', 'var/tmp']) {
    mkdirSync(join(root, folder), { recursive: true });
    chmodSync(join(root, folder), 0o1777);
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\nnode:x:1000:1000::/home/node:/bin/bash\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  const certificates = '/etc/ssl/certs/ca-certificates.crt';
  if (existsSync(certificates)) cpSync(certificates, join(root, certificates), { dereference: true });
  for (const program of everydayPrograms) {
    const path = findOnPath(program);
    if (path) await addProgram(root, path, `usr/bin/${program}`);
  }
}

async function addProgram(root: string, path: string, target: string): Promise<void> {
  cpSync(path, join(root, target), { dereference: true });
  await addLibraries(root, path);
}

/** A script needs none: its interpreter is a program of its own. */
async function addLibraries(root: string, path: string): Promise<void> {
  const { stdout } = await run('ldd', [path]).catch(() => ({ stdout: '' }));
  for (const [, library] of stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)) addLibrary(root, library as string);
}

function addLibrary(root: string, library: string): void {
  const place = (path: string): string => join(root, path.startsWith('/lib') ? `/usr${path}` : path);
  if (existsSync(place(library))) return;
  cpSync(library, place(library), { dereference: true });
  if (!/\/libc\.so\.\d+$/.test(library)) return;
  const folder = dirname(library);
  for (const name of readdirSync(folder).filter((file) => LIBRARY_PATTERN.test(file)))
    addLibrary(root, join(folder, name));
}

/** A Java home without what only compilers need, under its own path: its configuration may lie elsewhere, behind links. */
async function addJava(root: string, home: string): Promise<void> {
  const isForDevelopment = /\/(src\.zip|ct\.sym|jmods|legal|man|demo|include)$/;
  for (const part of ['lib', 'conf', 'release'].filter((name) => existsSync(join(home, name)))) {
    cpSync(join(home, part), join(root, home, part), {
      recursive: true,
      dereference: true,
      filter: (path) => existsSync(path) && !isForDevelopment.test(path),
    });
  }
  await addProgram(root, join(home, 'bin', 'java'), join(home, 'bin', 'java'));
  for (const library of ['lib/server/libjvm.so', 'lib/libnio.so', 'lib/libnet.so', 'lib/libmanagement.so'])
    await addLibraries(root, join(home, library));
  symlinkSync(join(home, 'bin', 'java'), join(root, 'usr/local/bin/java'));
}

/** `folder/*` and single jars, as in a class path. */
function jarsOf(classpath: string): string[] {
  return classpath
    .split(':')
    .flatMap((entry) =>
      entry.endsWith('*')
        ? readdirSync(dirname(entry)).map((name) => join(dirname(entry), name))
        : [realpathSync(entry)],
    )
    .filter((path) => path.endsWith('.jar'));
}

async function importFolder(engine: DockerEngine, folder: string, image: string): Promise<void> {
  const setting = 'ENV PATH=/usr/local/bin:/usr/bin:/bin';
  const authority = 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt';
  const tar = spawn('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', folder, '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await engine.docker(['import', '--change', setting, '--change', authority, '-', image], tar.stdout);
}
