/** Finds records by time, for ListOffsets. */
import { batch, readRecords } from '../../protocol/records';
import type { BatchScanner } from './batch-scanner';
import type { Log } from './log';
import type { Segment } from './segment';
import type { SegmentList } from './segment-list';
import type { Steps } from './steps';
import type { TimestampOffset } from './types';

const BATCHES_PER_STEP = 500;

/** The first record from `startOffset` on whose timestamp is at or above `timestamp`; null when there is none. */
export function* findByTimestamp(
  segments: SegmentList,
  timestamp: bigint,
  startOffset: number,
): Steps<TimestampOffset | null> {
  const segment = segments.all.find((candidate) => candidate.largestTimestampMs >= Number(timestamp));
  if (!segment) return null;
  const indexed = segment.timeIndex.lookup(timestamp);
  const scanner = segment.scan(segment.offsetIndex.lookup(Math.max(indexed.offset, startOffset)));
  let batches = 0;
  while (scanner.next()) {
    if (batch.maxTimestamp(scanner.bytes, scanner.at) >= timestamp) {
      const found = recordAt(scanner, (record) => record.timestamp >= timestamp && record.offset >= startOffset);
      if (found) return found;
    }
    if (++batches % BATCHES_PER_STEP === 0) yield;
  }
  return null;
}

/** The first record that has the largest timestamp of the whole log; null when the log is empty (KIP-734). */
export function* findMaxTimestamp(segments: SegmentList): Steps<TimestampOffset | null> {
  let latest: Segment | null = null;
  for (const segment of segments.all) {
    if (!latest || segment.maxTimestampSoFar.timestamp > latest.maxTimestampSoFar.timestamp) latest = segment;
  }
  if (!latest || latest.maxTimestampSoFar.timestamp < 0n) return null;
  const { timestamp, offset } = latest.maxTimestampSoFar;
  const scanner = latest.scan(latest.offsetIndex.lookup(offset));
  let batches = 0;
  while (scanner.next()) {
    if (batch.maxTimestamp(scanner.bytes, scanner.at) === timestamp) {
      return recordAt(scanner, (record) => record.timestamp === timestamp);
    }
    if (++batches % BATCHES_PER_STEP === 0) yield;
  }
  return null;
}

function recordAt(
  scanner: BatchScanner,
  isSought: (record: { timestamp: bigint; offset: number }) => boolean,
): TimestampOffset | null {
  if (!scanner.loadWhole()) return null;
  const record = readRecords(scanner.bytes, scanner.at).find(isSought);
  if (!record) return null;
  const epoch = batch.partitionLeaderEpoch(scanner.bytes, scanner.at);
  return { timestamp: record.timestamp, offset: record.offset, leaderEpoch: epoch >= 0 ? epoch : null };
}

/** Timestamps that ListOffsets gives a meaning of their own. */
const LATEST = -1n;
const EARLIEST = -2n;
const MAX_TIMESTAMP = -3n;
const EARLIEST_LOCAL = -4n;
const LATEST_TIERED = -5n;
const NO_TIMESTAMP = -1n;

/** What ListOffsets answers for a timestamp, before the caller's limits; null when there is no such record. */
export function* fetchOffsetByTimestamp(log: Log, timestamp: bigint): Steps<TimestampOffset | null> {
  switch (timestamp) {
    case LATEST:
      return { timestamp: NO_TIMESTAMP, offset: log.logEndOffset, leaderEpoch: log.epochs.latestEpoch };
    case EARLIEST:
    case EARLIEST_LOCAL: {
      const first = log.epochs.earliest;
      const leaderEpoch = first && first.startOffset <= log.logStartOffset ? first.epoch : null;
      return { timestamp: NO_TIMESTAMP, offset: log.logStartOffset, leaderEpoch };
    }
    case LATEST_TIERED:
      return { timestamp: NO_TIMESTAMP, offset: -1, leaderEpoch: -1 };
    case MAX_TIMESTAMP:
      return yield* findMaxTimestamp(log.segments);
    default:
      return yield* findByTimestamp(log.segments, timestamp, log.logStartOffset);
  }
}
