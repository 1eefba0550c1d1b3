/** Which partition a record goes to, as Kafka's own producer decides (KIP-794 for records without a key). */
import type { Random } from '../../runtime/random';

/** Kafka's 32-bit murmur2, with its fixed seed. */
export function murmur2(bytes: Buffer): number {
  const m = 0x5bd1e995;
  let hash = (0x9747b28c ^ bytes.length) | 0;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(bytes.readInt32LE(at), m);
    k = Math.imul(k ^ (k >>> 24), m);
    hash = Math.imul(hash, m) ^ k;
  }
  const rest = bytes.length - whole;
  if (rest > 0) {
    for (let index = rest - 1; index >= 0; index -= 1) hash ^= (bytes[whole + index] as number) << (8 * index);
    hash = Math.imul(hash, m);
  }
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return hash ^ (hash >>> 15);
}

/** The partition of a key: the same for every client that speaks Kafka. */
export function partitionForKey(key: Buffer, partitionCount: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitionCount;
}

/** Keeps records without a key on one partition until a batch's worth of bytes has gone there. */
export class StickyPartition {
  private current = -1;
  private bytes = 0;

  constructor(
    private readonly random: Random,
    private readonly switchAfterBytes: number,
  ) {}

  /** @param available partitions that have a leader; all of them when none has */
  next(available: readonly number[], recordBytes: number): number {
    if (!available.includes(this.current) || this.bytes >= this.switchAfterBytes) {
      this.current = available[this.random.below(available.length)] as number;
      this.bytes = 0;
    }
    this.bytes += recordBytes;
    return this.current;
  }
}
