/** The configuration of a broker or a topic, as the brokers describe it (DescribeConfigs). */
import type { ClusterClient } from '../../client';
import { describeConfigs, type DescribeConfigsResponse } from '../../protocol/apis';
import type { ConfigEntry, ConfigList } from '../schemas';
import { checkKafkaError } from '../http/error-answers';

export const TOPIC_RESOURCE = 2;
const BROKER_RESOURCE = 4;

/** Kafka's names by code (DescribeConfigsResponse.ConfigSource). */
const sources = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
];

/** Kafka's names by code (DescribeConfigsResponse.ConfigType). */
const types = ['UNKNOWN', 'BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'];

const sourceOf = (code: number): string => sources[code] ?? 'UNKNOWN';

type DescribedEntry = DescribeConfigsResponse['results'][number]['configs'][number];

function entryOf(entry: DescribedEntry): ConfigEntry {
  return {
    name: entry.name,
    value: entry.isSensitive ? null : entry.value,
    source: sourceOf(entry.configSource),
    readOnly: entry.readOnly,
    sensitive: entry.isSensitive,
    type: entry.configType === 0 ? null : (types[entry.configType] ?? null),
    documentation: entry.documentation,
    synonyms: entry.synonyms.map(({ name, value, source }) => ({
      name,
      value: entry.isSensitive ? null : value,
      source: sourceOf(source),
    })),
  };
}

function requestFor(resourceType: number, resourceName: string) {
  return {
    resources: [{ resourceType, resourceName, configurationKeys: null }],
    includeSynonyms: true,
    includeDocumentation: true,
  };
}

/** @throws ApiError with Kafka's name */
function listOf(answer: DescribeConfigsResponse, resourceType: ConfigList['resourceType']): ConfigList {
  const [result] = answer.results;
  checkKafkaError(result?.errorCode ?? -1, result?.errorMessage);
  const entries = (result?.configs ?? []).map(entryOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { resourceType, resource: result?.resourceName ?? '', entries };
}

/** Any broker knows. @throws ApiError UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION … */
export async function describeTopicConfig(cluster: ClusterClient, topic: string): Promise<ConfigList> {
  return listOf(await cluster.toAny(describeConfigs, requestFor(TOPIC_RESOURCE, topic)), 'topic');
}

/** Only the broker itself knows what stands in its server.properties. */
export async function describeBrokerConfig(cluster: ClusterClient, brokerId: number): Promise<ConfigList> {
  const answer = await cluster.toBroker(brokerId, describeConfigs, requestFor(BROKER_RESOURCE, String(brokerId)));
  return listOf(answer, 'broker');
}
