/** kafka-topics --delete */
import type { ClusterClient } from '../../client';
import { Errors } from '../../protocol';
import { deleteTopics as deleteTopicsApi } from '../../protocol/apis';
import type { TopicsOptions } from './options';
import { ensureFound, kafkaError, matchingTopics } from './names';

const TIMEOUT_MS = 30_000;

export async function deleteTopics(cluster: ClusterClient, given: TopicsOptions): Promise<void> {
  const names = await matchingTopics(cluster, given.text('topic'), false);
  ensureFound(names, given.text('topic'), given.has('if-exists'));
  if (names.length === 0) return;
  const answer = await cluster.toController(
    deleteTopicsApi,
    {
      topics: names.map((name) => ({ name })),
      topicNames: names,
      timeoutMs: Math.min(cluster.timeoutMs, TIMEOUT_MS),
    },
    (response) => response.responses.find(({ errorCode }) => errorCode === Errors.NOT_CONTROLLER.code)?.errorCode ?? 0,
  );
  const failed = answer.responses.find(({ errorCode }) => errorCode !== 0);
  if (failed) throw kafkaError(failed.errorCode, failed.errorMessage);
}
