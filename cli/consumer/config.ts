/** The properties of Kafka's consumer that this one knows, under Kafka's names and with its defaults. */
import { CommandError } from '../command';

export interface ConsumerConfig {
  clientId: string;
  groupId: string | null;
  groupInstanceId: string | null;
  autoOffsetReset: 'earliest' | 'latest' | 'none';
  autoCommit: boolean;
  autoCommitIntervalMs: number;
  readCommitted: boolean;
  fetchMinBytes: number;
  fetchMaxBytes: number;
  fetchMaxWaitMs: number;
  maxPartitionFetchBytes: number;
  sessionTimeoutMs: number;
  heartbeatIntervalMs: number;
  rebalanceTimeoutMs: number;
  metadataMaxAgeMs: number;
  allowAutoCreate: boolean;
}

export function consumerConfig(properties: ReadonlyMap<string, string>): ConsumerConfig {
  const number = (name: string, fallback: number): number => {
    const text = properties.get(name);
    const value = text === undefined ? fallback : Number(text);
    if (!Number.isFinite(value))
      throw new CommandError(`Invalid value ${text} for configuration ${name}: Not a number`);
    return value;
  };
  const isTrue = (name: string, fallback: boolean): boolean =>
    (properties.get(name) ?? String(fallback)).trim().toLowerCase() === 'true';
  return {
    clientId: properties.get('client.id') ?? 'consumer',
    groupId: properties.get('group.id') ?? null,
    groupInstanceId: properties.get('group.instance.id') ?? null,
    autoOffsetReset: choice(properties, 'auto.offset.reset', ['latest', 'earliest', 'none']),
    autoCommit: isTrue('enable.auto.commit', true),
    autoCommitIntervalMs: number('auto.commit.interval.ms', 5_000),
    readCommitted: choice(properties, 'isolation.level', ['read_uncommitted', 'read_committed']) === 'read_committed',
    fetchMinBytes: number('fetch.min.bytes', 1),
    fetchMaxBytes: number('fetch.max.bytes', 52_428_800),
    fetchMaxWaitMs: number('fetch.max.wait.ms', 500),
    maxPartitionFetchBytes: number('max.partition.fetch.bytes', 1_048_576),
    sessionTimeoutMs: number('session.timeout.ms', 45_000),
    heartbeatIntervalMs: number('heartbeat.interval.ms', 3_000),
    rebalanceTimeoutMs: number('max.poll.interval.ms', 300_000),
    metadataMaxAgeMs: number('metadata.max.age.ms', 300_000),
    allowAutoCreate: isTrue('allow.auto.create.topics', true),
  };
}

/** The first of `allowed` is the default. */
function choice<T extends string>(properties: ReadonlyMap<string, string>, name: string, allowed: readonly T[]): T {
  const text = properties.get(name);
  if (text === undefined) return allowed[0] as T;
  const found = allowed.find((value) => value === text.trim().toLowerCase());
  if (found !== undefined) return found;
  throw new CommandError(
    `Invalid value ${text} for configuration ${name}: String must be one of: ${allowed.join(', ')}`,
  );
}
