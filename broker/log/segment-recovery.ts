/** Checks every batch of a segment after a crash, and rebuilds from them what is derived (Kafka's LogSegment.recover). */
import { batch } from '../../protocol/records';
import type { Logger } from '../../runtime/logger';
import type { BatchScanner } from './batch-scanner';
import type { LeaderEpochCache } from './leader-epoch-cache';
import { replayBatch } from './producer-rebuild';
import type { ProducerState } from './producer-state';
import type { Segment } from './segment';
import type { Steps } from './steps';

const WINDOW_BYTES = 1024 * 1024;
/** Bytes between two pauses. */
const BYTES_PER_STEP = 1024 * 1024;

/**
 * Cuts the segment after its last intact batch and rebuilds its indexes.
 * @param producers as of the segment's base offset; brought to its end
 * @returns how many bytes were cut off
 * @throws Error for the message sets of Kafka before 0.11, which are intact but cannot be read here
 */
export function* recoverSegment(
  segment: Segment,
  producers: ProducerState,
  epochs: LeaderEpochCache,
  logger: Logger,
): Steps<number> {
  segment.beginRecovery();
  const scanner = segment.scan(0, WINDOW_BYTES);
  let validBytes = 0;
  let pauseAt = BYTES_PER_STEP;
  let lastOffset = segment.baseOffset - 1;
  let problem: string | null = null;
  while (scanner.next()) {
    problem = problemOf(scanner, segment, lastOffset);
    if (problem !== null) break;
    const { bytes, at } = scanner;
    lastOffset = batch.lastOffset(bytes, at);
    segment.indexRecovered(scanner);
    noteEpoch(epochs, batch.partitionLeaderEpoch(bytes, at), batch.baseOffset(bytes, at));
    replayBatch(producers, scanner, segment);
    validBytes += scanner.sizeBytes;
    if (validBytes >= pauseAt) {
      pauseAt = validBytes + BYTES_PER_STEP;
      yield;
    }
  }
  if (scanner.isLegacyFormat) {
    throw new Error(`${segment.log.filePath} has record batches of a format before v2, which Gregor does not read`);
  }
  const cutBytes = segment.sizeBytes - validBytes;
  if (cutBytes > 0) {
    logger.warn(
      `Found invalid batches in log segment ${segment.log.filePath} at byte ${validBytes}: ${problem ?? scanner.problem}`,
    );
  }
  segment.endRecovery(validBytes);
  return cutBytes;
}

/** What is wrong with the scanner's batch; null when it is intact. */
function problemOf(scanner: BatchScanner, segment: Segment, previousOffset: number): string | null {
  if (!scanner.loadWhole()) return 'the file ends inside a batch';
  const { bytes, at } = scanner;
  if (!batch.isCrcValid(bytes, at)) return 'the checksum of a batch is wrong';
  const lastOffset = batch.lastOffset(bytes, at);
  if (!segment.offsetIndex.canHold(lastOffset)) return `offset ${lastOffset} does not belong into the segment`;
  return lastOffset <= previousOffset ? `offset ${lastOffset} follows ${previousOffset}` : null;
}

function noteEpoch(epochs: LeaderEpochCache, epoch: number, offset: number): void {
  const latest = epochs.latestEpoch;
  if (epoch >= 0 && (latest === null || epoch > latest)) epochs.assign(epoch, offset);
}
