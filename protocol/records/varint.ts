/**
 * Zigzag variable-length integers as records use them: seven bits a byte, lowest first, the eighth bit says that
 * more follow; the sign in the lowest bit.
 */
import { RecordsError } from './records-error';

/** Reads numbers one after the other; `at` is the position of the next byte. */
export class VarintCursor {
  at: number;

  constructor(
    readonly bytes: Buffer,
    at: number,
    readonly end: number,
  ) {
    this.at = at;
  }

  /** A 32-bit number. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new RecordsError('INVALID_RECORD', 'A variable-length integer is longer than 32 bits');
  }

  /** A 64-bit number. */
  varlong(): bigint {
    let low = 0;
    for (let index = 0; index < 7; index++) {
      const byte = this.byte();
      low += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2);
    }
    return this.longVarlong(BigInt(low));
  }

  /** The cold half of varlong: more than seven bytes. */
  private longVarlong(low: bigint): bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        const unsigned = BigInt.asUintN(64, value);
        return BigInt.asIntN(64, (unsigned >> 1n) ^ -(unsigned & 1n));
      }
    }
    throw new RecordsError('INVALID_RECORD', 'A variable-length integer is longer than 64 bits');
  }

  byte(): number {
    if (this.at >= this.end) throw new RecordsError('INVALID_RECORD', 'A record ends before its last field');
    return this.bytes[this.at++] as number;
  }

  /** The next `length` bytes as a slice; null when `length` is negative. */
  slice(length: number): Buffer | null {
    if (length < 0) return null;
    if (length > this.end - this.at) {
      throw new RecordsError('INVALID_RECORD', `A field of ${length} bytes reaches beyond its record`);
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

/** Bytes that a 32-bit number takes. */
export function varintSize(value: number): number {
  const unsigned = ((value << 1) ^ (value >> 31)) >>> 0;
  if (unsigned < 0x80) return 1;
  if (unsigned < 0x4000) return 2;
  if (unsigned < 0x20_0000) return 3;
  return unsigned < 0x1000_0000 ? 4 : 5;
}

/** Bytes that a 64-bit number takes. */
export function varlongSize(value: bigint): number {
  let unsigned = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  let size = 1;
  while (unsigned >= 0x80n) {
    unsigned >>= 7n;
    size++;
  }
  return size;
}

/** Writes a 32-bit number; returns the position after it. */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  let unsigned = ((value << 1) ^ (value >> 31)) >>> 0;
  while (unsigned >= 0x80) {
    bytes[at++] = (unsigned & 0x7f) | 0x80;
    unsigned >>>= 7;
  }
  bytes[at++] = unsigned;
  return at;
}

/** Writes a 64-bit number; returns the position after it. */
export function writeVarlong(bytes: Buffer, at: number, value: bigint): number {
  let unsigned = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (unsigned >= 0x80n) {
    bytes[at++] = Number(unsigned & 0x7fn) | 0x80;
    unsigned >>= 7n;
  }
  bytes[at++] = Number(unsigned);
  return at;
}
