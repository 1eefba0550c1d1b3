/**
 * The 61-byte header of a record batch v2, read and changed in place. Nothing here allocates, except the
 * functions that return a timestamp (a bigint).
 *
 * ```
 *  0 baseOffset           i64     23 lastOffsetDelta  i32     51 producerEpoch i16
 *  8 batchLength          i32     27 baseTimestamp    i64     53 baseSequence  i32
 * 12 partitionLeaderEpoch i32     35 maxTimestamp     i64     57 recordCount   i32
 * 16 magic                i8      43 producerId       i64     61 records…
 * 17 crc                  u32
 * 21 attributes           i16
 * ```
 *
 * batchLength counts the bytes after itself. The CRC covers everything from the attributes on, so base offset and
 * leader epoch may change without it. Attributes: bits 0-2 compression, 3 timestamp type, 4 transactional,
 * 5 control, 6 base timestamp is a delete horizon (KIP-534).
 *
 * Every function takes the buffer and the position `at` of the batch's first byte; callers make sure that the header
 * lies within the buffer (see batch-iterator.ts).
 */
import { crc32c } from './crc32c';

/** Bytes before those that batchLength counts: base offset and batchLength itself. */
export const LOG_OVERHEAD_BYTES = 12;
export const BATCH_HEADER_BYTES = 61;
/** Bytes from a batch's start up to and including the magic byte: what must be read to know the format. */
export const HEADER_BYTES_UP_TO_MAGIC = 17;
export const MAGIC_V2 = 2;

export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
export const NO_PARTITION_LEADER_EPOCH = -1;
export const NO_TIMESTAMP = -1n;

const BATCH_LENGTH_AT = 8;
const PARTITION_LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;
const RECORD_COUNT_AT = 57;

const COMPRESSION_MASK = 0x07;
const TIMESTAMP_TYPE_MASK = 0x08;
const TRANSACTIONAL_MASK = 0x10;
const CONTROL_MASK = 0x20;
const DELETE_HORIZON_MASK = 0x40;

const TWO_TO_32 = 0x1_0000_0000;

/** An i64 as a number: exact within ±2^53, otherwise the nearest double. */
function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * TWO_TO_32 + bytes.readUInt32BE(at + 4);
}

function writeInt64(bytes: Buffer, at: number, value: number): void {
  bytes.writeInt32BE(Math.floor(value / TWO_TO_32), at);
  bytes.writeUInt32BE(((value % TWO_TO_32) + TWO_TO_32) % TWO_TO_32, at + 4);
}

export function baseOffset(bytes: Buffer, at = 0): number {
  return readInt64(bytes, at);
}

/** Bytes of the whole batch, with its offset and length fields. */
export function batchSizeBytes(bytes: Buffer, at = 0): number {
  return bytes.readInt32BE(at + BATCH_LENGTH_AT) + LOG_OVERHEAD_BYTES;
}

export function partitionLeaderEpoch(bytes: Buffer, at = 0): number {
  return bytes.readInt32BE(at + PARTITION_LEADER_EPOCH_AT);
}

/** The format version: 2 for a record batch, 0 and 1 for the message sets before Kafka 0.11. */
export function magic(bytes: Buffer, at = 0): number {
  return bytes.readInt8(at + MAGIC_AT);
}

/** The checksum that the header claims. */
export function storedCrc(bytes: Buffer, at = 0): number {
  return bytes.readUInt32BE(at + CRC_AT);
}

/** The checksum that the batch's bytes have. */
export function computeCrc(bytes: Buffer, at = 0): number {
  return crc32c(bytes.subarray(at + ATTRIBUTES_AT, at + batchSizeBytes(bytes, at)));
}

export function isCrcValid(bytes: Buffer, at = 0): boolean {
  return storedCrc(bytes, at) === computeCrc(bytes, at);
}

export function attributes(bytes: Buffer, at = 0): number {
  return bytes.readInt16BE(at + ATTRIBUTES_AT);
}

/** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 are not assigned. */
export function compressionId(bytes: Buffer, at = 0): number {
  return attributes(bytes, at) & COMPRESSION_MASK;
}

export function isLogAppendTime(bytes: Buffer, at = 0): boolean {
  return (attributes(bytes, at) & TIMESTAMP_TYPE_MASK) !== 0;
}

export function isTransactional(bytes: Buffer, at = 0): boolean {
  return (attributes(bytes, at) & TRANSACTIONAL_MASK) !== 0;
}

export function isControl(bytes: Buffer, at = 0): boolean {
  return (attributes(bytes, at) & CONTROL_MASK) !== 0;
}

/** Whether the base timestamp field holds the time at which tombstones may go (KIP-534). */
export function hasDeleteHorizon(bytes: Buffer, at = 0): boolean {
  return (attributes(bytes, at) & DELETE_HORIZON_MASK) !== 0;
}

export function lastOffsetDelta(bytes: Buffer, at = 0): number {
  return bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT);
}

export function lastOffset(bytes: Buffer, at = 0): number {
  return baseOffset(bytes, at) + lastOffsetDelta(bytes, at);
}

export function nextOffset(bytes: Buffer, at = 0): number {
  return lastOffset(bytes, at) + 1;
}

/** Milliseconds since the Unix epoch of the first record, from which the records' timestamp deltas count. */
export function baseTimestamp(bytes: Buffer, at = 0): bigint {
  return bytes.readBigInt64BE(at + BASE_TIMESTAMP_AT);
}

export function maxTimestamp(bytes: Buffer, at = 0): bigint {
  return bytes.readBigInt64BE(at + MAX_TIMESTAMP_AT);
}

/** maxTimestamp as a number: for comparisons on the hot path that need no exactness outside ±2^53. */
export function maxTimestampNumber(bytes: Buffer, at = 0): number {
  return readInt64(bytes, at + MAX_TIMESTAMP_AT);
}

/** -1 when the producer is not idempotent. */
export function producerId(bytes: Buffer, at = 0): number {
  return readInt64(bytes, at + PRODUCER_ID_AT);
}

export function hasProducerId(bytes: Buffer, at = 0): boolean {
  return bytes.readInt32BE(at + PRODUCER_ID_AT) >= 0;
}

export function producerEpoch(bytes: Buffer, at = 0): number {
  return bytes.readInt16BE(at + PRODUCER_EPOCH_AT);
}

/** Sequence number of the first record; -1 for batches without one (not idempotent, or written by a coordinator). */
export function baseSequence(bytes: Buffer, at = 0): number {
  return bytes.readInt32BE(at + BASE_SEQUENCE_AT);
}

/** Sequence number of the last record; sequence numbers wrap from 2^31-1 to 0. */
export function lastSequence(bytes: Buffer, at = 0): number {
  const first = baseSequence(bytes, at);
  return first === NO_SEQUENCE ? NO_SEQUENCE : addToSequence(first, lastOffsetDelta(bytes, at));
}

/** `sequence + increment` (which may be negative) in Kafka's 31-bit wrapping arithmetic. */
export function addToSequence(sequence: number, increment: number): number {
  return (sequence + increment) & 0x7fff_ffff;
}

/** How many records the header claims. */
export function recordCount(bytes: Buffer, at = 0): number {
  return bytes.readInt32BE(at + RECORD_COUNT_AT);
}

/** Lies before the CRC's range, so that the checksum stays right. */
export function setBaseOffset(bytes: Buffer, at: number, offset: number): void {
  writeInt64(bytes, at, offset);
}

/** Lies before the CRC's range, so that the checksum stays right. */
export function setPartitionLeaderEpoch(bytes: Buffer, at: number, epoch: number): void {
  bytes.writeInt32BE(epoch, at + PARTITION_LEADER_EPOCH_AT);
}

/** Marks the batch as stamped by the broker and sets its maximum timestamp, then the CRC anew. */
export function setLogAppendTime(bytes: Buffer, at: number, timestampMs: bigint): void {
  bytes.writeInt16BE(attributes(bytes, at) | TIMESTAMP_TYPE_MASK, at + ATTRIBUTES_AT);
  bytes.writeBigInt64BE(timestampMs, at + MAX_TIMESTAMP_AT);
  updateCrc(bytes, at);
}

/** Marks the batch as stamped by the producer and sets its maximum timestamp, then the CRC anew. */
export function setCreateTime(bytes: Buffer, at: number, maxTimestampMs: bigint): void {
  bytes.writeInt16BE(attributes(bytes, at) & ~TIMESTAMP_TYPE_MASK, at + ATTRIBUTES_AT);
  bytes.writeBigInt64BE(maxTimestampMs, at + MAX_TIMESTAMP_AT);
  updateCrc(bytes, at);
}

export function updateCrc(bytes: Buffer, at: number): void {
  bytes.writeUInt32BE(computeCrc(bytes, at), at + CRC_AT);
}

/** What a batch's header says; the batch builder fills one in. */
export interface BatchHeader {
  baseOffset: number;
  /** Of the whole batch, with its offset and length fields. */
  sizeBytes: number;
  partitionLeaderEpoch: number;
  attributes: number;
  lastOffsetDelta: number;
  baseTimestamp: bigint;
  maxTimestamp: bigint;
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  recordCount: number;
}

/** Attribute bits from their meanings. */
export function toAttributes(flags: {
  compressionId: number;
  logAppendTime?: boolean;
  transactional?: boolean;
  control?: boolean;
  deleteHorizon?: boolean;
}): number {
  return (
    flags.compressionId |
    (flags.logAppendTime ? TIMESTAMP_TYPE_MASK : 0) |
    (flags.transactional ? TRANSACTIONAL_MASK : 0) |
    (flags.control ? CONTROL_MASK : 0) |
    (flags.deleteHorizon ? DELETE_HORIZON_MASK : 0)
  );
}

/** Writes a header, then the CRC over it and the `sizeBytes - 61` bytes of records that already follow it. */
export function writeBatchHeader(bytes: Buffer, at: number, header: BatchHeader): void {
  writeInt64(bytes, at, header.baseOffset);
  bytes.writeInt32BE(header.sizeBytes - LOG_OVERHEAD_BYTES, at + BATCH_LENGTH_AT);
  bytes.writeInt32BE(header.partitionLeaderEpoch, at + PARTITION_LEADER_EPOCH_AT);
  bytes.writeInt8(MAGIC_V2, at + MAGIC_AT);
  bytes.writeInt16BE(header.attributes, at + ATTRIBUTES_AT);
  bytes.writeInt32BE(header.lastOffsetDelta, at + LAST_OFFSET_DELTA_AT);
  bytes.writeBigInt64BE(header.baseTimestamp, at + BASE_TIMESTAMP_AT);
  bytes.writeBigInt64BE(header.maxTimestamp, at + MAX_TIMESTAMP_AT);
  writeInt64(bytes, at + PRODUCER_ID_AT, header.producerId);
  bytes.writeInt16BE(header.producerEpoch, at + PRODUCER_EPOCH_AT);
  bytes.writeInt32BE(header.baseSequence, at + BASE_SEQUENCE_AT);
  bytes.writeInt32BE(header.recordCount, at + RECORD_COUNT_AT);
  updateCrc(bytes, at);
}
