/** Latency from producer to consumer at a fixed rate, measured with the project's own wire client on both sides. */
import { VersionedConnection } from '../../client';
import { errorForCode, KafkaError } from '../../protocol';
import { fetch, metadata, produce } from '../../protocol/apis';
import { buildBatch, readAllRecords } from '../../protocol/records';
import { sleep, systemClock } from '../../runtime/clock';
import type { RunningBroker } from './brokers';

const RECORD_BYTES = 200;
const STAMP_BYTES = 8;

function open(broker: RunningBroker): Promise<VersionedConnection> {
  const [host, port] = broker.bootstrap.split(':') as [string, string];
  const timeouts = { connectTimeoutMs: 5_000, requestTimeoutMs: 30_000 };
  return VersionedConnection.open({ host, port: Number(port), clientId: 'bench', clock: systemClock, ...timeouts });
}

/** Milliseconds; `records` are sent at `ratePerSecond`, one batch each, acks=1. */
export async function endToEndP99Ms(
  broker: RunningBroker,
  topic: string,
  records: number,
  ratePerSecond: number,
): Promise<number> {
  const [producer, consumer] = await Promise.all([open(broker), open(broker)]);
  try {
    const received = receive(consumer, topic, records);
    await sendAtRate(producer, topic, records, ratePerSecond);
    const latenciesMs = (await received).sort((a, b) => a - b);
    return latenciesMs[Math.floor(latenciesMs.length * 0.99)] as number;
  } finally {
    producer.close();
    consumer.close();
  }
}

async function sendAtRate(
  connection: VersionedConnection,
  topic: string,
  records: number,
  rate: number,
): Promise<void> {
  const startMs = systemClock.monotonicMs();
  const answers: Promise<unknown>[] = [];
  for (let sent = 0; sent < records;) {
    const due = Math.min(records, Math.floor(((systemClock.monotonicMs() - startMs) * rate) / 1000) + 1);
    for (; sent < due; sent++) answers.push(sendOne(connection, topic));
    await sleep(systemClock, 1);
  }
  await Promise.all(answers);
}

async function sendOne(connection: VersionedConnection, topic: string): Promise<void> {
  const value = Buffer.alloc(RECORD_BYTES);
  value.writeDoubleBE(systemClock.monotonicMs(), 0);
  const batch = buildBatch([{ key: null, value, timestamp: BigInt(systemClock.nowMs()) }]);
  const answer = await connection.send(produce, {
    acks: 1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records: batch }] }],
  });
  const code = answer.responses[0]?.partitionResponses[0]?.errorCode ?? 0;
  if (code !== 0) throw new KafkaError(errorForCode(code));
}

async function receive(connection: VersionedConnection, topic: string, records: number): Promise<number[]> {
  const described = await connection.send(metadata, { topics: [{ name: topic }] });
  const topicId = described.topics[0]?.topicId ?? '';
  const latenciesMs: number[] = [];
  for (let fetchOffset = 0; latenciesMs.length < records;) {
    const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
    const limits = { maxWaitMs: 500, minBytes: 1, maxBytes: 1 << 20, sessionEpoch: -1 };
    const answer = await connection.send(fetch, { ...limits, topics: [{ topic, topicId, partitions }] });
    const found = answer.responses[0]?.partitions[0];
    if (!found) continue;
    if (found.errorCode !== 0) throw new KafkaError(errorForCode(found.errorCode));
    if (!Buffer.isBuffer(found.records)) continue;
    const nowMs = systemClock.monotonicMs();
    for (const record of readAllRecords(found.records)) {
      if (record.offset < fetchOffset || (record.value?.length ?? 0) < STAMP_BYTES) continue;
      latenciesMs.push(nowMs - (record.value as Buffer).readDoubleBE(0));
      fetchOffset = record.offset + 1;
    }
  }
  return latenciesMs;
}
