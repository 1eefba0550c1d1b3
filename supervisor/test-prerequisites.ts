/** What the tests need of this machine besides Node: Java, a ZooKeeper, Apache Kafka's jars, kcat. */
import { findOnPath, requireJava } from './java';
import { kafkaJars } from './kafka-jars';
import { resolveJars } from './maven';
import { installPackages, type Say } from './system-packages';
import { findZooKeeper } from './zookeeper-classpath';

/** Installs what it may. Returns one sentence for each thing that is still missing. */
export async function prepareForTests(say: Say): Promise<string[]> {
  const steps: (() => Promise<unknown>)[] = [
    () => requireJava(say),
    () => findZooKeeper({ say }),
    () => resolveJars(kafkaJars, say),
    async () => findOnPath('kcat') ?? (await installPackages('kcat (a client with librdkafka)', ['kcat'], say)),
  ];
  const missing: string[] = [];
  for (const step of steps) await step().catch((error: Error) => missing.push(error.message));
  return missing;
}
