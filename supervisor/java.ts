/** Finds a Java runtime, and installs one where that is allowed. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installPackages, MissingPrerequisite, type PackageNeed, type Say } from './system-packages';

const run = promisify(execFile);

export const javaPackage: PackageNeed = { what: 'Java (ZooKeeper needs it)', package: 'default-jre-headless' };

/** The path of `java`: JAVA_HOME first, then PATH; null when there is none. */
export function findJava(env: NodeJS.ProcessEnv = process.env): string | null {
  const home = env['JAVA_HOME'];
  if (home) {
    const java = join(home, 'bin', executable('java'));
    if (isExecutable(java)) return java;
    throw new MissingPrerequisite(`JAVA_HOME is ${home}, but there is no ${java}; correct it or unset it`);
  }
  return findOnPath('java', env);
}

/** The path of `java`, installing a headless runtime first if there is none and packages may be installed. */
export async function requireJava(say: Say, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const found = findJava(env);
  if (found) return found;
  await installPackages([javaPackage], say);
  const installed = findJava(env);
  if (!installed) throw new MissingPrerequisite('Java was installed but is not on PATH; set JAVA_HOME');
  return installed;
}

/** The first line of `java -version`, e.g. `openjdk version "17.0.15" 2025-04-15`. */
export async function javaVersion(java: string): Promise<string> {
  const { stderr, stdout } = await run(java, ['-version']);
  return (stderr || stdout).split('\n')[0] ?? '';
}

/** Full path of a program on PATH, null when it is not there. */
export function findOnPath(program: string, env: NodeJS.ProcessEnv = process.env): string | null {
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, executable(program));
    if (directory !== '' && isExecutable(path)) return path;
  }
  return null;
}

function executable(program: string): string {
  return process.platform === 'win32' ? `${program}.exe` : program;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
