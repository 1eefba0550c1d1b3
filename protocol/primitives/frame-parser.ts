/**
 * Cuts a stream of bytes into frames: a 4-byte size, then as many bytes. A frame that lies whole in one chunk is given
 * as a view of it; one that is spread over several is copied once into a buffer of its own size.
 */
import { ProtocolError } from './protocol-error';

const SIZE_BYTES = 4;
/** A larger frame's buffer grows with what has really come, so that a size alone cannot take memory. */
const FIRST_BUFFER_BYTES = 1 << 20;

export class FrameParser {
  private chunks: Buffer[] = [];
  private offset = 0;
  private buffered = 0;
  private partial: Buffer | null = null;
  private partialLength = 0;
  private frameSize = -1;

  /** @param maxFrameBytes a frame that claims more is an error (socket.request.max.bytes) */
  constructor(private readonly maxFrameBytes: number) {}

  /** Bytes held that are not yet part of a frame given out. */
  get bufferedBytes(): number {
    return this.buffered + this.partialLength;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.buffered += chunk.length;
  }

  /** The next whole frame without its size, null when more bytes are needed; ProtocolError on a size out of bounds. */
  next(): Buffer | null {
    if (this.frameSize < 0) {
      if (this.buffered < SIZE_BYTES) return null;
      this.frameSize = this.takeSize();
    }
    if (this.partial === null) {
      const whole = this.takeWhole();
      if (whole) return whole;
      this.partial = Buffer.allocUnsafe(Math.min(this.frameSize, FIRST_BUFFER_BYTES));
    }
    this.fillPartial();
    if (this.partialLength < this.frameSize) return null;
    const frame = this.partial;
    this.partial = null;
    this.partialLength = 0;
    this.frameSize = -1;
    return frame;
  }

  private takeSize(): number {
    const first = this.chunks[0] as Buffer;
    let size: number;
    if (first.length - this.offset >= SIZE_BYTES) {
      size = first.readInt32BE(this.offset);
      this.consume(SIZE_BYTES);
    } else {
      const bytes = Buffer.allocUnsafe(SIZE_BYTES);
      for (let i = 0; i < SIZE_BYTES; i++) {
        bytes[i] = (this.chunks[0] as Buffer)[this.offset] as number;
        this.consume(1);
      }
      size = bytes.readInt32BE(0);
    }
    if (size < 0 || size > this.maxFrameBytes) {
      throw new ProtocolError(`frame of ${size} bytes; at most ${this.maxFrameBytes} are allowed`);
    }
    return size;
  }

  private takeWhole(): Buffer | null {
    const first = this.chunks[0];
    if (this.frameSize === 0) {
      this.frameSize = -1;
      return Buffer.alloc(0);
    }
    if (!first || first.length - this.offset < this.frameSize) return null;
    const frame = first.subarray(this.offset, this.offset + this.frameSize);
    this.consume(this.frameSize);
    this.frameSize = -1;
    return frame;
  }

  private fillPartial(): void {
    while (this.buffered > 0 && this.partialLength < this.frameSize) {
      const chunk = this.chunks[0] as Buffer;
      const wanted = Math.min(chunk.length - this.offset, this.frameSize - this.partialLength);
      const partial = this.roomFor(this.partialLength + wanted);
      chunk.copy(partial, this.partialLength, this.offset, this.offset + wanted);
      this.partialLength += wanted;
      this.consume(wanted);
    }
  }

  private roomFor(length: number): Buffer {
    const partial = this.partial as Buffer;
    if (length <= partial.length) return partial;
    const grown = Buffer.allocUnsafe(Math.min(this.frameSize, Math.max(partial.length * 4, length)));
    partial.copy(grown, 0, 0, this.partialLength);
    this.partial = grown;
    return grown;
  }

  private consume(length: number): void {
    this.offset += length;
    this.buffered -= length;
    if (this.offset < (this.chunks[0] as Buffer).length) return;
    this.chunks.shift();
    this.offset = 0;
  }
}
