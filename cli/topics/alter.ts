/** kafka-topics --alter: more partitions. */
import type { ClusterClient } from '../../client';
import { Errors } from '../../protocol';
import { createPartitions } from '../../protocol/apis';
import type { TopicsOptions } from './options';
import { parseAssignment } from './create';
import { describedTopics, ensureFound, kafkaError, matchingTopics } from './names';

const TIMEOUT_MS = 30_000;

export async function alterTopics(cluster: ClusterClient, given: TopicsOptions): Promise<void> {
  const names = await matchingTopics(cluster, given.text('topic'), false);
  ensureFound(names, given.text('topic'), given.has('if-exists'));
  if (names.length === 0) return;
  const assignment = parseAssignment(given.text('replica-assignment') ?? '');
  const topics = await describedTopics(cluster, names);
  const answer = await cluster.toController(
    createPartitions,
    {
      topics: topics.map(({ name, partitions }) => ({
        name: name ?? '',
        count: given.number('partitions') ?? -1,
        // The partitions that exist stand first in the option, and are not sent.
        assignments:
          assignment.length === 0 ? null : assignment.slice(partitions.length).map((brokerIds) => ({ brokerIds })),
      })),
      timeoutMs: Math.min(cluster.timeoutMs, TIMEOUT_MS),
      validateOnly: false,
    },
    (response) => response.results.find(({ errorCode }) => errorCode === Errors.NOT_CONTROLLER.code)?.errorCode ?? 0,
  );
  const failed = answer.results.find(({ errorCode }) => errorCode !== 0);
  if (failed) throw kafkaError(failed.errorCode, failed.errorMessage);
}
