/**
 * Jars from Maven, resolved once per pinned set into the cache folder. A set is resolved beside its final folder and then
 * renamed, so that whoever runs at the same time sees all of it or nothing.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { systemClock } from '../runtime/clock';
import { cacheDirectory } from './cache-directory';
import { findOnPath } from './java';
import { installPackages, type PackageNeed, type Say } from './system-packages';

const run = promisify(execFile);
const MAVEN_TIMEOUT_MS = 600_000;
const WORK_PREFIX = 'resolving-';

export const mavenPackage: PackageNeed = { what: 'Maven (it fetches jars)', package: 'maven' };

export interface Artifact {
  group: string;
  name: string;
  version: string;
  /** `group:name` of dependencies to leave out; `*` stands for any. */
  without?: readonly string[];
}

export interface JarSet {
  /** Folder name inside the cache; holds the version, so that another version is another folder. */
  name: string;
  artifacts: readonly Artifact[];
}

/** The folder of a jar set inside the cache, whether or not it is there. */
export function jarDirectory(set: JarSet, env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDirectory(env), set.name);
}

/** What has to be installed before these sets can be had; nothing where they are in the cache. */
export function packagesToResolve(sets: readonly JarSet[], env: NodeJS.ProcessEnv = process.env): PackageNeed[] {
  if (sets.every((set) => existsSync(jarDirectory(set, env)))) return [];
  return findOnPath('mvn', env) ? [] : [mavenPackage];
}

/** The folder with the set's jars and all their dependencies; asks Maven if it is not in the cache yet. */
export async function resolveJars(set: JarSet, say: Say, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const directory = jarDirectory(set, env);
  if (existsSync(directory)) return directory;
  await installPackages(packagesToResolve([set], env), say);
  say(`Maven resolves ${set.name} into ${directory} …`);
  await mkdir(cacheDirectory(env), { recursive: true });
  await removeInterrupted(cacheDirectory(env));
  const work = await mkdtemp(join(cacheDirectory(env), WORK_PREFIX));
  try {
    await writeFile(join(work, 'pom.xml'), projectFor(set));
    const goal = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(work, 'jars')}`];
    await run('mvn', goal, { cwd: work, timeout: MAVEN_TIMEOUT_MS, env });
    await rename(join(work, 'jars'), directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // somebody else was faster
    });
  } catch (error) {
    const { stdout, message } = error as Error & { stdout?: string };
    throw new Error(`Maven could not resolve ${set.name}: ${firstErrorIn(stdout ?? '') ?? message}`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return directory;
}

/** What a resolution left behind that was killed: older than any that can still be under way. */
async function removeInterrupted(cache: string): Promise<void> {
  for (const name of (await readdir(cache)).filter((entry) => entry.startsWith(WORK_PREFIX))) {
    const changedMs = await stat(join(cache, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (systemClock.nowMs() - changedMs > MAVEN_TIMEOUT_MS)
      await rm(join(cache, name), { recursive: true, force: true });
  }
}

/** Maven's first error line; those after it only tell how to learn more. */
function firstErrorIn(output: string): string | undefined {
  return /\[ERROR\] (.*)/.exec(stripVTControlCharacters(output))?.[1];
}

function projectFor(set: JarSet): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>gregor</groupId><artifactId>jars</artifactId><version>1</version>
<dependencies>
${set.artifacts.map(dependency).join('\n')}
</dependencies></project>`;
}

function dependency({ group, name, version, without = [] }: Artifact): string {
  const exclusions = without.map((pattern) => {
    const [excludedGroup, excludedName] = pattern.split(':');
    return `<exclusion><groupId>${excludedGroup}</groupId><artifactId>${excludedName}</artifactId></exclusion>`;
  });
  const coordinates = `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`;
  return `<dependency>${coordinates}<exclusions>${exclusions.join('')}</exclusions></dependency>`;
}
