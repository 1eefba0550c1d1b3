/**
 * Which segments a log no longer keeps (Kafka's UnifiedLog.deleteOldSegments): the oldest ones, as long as they lie below
 * the high watermark and
 * - end at or below the log start offset, or, where cleanup.policy has `delete`,
 * - are more than retention.bytes allows, or
 * - hold no record younger than retention.ms.
 */
import type { Log } from './log';
import { removeSegments } from './log-truncation';
import type { Segment } from './segment';

/** Removes them; returns how many. */
export function deleteOldSegments(log: Log): number {
  let removed = removeWhile(log, (_segment, nextBaseOffset) => {
    return nextBaseOffset !== null && nextBaseOffset <= log.logStartOffset ? 'log start offset' : null;
  });
  if (!log.config.cleanupPolicy.has('delete')) return removed;
  removed += removeBySize(log);
  removed += removeByTime(log);
  return removed;
}

function removeBySize(log: Log): number {
  const { retentionBytes } = log.config;
  if (retentionBytes < 0) return 0;
  let surplusBytes = log.sizeBytes - retentionBytes;
  return removeWhile(log, (segment) => {
    if (surplusBytes <= 0 || surplusBytes < segment.sizeBytes) return null;
    surplusBytes -= segment.sizeBytes;
    return 'retention size';
  });
}

function removeByTime(log: Log): number {
  const { retentionMs } = log.config;
  if (retentionMs < 0) return 0;
  const nowMs = log.environment.clock.nowMs();
  return removeWhile(log, (segment) => (nowMs - segment.largestTimestampMs > retentionMs ? 'retention time' : null));
}

/** Removes segments from the oldest on, while there is a reason to. */
function removeWhile(log: Log, reasonFor: (segment: Segment, nextBaseOffset: number | null) => string | null): number {
  const removable: Segment[] = [];
  let reason = '';
  const { all } = log.segments;
  for (const [index, segment] of all.entries()) {
    const next = all[index + 1] ?? null;
    if (log.highWatermark < (next ? next.baseOffset : log.logEndOffset)) break;
    if (next === null && segment.sizeBytes === 0) break;
    const found = reasonFor(segment, next?.baseOffset ?? null);
    if (found === null) break;
    reason = found;
    removable.push(segment);
  }
  if (removable.length === 0) return 0;
  if (removable.length === log.segments.count) log.roll();
  const last = removable.at(-1) as Segment;
  const newStart = log.segments.after(last)?.baseOffset ?? log.logEndOffset;
  const bases = removable.map((segment) => segment.baseOffset).join(',');
  log.environment.logger.info(`Deleting segments ${bases} of ${log.name} due to ${reason} breach`);
  log.maybeIncrementLogStartOffset(newStart);
  removeSegments(log, removable);
  return removable.length;
}
