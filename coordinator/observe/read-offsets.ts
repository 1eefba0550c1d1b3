/**
 * Reads offsets and sizes from one broker: all partitions that it leads in one request, where kafkajs would ask topic by
 * topic. A consumer's ListOffsets gives the high watermark, not the log end offset.
 */
import type { VersionedConnection } from '../../client';
import { errorForCode, KafkaError } from '../../protocol';
import { describeConfigs, describeLogDirs, listOffsets } from '../../protocol/apis';
import type { OffsetStore } from './offset-store';

const LATEST = -1n;
const EARLIEST = -2n;
const CONSUMER = -1;
/** A bound on how long encoding and decoding one request takes. */
const MOST_PARTITIONS_PER_REQUEST = 2_000;

type Broker = Pick<VersionedConnection, 'send'>;

/** @param led partitions that the broker leads, by topic */
export async function readOffsets(
  broker: Broker,
  led: ReadonlyMap<string, readonly number[]>,
  store: OffsetStore,
  nowMs: () => number,
): Promise<void> {
  for (const some of inPortions(led)) {
    for (const kind of ['latest', 'earliest'] as const) {
      const timestamp = kind === 'latest' ? LATEST : EARLIEST;
      const topics = some.map(([name, partitions]) => ({
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })),
      }));
      const answer = await broker.send(listOffsets, { replicaId: CONSUMER, isolationLevel: 0, topics });
      store.take(kind, answer, nowMs());
    }
  }
}

/** Sizes of all replicas on the broker, and how far each is behind. */
export async function readSizes(broker: Broker, brokerId: number, store: OffsetStore): Promise<void> {
  const answer = await broker.send(describeLogDirs, { topics: null });
  if (answer.errorCode !== 0) throw new KafkaError(errorForCode(answer.errorCode));
  store.takeSizes(brokerId, answer);
}

const BROKER_RESOURCE = 4;
const MIN_ISR = 'min.insync.replicas';

/** The broker's min.insync.replicas as it holds now, be it from its file or set dynamically; null when it does not tell. */
export async function readMinIsr(broker: Broker, brokerId: number): Promise<number | null> {
  const resource = { resourceType: BROKER_RESOURCE, resourceName: String(brokerId), configurationKeys: [MIN_ISR] };
  const answer = await broker.send(describeConfigs, { resources: [resource] });
  const value = answer.results[0]?.configs.find(({ name }) => name === MIN_ISR)?.value;
  return value === null || value === undefined ? null : Number(value);
}

function* inPortions(led: ReadonlyMap<string, readonly number[]>): Generator<[string, readonly number[]][]> {
  let portion: [string, readonly number[]][] = [];
  let room = MOST_PARTITIONS_PER_REQUEST;
  for (const [topic, partitions] of led) {
    for (let from = 0; from < partitions.length;) {
      const some = partitions.slice(from, from + room);
      portion.push([topic, some]);
      from += some.length;
      room -= some.length;
      if (room > 0) continue;
      yield portion;
      portion = [];
      room = MOST_PARTITIONS_PER_REQUEST;
    }
  }
  if (portion.length > 0) yield portion;
}
