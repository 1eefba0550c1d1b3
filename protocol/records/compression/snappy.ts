/**
 * Snappy as Kafka's clients write it. Java frames it with the xerial stream format: a magic, two versions, then
 * blocks each led by its length; librdkafka writes one raw snappy block. Both are read; the framed one is written.
 *
 * ```
 * 82 'S' 'N' 'A' 'P' 'P' 'Y' 00 | version i32 = 1 | compatible i32 = 1 | { length i32 | raw snappy block }…
 * ```
 */
import type * as Snappy from 'snappy';
import { RecordsError } from '../records-error';
import { onDemand } from './on-demand';

const library = onDemand(() => require('snappy') as typeof Snappy);

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;
/** The block size that Java's SnappyOutputStream uses by default. */
const XERIAL_BLOCK_BYTES = 32 * 1024;

export function compressSnappy(bytes: Buffer): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES);
  XERIAL_MAGIC.copy(header);
  header.writeInt32BE(1, 8);
  header.writeInt32BE(1, 12);
  const parts: Buffer[] = [header];
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK_BYTES) {
    const block = library().compressSync(bytes.subarray(at, at + XERIAL_BLOCK_BYTES));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length, 0);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** @throws RecordsError when the bytes are damaged or would expand beyond `maxBytes` */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const framed = bytes.length >= XERIAL_HEADER_BYTES && bytes.subarray(0, 8).equals(XERIAL_MAGIC);
  if (!framed) return uncompressBlock(bytes, maxBytes);
  const parts: Buffer[] = [];
  let remainingBytes = maxBytes;
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length;) {
    const length = bytes.length - at >= 4 ? bytes.readInt32BE(at) : -1;
    if (length < 0 || length > bytes.length - at - 4) {
      throw new RecordsError('CORRUPT_MESSAGE', `A snappy block of ${length} bytes does not fit into its stream`);
    }
    const part = uncompressBlock(bytes.subarray(at + 4, at + 4 + length), remainingBytes);
    parts.push(part);
    remainingBytes -= part.length;
    at += 4 + length;
  }
  return Buffer.concat(parts);
}

function uncompressBlock(block: Buffer, maxBytes: number): Buffer {
  const claimedBytes = uncompressedLength(block);
  if (claimedBytes > maxBytes) {
    throw new RecordsError('CORRUPT_MESSAGE', `A snappy block expands to ${claimedBytes} bytes, more than allowed`);
  }
  return library().uncompressSync(block, { asBuffer: true }) as Buffer;
}

/** The length that leads a raw block, as an unsigned varint. */
function uncompressedLength(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5 && index < block.length; index++) {
    const byte = block[index] as number;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw new RecordsError('CORRUPT_MESSAGE', 'A snappy block does not begin with its length');
}
