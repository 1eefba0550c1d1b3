/**
 * Reads the records of a partition from its leader, piece by piece, as a consumer without a group does: up to the high
 * watermark, committing nothing. Control batches (ends of transactions) are left out.
 */
import type { ClusterClient } from '../../client';
import { fetch } from '../../protocol/apis';
import {
  batch as header,
  forEachBatch,
  type LogRecord,
  prepareZstd,
  readRecords,
  wholeBatchesBytes,
} from '../../protocol/records';
import { fromLeader } from './partition-offsets';

/** The last version that names topics instead of giving their ids. */
const LAST_VERSION_WITH_NAMES = 12;
const PIECE_BYTES = 262_144;
/** What a batch may expand to; a batch of a Kafka producer has a mebibyte at most unless somebody raised the limits. */
const MAX_DECOMPRESSED_BYTES = 67_108_864;

export interface Piece {
  records: { record: LogRecord; leaderEpoch: number; isLogAppendTime: boolean }[];
  /** Where the next piece begins; the position that was asked for when there is nothing behind it. */
  nextOffset: number;
}

/**
 * The next records at or behind an offset.
 * @throws ApiError OFFSET_OUT_OF_RANGE and others of Kafka's; CORRUPT_MESSAGE when the stored bytes are damaged
 */
export async function readPiece(
  cluster: ClusterClient,
  topic: string,
  partition: number,
  fromOffset: number,
): Promise<Piece> {
  const found = await fromLeader(cluster, { topic, partition }, async (leader) => {
    const partitions = [{ partition, fetchOffset: fromOffset, partitionMaxBytes: PIECE_BYTES }];
    const body = {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: PIECE_BYTES,
      isolationLevel: 0,
      topics: [{ topic, partitions }],
    };
    const answer = await cluster.toBroker(leader, fetch, body, { highestVersion: LAST_VERSION_WITH_NAMES });
    return answer.errorCode === 0 ? answer.responses[0]?.partitions[0] : { errorCode: answer.errorCode, records: null };
  });
  const piece: Piece = { records: [], nextOffset: fromOffset };
  const bytes = found.records;
  if (bytes === null || bytes.length === 0) return piece;
  await prepareZstd();
  forEachBatch(bytes.subarray(0, wholeBatchesBytes(bytes)), (at) => {
    piece.nextOffset = Math.max(piece.nextOffset, header.nextOffset(bytes, at));
    if (header.isControl(bytes, at)) return;
    const leaderEpoch = header.partitionLeaderEpoch(bytes, at);
    const isLogAppendTime = header.isLogAppendTime(bytes, at);
    for (const record of readRecords(bytes, at, { maxDecompressedBytes: MAX_DECOMPRESSED_BYTES })) {
      if (record.offset >= fromOffset) piece.records.push({ record, leaderEpoch, isLogAppendTime });
    }
  });
  return piece;
}
