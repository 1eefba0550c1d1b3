/**
 * Reads Kafka's primitive types from a buffer. Strings are copied out; bytes and records are views of the buffer.
 * Every length is checked against what is left before anything is allocated for it. As in Kafka, every negative length
 * means null.
 *
 * Number formats: KIP-482 (compact types, tagged fields) and org.apache.kafka.common.protocol.types.Type.
 */
import { ProtocolError } from './protocol-error';

/** Kafka gives strings a length of 16 bits; the compact form could say more, but is held to the same. */
export const MAX_STRING_BYTES = 0x7fff;

/**
 * Most elements of structs, strings and the like that one message may hold. An element of a few bytes becomes an object
 * of hundreds, so without this a large hostile request could fill the memory before it turns out to be broken.
 */
const MAX_ELEMENTS = 1_000_000;

export class Reader {
  private elementsLeft = MAX_ELEMENTS;

  constructor(
    readonly buffer: Buffer,
    public position = 0,
    readonly end = buffer.length,
  ) {}

  get remaining(): number {
    return this.end - this.position;
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.buffer.readInt8(this.advance(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.advance(2));
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.advance(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.advance(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.advance(4));
  }

  /** An int64 as a number; one that a number cannot hold exactly is an error. */
  int64(): number {
    const start = this.advance(8);
    const value = this.buffer.readInt32BE(start) * 4_294_967_296 + this.buffer.readUInt32BE(start + 4);
    if (!Number.isSafeInteger(value)) {
      throw new ProtocolError(`int64 ${this.buffer.readBigInt64BE(start)} is outside the supported range of ±2^53`);
    }
    return value;
  }

  bigint64(): bigint {
    return this.buffer.readBigInt64BE(this.advance(8));
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.advance(8));
  }

  /** A UUID as Kafka prints it: 22 characters of base64url. */
  uuid(): string {
    const start = this.advance(16);
    return this.buffer.toString('base64url', start, start + 16);
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.advance(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new ProtocolError('unsigned varint is longer than 32 bits');
  }

  string(): string {
    return this.notNull(this.nullableString(), 'string');
  }

  nullableString(): string | null {
    return this.text(this.int16());
  }

  compactString(): string {
    return this.notNull(this.compactNullableString(), 'string');
  }

  compactNullableString(): string | null {
    return this.text(this.uvarint() - 1);
  }

  bytes(): Buffer {
    return this.notNull(this.nullableBytes(), 'bytes');
  }

  nullableBytes(): Buffer | null {
    return this.view(this.int32());
  }

  compactBytes(): Buffer {
    return this.notNull(this.compactNullableBytes(), 'bytes');
  }

  compactNullableBytes(): Buffer | null {
    return this.view(this.uvarint() - 1);
  }

  /**
   * Number of elements of an array, null for a null array. `elementBytes` is the least that an element takes, `plain`
   * says that it is a number, whose memory the received bytes themselves bound.
   */
  arrayLength(elementBytes: number, plain: boolean): number | null {
    return this.checkCount(this.int32(), elementBytes, plain);
  }

  compactArrayLength(elementBytes: number, plain: boolean): number | null {
    return this.checkCount(this.uvarint() - 1, elementBytes, plain);
  }

  /** Skips a section of tagged fields, none of which is known. */
  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.advance(this.uvarint());
    }
  }

  notNull<T>(value: T | null, what: string): T {
    if (value === null) throw new ProtocolError(`non-nullable ${what} is null at byte ${this.position}`);
    return value;
  }

  /** Moves past `length` bytes and returns where they start. */
  advance(length: number): number {
    const start = this.position;
    if (length < 0 || start + length > this.end) {
      throw new ProtocolError(`${length} bytes wanted at byte ${start}, ${this.end - start} left`);
    }
    this.position = start + length;
    return start;
  }

  private text(length: number): string | null {
    if (length < 0) return null;
    if (length > MAX_STRING_BYTES)
      throw new ProtocolError(`string of ${length} bytes is longer than ${MAX_STRING_BYTES}`);
    const start = this.advance(length);
    return this.buffer.toString('utf8', start, start + length);
  }

  private view(length: number): Buffer | null {
    if (length < 0) return null;
    const start = this.advance(length);
    return this.buffer.subarray(start, start + length);
  }

  private checkCount(count: number, elementBytes: number, plain: boolean): number | null {
    if (count < 0) return null;
    if (count * elementBytes > this.remaining) {
      throw new ProtocolError(`array of ${count} elements in ${this.remaining} bytes`);
    }
    if (!plain) {
      this.elementsLeft -= count;
      if (this.elementsLeft < 0) throw new ProtocolError(`more than ${MAX_ELEMENTS} elements in one message`);
    }
    return count;
  }
}
