/** Changes single entries of the configuration of topics and brokers (IncrementalAlterConfigs). */
import type { ClusterClient } from '../../client';
import { incrementalAlterConfigs } from '../../protocol/apis';
import { AlterOperation } from '../../settings';
import { kafkaError } from '../topics/names';
import { brokerToAsk, type Resource } from './describe';

/** Sets and deletes single entries. @throws KafkaError when the cluster refuses */
export async function changeConfigs(
  cluster: ClusterClient,
  resource: Resource,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  const configs = [
    ...[...added].map(([name, text]) => ({ name, configOperation: AlterOperation.SET, value: text })),
    ...deleted.map((name) => ({ name, configOperation: AlterOperation.DELETE, value: null })),
  ];
  const body = { resources: [{ ...resource, configs }], validateOnly: false };
  const broker = brokerToAsk(resource);
  const answer = await (broker === null
    ? cluster.toAny(incrementalAlterConfigs, body)
    : cluster.toBroker(broker, incrementalAlterConfigs, body));
  const failed = answer.responses.find(({ errorCode }) => errorCode !== 0);
  if (failed) throw kafkaError(failed.errorCode, failed.errorMessage);
}
