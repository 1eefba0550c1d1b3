/** How long a broker takes from the start of its process until it has acknowledged a first record. */
import { ClusterClient } from '../../client';
import { errorForCode, KafkaError } from '../../protocol';
import { createTopics, produce } from '../../protocol/apis';
import { buildBatch } from '../../protocol/records';
import { systemClock } from '../../runtime/clock';
import { waitUntil } from '../../supervisor/wait-until';
import type { RunningBroker } from './brokers';

const TIMEOUT_MS = 60_000;
const TOPIC = 'first-record';

/** Milliseconds from the start of the process to the first acknowledged record; creating the topic is part of it. */
export async function firstRecordMs(broker: RunningBroker): Promise<number> {
  const client = new ClusterClient({ bootstrapServers: broker.bootstrap, clientId: 'bench', clock: systemClock });
  const waiting = { timeoutMs: TIMEOUT_MS, clock: systemClock, everyMs: 2 };
  try {
    await waitUntil(() => created(client), { what: 'the topic is created', ...waiting });
    await waitUntil(() => acknowledged(client), { what: 'a record is acknowledged', ...waiting });
    return systemClock.monotonicMs() - broker.startedAtMs;
  } finally {
    await client.close();
  }
}

async function created(client: ClusterClient): Promise<true | null> {
  const topic = { name: TOPIC, numPartitions: 1, replicationFactor: 1 };
  const request = { topics: [topic], timeoutMs: TIMEOUT_MS };
  const answer = await client.toController(createTopics, request, ({ topics }) => topics[0]?.errorCode ?? 0);
  const error = errorForCode(answer.topics[0]?.errorCode ?? 0);
  return error.code === 0 || error.name === 'TOPIC_ALREADY_EXISTS' ? true : null;
}

async function acknowledged(client: ClusterClient): Promise<true | null> {
  const records = buildBatch([{ key: null, value: Buffer.from('first'), timestamp: BigInt(systemClock.nowMs()) }]);
  const leader = await client.leaderOf({ topic: TOPIC, partition: 0 });
  const answer = await client.toBroker(leader, produce, {
    acks: 1,
    timeoutMs: TIMEOUT_MS,
    topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }],
  });
  const code = answer.responses[0]?.partitionResponses[0]?.errorCode ?? 0;
  if (code !== 0) throw new KafkaError(errorForCode(code));
  return true;
}
