/** What a follower checks in the batches of its leader before they go into the log as they are. */
import { batch, checkBatchBounds, RecordsError } from '../../protocol/records';

/** What a log wants to know of the batches it appends. */
export interface AppendOutline {
  firstOffset: number;
  lastOffset: number;
  maxTimestamp: bigint;
  /** Last offset of the batch that has the largest timestamp. */
  offsetOfMaxTimestamp: number;
}

/** Batches of a leader that do not follow this log's end (Kafka's UnexpectedAppendOffsetException). */
export class UnexpectedAppendOffsetError extends Error {
  constructor(
    readonly firstOffset: number,
    readonly lastOffset: number,
    text: string,
  ) {
    super(text);
    this.name = 'UnexpectedAppendOffsetError';
  }
}

/**
 * Checks every batch. One that is cut off at the end, as fetch answers may have it, is left out of `validBytes`.
 * @throws RecordsError for damaged batches, and for offsets that do not ascend
 */
export function outlineOf(records: Buffer, partitionName: string): AppendOutline & { validBytes: number } {
  const outline = { firstOffset: -1, lastOffset: -1, maxTimestamp: -1n, offsetOfMaxTimestamp: -1, validBytes: 0 };
  for (let at = 0; records.length - at >= batch.HEADER_BYTES_UP_TO_MAGIC; at = outline.validBytes) {
    if (batch.batchSizeBytes(records, at) > records.length - at && batch.magic(records, at) === batch.MAGIC_V2) break;
    const sizeBytes = checkBatchBounds(records, at);
    if (!batch.isCrcValid(records, at)) {
      throw new RecordsError('CORRUPT_MESSAGE', `The checksum of a batch fetched for ${partitionName} is wrong`);
    }
    const lastOffset = batch.lastOffset(records, at);
    if (lastOffset <= outline.lastOffset || lastOffset < batch.baseOffset(records, at)) {
      throw new RecordsError('CORRUPT_MESSAGE', `Offsets fetched for ${partitionName} do not ascend at ${lastOffset}`);
    }
    if (at === 0) outline.firstOffset = batch.baseOffset(records, at);
    outline.lastOffset = lastOffset;
    const timestamp = batch.maxTimestamp(records, at);
    if (timestamp > outline.maxTimestamp) {
      outline.maxTimestamp = timestamp;
      outline.offsetOfMaxTimestamp = lastOffset;
    }
    outline.validBytes = at + sizeBytes;
  }
  return outline;
}
