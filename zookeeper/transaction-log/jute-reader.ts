/**
 * Reads jute, ZooKeeper's serialisation: big-endian numbers, lengths before strings and buffers (-1: null). Every length is
 * held against the bytes that are there before anything is allocated, as the bytes may be anybody's.
 */
import { TransactionLogError } from './error';

export class JuteReader {
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  int(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  long(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  /** Eight bytes as they stand, e.g. a session id. */
  eightBytes(): Buffer {
    const start = this.take(8);
    return Buffer.from(this.bytes.subarray(start, start + 8));
  }

  boolean(): boolean {
    return this.bytes[this.take(1)] !== 0;
  }

  /** A copy, so that what is kept does not keep the buffer that it was read from. */
  buffer(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    const start = this.take(length);
    return Buffer.from(this.bytes.subarray(start, start + length));
  }

  /** @throws TransactionLogError also for null, which no path may be */
  string(): string {
    const length = this.int();
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** A string of which nothing is wanted; may be null. */
  skipString(): void {
    const length = this.int();
    if (length !== -1) this.take(length);
  }

  /** @param leastBytes that one element takes, which bounds how many there can be; null and empty are both empty */
  vector<T>(leastBytes: number, read: () => T): T[] {
    const count = this.int();
    if (count === -1) return [];
    if (count < 0 || count * leastBytes > this.remaining) throw this.short(`${count} elements`);
    return Array.from({ length: count }, read);
  }

  private take(length: number): number {
    if (length < 0 || length > this.remaining) throw this.short(`${length} bytes`);
    const start = this.position;
    this.position += length;
    return start;
  }

  private short(wanted: string): TransactionLogError {
    return new TransactionLogError('record', `${wanted} announced where ${this.remaining} bytes are left`);
  }
}
