/** Configurations of topics, brokers and loggers as DescribeConfigs gives them. */
import type { ClusterClient } from '../../client';
import { describeConfigs, type DescribeConfigsResponse } from '../../protocol/apis';
import { kafkaError } from '../topics/names';

/** Resource types of the protocol. */
export const ResourceType = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8 } as const;

export interface Resource {
  resourceType: number;
  resourceName: string;
}

export type DescribedConfig = DescribeConfigsResponse['results'][number]['configs'][number];

/** A broker's own configuration is known to that broker alone; everything else any broker tells. */
export function brokerToAsk({ resourceType, resourceName }: Resource): number | null {
  return resourceType === ResourceType.TOPIC || resourceName === '' ? null : Number(resourceName);
}

/**
 * Configurations in the order of `resources`.
 * @throws KafkaError when one of them cannot be described
 */
export async function describeResources(
  cluster: ClusterClient,
  resources: readonly Resource[],
): Promise<DescribedConfig[][]> {
  const byBroker = new Map<number | null, Resource[]>();
  for (const resource of resources) {
    const broker = brokerToAsk(resource);
    byBroker.set(broker, [...(byBroker.get(broker) ?? []), resource]);
  }
  const found = new Map<string, DescribedConfig[]>();
  for (const [broker, its] of byBroker) {
    const body = {
      resources: its.map((resource) => ({ ...resource, configurationKeys: null })),
      includeSynonyms: true,
      includeDocumentation: false,
    };
    const answer =
      broker === null
        ? await cluster.toAny(describeConfigs, body)
        : await cluster.toBroker(broker, describeConfigs, body);
    for (const result of answer.results) {
      if (result.errorCode !== 0) throw kafkaError(result.errorCode, result.errorMessage);
      found.set(`${result.resourceType} ${result.resourceName}`, result.configs);
    }
  }
  return resources.map(({ resourceType, resourceName }) => found.get(`${resourceType} ${resourceName}`) ?? []);
}
