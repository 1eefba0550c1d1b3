/**
 * Writes Kafka's primitive types. Small values go into a growing chunk; large byte fields are taken by reference,
 * so that a fetch response carries stored batches without copying them. `finish` returns the chunks in order.
 */
import { ProtocolError } from './protocol-error';
import { MAX_STRING_BYTES } from './reader';

/** Byte fields at least this long become chunks of their own instead of being copied. */
const REFERENCE_FROM_BYTES = 1024;
const FIRST_CHUNK_BYTES = 256;
const UUID_CHARACTERS = 22;

export class Writer {
  private chunks: Buffer[] = [];
  private chunksLength = 0;
  private chunk: Buffer;
  private position = 0;
  private start = 0;

  constructor(initialBytes = FIRST_CHUNK_BYTES) {
    this.chunk = Buffer.allocUnsafe(initialBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.chunksLength + this.position - this.start;
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) outOfRange(value, 'int8');
    const at = this.reserve(1);
    this.chunk[at] = value;
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) outOfRange(value, 'int16');
    this.twoBytes(value);
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) outOfRange(value, 'uint16');
    this.twoBytes(value);
  }

  int32(value: number): void {
    if ((value | 0) !== value) outOfRange(value, 'int32');
    this.fourBytes(value);
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) outOfRange(value, 'uint32');
    this.fourBytes(value);
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new ProtocolError(`${value} is not a whole number within ±2^53`);
    const high = Math.floor(value / 4_294_967_296);
    const at = this.reserve(8);
    this.chunk.writeInt32BE(high, at);
    this.chunk.writeUInt32BE(value - high * 4_294_967_296, at + 4);
  }

  bigint64(value: bigint): void {
    const at = this.reserve(8);
    this.chunk.writeBigInt64BE(value, at);
  }

  float64(value: number): void {
    const at = this.reserve(8);
    this.chunk.writeDoubleBE(value, at);
  }

  uuid(value: string): void {
    const at = this.reserve(16);
    if (value.length !== UUID_CHARACTERS || this.chunk.write(value, at, 16, 'base64url') !== 16) {
      throw new ProtocolError(`'${value}' is not a UUID of ${UUID_CHARACTERS} characters`);
    }
  }

  uvarint(value: number): void {
    if (value >>> 0 !== value) outOfRange(value, 'unsigned varint');
    let at = this.reserve(5);
    let rest = value;
    while (rest > 0x7f) {
      this.chunk[at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.chunk[at++] = rest;
    this.position = at;
  }

  string(value: string): void {
    const length = stringBytes(value);
    this.int16(length);
    this.text(value, length);
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1);
    else this.string(value);
  }

  compactString(value: string): void {
    const length = stringBytes(value);
    this.uvarint(length + 1);
    this.text(value, length);
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.uvarint(0);
    else this.compactString(value);
  }

  bytes(value: Buffer): void {
    this.int32(value.length);
    this.raw(value);
  }

  nullableBytes(value: Buffer | null): void {
    if (value === null) this.int32(-1);
    else this.bytes(value);
  }

  compactBytes(value: Buffer): void {
    this.uvarint(value.length + 1);
    this.raw(value);
  }

  compactNullableBytes(value: Buffer | null): void {
    if (value === null) this.uvarint(0);
    else this.compactBytes(value);
  }

  /** Records may come in several pieces; null is written as a null field. */
  records(value: Buffer | readonly Buffer[] | null): void {
    if (value === null || Buffer.isBuffer(value)) return this.nullableBytes(value);
    this.int32(totalLength(value));
    for (const piece of value) this.raw(piece);
  }

  compactRecords(value: Buffer | readonly Buffer[] | null): void {
    if (value === null || Buffer.isBuffer(value)) return this.compactNullableBytes(value);
    this.uvarint(totalLength(value) + 1);
    for (const piece of value) this.raw(piece);
  }

  /** Bytes as they are, without a length. */
  raw(value: Buffer): void {
    if (value.length >= REFERENCE_FROM_BYTES) {
      this.closeChunk();
      this.chunks.push(value);
      this.chunksLength += value.length;
      return;
    }
    const at = this.reserve(value.length);
    value.copy(this.chunk, at);
  }

  /** The chunks written, in order. The writer must not be used any more. */
  finish(): Buffer[] {
    this.closeChunk();
    return this.chunks;
  }

  /** All bytes in one buffer. */
  toBuffer(): Buffer {
    const chunks = this.finish();
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }

  /** Reserves four bytes at the start for the frame's size; `finishFrame` fills them in. */
  static frame(): Writer {
    const writer = new Writer();
    writer.int32(0);
    return writer;
  }

  finishFrame(): Buffer[] {
    const size = this.length - 4;
    const chunks = this.finish();
    (chunks[0] as Buffer).writeInt32BE(size, 0);
    return chunks;
  }

  private twoBytes(value: number): void {
    const at = this.reserve(2);
    const chunk = this.chunk;
    chunk[at] = value >> 8;
    chunk[at + 1] = value;
  }

  private fourBytes(value: number): void {
    const at = this.reserve(4);
    const chunk = this.chunk;
    chunk[at] = value >> 24;
    chunk[at + 1] = value >> 16;
    chunk[at + 2] = value >> 8;
    chunk[at + 3] = value;
  }

  private text(value: string, length: number): void {
    const at = this.reserve(length);
    this.chunk.write(value, at, length, 'utf8');
  }

  private reserve(length: number): number {
    if (this.position + length > this.chunk.length) this.grow(length);
    const at = this.position;
    this.position = at + length;
    return at;
  }

  private grow(length: number): void {
    const used = this.position - this.start;
    const grown = Buffer.allocUnsafe(Math.max(this.chunk.length * 2, used + length));
    this.chunk.copy(grown, 0, this.start, this.position);
    this.chunk = grown;
    this.start = 0;
    this.position = used;
  }

  private closeChunk(): void {
    if (this.position === this.start) return;
    this.chunks.push(this.chunk.subarray(this.start, this.position));
    this.chunksLength += this.position - this.start;
    this.start = this.position;
  }
}

function outOfRange(value: number, type: string): never {
  throw new ProtocolError(`${value} is not a value of ${type}`);
}

function stringBytes(value: string): number {
  const length = Buffer.byteLength(value);
  if (length > MAX_STRING_BYTES)
    throw new ProtocolError(`string of ${length} bytes is longer than ${MAX_STRING_BYTES}`);
  return length;
}

function totalLength(pieces: readonly Buffer[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}
