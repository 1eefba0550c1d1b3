/** Asks every replica of some partitions, leaders and followers alike, for the records from certain offsets on. */
import { type ClusterClient, ConnectionError } from '../../client';
import { errorForCode, type TopicPartition } from '../../protocol';
import { fetch } from '../../protocol/apis';
import type { ReplicaData } from './compare';

/** By this id a broker knows a reader that may read from followers, and beyond the high watermark. */
const DEBUGGING_CONSUMER = -2;
/** Topic ids come with version 13; names are simpler, and all brokers know them. */
const NEWEST_WITH_NAMES = 12;
const SLACK_MS = 30_000;

export interface WatchedPartition extends TopicPartition {
  replicas: readonly number[];
  /** Verified up to here. */
  offset: number;
}

export interface FetchLimits {
  partitionBytes: number;
  maxWaitMs: number;
}

/** One answer of one broker; a broker that cannot be reached answers nothing. */
export async function fetchFromBroker(
  cluster: ClusterClient,
  broker: number,
  partitions: readonly WatchedPartition[],
  { partitionBytes, maxWaitMs }: FetchLimits,
  complain: (text: string) => void,
): Promise<Map<WatchedPartition, ReplicaData>> {
  const found = new Map<WatchedPartition, ReplicaData>();
  const topics = [...new Set(partitions.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: partitions
      .filter((each) => each.topic === topic)
      .map(({ partition, offset }) => ({
        partition,
        fetchOffset: offset,
        partitionMaxBytes: partitionBytes,
        logStartOffset: 0,
      })),
  }));
  const body = { replicaId: DEBUGGING_CONSUMER, maxWaitMs, minBytes: 1, sessionId: 0, sessionEpoch: -1, topics };
  try {
    const connection = await cluster.broker(broker);
    const options = { highestVersion: NEWEST_WITH_NAMES, timeoutMs: maxWaitMs + SLACK_MS };
    const answer = await connection.send(fetch, body, options);
    for (const { topic, partitions: its } of answer.responses) {
      for (const { partitionIndex, errorCode, highWatermark, records } of its) {
        const watched = partitions.find((each) => each.topic === topic && each.partition === partitionIndex);
        if (!watched) continue;
        if (errorCode !== 0)
          complain(`replica ${broker} of ${topic}-${partitionIndex} answers ${errorForCode(errorCode).name}`);
        found.set(watched, { broker, highWatermark, records: records ?? Buffer.alloc(0) });
      }
    }
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    complain(`broker ${broker} cannot be reached: ${error.message}`);
  }
  return found;
}
