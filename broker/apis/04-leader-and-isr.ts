/**
 * LeaderAndIsr, versions 0-7, from the controller: which of the named partitions this broker is to lead and which to
 * follow. Fenced by broker epoch and controller epoch as a whole, by leader epoch and topic id per partition.
 * v2 groups by topic, v5 names topics by id.
 */
import { Errors, type InputOf, type WireError } from '../../protocol';
import { leaderAndIsr, type LeaderAndIsrRequest, type LeaderAndIsrResponse } from '../../protocol/apis';
import { isBrokerEpochStale } from './broker-epoch';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'cluster' | 'replicas' | 'logger'>;
type Outcome = Awaited<ReturnType<BrokerParts['replicas']['becomeLeaderOrFollower']>>['outcomes'][number];

const FIRST_VERSION_WITH_TOPIC_IDS = 5;

export function leaderAndIsrHandler(parts: Parts): Handler {
  return handler(
    leaderAndIsr,
    async (request, context) => {
      if (isBrokerEpochStale(parts, 'LeaderAndIsr', request))
        return errorForAll(request, Errors.STALE_BROKER_EPOCH, context.apiVersion);
      const { error, outcomes } = await parts.replicas.becomeLeaderOrFollower(request);
      return error === Errors.NONE
        ? respond(outcomes, context.apiVersion)
        : errorForAll(request, error, context.apiVersion);
    },
    (request, error, context) => errorForAll(request, error, context.apiVersion),
  );
}

function respond(outcomes: readonly Outcome[], version: number): InputOf<LeaderAndIsrResponse> {
  if (version < FIRST_VERSION_WITH_TOPIC_IDS) {
    const partitionErrors = outcomes.map(({ topicPartition: { topic, partition }, error }) => ({
      topicName: topic,
      partitionIndex: partition,
      errorCode: error.code,
    }));
    return { errorCode: Errors.NONE.code, partitionErrors };
  }
  const topics = new Map<string, { partitionIndex: number; errorCode: number }[]>();
  for (const { topicPartition, topicId, error } of outcomes) {
    const errors = topics.get(topicId) ?? [];
    errors.push({ partitionIndex: topicPartition.partition, errorCode: error.code });
    topics.set(topicId, errors);
  }
  return {
    errorCode: Errors.NONE.code,
    topics: [...topics].map(([topicId, partitionErrors]) => ({ topicId, partitionErrors })),
  };
}

/** The request is refused as a whole: every partition gets the error, too. */
function errorForAll(request: LeaderAndIsrRequest, error: WireError, version: number): InputOf<LeaderAndIsrResponse> {
  const errorCode = error.code;
  if (version < FIRST_VERSION_WITH_TOPIC_IDS) {
    const grouped = request.topicStates.flatMap(({ topicName, partitionStates }) =>
      partitionStates.map(({ partitionIndex }) => ({ topicName, partitionIndex, errorCode })),
    );
    const flat = request.ungroupedPartitionStates.map(({ topicName, partitionIndex }) => ({
      topicName,
      partitionIndex,
      errorCode,
    }));
    return { errorCode, partitionErrors: [...flat, ...grouped] };
  }
  const topics = request.topicStates.map(({ topicId, partitionStates }) => ({
    topicId,
    partitionErrors: partitionStates.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }));
  return { errorCode, topics };
}
