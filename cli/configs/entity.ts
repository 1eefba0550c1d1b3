/** What kafka-configs is asked about: `--entity-type topics --entity-name orders`, or shorter `--topic orders`. */
import type { ConfigsOptions } from './options';
import { UsageError } from '../options';
import { ResourceType } from './describe';

export interface Entity {
  /** topics, brokers or broker-loggers */
  type: string;
  resourceType: number;
  /** Null for all of the type; empty for the default of all brokers. */
  name: string | null;
}

const SUPPORTED: Readonly<Record<string, number>> = {
  topics: ResourceType.TOPIC,
  brokers: ResourceType.BROKER,
  'broker-loggers': ResourceType.BROKER_LOGGER,
};
const KNOWN = ['topics', 'clients', 'users', 'brokers', 'ips', 'broker-loggers', 'client-metrics'];

const NAME_FLAGS = {
  topic: 'topics',
  client: 'clients',
  user: 'users',
  broker: 'brokers',
  'broker-logger': 'broker-loggers',
  ip: 'ips',
} as const;
const DEFAULT_FLAGS = {
  'client-defaults': 'clients',
  'user-defaults': 'users',
  'broker-defaults': 'brokers',
  'ip-defaults': 'ips',
} as const;

/** @throws UsageError */
export function entityOf(given: ConfigsOptions): Entity {
  const named = (Object.keys(NAME_FLAGS) as (keyof typeof NAME_FLAGS)[]).filter((flag) => given.has(flag));
  const defaults = (Object.keys(DEFAULT_FLAGS) as (keyof typeof DEFAULT_FLAGS)[]).filter((flag) => given.has(flag));
  const generic = given.has('entity-type') || given.has('entity-name') || given.has('entity-default');
  if (generic && named.length + defaults.length > 0) {
    throw new UsageError('--entity-{type,name,default} should not be used in conjunction with specific entity flags');
  }
  const types = [
    ...given.texts('entity-type'),
    ...named.map((flag) => NAME_FLAGS[flag]),
    ...defaults.map((flag) => DEFAULT_FLAGS[flag]),
  ];
  const names = [
    ...given.texts('entity-name'),
    ...(given.has('entity-default') ? [''] : []),
    ...named.map((flag) => given.text(flag) ?? ''),
    ...defaults.map(() => ''),
  ];
  return checked(types, names);
}

function checked(types: readonly string[], names: readonly string[]): Entity {
  const [type] = types;
  if (type === undefined) throw new UsageError('At least one entity type must be specified');
  const unknown = types.find((each) => !KNOWN.includes(each));
  if (unknown !== undefined) {
    throw new UsageError(`Invalid entity type ${unknown}, the entity type must be one of ${KNOWN.join(', ')}`);
  }
  if (new Set(types).size < types.length)
    throw new UsageError(`Duplicate entity type(s) specified: ${types.join(',')}`);
  const resourceType = SUPPORTED[type];
  if (resourceType === undefined || types.length > 1) {
    throw new UsageError(
      `Entity type ${types.join(' and ')} is not supported so far; topics, brokers and broker-loggers are.`,
    );
  }
  const name = names[0] ?? null;
  if (type !== 'topics' && name !== null && name !== '' && !/^-?\d+$/.test(name)) {
    throw new UsageError(`The entity name for ${type} must be a valid integer broker id, but it is: ${name}`);
  }
  return { type, resourceType, name };
}
