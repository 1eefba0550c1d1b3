/**
 * Configuration of a process in a container: environment variables become configuration keys as Apache Kafka's images do it,
 * so that what people wrote for those starts Gregor as well. Pure; container-main.ts reads the environment and writes the file.
 */
import { parseProperties } from '../settings';

/** Variables that Kafka's images take for the Java process or for the image itself, not for server.properties. */
const notKeys = new Set([
  'KAFKA_VERSION',
  'KAFKA_HEAP_OPTS',
  'KAFKA_LOG4J_OPTS',
  'KAFKA_OPTS',
  'KAFKA_JMX_OPTS',
  'KAFKA_JVM_PERFORMANCE_OPTS',
  'KAFKA_GC_LOG_OPTS',
  'KAFKA_LOG4J_ROOT_LOGLEVEL',
  'KAFKA_LOG4J_LOGGERS',
  'KAFKA_TOOLS_LOG4J_LOGLEVEL',
  'KAFKA_JMX_HOSTNAME',
  'KAFKA_JMX_PORT',
]);

export interface ContainerFiles {
  /** What the user mounted under /mnt/shared/config, null where there is nothing. Variables add to it. */
  mounted: string | null;
  /** The file of the image: it counts only where neither a file nor a variable says anything. */
  shipped: string;
}

/**
 * `KAFKA_LOG_RETENTION_HOURS` → `log.retention.hours`: the prefix goes, `_` is a dot, `__` an underscore, `___` a hyphen.
 * Null for a variable that is no key.
 */
export function keyOf(variable: string, prefix: string): string | null {
  if (!variable.startsWith(`${prefix}_`) || notKeys.has(variable)) return null;
  const separators: Record<number, string> = { 1: '.', 2: '_', 3: '-' };
  return variable
    .slice(prefix.length + 1)
    .toLowerCase()
    .replaceAll(/_{1,3}/g, (run) => separators[run.length] as string);
}

/** The keys that the environment names, in the order of their names. */
export function keysIn(env: NodeJS.ProcessEnv, prefix: string): Map<string, string> {
  const keys = new Map<string, string>();
  for (const variable of Object.keys(env).sort()) {
    const key = keyOf(variable, prefix);
    if (key !== null && key !== '') keys.set(key, env[variable] ?? '');
  }
  return keys;
}

/**
 * The text of a broker's server.properties. As in Kafka's images a variable counts more than the mounted file, and
 * `listeners` follows from `advertised.listeners` where it is not given.
 * @param dataDirectory log.dirs where nobody names it: the folder of the image that is meant for a volume
 */
export function brokerProperties(env: NodeJS.ProcessEnv, files: ContainerFiles, dataDirectory: string): string {
  const keys = keysIn(env, 'KAFKA');
  const base = files.mounted ?? (keys.size === 0 ? files.shipped : '');
  const advertised = keys.get('advertised.listeners');
  if (advertised && !keys.get('listeners')) keys.set('listeners', onEveryAddress(advertised));
  // The shipped file's /tmp is lost with the container.
  const named = files.mounted === null ? keys : new Map([...parseProperties(files.mounted), ...keys]);
  if (!named.has('log.dirs') && !named.has('log.dir')) keys.set('log.dirs', dataDirectory);
  return join(base, keys);
}

/** The text of the coordinator's file: the shipped or mounted one, and the variables on top. */
export function coordinatorProperties(env: NodeJS.ProcessEnv, files: ContainerFiles): string {
  return join(files.mounted ?? files.shipped, keysIn(env, 'COORDINATOR'));
}

/** `A://kafka:9092,B://localhost:29092` → `A://0.0.0.0:9092,B://0.0.0.0:29092` */
function onEveryAddress(listeners: string): string {
  return listeners.replaceAll(/:\/\/[^:]*:/g, '://0.0.0.0:');
}

/** Of several lines for one key the last counts. A line break inside a value would begin another key. */
function join(base: string, keys: ReadonlyMap<string, string>): string {
  const lines = [...keys].map(([key, value]) => `${key}=${value.replaceAll(/[\r\n]+/g, ' ').trim()}\n`);
  return `${base === '' || base.endsWith('\n') ? base : `${base}\n`}${lines.join('')}`;
}
