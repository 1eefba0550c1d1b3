/**
 * DescribeConfigs, AlterConfigs and IncrementalAlterConfigs for topics, brokers and loggers. Any broker serves topics and
 * the cluster-wide defaults; what concerns one broker goes to that broker (kafka.server.ConfigAdminManager, ConfigHelper).
 */
import { Errors, invalidTopicName, KafkaError, type InputOf } from '../../../protocol';
import type {
  AlterConfigsRequest,
  AlterConfigsResponse,
  DescribeConfigsRequest,
  DescribeConfigsResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../protocol/apis';
import { LogLevels } from '../../../runtime/log-levels';
import type { Logger } from '../../../runtime/logger';
import { alterConfigs, AlterOperation, type ConfigAlteration } from '../../../settings/alter';
import type { BrokerConfig } from '../../../settings/broker-config';
import { brokerKeys } from '../../../settings/broker';
import { ConfigException, InvalidConfiguration } from '../../../settings/config-exception';
import { describeBroker, describeBrokerDefaults, describeTopic, type ConfigEntry } from '../../../settings/describe';
import { checkDynamicConfigs } from '../../../settings/dynamic-rules';
import { listenerBaseKey } from '../../../settings/synonyms';
import { topicKeys } from '../../../settings/topic';
import { checkTopicConfigs } from '../../../settings/topic-config';
import type { ZooKeeperOperations } from '../../../zookeeper';
import * as znodes from '../../../zookeeper/znodes';
import type { MetadataCache } from '../../metadata/metadata-cache';
import { outcomeOf, SUCCESS, type AdminOutcome } from './admin-error';
import { announceConfigChange, readEntityConfig, writeEntityConfig } from './entity-configs';
import { applyLoggerChanges, checkLoggerChanges } from './logger-levels';

export const ResourceType = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8 } as const;

export interface ConfigRequestParts {
  readonly zk: ZooKeeperOperations;
  readonly config: BrokerConfig;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
}

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

type DescribedResource = NonNullable<InputOf<DescribeConfigsResponse>['results']>[number];
type DescribedConfig = NonNullable<DescribedResource['configs']>[number];

const DYNAMIC_BROKER_LOGGER_CONFIG = 6;

export class ConfigRequests {
  private readonly logLevels: LogLevels;

  constructor(private readonly parts: ConfigRequestParts) {
    this.logLevels = parts.logger.levels ?? new LogLevels();
  }

  async describeConfigs(request: DescribeConfigsRequest): Promise<InputOf<DescribeConfigsResponse>> {
    const results: DescribedResource[] = [];
    for (const resource of request.resources) {
      const { resourceType, resourceName } = resource;
      try {
        const configs = await this.describe(resource, request);
        results.push({ errorCode: 0, errorMessage: '', resourceType, resourceName, configs });
      } catch (error) {
        const { error: wireError, text } = outcomeOf(error);
        results.push({ errorCode: wireError.code, errorMessage: text, resourceType, resourceName, configs: [] });
      }
    }
    return { results };
  }

  private async describe(
    { resourceType, resourceName, configurationKeys: names }: DescribeConfigsRequest['resources'][number],
    request: DescribeConfigsRequest,
  ): Promise<DescribedConfig[]> {
    const { zk, config, metadata } = this.parts;
    const told = (entries: readonly ConfigEntry[]): DescribedConfig[] =>
      entries.map((entry) => toDescribed(entry, request));
    switch (resourceType) {
      case ResourceType.TOPIC: {
        const invalid = invalidTopicName(resourceName);
        if (invalid !== null) throw new KafkaError('INVALID_TOPIC_EXCEPTION', invalid);
        if (!metadata.partitions(resourceName)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', '');
        const overrides = await readEntityConfig(zk, znodes.topicConfigEntity(resourceName));
        return told(describeTopic(config, overrides, names));
      }
      case ResourceType.BROKER:
        if (resourceName === '') return told(describeBrokerDefaults(config, names));
        if (brokerIdOf(resourceName) === config.brokerId) return told(describeBroker(config, names));
        throw invalidRequest(
          `Unexpected broker id, expected ${config.brokerId} or empty string, but received ${resourceName}`,
        );
      case ResourceType.BROKER_LOGGER:
        if (resourceName === '') throw invalidRequest('Broker id must not be empty');
        if (brokerIdOf(resourceName) !== config.brokerId) {
          throw invalidRequest(`Unexpected broker id, expected ${config.brokerId} but received ${resourceName}`);
        }
        return [...this.logLevels.all()]
          .filter(([name]) => !names || names.length === 0 || names.includes(name))
          .map(([name, value]) => ({
            name,
            value,
            configSource: DYNAMIC_BROKER_LOGGER_CONFIG,
            readOnly: false,
            isSensitive: false,
            synonyms: [],
          }));
      default:
        throw invalidRequest(`Unsupported resource type: ${resourceType}`);
    }
  }

  async alterConfigs(request: AlterConfigsRequest): Promise<InputOf<AlterConfigsResponse>> {
    return {
      responses: await this.alterAll(request.resources, ({ resourceType, resourceName, configs }) => {
        checkKeys(configs.map(({ name }) => name));
        checkNulls(configs.filter(({ value }) => value === null));
        const wanted = new Map(configs.map(({ name, value }) => [name, value ?? '']));
        return this.alterOne({ resourceType, resourceName }, () => wanted, request.validateOnly);
      }),
    };
  }

  async incrementalAlterConfigs(
    request: IncrementalAlterConfigsRequest,
  ): Promise<InputOf<IncrementalAlterConfigsResponse>> {
    return {
      responses: await this.alterAll(request.resources, ({ resourceType, resourceName, configs }) => {
        checkKeys(configs.map(({ name }) => name));
        checkNulls(
          configs.filter(({ value, configOperation }) => value === null && configOperation !== AlterOperation.DELETE),
        );
        if (resourceType === ResourceType.BROKER_LOGGER) {
          this.checkBrokerId(resourceName);
          checkLoggerChanges(this.logLevels, configs);
          if (!request.validateOnly) applyLoggerChanges(this.logLevels, configs, this.parts.logger);
          return Promise.resolve();
        }
        const alterations = configs.map(({ name, configOperation: operation, value }): ConfigAlteration => {
          if (!Object.values<number>(AlterOperation).includes(operation))
            throw invalidRequest(`Unknown operations type ${operation}`);
          return { name, operation, value };
        });
        const keys = resourceType === ResourceType.TOPIC ? topicKeys : brokerKeys;
        return this.alterOne(
          { resourceType, resourceName },
          (current) => alterConfigs(current, alterations, keys),
          request.validateOnly,
        );
      }),
    };
  }

  private async alterAll<R extends Resource>(
    resources: readonly R[],
    alter: (resource: R) => Promise<void>,
  ): Promise<{ errorCode: number; errorMessage: string | null; resourceType: number; resourceName: string }[]> {
    const key = ({ resourceType, resourceName }: Resource): string => `${resourceType}:${resourceName}`;
    const counts = new Map<string, number>();
    for (const resource of resources) counts.set(key(resource), (counts.get(key(resource)) ?? 0) + 1);
    const responses = [];
    for (const resource of resources) {
      const { resourceType, resourceName } = resource;
      let result: AdminOutcome;
      if ((counts.get(key(resource)) ?? 0) > 1) {
        result = { error: Errors.INVALID_REQUEST, text: 'Each resource must appear at most once.' };
      } else {
        result = await this.attempt(resource, () => alter(resource));
      }
      responses.push({ errorCode: result.error.code, errorMessage: result.text, resourceType, resourceName });
    }
    return responses;
  }

  private async attempt({ resourceType, resourceName }: Resource, alter: () => Promise<void>): Promise<AdminOutcome> {
    try {
      await alter();
      return SUCCESS;
    } catch (error) {
      const result = alterOutcome(error, resourceType, resourceName);
      if (result.error === Errors.UNKNOWN_SERVER_ERROR)
        this.parts.logger.error(`Error altering ${resourceName}`, error);
      else this.parts.logger.info(`Error processing alter configs request for ${resourceName}: ${result.text ?? ''}`);
      return result;
    }
  }

  private async alterOne(
    { resourceType, resourceName }: Resource,
    change: (current: ReadonlyMap<string, string>) => ReadonlyMap<string, string>,
    validateOnly: boolean,
  ): Promise<void> {
    if (resourceType === ResourceType.TOPIC) return this.alterTopic(resourceName, change, validateOnly);
    if (resourceType === ResourceType.BROKER) return this.alterBroker(resourceName, change, validateOnly);
    throw invalidRequest(`Unknown resource type ${resourceType}`);
  }

  private async alterTopic(
    topic: string,
    change: (current: ReadonlyMap<string, string>) => ReadonlyMap<string, string>,
    validateOnly: boolean,
  ): Promise<void> {
    const { zk, config, metadata, logger } = this.parts;
    if (topic === '') throw invalidRequest('Default topic resources are not allowed.');
    const entity = znodes.topicConfigEntity(topic);
    const wanted = change(await readEntityConfig(zk, entity));
    const exists = metadata.partitions(topic) !== null && (await zk.exists(znodes.topicPath(topic))) !== null;
    if (!exists) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${topic}' does not exist.`);
    checkTopicConfigs(config, wanted);
    if (validateOnly) return;
    logger.info(
      `Updating topic ${topic} with new configuration : ${[...wanted].map(([k, v]) => `${k} -> ${v}`).join(',')}`,
    );
    await writeEntityConfig(zk, entity, wanted);
    await announceConfigChange(zk, entity);
  }

  private checkBrokerId(name: string): void {
    const { brokerId } = this.parts.config;
    if (!/^-?\d+$/.test(name)) throw invalidRequest(`Node id must be an integer, but it is: ${name}`);
    if (Number(name) !== brokerId)
      throw invalidRequest(`Unexpected broker id, expected ${brokerId}, but received ${name}`);
  }

  private async alterBroker(
    name: string,
    change: (current: ReadonlyMap<string, string>) => ReadonlyMap<string, string>,
    validateOnly: boolean,
  ): Promise<void> {
    const { zk, config, logger } = this.parts;
    const perBroker = name !== '';
    if (perBroker) this.checkBrokerId(name);
    const entity = znodes.brokerConfigEntity(perBroker ? config.brokerId : null);
    const wanted = change(await readEntityConfig(zk, entity));
    const secret = [...wanted.keys()].find((key) => brokerKeys.get(listenerBaseKey(key) ?? key)?.type === 'password');
    if (secret !== undefined)
      throw invalidRequest(`${secret} is a secret, which can be set in the configuration file only`);
    try {
      checkDynamicConfigs(wanted, perBroker);
      config.preview(wanted, perBroker);
    } catch (error) {
      if (error instanceof ConfigException && !(error instanceof InvalidConfiguration))
        throw invalidRequest(error.message);
      throw error;
    }
    if (validateOnly) return;
    logger.info(
      `Updating ${perBroker ? `broker ${name}` : 'brokers'} with new configuration of ${[...wanted.keys()].join(',')}`,
    );
    await writeEntityConfig(zk, entity, wanted);
    await announceConfigChange(zk, entity);
  }
}

function alterOutcome(error: unknown, resourceType: number, resourceName: string): AdminOutcome {
  if (!(error instanceof ConfigException) || error instanceof InvalidConfiguration) return outcomeOf(error);
  const type = resourceType === ResourceType.TOPIC ? 'TOPIC' : 'BROKER';
  const resource = `ConfigResource(type=${type}, name='${resourceName}')`;
  return { error: Errors.INVALID_CONFIG, text: `Invalid config value for resource ${resource}: ${error.message}` };
}

function toDescribed(entry: ConfigEntry, request: DescribeConfigsRequest): DescribedConfig {
  return {
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    configSource: entry.source,
    isSensitive: entry.sensitive,
    synonyms: request.includeSynonyms ? entry.synonyms : [],
    configType: entry.configType,
    documentation: request.includeDocumentation ? entry.documentation : null,
  };
}

function checkKeys(names: readonly string[]): void {
  if (new Set(names).size < names.length) throw invalidRequest('Error due to duplicate config keys');
}

function checkNulls(nulls: readonly { readonly name: string }[]): void {
  if (nulls.length > 0)
    throw invalidRequest(`Null value not supported for : ${nulls.map(({ name }) => name).join(', ')}`);
}

function brokerIdOf(name: string): number {
  if (!/^-?\d+$/.test(name)) throw invalidRequest(`Broker id must be an integer, but it is: ${name}`);
  return Number(name);
}

function invalidRequest(text: string): KafkaError {
  return new KafkaError('INVALID_REQUEST', text);
}
