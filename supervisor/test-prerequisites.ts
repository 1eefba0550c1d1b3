/** What the tests need of this machine besides Node: Java, a ZooKeeper, Apache Kafka's jars, kcat, Chromium, a Docker Engine. */
import { requireDocker } from './docker-engine';
import { findOnPath, requireJava } from './java';
import { kafkaJars, kafkaStreamsJars } from './kafka-jars';
import { packagesToResolve, resolveJars } from './maven';
import { installPackages, type PackageNeed, type Say } from './system-packages';
import { findZooKeeper } from './zookeeper-classpath';
import { packagesToRunZooKeeper } from './zookeeper-prerequisites';

const kcatPackage: PackageNeed = { what: 'kcat (a client with librdkafka)', package: 'kcat' };
const chromiumPackage: PackageNeed = { what: 'Chromium (the tests of the dashboard drive it)', package: 'chromium' };

export interface MissingForTests {
  /** What is missing and what to do. */
  sentence: string;
  /** Projects of jest that cannot do without. */
  projects: readonly string[];
}

/** What starts ZooKeeper, Apache Kafka or a client of another language. */
const processProjects = ['conformance', 'cluster', 'interop', 'compose', 'e2e'];

/** Installs what it may. Returns one entry for each thing that is still missing. */
export async function prepareForTests(say: Say): Promise<MissingForTests[]> {
  const missing: MissingForTests[] = [];
  const attempt = (projects: readonly string[], step: () => Promise<unknown>): Promise<unknown> =>
    step().catch((error: Error) => missing.push({ sentence: error.message, projects }));
  await attempt(processProjects, async () => installPackages(packagesForTests(), say));
  // What takes Maven or Java is not tried without: their absence is told already.
  if (missing.length === 0) {
    await attempt(processProjects, () => requireJava(say));
    await attempt(processProjects, () => findZooKeeper({ say }));
    await attempt(processProjects, () => resolveJars(kafkaJars, say));
    await attempt(['interop'], () => resolveJars(kafkaStreamsJars, say));
  }
  await attempt(['compose'], () => requireDocker(say));
  return missing;
}

/** Missing packages, each once; throws MissingPrerequisite where JAVA_HOME or ZOOKEEPER_HOME is wrong. */
function packagesForTests(): PackageNeed[] {
  const needs = [...packagesToRunZooKeeper(), ...packagesToResolve([kafkaJars, kafkaStreamsJars])];
  if (!findOnPath('kcat')) needs.push(kcatPackage);
  if (!findOnPath('chromium')) needs.push(chromiumPackage);
  return [...new Set(needs)];
}
