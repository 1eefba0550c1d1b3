/** Where partitions begin and end, what each replica holds, and the records in them; asked over the wire. */
import { errorForCode, type TopicPartition } from '../../../protocol';
import { describeLogDirs, fetch, listOffsets } from '../../../protocol/apis';
import { readAllRecords, type LogRecord } from '../../../protocol/records';
import type { StepContext } from '../lesson';
import { refused } from './topics';

const LATEST = -1n;
const EARLIEST = -2n;
const READ_BYTES = 1 << 20;
/** Topics have ids instead of names in later versions of Fetch; one lesson needs no ids. */
const LAST_FETCH_WITH_NAMES = 12;

export interface Bounds {
  /** The first offset that is still there. */
  readonly logStartOffset: number;
  /** What consumers can read to. */
  readonly highWatermark: number;
}

/** Where a partition begins and ends in the eyes of consumers, asked of its leader. */
export async function boundsOf(context: StepContext, at: TopicPartition): Promise<Bounds> {
  const logStartOffset = await offsetAt(context, at, EARLIEST);
  return { logStartOffset, highWatermark: await offsetAt(context, at, LATEST) };
}

async function offsetAt({ kafka }: StepContext, at: TopicPartition, timestamp: bigint): Promise<number> {
  const wire = kafka.wire();
  const partitions = [{ partitionIndex: at.partition, timestamp }];
  const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: at.topic, partitions }] };
  const answer = await wire.toBroker(await wire.leaderOf(at), listOffsets, request);
  const found = answer.topics[0]?.partitions[0];
  if (!found || found.errorCode !== 0) {
    wire.forgetLeader(at);
    throw refused(`tell the offsets of ${at.topic}-${at.partition}`, found?.errorCode ?? -1, null);
  }
  return found.offset;
}

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string;
}

export interface Read {
  readonly records: readonly ReadRecord[];
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

interface RawRead {
  readonly stored: readonly LogRecord[];
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

/**
 * One Fetch, without a group; records as bytes, and perhaps some before the offset, as a batch is given as a whole.
 * @param brokerId the replica to ask: a follower answers consumers too; the leader when left out
 * @throws KafkaError e.g. OFFSET_OUT_OF_RANGE
 */
export async function fetchRaw(
  { kafka }: StepContext,
  at: TopicPartition,
  fetchOffset: number,
  brokerId?: number,
): Promise<RawRead> {
  const wire = kafka.wire();
  const partitions = [{ partition: at.partition, fetchOffset, partitionMaxBytes: READ_BYTES }];
  const topics = [{ topic: at.topic, partitions }];
  const request = { maxWaitMs: 0, minBytes: 0, maxBytes: READ_BYTES, sessionEpoch: -1, topics };
  const from = brokerId ?? (await wire.leaderOf(at));
  const answer = await wire.toBroker(from, fetch, request, { highestVersion: LAST_FETCH_WITH_NAMES });
  const found = answer.responses[0]?.partitions[0];
  if (!found || found.errorCode !== 0) {
    wire.forgetLeader(at);
    throw refused(`give records of ${at.topic}-${at.partition} from ${fetchOffset}`, found?.errorCode ?? -1, null);
  }
  const { highWatermark, logStartOffset, records } = found;
  return { stored: Buffer.isBuffer(records) ? readAllRecords(records) : [], highWatermark, logStartOffset };
}

/** One Fetch, as fetchRaw, with key and value as text. */
export async function fetchOnce(
  context: StepContext,
  at: TopicPartition,
  fetchOffset: number,
  brokerId?: number,
): Promise<Read> {
  const { stored, highWatermark, logStartOffset } = await fetchRaw(context, at, fetchOffset, brokerId);
  const wanted = stored.filter(({ offset }) => offset >= fetchOffset);
  const records = wanted.map(({ offset, timestamp, key, value }) => ({
    partition: at.partition,
    offset,
    timestampMs: Number(timestamp),
    key: key === null ? null : key.toString(),
    value: String(value ?? ''),
  }));
  return { records, highWatermark, logStartOffset };
}

/** All records of a partition from an offset to the high watermark. */
export async function readFrom(context: StepContext, at: TopicPartition, from: number): Promise<ReadRecord[]> {
  const all: ReadRecord[] = [];
  for (let next = from; ; next = (all.at(-1)?.offset ?? next) + 1) {
    const { records, highWatermark } = await context.unlessAborted(fetchOnce(context, at, next));
    all.push(...records);
    if (records.length === 0 || (all.at(-1)?.offset ?? 0) + 1 >= highWatermark) return all;
  }
}

/** Bytes that a broker holds of a partition; null when it has no replica of it. */
export async function replicaBytes(
  { kafka }: StepContext,
  at: TopicPartition,
  brokerId: number,
): Promise<number | null> {
  const request = { topics: [{ topic: at.topic, partitions: [at.partition] }] };
  const answer = await kafka.wire().toBroker(brokerId, describeLogDirs, request);
  const held = answer.results.flatMap(({ errorCode, topics }) => {
    if (errorCode !== 0) throw new Error(`broker ${brokerId} cannot tell its sizes: ${errorForCode(errorCode).name}`);
    return topics.flatMap(({ partitions }) => partitions);
  });
  return held.find(({ isFutureKey }) => !isFutureKey)?.partitionSize ?? null;
}
