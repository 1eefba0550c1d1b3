/** Making a topic, and reading all of it when the load is over: what tests of faults begin and end with. */
import type { ClusterClient } from '../../client';
import { errorForCode, KafkaError } from '../../protocol';
import { createTopics, fetch } from '../../protocol/apis';
import { readAllRecords } from '../../protocol/records';
import { sleep, systemClock } from '../../runtime/clock';

const READ_DEADLINE_MS = 90_000;
const CREATE_TIMEOUT_MS = 20_000;

/** @throws KafkaError what the controller answered */
export async function createTopic(
  client: ClusterClient,
  name: string,
  numPartitions: number,
  replicationFactor: number,
): Promise<void> {
  const topics = [{ name, numPartitions, replicationFactor }];
  const request = { topics, timeoutMs: CREATE_TIMEOUT_MS };
  const answer = await client.toController(createTopics, request, (each) => each.topics[0]?.errorCode ?? 0);
  const error = errorForCode(answer.topics[0]?.errorCode ?? 0);
  if (error.code !== 0)
    throw new KafkaError(error, `creating ${name}: ${error.name} ${answer.topics[0]?.errorMessage ?? ''}`);
}

export interface StoredRecord {
  offset: number;
  value: string;
}

/** Reads a partition up to its high watermark; waits until that is all there is. */
export async function readPartition(client: ClusterClient, topic: string, partition: number): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  let fetchOffset = 0;
  const deadlineMs = systemClock.monotonicMs() + READ_DEADLINE_MS;
  for (;;) {
    const found = await fetchOnce(client, topic, partition, fetchOffset);
    if (found === null) {
      if (systemClock.monotonicMs() > deadlineMs) throw new Error(`${topic}-${partition} cannot be read`);
      await sleep(systemClock, 50);
      continue;
    }
    for (const { offset, value } of found.records) {
      if (offset < fetchOffset) continue;
      records.push({ offset, value: String(value) });
      fetchOffset = offset + 1;
    }
    if (found.records.length === 0 && fetchOffset >= found.highWatermark) return records;
  }
}

async function fetchOnce(client: ClusterClient, topic: string, partition: number, fetchOffset: number) {
  const topicPartition = { topic, partition };
  const topics = [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 4 << 20 }] }];
  const request = { maxWaitMs: 100, minBytes: 1, maxBytes: 4 << 20, sessionEpoch: -1, topics };
  const leader = await client.retrying(() => client.leaderOf(topicPartition));
  const answer = await client.toBroker(leader, fetch, request, { highestVersion: 12 });
  const found = answer.responses[0]?.partitions[0];
  if (found === undefined || found.errorCode !== 0) {
    client.forgetLeader(topicPartition);
    return null;
  }
  const records = Buffer.isBuffer(found.records) ? readAllRecords(found.records) : [];
  return { records, highWatermark: found.highWatermark };
}
