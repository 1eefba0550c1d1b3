/**
 * Cuts a connection's bytes into frames: a four-byte length, then so many bytes.
 * Belongs to one connection: the rest of a frame that was cut off dies with it.
 */

/** A frame claims to be longer than we take (or its length is negative: the bytes are no frames). */
export class FrameTooLarge extends Error {
  constructor(
    readonly frameBytes: number,
    maxBytes: number,
  ) {
    super(`a frame of ${frameBytes} bytes is outside 0..${maxBytes}`);
    this.name = 'FrameTooLarge';
  }
}

const LENGTH_BYTES = 4;

export class FrameSplitter {
  private chunks: Buffer[] = [];
  private heldBytes = 0;
  /** How many bytes must be there before there is something to do. */
  private neededBytes = LENGTH_BYTES;

  constructor(private readonly maxBytes: number) {}

  /** Takes bytes in and gives the frames that they complete, without their lengths. Throws FrameTooLarge. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.heldBytes += chunk.length;
    // Joined only when a whole frame is there: a large one in many pieces is copied once.
    if (this.heldBytes < this.neededBytes) return [];
    let rest = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.heldBytes);
    const frames: Buffer[] = [];
    for (;;) {
      this.neededBytes = LENGTH_BYTES;
      if (rest.length < LENGTH_BYTES) break;
      const length = rest.readInt32BE(0);
      if (length < 0 || length > this.maxBytes) throw new FrameTooLarge(length, this.maxBytes);
      this.neededBytes = LENGTH_BYTES + length;
      if (rest.length < this.neededBytes) break;
      frames.push(rest.subarray(LENGTH_BYTES, this.neededBytes));
      rest = rest.subarray(this.neededBytes);
    }
    this.chunks = rest.length === 0 ? [] : [rest];
    this.heldBytes = rest.length;
    return frames;
  }
}
