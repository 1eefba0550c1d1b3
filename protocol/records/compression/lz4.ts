/**
 * LZ4 in its frame format. Frames are written by the native library (independent blocks, no content size, which is
 * what Java's reader asks for) and read here, so that nothing expands beyond what the caller allows.
 *
 * ```
 * 184D2204 little-endian | flags u8 | block size u8 | [content size u64] | [dictionary u32] | header checksum u8
 * | { size u32 little-endian, highest bit = stored | data | [checksum u32] }… | 0 u32 | [content checksum u32]
 * ```
 */
import type * as Lz4 from 'lz4-napi';
import { RecordsError } from '../records-error';
import { onDemand } from './on-demand';

const library = onDemand(() => require('lz4-napi') as typeof Lz4);

const FRAME_MAGIC = 0x184d2204;
const STORED_BLOCK = 0x8000_0000;
const MIN_MATCH_BYTES = 4;

export function compressLz4(bytes: Buffer): Buffer {
  return library().compressFrameSync(bytes);
}

/** @throws RecordsError when the bytes are damaged or would expand beyond `maxBytes` */
export function decompressLz4(bytes: Buffer, maxBytes: number): Buffer {
  const frame = readFrameHeader(bytes);
  const output = new GrowingOutput(Math.min(maxBytes, Math.max(1024, bytes.length * 4)), maxBytes);
  let at = frame.headerBytes;
  for (;;) {
    if (bytes.length - at < 4) throw corrupt('ends without an end mark');
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) return output.take();
    const size = word % STORED_BLOCK;
    if (size > bytes.length - at) throw corrupt(`has a block of ${size} bytes that reaches beyond it`);
    if (word >= STORED_BLOCK) output.append(bytes, at, size);
    else decompressBlock(bytes, at, at + size, output);
    at += size + (frame.blockChecksums ? 4 : 0);
  }
}

function corrupt(text: string): RecordsError {
  return new RecordsError('CORRUPT_MESSAGE', `An LZ4 frame ${text}`);
}

function readFrameHeader(bytes: Buffer): { headerBytes: number; blockChecksums: boolean } {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== FRAME_MAGIC) throw corrupt('does not begin with its magic');
  const flags = bytes[4] as number;
  if (flags >> 6 !== 1) throw corrupt(`has version ${flags >> 6}`);
  const contentSizeBytes = flags & 0x08 ? 8 : 0;
  const dictionaryBytes = flags & 0x01 ? 4 : 0;
  return { headerBytes: 7 + contentSizeBytes + dictionaryBytes, blockChecksums: (flags & 0x10) !== 0 };
}

/** Decompresses one block; matches may reach back into earlier blocks of the same frame. */
function decompressBlock(bytes: Buffer, at: number, end: number, output: GrowingOutput): void {
  while (at < end) {
    const token = bytes[at++] as number;
    let literalBytes = token >> 4;
    if (literalBytes === 15) {
      for (let more = 255; more === 255; literalBytes += more) {
        if (at >= end) throw corrupt('ends inside a length');
        more = bytes[at++] as number;
      }
    }
    if (literalBytes > end - at) throw corrupt('has literals that reach beyond their block');
    output.append(bytes, at, literalBytes);
    at += literalBytes;
    if (at === end) return;
    if (end - at < 2) throw corrupt('ends inside a match');
    const distance = bytes.readUInt16LE(at);
    at += 2;
    let matchBytes = token & 0x0f;
    if (matchBytes === 15) {
      for (let more = 255; more === 255; matchBytes += more) {
        if (at >= end) throw corrupt('ends inside a length');
        more = bytes[at++] as number;
      }
    }
    output.repeat(distance, matchBytes + MIN_MATCH_BYTES);
  }
}

/** Bytes that grow as needed, up to a bound. */
class GrowingOutput {
  private bytes: Buffer;
  private length = 0;

  constructor(
    initialBytes: number,
    private readonly maxBytes: number,
  ) {
    this.bytes = Buffer.allocUnsafe(initialBytes);
  }

  append(source: Buffer, at: number, length: number): void {
    this.reserve(length);
    source.copy(this.bytes, this.length, at, at + length);
    this.length += length;
  }

  /** Copies `length` bytes from `distance` bytes back; source and target may overlap, which repeats the pattern. */
  repeat(distance: number, length: number): void {
    if (distance === 0 || distance > this.length) throw corrupt(`has a match ${distance} bytes back, before its start`);
    this.reserve(length);
    const bytes = this.bytes;
    const to = this.length;
    if (distance >= length) bytes.copyWithin(to, to - distance, to - distance + length);
    else for (let index = 0; index < length; index++) bytes[to + index] = bytes[to + index - distance] as number;
    this.length += length;
  }

  take(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(length: number): void {
    const needed = this.length + length;
    if (needed > this.maxBytes) throw corrupt(`expands to more than ${this.maxBytes} bytes`);
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(needed, this.bytes.length * 2)));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
