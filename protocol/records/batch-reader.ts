/** Reads the records of a batch v2, decompressing them first where needed. */
import * as header from './batch-header';
import { checkBatchBounds } from './batch-iterator';
import { compressionName, decompress, DEFAULT_MAX_DECOMPRESSED_BYTES } from './compression';
import { readOutline, readRecord, skipRecord, type LogRecord, type RecordOutline } from './record';
import { RecordsError } from './records-error';
import { VarintCursor } from './varint';

export interface ReadRecordsOptions {
  /** The most that a batch's records may expand to. */
  maxDecompressedBytes?: number;
}

/** A cursor over the batch's (decompressed) records. */
function recordsOf(bytes: Buffer, at: number, options: ReadRecordsOptions): VarintCursor {
  const sizeBytes = checkBatchBounds(bytes, at);
  const codec = compressionName(header.compressionId(bytes, at));
  if (codec === 'none') return new VarintCursor(bytes, at + header.BATCH_HEADER_BYTES, at + sizeBytes);
  const compressed = bytes.subarray(at + header.BATCH_HEADER_BYTES, at + sizeBytes);
  const maxBytes = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES;
  const plain = decompress(codec, compressed, maxBytes);
  return new VarintCursor(plain, 0, plain.length);
}

function checkCount(bytes: Buffer, at: number): number {
  const count = header.recordCount(bytes, at);
  if (count < 0) throw new RecordsError('INVALID_RECORD', `A record batch claims ${count} records`);
  return count;
}

function checkAllRead(cursor: VarintCursor): void {
  if (cursor.at !== cursor.end) {
    throw new RecordsError('INVALID_RECORD', `${cursor.end - cursor.at} bytes are left after a batch's last record`);
  }
}

/**
 * The records of the batch at `at`. A batch stamped by the broker gives all its records the batch's maximum timestamp.
 * @throws RecordsError when the records are not what the header says
 */
export function readRecords(bytes: Buffer, at = 0, options: ReadRecordsOptions = {}): LogRecord[] {
  const cursor = recordsOf(bytes, at, options);
  const count = checkCount(bytes, at);
  const baseOffset = header.baseOffset(bytes, at);
  const baseTimestamp = header.baseTimestamp(bytes, at);
  const stamped = header.isLogAppendTime(bytes, at) ? header.maxTimestamp(bytes, at) : null;
  const records: LogRecord[] = [];
  for (let index = 0; index < count; index++) {
    const record = readRecord(cursor, baseOffset, baseTimestamp);
    if (stamped !== null) record.timestamp = stamped;
    records.push(record);
  }
  checkAllRead(cursor);
  return records;
}

/** The records of all batches in `bytes`, in order. */
export function readAllRecords(bytes: Buffer, options: ReadRecordsOptions = {}): LogRecord[] {
  const records: LogRecord[] = [];
  for (let at = 0; at < bytes.length; at += header.batchSizeBytes(bytes, at)) {
    for (const record of readRecords(bytes, at, options)) records.push(record);
  }
  return records;
}

/** Calls `visit` with each record's outline (one object, used again and again) and index in the batch. */
export function forEachRecordOutline(
  bytes: Buffer,
  at: number,
  visit: (outline: RecordOutline, index: number) => void,
  options: ReadRecordsOptions = {},
): void {
  const cursor = recordsOf(bytes, at, options);
  const count = checkCount(bytes, at);
  const baseTimestamp = header.baseTimestamp(bytes, at);
  const outline: RecordOutline = { timestamp: 0n, offsetDelta: 0, hasKey: false };
  for (let index = 0; index < count; index++) {
    readOutline(cursor, baseTimestamp, outline);
    visit(outline, index);
  }
  checkAllRead(cursor);
}

/**
 * Checks that a batch holds exactly the records that its header counts, by their lengths alone.
 * @throws RecordsError INVALID_RECORD; CORRUPT_MESSAGE when the body cannot be decompressed
 */
export function checkRecordCount(bytes: Buffer, at: number): void {
  const cursor = recordsOf(bytes, at, {});
  for (let remaining = checkCount(bytes, at); remaining > 0; remaining--) skipRecord(cursor);
  checkAllRead(cursor);
}
