/**
 * Reads the records of a partition from its leader, piece by piece, as a consumer without a group does: up to the high
 * watermark, committing nothing. Control batches (ends of transactions) are left out; records of aborted transactions are
 * not, but say so.
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
import { type AbortedTransaction, type TransactionOutcome, TransactionOutcomes } from './transaction-outcomes';

/** The last version that names topics instead of giving their ids. */
const LAST_VERSION_WITH_NAMES = 12;
const PIECE_BYTES = 262_144;
/** What a batch may expand to; a batch of a Kafka producer has a mebibyte at most unless somebody raised the limits. */
const MAX_DECOMPRESSED_BYTES = 67_108_864;

/** Isolation levels of Fetch: up to the high watermark, or up to the first open transaction and with what was aborted. */
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

/** A record with what only its batch, or the leader, says of it. */
export interface PlacedRecord {
  record: LogRecord;
  leaderEpoch: number;
  isLogAppendTime: boolean;
  transaction: TransactionOutcome;
}

export interface Piece {
  records: PlacedRecord[];
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
  const place = { topic, partition };
  const decided = await fetchFrom(cluster, place, fromOffset, READ_COMMITTED);
  if (decided.records !== null && decided.records.length > 0) {
    return pieceOf(decided.records, fromOffset, decided.abortedTransactions ?? []);
  }
  const { records } = await fetchFrom(cluster, place, fromOffset, READ_UNCOMMITTED);
  return pieceOf(records ?? NO_BYTES, fromOffset, null);
}

const NO_BYTES = Buffer.alloc(0);

interface Fetched {
  errorCode: number;
  records: Buffer | null;
  abortedTransactions?: readonly AbortedTransaction[] | null;
}

function fetchFrom(
  cluster: ClusterClient,
  { topic, partition }: { topic: string; partition: number },
  fetchOffset: number,
  isolationLevel: number,
): Promise<Fetched> {
  const partitions = [{ partition, fetchOffset, partitionMaxBytes: PIECE_BYTES }];
  const topics = [{ topic, partitions }];
  const body = { maxWaitMs: 0, minBytes: 0, maxBytes: PIECE_BYTES, isolationLevel, topics };
  return fromLeader<Fetched>(cluster, { topic, partition }, async (leader) => {
    const answer = await cluster.toBroker(leader, fetch, body, { highestVersion: LAST_VERSION_WITH_NAMES });
    return answer.errorCode === 0 ? answer.responses[0]?.partitions[0] : { errorCode: answer.errorCode, records: null };
  });
}

async function pieceOf(
  bytes: Buffer,
  fromOffset: number,
  aborted: readonly AbortedTransaction[] | null,
): Promise<Piece> {
  const piece: Piece = { records: [], nextOffset: fromOffset };
  if (bytes.length === 0) return piece;
  await prepareZstd();
  const outcomes = new TransactionOutcomes(aborted);
  forEachBatch(bytes.subarray(0, wholeBatchesBytes(bytes)), (at) => {
    piece.nextOffset = Math.max(piece.nextOffset, header.nextOffset(bytes, at));
    const transaction = outcomes.of(bytes, at);
    if (header.isControl(bytes, at)) return;
    const leaderEpoch = header.partitionLeaderEpoch(bytes, at);
    const isLogAppendTime = header.isLogAppendTime(bytes, at);
    for (const record of readRecords(bytes, at, { maxDecompressedBytes: MAX_DECOMPRESSED_BYTES })) {
      if (record.offset >= fromOffset) piece.records.push({ record, leaderEpoch, isLogAppendTime, transaction });
    }
  });
  return piece;
}
