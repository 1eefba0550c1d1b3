/**
 * One record inside a batch v2:
 *
 * ```
 * length varint | attributes i8 (unused) | timestampDelta varlong | offsetDelta varint
 * | keyLength varint, key | valueLength varint, value | headerCount varint, { keyLength, key, valueLength, value }…
 * ```
 *
 * Lengths of -1 stand for null (a header's key may not be null). Deltas count from the batch's base offset and
 * base timestamp.
 */
import { RecordsError } from './records-error';
import { varintSize, varlongSize, writeVarint, writeVarlong, type VarintCursor } from './varint';

export interface RecordHeader {
  key: string;
  value: Buffer | null;
}

/** A record as it is read from a batch. Key, value and header values are slices of the batch's bytes. */
export interface LogRecord {
  offset: number;
  /** Milliseconds since the Unix epoch; -1 when the producer gave none. */
  timestamp: bigint;
  key: Buffer | null;
  value: Buffer | null;
  headers: RecordHeader[];
}

/** What is needed to write a record; its offset and sequence follow from its place in the batch. */
export interface NewRecord {
  timestamp: bigint;
  key: Buffer | null;
  value: Buffer | null;
  headers?: readonly RecordHeader[];
}

/** A batch cannot hold more headers than bytes; this keeps a lying count from costing memory. */
const MAX_HEADERS = 1 << 20;

/** Reads the record at the cursor and moves the cursor behind it. */
export function readRecord(cursor: VarintCursor, baseOffset: number, baseTimestamp: bigint): LogRecord {
  const end = recordEnd(cursor);
  cursor.byte();
  const timestamp = BigInt.asIntN(64, baseTimestamp + cursor.varlong());
  const offset = baseOffset + cursor.varint();
  const key = cursor.slice(cursor.varint());
  const value = cursor.slice(cursor.varint());
  const headers = readHeaders(cursor);
  if (cursor.at !== end) {
    throw new RecordsError('INVALID_RECORD', `A record's fields end at ${cursor.at}, its length says ${end}`);
  }
  return { offset, timestamp, key, value, headers };
}

/** Reads the length at the cursor; returns where the record ends. */
function recordEnd(cursor: VarintCursor): number {
  const length = cursor.varint();
  if (length < 0 || length > cursor.end - cursor.at) {
    throw new RecordsError('INVALID_RECORD', `A record of ${length} bytes does not fit into its batch`);
  }
  return cursor.at + length;
}

function readHeaders(cursor: VarintCursor): RecordHeader[] {
  const count = cursor.varint();
  if (count < 0 || count > MAX_HEADERS || count > cursor.end - cursor.at) {
    throw new RecordsError('INVALID_RECORD', `A record claims ${count} headers`);
  }
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index++) {
    const key = cursor.slice(cursor.varint());
    if (key === null) throw new RecordsError('INVALID_RECORD', "A header's key is null");
    headers.push({ key: key.toString('utf8'), value: cursor.slice(cursor.varint()) });
  }
  return headers;
}

/** What a walk over a record's front found out, for checks that need no key, value or header. */
export interface RecordOutline {
  timestamp: bigint;
  offsetDelta: number;
  hasKey: boolean;
}

/** Reads the front of the record at the cursor into `outline` and skips the rest. */
export function readOutline(cursor: VarintCursor, baseTimestamp: bigint, outline: RecordOutline): void {
  const end = recordEnd(cursor);
  cursor.byte();
  outline.timestamp = baseTimestamp + cursor.varlong();
  outline.offsetDelta = cursor.varint();
  outline.hasKey = cursor.varint() >= 0;
  if (cursor.at > end) throw new RecordsError('INVALID_RECORD', 'A record ends before its last field');
  cursor.at = end;
}

/** Moves the cursor behind the record at it, looking at nothing but its length. */
export function skipRecord(cursor: VarintCursor): void {
  cursor.at = recordEnd(cursor);
}

/** Bytes of a record without its leading length. */
export function recordBodySize(record: NewRecord, timestampDelta: bigint, offsetDelta: number): number {
  const headers = record.headers ?? [];
  let size = 1 + varlongSize(timestampDelta) + varintSize(offsetDelta);
  size += fieldSize(record.key) + fieldSize(record.value) + varintSize(headers.length);
  for (const header of headers) {
    const keyBytes = Buffer.byteLength(header.key, 'utf8');
    size += varintSize(keyBytes) + keyBytes + fieldSize(header.value);
  }
  return size;
}

function fieldSize(field: Buffer | null): number {
  return field === null ? varintSize(-1) : varintSize(field.length) + field.length;
}

/** Writes a record whose body has `bodySize` bytes; returns the position after it. */
export function writeRecord(
  bytes: Buffer,
  at: number,
  record: NewRecord,
  place: { timestampDelta: bigint; offsetDelta: number; bodySize: number },
): number {
  const headers = record.headers ?? [];
  at = writeVarint(bytes, at, place.bodySize);
  bytes[at++] = 0;
  at = writeVarlong(bytes, at, place.timestampDelta);
  at = writeVarint(bytes, at, place.offsetDelta);
  at = writeField(bytes, at, record.key);
  at = writeField(bytes, at, record.value);
  at = writeVarint(bytes, at, headers.length);
  for (const header of headers) {
    at = writeField(bytes, at, Buffer.from(header.key, 'utf8'));
    at = writeField(bytes, at, header.value);
  }
  return at;
}

function writeField(bytes: Buffer, at: number, field: Buffer | null): number {
  if (field === null) return writeVarint(bytes, at, -1);
  at = writeVarint(bytes, at, field.length);
  field.copy(bytes, at);
  return at + field.length;
}
