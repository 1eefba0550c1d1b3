/** DescribeProducers, version 0: the producers that a replica on this broker remembers, and their open transactions (KIP-664). */
import { Errors, invalidTopicName, type InputOf } from '../../protocol';
import { describeProducers, type DescribeProducersResponse } from '../../protocol/apis';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'metadata' | 'replicas'>;
type Answer = InputOf<DescribeProducersResponse['topics'][number]['partitions'][number]>;

export function describeProducersHandler(parts: Parts): Handler {
  return handler(
    describeProducers,
    (request) => ({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => describe(parts, name, partitionIndex)),
      })),
    }),
    (request, error) => ({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode: error.code })),
      })),
    }),
  );
}

function describe(parts: Parts, topic: string, partitionIndex: number): Answer {
  const invalid = invalidTopicName(topic);
  if (invalid !== null)
    return { partitionIndex, errorCode: Errors.INVALID_TOPIC_EXCEPTION.code, errorMessage: invalid };
  if (parts.metadata.partitions(topic) === null)
    return { partitionIndex, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code };
  const found = parts.replicas.find(topic, partitionIndex);
  if ('code' in found) return { partitionIndex, errorCode: found.code };
  const log = parts.replicas.logOf({ topic, partition: partitionIndex });
  if (log === null) return { partitionIndex, errorCode: Errors.NOT_LEADER_OR_FOLLOWER.code };
  const activeProducers = [...log.activeProducers].map(([producerId, entry]) => ({
    producerId,
    producerEpoch: entry.epoch,
    lastSequence: entry.lastSequence,
    lastTimestamp: entry.lastTimestamp,
    coordinatorEpoch: entry.coordinatorEpoch,
    currentTxnStartOffset: entry.currentTransactionFirstOffset,
  }));
  return { partitionIndex, errorCode: Errors.NONE.code, activeProducers };
}
