/** What every producer of the tools says to a broker, and how it takes the answer. */
import type { ClusterClient } from '../../client';
import { errorForCode, Errors, type InputOf, KafkaError } from '../../protocol';
import { initProducerId, produce, type ProduceRequest, type ProduceResponse } from '../../protocol/apis';
import { type Clock, sleep } from '../../runtime/clock';
import type { ProducerConfig } from './config';

export type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number];

const METADATA_PAUSE_MS = 100;
/** Only transactions have a time-out of their own; the request asks for one all the same. */
const TRANSACTION_TIMEOUT_MS = 60_000;
const SEQUENCES = 2_147_483_648;

/** An idempotent producer's identity. @throws KafkaError */
export function newProducerId(cluster: ClusterClient): Promise<{ producerId: number; producerEpoch: number }> {
  return cluster.retrying(async () => {
    const request = { transactionalId: null, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS };
    const response = await cluster.toAny(initProducerId, request);
    if (response.errorCode !== 0) throw new KafkaError(errorForCode(response.errorCode));
    return response;
  });
}

/** The sequence number after so many records; they go round. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % SEQUENCES;
}

/** Sends batches to a broker; null when acks=0, to which there is no answer. @throws ConnectionError */
export async function sendBatches(
  cluster: ClusterClient,
  broker: number,
  config: Pick<ProducerConfig, 'acks' | 'requestTimeoutMs'>,
  topicData: NonNullable<InputOf<ProduceRequest>['topicData']>,
): Promise<ProduceResponse | null> {
  const { acks, requestTimeoutMs: timeoutMs } = config;
  const connection = await cluster.broker(broker);
  const body = { acks, timeoutMs, topicData };
  if (acks !== 0) return connection.send(produce, body, { timeoutMs });
  connection.connection.sendOneWay(produce, connection.versionOf(produce) ?? 0, body);
  return null;
}

/** Null when the batch is in the log, be it by this attempt or by an earlier one whose answer was lost. */
export function produceError(response: PartitionResponse | undefined): KafkaError | null {
  const error = errorForCode(response?.errorCode ?? 0);
  if (error.code === 0 || error.code === Errors.DUPLICATE_SEQUENCE_NUMBER.code) return null;
  return new KafkaError(error, response?.errorMessage ?? error.meaning);
}

/**
 * Asks for a topic until it is known, at most for max.block.ms.
 * @param ask gives the error that the broker answered, if any
 * @throws KafkaError
 */
export async function waitForTopic(
  topic: string,
  maxBlockMs: number,
  clock: Clock,
  ask: () => Promise<KafkaError | null>,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + maxBlockMs;
  for (;;) {
    const error = await ask();
    if (error === null) return;
    if (!error.error.retriable) throw error;
    if (clock.monotonicMs() + METADATA_PAUSE_MS > deadlineMs)
      throw new KafkaError('REQUEST_TIMED_OUT', `Topic ${topic} not present in metadata after ${maxBlockMs} ms.`);
    await sleep(clock, METADATA_PAUSE_MS);
  }
}
