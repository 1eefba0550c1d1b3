/**
 * Recalls the batches before the last one of each producer. A snapshot keeps only the last (its format is Kafka's), so a
 * broker that comes back would refuse as out of order what a producer sends again because the answer to it was lost: up
 * to five batches may be under way. The Java client then takes a new epoch and sends all of them once more, and records
 * that were stored are there twice. So the end of the log is read again, by its headers, for producers that wrote lately.
 */
import { batch } from '../../protocol/records';
import type { BatchScanner } from './batch-scanner';
import { REMEMBERED_BATCHES, type ProducerEntry, type RememberedBatch } from './producer-entry';
import type { ProducerState } from './producer-state';
import type { Segment } from './segment';
import type { SegmentList } from './segment-list';
import type { Steps } from './steps';

/** Well above delivery.timeout.ms of any client: who wrote earlier sends nothing again. */
const RECENT_MS = 15 * 60_000;
/** How much is read, by entries of the offset index: each stands for 4 KiB of small appends, or for one larger append. */
const RECALLED_INDEX_ENTRIES = 64;
/** In case they are very small. */
const MOST_SEGMENTS = 8;
/** Batches between two pauses. */
const BATCHES_PER_STEP = 500;

/** @param state complete up to the end of `segments` */
export function* recallBatches(state: ProducerState, segments: SegmentList, nowMs: number): Steps<void> {
  const found = new Map<ProducerEntry, RememberedBatch[]>();
  for (const entry of state.entries.values()) if (mayRepeat(entry, nowMs)) found.set(entry, []);
  if (found.size === 0) return;
  let batches = 0;
  for (const { segment, position } of endOf(segments)) {
    const scanner = segment.scan(position);
    while (scanner.next()) {
      note(state, found, scanner);
      if (++batches % BATCHES_PER_STEP === 0) yield;
    }
  }
  for (const [entry, earlier] of found) entry.recall(earlier);
}

function mayRepeat(entry: ProducerEntry, nowMs: number): boolean {
  const { length } = entry.batches;
  return length > 0 && length < REMEMBERED_BATCHES && nowMs - Number(entry.lastTimestamp) <= RECENT_MS;
}

/** The last segments in their order, each with the position from which on it is to be read. */
function endOf(segments: SegmentList): { segment: Segment; position: number }[] {
  const end: { segment: Segment; position: number }[] = [];
  let wanted = RECALLED_INDEX_ENTRIES;
  for (const segment of segments.all.slice(-MOST_SEGMENTS).toReversed()) {
    if (wanted <= 0) break;
    end.unshift({ segment, position: segment.offsetIndex.positionFromEnd(wanted) });
    wanted -= segment.offsetIndex.entries;
  }
  return end;
}

function note(state: ProducerState, found: Map<ProducerEntry, RememberedBatch[]>, { bytes, at }: BatchScanner): void {
  if (!batch.hasProducerId(bytes, at) || batch.isControl(bytes, at)) return;
  const entry = state.entries.get(batch.producerId(bytes, at));
  const batches = entry && found.get(entry);
  if (!batches || batch.producerEpoch(bytes, at) !== entry.epoch) return;
  batches.push({
    lastSequence: batch.lastSequence(bytes, at),
    lastOffset: batch.lastOffset(bytes, at),
    offsetDelta: batch.lastOffsetDelta(bytes, at),
    timestamp: batch.maxTimestamp(bytes, at),
  });
  if (batches.length > REMEMBERED_BATCHES) batches.shift();
}
