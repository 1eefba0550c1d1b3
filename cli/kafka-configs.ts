/** kafka-configs: shows and changes the configuration of topics and brokers (Kafka's ConfigCommand). */
import type { ClusterClient } from '../client';
import { alterConfigs } from '../protocol/apis';
import { ConfigSource } from '../settings';
import { openCluster, readPropertiesFile } from './cluster';
import { CommandError, defineCommand, failureText, startCommand, type CommandIo } from './command';
import { changeConfigs } from './configs/change';
import { brokerToAsk, type DescribedConfig, describeResources, type Resource, ResourceType } from './configs/describe';
import { type Entity, entityOf } from './configs/entity';
import { parseAddedConfigs } from './configs/parse-configs';
import { refuseTogether, UsageError } from './options';
import { configsOptions, type ConfigsOptions } from './configs/options';
import { kafkaError } from './topics/names';

/** How the protocol's sources are printed. */
const SOURCE_NAMES: Readonly<Record<number, string>> = {
  [ConfigSource.UNKNOWN]: 'UNKNOWN',
  [ConfigSource.TOPIC_CONFIG]: 'DYNAMIC_TOPIC_CONFIG',
  [ConfigSource.DYNAMIC_BROKER_CONFIG]: 'DYNAMIC_BROKER_CONFIG',
  [ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG]: 'DYNAMIC_DEFAULT_BROKER_CONFIG',
  [ConfigSource.STATIC_BROKER_CONFIG]: 'STATIC_BROKER_CONFIG',
  [ConfigSource.DEFAULT_CONFIG]: 'DEFAULT_CONFIG',
  6: 'DYNAMIC_BROKER_LOGGER_CONFIG',
};

function checkOptions(given: ConfigsOptions, entity: Entity): void {
  if (given.has('describe') === given.has('alter')) {
    throw new UsageError('Command must include exactly one action: --describe, --alter');
  }
  refuseTogether(given, 'describe', ['add-config', 'delete-config']);
  if (given.has('zookeeper') || given.has('zk-tls-config-file')) {
    throw new UsageError(
      '--zookeeper is not supported.',
      'Use --bootstrap-server; brokers write to ZooKeeper themselves.',
    );
  }
  if (given.has('bootstrap-controller')) {
    throw new UsageError('--bootstrap-controller is for KRaft clusters.', 'Use --bootstrap-server.');
  }
  if (!given.has('bootstrap-server')) {
    throw new UsageError(
      'One of the required --bootstrap-server, --boostrap-controller, or --zookeeper arguments must be specified',
      'For example --bootstrap-server localhost:9092.',
    );
  }
  if (given.has('alter')) checkAlter(given, entity);
  else if (entity.type === 'broker-loggers' && !entity.name) {
    throw new UsageError('an entity name must be specified with --describe of broker-loggers');
  }
}

function checkAlter(given: ConfigsOptions, entity: Entity): void {
  if (entity.name === null || (entity.name === '' && entity.type !== 'brokers')) {
    throw new UsageError(`an entity name must be specified with --alter of ${entity.type}`);
  }
  if (given.has('add-config') && given.has('add-config-file')) {
    throw new UsageError('Only one of --add-config or --add-config-file must be specified');
  }
  if (!given.has('add-config') && !given.has('add-config-file') && !given.has('delete-config')) {
    throw new UsageError(
      'At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter',
    );
  }
}

/** What was set dynamically at the entity itself, by name. */
async function ownConfigs(cluster: ClusterClient, entity: Entity, name: string): Promise<DescribedConfig[]> {
  const [configs = []] = await describeResources(cluster, [{ resourceType: entity.resourceType, resourceName: name }]);
  const own = ownSource(entity, name);
  return configs.filter(({ configSource }) => own === null || configSource === own);
}

function ownSource(entity: Entity, name: string): number | null {
  if (entity.resourceType === ResourceType.TOPIC) return ConfigSource.TOPIC_CONFIG;
  if (entity.resourceType === ResourceType.BROKER_LOGGER) return null;
  return name === '' ? ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG : ConfigSource.DYNAMIC_BROKER_CONFIG;
}

async function describe(cluster: ClusterClient, entity: Entity, given: ConfigsOptions, io: CommandIo): Promise<void> {
  const names = entity.name === null ? await allNames(cluster, entity) : [entity.name];
  for (const name of names) {
    const isDefault = name === '';
    const which = given.has('all') ? 'All' : 'Dynamic';
    io.stdout.write(
      isDefault
        ? `Default configs for ${entity.type} in the cluster are:\n`
        : `${which} configs for ${entity.type.slice(0, -1)} ${name} are:\n`,
    );
    const configs = given.has('all')
      ? (await describeResources(cluster, [{ resourceType: entity.resourceType, resourceName: name }]))[0]
      : await ownConfigs(cluster, entity, name);
    for (const config of (configs ?? []).toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      io.stdout.write(`${configLine(config)}\n`);
    }
  }
}

function configLine({ name, value: text, isSensitive, synonyms }: DescribedConfig): string {
  const shown = synonyms.map(
    (synonym) => `${SOURCE_NAMES[synonym.source] ?? 'UNKNOWN'}:${synonym.name}=${synonym.value}`,
  );
  return `  ${name}=${text} sensitive=${isSensitive} synonyms={${shown.join(', ')}}`;
}

async function allNames(cluster: ClusterClient, entity: Entity): Promise<string[]> {
  if (entity.resourceType === ResourceType.TOPIC) {
    return (await cluster.metadata(null)).topics.map(({ name }) => name ?? '').toSorted();
  }
  return [...(await cluster.metadata([])).brokers.map(({ nodeId }) => String(nodeId)), ''];
}

async function alter(cluster: ClusterClient, entity: Entity, given: ConfigsOptions, io: CommandIo): Promise<void> {
  const name = entity.name ?? '';
  const added = await addedConfigs(given);
  const deleted = (given.text('delete-config') ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  const own = await ownConfigs(cluster, entity, name);
  const isKnown = (key: string): boolean => own.some((config) => config.name === key);
  const missing = deleted.filter((key) => !isKnown(key));
  if (missing.length > 0) throw new CommandError(`Invalid config(s): ${missing.join(',')}`);
  const resource = { resourceType: entity.resourceType, resourceName: name };
  if (entity.resourceType === ResourceType.BROKER) await replaceConfigs(cluster, resource, own, added, deleted);
  else await changeConfigs(cluster, resource, added, deleted);
  io.stdout.write(
    name === ''
      ? `Completed updating default config for ${entity.type} in the cluster.\n`
      : `Completed updating config for ${entity.type.slice(0, -1)} ${name}.\n`,
  );
}

async function addedConfigs(given: ConfigsOptions): Promise<Map<string, string>> {
  const file = given.text('add-config-file');
  if (file !== null) return readPropertiesFile(file);
  return given.has('add-config') ? parseAddedConfigs(given.text('add-config') ?? '') : new Map();
}

/** Brokers get the whole set at once, as Kafka's command does it; so what is secret must be given again. */
async function replaceConfigs(
  cluster: ClusterClient,
  resource: Resource,
  own: readonly DescribedConfig[],
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  const next = new Map(own.map(({ name, value: text }) => [name, text]));
  for (const [name, text] of added) next.set(name, text);
  for (const name of deleted) next.delete(name);
  const secrets = [...next].filter(([, text]) => text === null).map(([name]) => name);
  if (secrets.length > 0) {
    throw new CommandError(
      `All sensitive broker config entries must be specified for --alter, missing entries: Set(${secrets.join(', ')})`,
    );
  }
  const configs = [...next].map(([name, text]) => ({ name, value: text }));
  const body = { resources: [{ ...resource, configs }], validateOnly: false };
  const broker = brokerToAsk(resource);
  const answer = await (broker === null
    ? cluster.toAny(alterConfigs, body)
    : cluster.toBroker(broker, alterConfigs, body));
  const failed = answer.responses.find(({ errorCode }) => errorCode !== 0);
  if (failed) throw kafkaError(failed.errorCode, failed.errorMessage);
}

async function run(given: ConfigsOptions, io: CommandIo): Promise<number> {
  const entity = entityOf(given);
  checkOptions(given, entity);
  const file = given.text('command-config');
  const properties = file === null ? new Map<string, string>() : await readPropertiesFile(file);
  const cluster = await openCluster(given.text('bootstrap-server') ?? '', io, properties);
  try {
    await (given.has('alter') ? alter : describe)(cluster, entity, given, io);
    return 0;
  } catch (error) {
    if (error instanceof UsageError || error instanceof CommandError) throw error;
    io.stderr.write(`Error while executing config command: ${failureText(error)}\n`);
    return 1;
  } finally {
    await cluster.close();
  }
}

export const kafkaConfigs = defineCommand({
  name: 'kafka-configs',
  about: 'This tool shows and changes the configuration of topics and brokers.',
  options: configsOptions,
  run,
});

if (require.main === module) startCommand(kafkaConfigs);
