/**
 * Apache Kafka's own jars, for the tests that compare with the real thing. Maven resolves them once into a cache folder
 * outside the tree; later runs only look whether the folder is there.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaJars, kafkaStreamsJars, KAFKA_VERSION } from '../../supervisor/kafka-jars';
import { resolveJars } from '../../supervisor/maven';
import { readZip } from './zip';

export { KAFKA_VERSION };
export { cacheDirectory } from '../../supervisor/cache-directory';

/** The folder that holds Kafka's jars with all their dependencies; resolved through Maven when it is not there yet. */
export async function kafkaJarDirectory(): Promise<string> {
  return resolveJars(kafkaJars, (line) => console.log(line));
}

/** The folder with the jars of Kafka Streams. */
export async function kafkaStreamsJarDirectory(): Promise<string> {
  return resolveJars(kafkaStreamsJars, (line) => console.log(line));
}

/** A class path for `java -cp`. */
export async function kafkaClasspath(): Promise<string> {
  return join(await kafkaJarDirectory(), '*');
}

/** Text of the entries of all Kafka jars whose path passes `wanted`, by path. */
export async function readJarEntries(wanted: (path: string) => boolean): Promise<Map<string, string>> {
  const directory = await kafkaJarDirectory();
  const texts = new Map<string, string>();
  for (const jar of (await readdir(directory)).filter((name) => name.startsWith('kafka'))) {
    const entries = await readZip(join(directory, jar), wanted);
    for (const [path, content] of entries) texts.set(path, content.toString('utf8'));
  }
  return texts;
}
