/**
 * Producer state on disk: `<offset>.snapshot` tells what was known of all producers before that offset.
 *
 * ```
 * version i16 = 1 | crc u32 (CRC-32C of all that follows) | count i32
 * | { producerId i64 | epoch i16 | lastSequence i32 | lastOffset i64 | offsetDelta i32 | timestamp i64
 *   | coordinatorEpoch i32 | currentTransactionFirstOffset i64 }…
 * ```
 *
 * Only each producer's last batch is stored.
 */
import { crc32c } from '../../protocol/records';
import { ProducerEntry } from './producer-entry';

const VERSION = 1;
const HEADER_BYTES = 10;
const CRC_START = 6;
const ENTRY_BYTES = 46;

export function encodeSnapshot(producers: ReadonlyMap<number, ProducerEntry>): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + producers.size * ENTRY_BYTES);
  bytes.writeInt16BE(VERSION, 0);
  bytes.writeInt32BE(producers.size, CRC_START);
  let at = HEADER_BYTES;
  for (const entry of producers.values()) {
    bytes.writeBigInt64BE(BigInt(entry.producerId), at);
    bytes.writeInt16BE(entry.epoch, at + 8);
    bytes.writeInt32BE(entry.lastSequence, at + 10);
    bytes.writeBigInt64BE(BigInt(entry.lastDataOffset), at + 14);
    bytes.writeInt32BE(entry.lastOffsetDelta, at + 22);
    bytes.writeBigInt64BE(entry.lastTimestamp, at + 26);
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34);
    bytes.writeBigInt64BE(BigInt(entry.currentTransactionFirstOffset), at + 38);
    at += ENTRY_BYTES;
  }
  bytes.writeUInt32BE(crc32c(bytes.subarray(CRC_START)), 2);
  return bytes;
}

/** Null when the bytes are damaged or of another version. */
export function decodeSnapshot(bytes: Buffer): ProducerEntry[] | null {
  if (bytes.length < HEADER_BYTES || bytes.readInt16BE(0) !== VERSION) return null;
  if (bytes.readUInt32BE(2) !== crc32c(bytes.subarray(CRC_START))) return null;
  const count = bytes.readInt32BE(CRC_START);
  if (bytes.length !== HEADER_BYTES + count * ENTRY_BYTES) return null;
  const entries: ProducerEntry[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) entries.push(decodeEntry(bytes, at));
  return entries;
}

function decodeEntry(bytes: Buffer, at: number): ProducerEntry {
  const entry = new ProducerEntry(Number(bytes.readBigInt64BE(at)));
  entry.epoch = bytes.readInt16BE(at + 8);
  entry.coordinatorEpoch = bytes.readInt32BE(at + 34);
  entry.lastTimestamp = bytes.readBigInt64BE(at + 26);
  entry.currentTransactionFirstOffset = Number(bytes.readBigInt64BE(at + 38));
  const lastOffset = Number(bytes.readBigInt64BE(at + 14));
  if (lastOffset >= 0) {
    entry.batches.push({
      lastSequence: bytes.readInt32BE(at + 10),
      lastOffset,
      offsetDelta: bytes.readInt32BE(at + 22),
      timestamp: entry.lastTimestamp,
    });
  }
  return entry;
}
