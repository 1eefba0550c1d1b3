/** Keys of the log that exist in several units: which one counts, and what it comes to. */
import type { BrokerValues, LongKey } from './broker-values';

const MINUTE_MS = 60_000n;
const HOUR_MS = 60n * MINUTE_MS;

function exact(values: BrokerValues, name: LongKey): bigint | null {
  return values.value(name) as bigint | null;
}

/** log.retention.ms, else .minutes, else .hours; any negative time means for ever and gives -1. */
export function logRetentionMs(values: BrokerValues): bigint {
  const minutes = values.intOrNull('log.retention.minutes');
  const coarse = minutes === null ? BigInt(values.int('log.retention.hours')) * HOUR_MS : BigInt(minutes) * MINUTE_MS;
  const ms = exact(values, 'log.retention.ms') ?? coarse;
  return ms < 0n ? -1n : ms;
}

/** log.roll.ms, else log.roll.hours. */
export function logRollMs(values: BrokerValues): bigint {
  return exact(values, 'log.roll.ms') ?? BigInt(values.int('log.roll.hours')) * HOUR_MS;
}

/** log.roll.jitter.ms, else log.roll.jitter.hours. */
export function logRollJitterMs(values: BrokerValues): bigint {
  return exact(values, 'log.roll.jitter.ms') ?? BigInt(values.int('log.roll.jitter.hours')) * HOUR_MS;
}

/** log.flush.interval.ms, else the interval at which the scheduler looks. */
export function logFlushIntervalMs(values: BrokerValues): bigint {
  return exact(values, 'log.flush.interval.ms') ?? values.bigint('log.flush.scheduler.interval.ms');
}

/** log.dirs, else log.dir. */
export function logDirs(values: BrokerValues): string[] {
  const text = values.stringOrNull('log.dirs') ?? values.string('log.dir');
  return text.split(/\s*,\s*/).filter((dir) => dir !== '');
}
