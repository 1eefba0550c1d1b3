/** What running ZooKeeper takes: Java and ZooKeeper itself. What is missing is named, or installed, all at once. */
import { findJava, javaPackage, requireJava } from './java';
import { installPackages, missingPackages, type PackageNeed, type Say } from './system-packages';
import { findZooKeeper, packagesForZooKeeper, type ZooKeeperInstallation } from './zookeeper-classpath';

export interface PrerequisiteOptions {
  env?: NodeJS.ProcessEnv;
  /** Told before something is downloaded or installed. */
  say: Say;
  /** False: packages of the system are named in the error instead of installed; jars are still downloaded. True when left out. */
  mayInstall?: boolean;
}

/** Debian packages that are missing here; throws MissingPrerequisite where JAVA_HOME or ZOOKEEPER_HOME is wrong. */
export function packagesToRunZooKeeper(env: NodeJS.ProcessEnv = process.env): PackageNeed[] {
  return [...(findJava(env) ? [] : [javaPackage]), ...packagesForZooKeeper(env)];
}

/** The path of `java` and a ZooKeeper; throws MissingPrerequisite with one line that says what to do. */
export async function requireZooKeeper(
  options: PrerequisiteOptions,
): Promise<{ java: string; installation: ZooKeeperInstallation }> {
  const { say, env = process.env, mayInstall = true } = options;
  const needs = packagesToRunZooKeeper(env);
  if (needs.length > 0 && !mayInstall) throw missingPackages(needs);
  await installPackages(needs, say);
  return { java: await requireJava(say, env), installation: await findZooKeeper({ env, say }) };
}
