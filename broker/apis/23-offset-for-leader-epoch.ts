/**
 * OffsetForLeaderEpoch, versions 0-4: where the largest leader epoch not above the one asked for ends in the leader's log
 * (KIP-101, KIP-279). Consumers check with it whether what they read was truncated since (KIP-320), older brokers where
 * to truncate. v1 tells the epoch; v2 is fenced by the asker's leader epoch.
 */
import { Errors, type InputOf, type WireError } from '../../protocol';
import { offsetForLeaderEpoch, type OffsetForLeaderEpochResponse } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'replicas'>;
type Answer = InputOf<OffsetForLeaderEpochResponse['topics'][number]['partitions'][number]>;

export function offsetForLeaderEpochHandler(parts: Parts): Handler {
  return handler(
    offsetForLeaderEpoch,
    (request) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((asked) => endOf(parts, topic, asked)),
      })),
    }),
    (request, error) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => errorAnswer(partition, error)),
      })),
    }),
  );
}

function endOf(
  parts: Parts,
  topic: string,
  asked: { partition: number; currentLeaderEpoch: number; leaderEpoch: number },
): Answer {
  const found = parts.replicas.find(topic, asked.partition);
  if ('code' in found) return errorAnswer(asked.partition, found);
  const error = found.accessError(asked.currentLeaderEpoch, true);
  if (error !== null) return errorAnswer(asked.partition, error);
  const end = found.log?.endOffsetForEpoch(asked.leaderEpoch) ?? null;
  return {
    errorCode: Errors.NONE.code,
    partition: asked.partition,
    leaderEpoch: end?.epoch ?? -1,
    endOffset: end?.endOffset ?? -1,
  };
}

function errorAnswer(partition: number, error: WireError): Answer {
  return { errorCode: error.code, partition, leaderEpoch: -1, endOffset: -1 };
}
