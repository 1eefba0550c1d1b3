/**
 * How far a number of threads may change at a time while a broker runs: to half of what it is, or to its double. A wrong
 * digit then costs an answer with an error, not a broker with thousands of threads.
 */
import type { BrokerValues } from './broker-values';
import { ConfigException } from './config-exception';

/** In the order in which a broker of Kafka would object to them. */
const THREAD_COUNTS = [
  'num.network.threads',
  'num.io.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
] as const;

/**
 * Checks numbers of threads against what they are by now (DynamicThreadPool, SocketServer and LogCleaner in Kafka).
 * @throws ConfigException in the form that Kafka's dynamic configuration gives to what one of its parts refuses
 */
export function checkThreadCounts(current: BrokerValues, next: BrokerValues): void {
  for (const name of THREAD_COUNTS) {
    const [before, after] = [current.int(name), next.int(name)];
    const about = `Dynamic thread count update validation failed for ${name}=${after}, value should`;
    if (after < Math.floor(before / 2)) refuse(`${about} be at least half the current value ${before}`);
    if (after > before * 2) refuse(`${about} not be greater than double the current value ${before}`);
  }
  const [before, after] = [current.int('log.cleaner.threads'), next.int('log.cleaner.threads')];
  if (after < Math.floor(before / 2)) {
    refuse(`Log cleaner threads cannot be reduced to less than half the current value ${before}`);
  }
  if (after > before * 2) {
    refuse(`Log cleaner threads cannot be increased to more than double the current value ${before}`);
  }
}

function refuse(why: string): never {
  const cause = `org.apache.kafka.common.config.ConfigException: ${why}`;
  throw new ConfigException(`Invalid value ${cause} for configuration Invalid dynamic configuration`);
}
