/** Brings producer state to a log's end after a start or a truncation (Kafka's UnifiedLog.rebuildProducerState). */
import { batch } from '../../protocol/records';
import type { BatchScanner } from './batch-scanner';
import type { ProducerState } from './producer-state';
import type { Segment } from './segment';
import type { SegmentList } from './segment-list';
import type { Steps } from './steps';

/** Batches between two pauses. */
const BATCHES_PER_STEP = 500;

export interface RebuildOptions {
  logStartOffset: number;
  /** Up to which offset (exclusive). */
  endOffset: number;
  nowMs: number;
  /** The log was closed properly: without a snapshot there were no producers worth one. */
  afterCleanShutdown: boolean;
}

export function* rebuildProducerState(
  state: ProducerState,
  segments: SegmentList,
  options: RebuildOptions,
): Steps<void> {
  const { logStartOffset, endOffset } = options;
  const lastBases = segments.baseOffsets.slice(-2);
  if (options.afterCleanShutdown && state.snapshotOffsets.length === 0) {
    for (const offset of [...lastBases, endOffset]) {
      state.updateMapEndOffset(offset);
      state.takeSnapshot();
    }
    return;
  }
  const knewNobody = state.isEmpty && state.mapEndOffset >= endOffset;
  state.truncateAndReload(logStartOffset, endOffset, options.nowMs);
  if (endOffset > state.mapEndOffset && !knewNobody) {
    for (const segment of segments.between(state.mapEndOffset, endOffset)) {
      const from = Math.max(segment.baseOffset, state.mapEndOffset, logStartOffset);
      state.updateMapEndOffset(from);
      if (lastBases.includes(segment.baseOffset)) state.takeSnapshot();
      yield* replay(state, segment, from, endOffset);
    }
  }
  state.updateMapEndOffset(endOffset);
  state.takeSnapshot();
}

function* replay(state: ProducerState, segment: Segment, from: number, endOffset: number): Steps<void> {
  const position = segment.positionOf(from);
  if (position === null) return;
  const scanner = segment.scan(position);
  let batches = 0;
  while (scanner.next()) {
    if (batch.baseOffset(scanner.bytes, scanner.at) >= endOffset) return;
    replayBatch(state, scanner, null);
    if (++batches % BATCHES_PER_STEP === 0) yield;
  }
}

/**
 * Takes the scanner's batch into producer state, as an append by replication would.
 * @param segment whose transaction index is to be written too; null to leave it alone
 */
export function replayBatch(state: ProducerState, scanner: BatchScanner, segment: Segment | null): void {
  if (batch.hasProducerId(scanner.bytes, scanner.at)) {
    if (batch.isControl(scanner.bytes, scanner.at) && !scanner.loadWhole()) return;
    const completed = state.update(scanner.bytes, scanner.at);
    if (completed) {
      const lastStableOffset = state.transactions.lastStableOffsetAfter(completed);
      if (completed.aborted && segment) segment.transactionIndex.append({ ...completed, lastStableOffset });
      state.transactions.complete(completed);
    }
  }
  state.updateMapEndOffset(batch.nextOffset(scanner.bytes, scanner.at));
}
