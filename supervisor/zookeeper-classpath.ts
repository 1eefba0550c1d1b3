/**
 * Where a real ZooKeeper comes from, in this order: ZOOKEEPER_HOME (an unpacked distribution), Debian's package in
 * /usr/share/java, a pinned version through Maven in the cache folder.
 */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packagesToResolve, resolveJars, type JarSet } from './maven';
import { MissingPrerequisite, type PackageNeed, type Say } from './system-packages';

export interface ZooKeeperInstallation {
  /** For people: which of the sources was taken, e.g. `Debian's package in /usr/share/java`. */
  source: string;
  /** e.g. `3.8.0`; `unknown` where no file name tells. */
  version: string;
  /** For `java -cp`. */
  classpath: string;
}

export const ZOOKEEPER_MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';

/** The version that Apache Kafka 3.9 ships with. slf4j-simple in place of logback: no configuration file, quicker to start. */
export const mavenZooKeeper: JarSet = {
  name: 'zookeeper-3.8.4',
  artifacts: [
    {
      group: 'org.apache.zookeeper',
      name: 'zookeeper',
      version: '3.8.4',
      without: ['ch.qos.logback:*', 'io.netty:netty-tcnative-boringssl-static'],
    },
    // Not optional for the server: its metrics and its compressed snapshots name these classes.
    { group: 'io.dropwizard.metrics', name: 'metrics-core', version: '4.1.12.1' },
    { group: 'org.xerial.snappy', name: 'snappy-java', version: '1.1.10.5' },
    { group: 'org.slf4j', name: 'slf4j-simple', version: '1.7.36' },
  ],
};

const DEBIAN_JARS = '/usr/share/java';

/** Jars without which Debian's ZooKeeper does not start; the rest is named by the manifest of its own jar. */
const DEBIAN_NEEDS = [
  'zookeeper.jar',
  'zookeeper-jute.jar',
  'slf4j-api.jar',
  'slf4j-simple.jar',
  'commons-cli.jar',
  'metrics-core.jar',
  'snappy-java.jar',
  'netty-handler.jar',
  'netty-transport.jar',
  'netty-buffer.jar',
  'netty-common.jar',
];

export interface FindOptions {
  env?: NodeJS.ProcessEnv;
  /** Stands for /usr/share/java in tests. */
  debianJars?: string;
  /** Told before something is downloaded or installed. */
  say: Say;
}

/** The first source that is there; downloads only when neither of the first two is. */
export async function findZooKeeper(options: FindOptions): Promise<ZooKeeperInstallation> {
  const env = options.env ?? process.env;
  const local = findLocally(env, options.debianJars);
  if (local) return local;
  const directory = await resolveJars(mavenZooKeeper, options.say, env).catch((error: Error) => {
    const others = "ZOOKEEPER_HOME is not set, and Debian's package libzookeeper-java is not installed";
    throw new MissingPrerequisite(`No ZooKeeper was found: ${others}. ${error.message}`);
  });
  return {
    source: `Maven, kept in ${directory}`,
    version: mavenZooKeeper.artifacts[0]?.version ?? 'unknown',
    classpath: join(directory, '*'),
  };
}

/** What has to be installed before findZooKeeper can give one; nothing where one of the three sources is at hand. */
export function packagesForZooKeeper(env: NodeJS.ProcessEnv = process.env, debianJars?: string): PackageNeed[] {
  return findLocally(env, debianJars) ? [] : packagesToResolve([mavenZooKeeper], env);
}

function findLocally(env: NodeJS.ProcessEnv, debianJars = DEBIAN_JARS): ZooKeeperInstallation | null {
  const home = env['ZOOKEEPER_HOME'];
  return home ? fromHome(home) : fromDebian(debianJars);
}

/** A distribution as Apache publishes it (jars in lib/), or a flat folder of jars. */
function fromHome(home: string): ZooKeeperInstallation {
  const folder = [join(home, 'lib'), home].find((candidate) => serverJar(candidate) !== undefined);
  if (folder === undefined) {
    throw new MissingPrerequisite(`ZOOKEEPER_HOME is ${home}, but neither it nor its lib/ holds a zookeeper-3.x.y.jar`);
  }
  // conf/ first: the distribution's own logging configuration lies there.
  const parts = [join(home, 'conf'), join(folder, '*'), join(home, '*')];
  return {
    source: `ZOOKEEPER_HOME (${home})`,
    version: versionIn(serverJar(folder)),
    classpath: parts.filter((part) => part.endsWith('*') || existsSync(part)).join(delimiter),
  };
}

function serverJar(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder).find((name) => /^zookeeper-\d[\d.]*(-\w+)?\.jar$/.test(name));
}

function fromDebian(folder: string): ZooKeeperInstallation | null {
  if (!DEBIAN_NEEDS.every((jar) => existsSync(join(folder, jar)))) return null;
  const versioned = readdirSync(folder).find((name) => isLinkTo(join(folder, name), 'zookeeper.jar'));
  return {
    source: `Debian's package in ${folder}`,
    version: versionIn(versioned),
    classpath: DEBIAN_NEEDS.map((jar) => join(folder, jar)).join(delimiter),
  };
}

function isLinkTo(path: string, target: string): boolean {
  try {
    return readlinkSync(path) === target;
  } catch {
    return false;
  }
}

function versionIn(jar: string | undefined): string {
  return /^zookeeper-(\d[\d.]*\d)/.exec(jar ?? '')?.[1] ?? 'unknown';
}
