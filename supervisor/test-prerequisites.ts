/** What the tests need of this machine besides Node: Java, a ZooKeeper, Apache Kafka's jars, kcat, Chromium. */
import { findOnPath, requireJava } from './java';
import { kafkaJars } from './kafka-jars';
import { packagesToResolve, resolveJars } from './maven';
import { installPackages, type PackageNeed, type Say } from './system-packages';
import { findZooKeeper } from './zookeeper-classpath';
import { packagesToRunZooKeeper } from './zookeeper-prerequisites';

const kcatPackage: PackageNeed = { what: 'kcat (a client with librdkafka)', package: 'kcat' };
const chromiumPackage: PackageNeed = { what: 'Chromium (the tests of the dashboard drive it)', package: 'chromium' };

/** Installs what it may. Returns one sentence for each thing that is still missing. */
export async function prepareForTests(say: Say): Promise<string[]> {
  const missing: string[] = [];
  const attempt = (step: () => Promise<unknown>): Promise<unknown> =>
    step().catch((error: Error) => missing.push(error.message));
  await attempt(async () => installPackages(packagesForTests(), say));
  // What takes Maven or Java is not tried without: their absence is told already.
  if (missing.length > 0) return missing;
  await attempt(() => requireJava(say));
  await attempt(() => findZooKeeper({ say }));
  await attempt(() => resolveJars(kafkaJars, say));
  return missing;
}

/** Missing packages, each once; throws MissingPrerequisite where JAVA_HOME or ZOOKEEPER_HOME is wrong. */
function packagesForTests(): PackageNeed[] {
  const needs = [...packagesToRunZooKeeper(), ...packagesToResolve([kafkaJars])];
  if (!findOnPath('kcat')) needs.push(kcatPackage);
  if (!findOnPath('chromium')) needs.push(chromiumPackage);
  return [...new Set(needs)];
}
