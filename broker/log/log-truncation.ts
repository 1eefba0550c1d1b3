/** Cuts a log off at an offset: what a follower does with records that its new leader does not have. */
import type { Log } from './log';
import { recallBatches } from './producer-recall';
import { rebuildProducerState } from './producer-rebuild';
import { Segment } from './segment';
import { runNow } from './steps';

/** Drops all records from `offset` on; false when there were none. */
export function truncateTo(log: Log, offset: number): boolean {
  if (offset < 0) throw new RangeError(`${log.name} cannot be truncated to offset ${offset}`);
  if (offset >= log.logEndOffset) {
    // A leader that wrote nothing has left its epoch behind, which the next leader may know nothing of.
    log.epochs.truncateFromEnd(log.logEndOffset);
    return false;
  }
  log.environment.logger.info(`Truncating ${log.name} to offset ${offset}`);
  if (log.segments.first.baseOffset > offset) {
    truncateFully(log, offset, offset);
    return true;
  }
  removeSegments(
    log,
    log.segments.all.filter((segment) => segment.baseOffset > offset),
  );
  log.segments.sizeChanged(-log.segments.active.truncateTo(offset));
  log.endAt(offset);
  log.epochs.truncateFromEnd(offset);
  log.logStartOffset = Math.min(offset, log.logStartOffset);
  rebuildProducers(log);
  if (log.highWatermark > offset) log.updateHighWatermark(offset);
  return true;
}

export function truncateFully(log: Log, offset: number, logStartOffset: number): void {
  log.environment.logger.info(`Truncating ${log.name} fully; it starts anew at offset ${offset}`);
  removeSegments(log, [...log.segments.all]);
  log.segments.add(Segment.create(log.dir, offset, log.environment, log.config));
  log.endAt(offset);
  log.tail.clear();
  log.epochs.clear();
  log.producers.truncateFullyAndStartAt(offset);
  log.logStartOffset = logStartOffset;
  rebuildProducers(log);
  log.updateHighWatermark(offset);
}

/** Takes segments out of the log, with their snapshots, and deletes their files later. */
export function removeSegments(log: Log, segments: readonly Segment[]): void {
  if (segments.length === 0) return;
  log.segments.remove(segments);
  const paths = segments.flatMap((segment) => segment.markDeleted());
  for (const segment of segments) {
    const snapshot = log.producers.markSnapshotDeleted(segment.baseOffset);
    if (snapshot !== null) paths.push(snapshot);
  }
  log.environment.removeLater(paths, log.config.fileDeleteDelayMs);
}

function rebuildProducers(log: Log): void {
  runNow(
    rebuildProducerState(log.producers, log.segments, {
      logStartOffset: log.logStartOffset,
      endOffset: log.logEndOffset,
      nowMs: log.environment.clock.nowMs(),
      afterCleanShutdown: false,
    }),
  );
  runNow(recallBatches(log.producers, log.segments, log.environment.clock.nowMs()));
}
