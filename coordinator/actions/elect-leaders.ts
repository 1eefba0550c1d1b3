/** Makes preferred replicas leaders again (ElectLeaders), after a broker came back and leads nothing. */
import type { ClusterClient } from '../../client';
import { errorForCode, Errors } from '../../protocol';
import { electLeaders, type ElectLeadersResponse } from '../../protocol/apis';
import { ApiError } from '../http/api-error';
import { checkKafkaError } from '../http/error-answers';
import type { ElectionAnswer, ElectionRequest } from '../schemas';
import { BROKER_TIMEOUT_MS } from './own-client';

const PREFERRED = 0;

/** A controller that has moved may say so for each partition. */
function errorOf(response: ElectLeadersResponse): number {
  return response.errorCode || (response.replicaElectionResults[0]?.partitionResult[0]?.errorCode ?? 0);
}

/** Null stands for all partitions of the cluster. */
async function partitionsOf(cluster: ClusterClient, { topic, partition }: ElectionRequest) {
  if (topic === undefined) {
    if (partition === undefined) return null;
    throw new ApiError(400, 'INVALID_REQUEST', 'Body field partition needs a topic');
  }
  if (partition !== undefined) return [{ topic, partitions: [partition] }];
  const [known] = (await cluster.metadata([topic])).topics;
  checkKafkaError(known?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  return [{ topic, partitions: (known?.partitions ?? []).map(({ partitionIndex }) => partitionIndex) }];
}

/** @throws ApiError with Kafka's name when the whole request fails, or the one partition that was asked for is not known */
export async function electPreferredLeaders(cluster: ClusterClient, request: ElectionRequest): Promise<ElectionAnswer> {
  const topicPartitions = await partitionsOf(cluster, request);
  const answer = await cluster.toController(
    electLeaders,
    { electionType: PREFERRED, topicPartitions, timeoutMs: BROKER_TIMEOUT_MS },
    errorOf,
  );
  checkKafkaError(answer.errorCode);
  const results = answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
    partitionResult.map((result) => ({
      topic,
      partition: result.partitionId,
      error: errorForCode(result.errorCode),
      message: result.errorMessage,
    })),
  );
  const unknown = results.find(({ error }) => error === Errors.UNKNOWN_TOPIC_OR_PARTITION);
  if (unknown) checkKafkaError(unknown.error.code, unknown.message);
  const place = ({ topic, partition }: { topic: string; partition: number }) => ({ topic, partition });
  const isElected = (error: unknown): boolean => error === Errors.NONE;
  const isUnchanged = (error: unknown): boolean => error === Errors.ELECTION_NOT_NEEDED;
  return {
    elected: results.filter(({ error }) => isElected(error)).map(place),
    unchanged: results.filter(({ error }) => isUnchanged(error)).length,
    failed: results
      .filter(({ error }) => !isElected(error) && !isUnchanged(error))
      .map(({ error, message, ...of }) => ({ ...place(of), error: error.name, message: message ?? error.meaning })),
  };
}
